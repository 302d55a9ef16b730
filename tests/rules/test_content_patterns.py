"""Patterns of fields: what browsers and the server read alike is taken, what could run away is not."""

import time

import pytest

from service.content.patterns import MAX_MATCHED, PatternRefused, compiled


@pytest.mark.parametrize(
    "pattern,fits,fails",
    [
        ("^[0-9]{4}-[0-9]{2}$", "2024-05", "2024-5"),
        (r"^\d+$", "123", "１２３"),
        (r"^\d+$", "123", "123\n"),
        ("^(?:FIC|BJ)-[0-9]{4}$", "BJ-2024", "SH-2024"),
        ("^[A-Z]{2,8}$", "ABC", "A"),
        ("^[^<>]*$", "abc", "a<b"),
        (r"^a\.b$", "a.b", "axb"),
        ("培训", "报名培训班", "后勤"),
        (r"^[\]a]+$", "]a", "b"),
    ],
)
def test_a_pattern_is_matched_as_a_browser_does(pattern, fits, fails):
    assert compiled(pattern).search(fits)
    assert not compiled(pattern).search(fails)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*$",
        "((a|b)+)+",
        "(a|a)*$",
        "(?:a?){30}",
        r"(a)\1",
        "(?=a)a",
        "(?P<x>a)",
        "(?i)a",
        "a{1000}",
        "a*b*c*d*e",
        "a?a?a?a?a?a?a?a?",
        "(",
        ")",
        "[",
        "a**",
        "a++",
        "|*",
        "\\",
        "\\u0041",
        "x" * 300,
    ],
)
def test_a_pattern_that_is_none_or_could_run_away_is_refused(pattern):
    with pytest.raises(PatternRefused):
        compiled(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["^a*a*a*$", "a*a*b$", "^(?:a|a)(?:a|a)(?:a|a)a*a*a*b$", "^a{0,64}a{0,64}a{0,64}b$", "^a?a?a?a?a?a?a*b$"],
)
def test_the_worst_pattern_that_is_taken_still_comes_to_an_end(pattern):
    began = time.process_time()
    try:
        found = compiled(pattern).search("a" * (MAX_MATCHED - 1) + "!")
    except PatternRefused:
        return

    print(f"{pattern}: {time.process_time() - began:.3f} s of CPU")
    assert found is None
