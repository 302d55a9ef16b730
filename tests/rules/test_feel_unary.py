"""Unary tests: the cells of a decision table."""

import datetime as dt
from decimal import Decimal

import pytest

from service.feel import FeelError, compile_unary, unary

CELLS = [
    ("-", 5, True),
    ("-", None, True),
    ("5", 5, True),
    ("5", 6, False),
    ('"urgent"', "urgent", True),
    ('"a", "b"', "b", True),
    ('"a", "b"', "c", False),
    ('not("a", "b")', "c", True),
    ('not("a", "b")', "a", False),
    ("< 5", 4, True),
    ("< 5", 5, False),
    ("<= 5", 5, True),
    ("> 5, < 2", 1, True),
    ("= 5", 5, True),
    ("!= 5", 5, False),
    ("[1..5]", 5, True),
    ("[1..5)", 5, False),
    ("]1..5[", 1, False),
    ("(1..5), 9", 9, True),
    ("not([1..5])", 6, True),
    ("not(< 3)", 2, False),
    ("[1, 2, 3]", 2, True),
    ("null", None, True),
    ("null", 1, False),
    ("not(null)", 1, True),
    ("not(null)", None, False),
    ("true", True, True),
    ("true", False, False),
    ("false", False, True),
    ("? > 2 and ? < 9", 5, True),
    ("? > 2 and ? < 9", 9, False),
    ('contains(?, "市")', "北京市", True),
    ('not(contains(?, "市"))', "北京市", False),
    ("? in (1, 2)", 2, True),
    ("limit", 3, True),
    ("> limit", 4, True),
    ("> limit + 1", 4, False),
    ("limit = 3", "whatever", True),
    ("limit = 4", "whatever", False),
    ('date("2024-02-13")', dt.date(2024, 2, 13), True),
    ('< date("2024-02-13")', dt.date(2024, 2, 12), True),
    ("1.5", 1.5, True),
    ("< 5", None, False),
    ("< 5", "a", False),
    ("count(?) > 1", [1, 2], True),
    ("[1, 2]", [1, 2], True),
    ("some x in ? satisfies x > 1", [1, 2], True),
]


@pytest.mark.parametrize("cell, value, met", CELLS)
def test_a_cell_is_met_as_the_standard_says(cell, value, met):
    assert unary(cell, value, {"limit": 3}) is met


def test_a_cell_that_cannot_be_decided_is_null_for_who_asks():
    assert compile_unary("< 5")("a", {}) is None
    assert compile_unary("not(< 5)")("a", {}) is None
    assert compile_unary('< 5, "a"')("a", {}) is True


def test_a_float_of_the_context_is_compared_exactly():
    assert unary("0.1", 0.1, {}) is True
    assert unary("0.30", Decimal("0.3"), {}) is True


def test_host_functions_reach_into_cells():
    assert unary("> limit()", 4, {}, {"limit": lambda: 3}) is True


def test_tests_for_cells_are_no_expression():
    with pytest.raises(FeelError):
        unary("1 to 5", 1, {})
