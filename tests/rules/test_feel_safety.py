"""Hostile expressions: no way to Python, and no way to make the service wait or fill its memory."""

import datetime as dt
import re

import pytest

from service.feel import FeelError, FeelLimit, Limits, compile, evaluate, unary
from service.feel.constants import limit_passed
from service.feel.limits import DEFAULT, Run
from service.feel.parse import parse
from service.feel.patterns import pattern_of


class Guarded:
    """An object of the host's; any look into it would be seen."""

    secret = "s3cret"

    def __getitem__(self, name: str) -> str:
        return self.secret

    def run(self) -> str:
        return self.secret


ESCAPES = [
    "x.secret",
    "x.run()",
    "x.__class__",
    "x.__class__.__mro__",
    "x.run",
    "x[1].secret",
    "{}.__class__",
    '"a".upper',
    '"a".__class__',
    "[1].append",
    "(1).real",
    "(function(a) a).call",
    "(function(a) a).__globals__",
    '@"2024-01-01".isoformat',
    '@"2024-01-01".__class__',
    '@"2024-01-01T00:00:00Z".tzinfo',
    '@"P1D".total_seconds',
    '@"P1Y".__slots__',
    "[1..2].__dataclass_fields__",
    "__builtins__",
    "__import__",
    '__import__("os")',
    'eval("1")',
    'open("/etc/passwd")',
    'get value(x, "secret")',
    "get entries(x)",
    "string(x)",
    "x + 1",
    "x < 1",
    "now.__class__",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_nothing_of_python_can_be_reached(text):
    found = evaluate(text, {"x": Guarded(), "now": dt.datetime(2024, 1, 1, tzinfo=dt.UTC)})

    assert found in (None, "null", [None])


def test_an_object_of_the_host_passes_through_unread():
    guarded = Guarded()

    assert evaluate("x", {"x": guarded}) is guarded
    assert evaluate("x = x", {"x": guarded}) is None
    assert evaluate("if x then 1 else 2", {"x": guarded}) == 2


ENDLESS = [
    "for i in 1..1000000000 return i",
    "count(for i in 1..1000000000000000000000000000000 return i)",
    "some i in 1..1000000000 satisfies i < 0",
    "for a in 1..9999, b in 1..9999 return a * b",
    "for i in 1..100000 return partial",
    'for i in 1..400 return if i = 1 then "ab" else partial[-1] + partial[-1]',
    "for i in 1..400 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
    "flatten(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])",
    "string((for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])[60])",
    "(for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]])[60]",
    "{a: for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]], b: a = a}.b",
    "(function(f, n) f(f, n + 1))(function(f, n) f(f, n + 1), 1)",
    "(function(f) [f(f), f(f)])(function(f) [f(f), f(f)])",
    "sort(for i in 1..50000 return -i, function(a, b) a < b)",
    "distinct values(for i in 1..50000 return i)",
    "duplicate values(for i in 1..50000 return i)",
    'for i in 1..100000 return replace(long, "a", "bbbb")',
    "for i in 1..100000 return long + long",
    "for i in 1..100000 return [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28]",
    "for i in 1..190000 return 1.0000001 ** 999999999.5",
    'matches(long, "(a?){500}b")',
]


@pytest.mark.parametrize("text", ENDLESS)
def test_what_would_never_end_is_stopped(text):
    with pytest.raises(FeelLimit):
        evaluate(text, {"long": "a" * 20_000})


def test_functions_that_call_each_other_without_end_are_stopped_by_their_depth():
    text = "(function(f) f(f))(function(f) f(f))"

    with pytest.raises(FeelLimit, match="层数"):
        evaluate(text, {})
    with pytest.raises(FeelLimit, match="层数"):
        compile("(function(x) x)(1)", Limits(calls=0))({})


def test_a_limit_is_not_null():
    with pytest.raises(FeelLimit):
        evaluate("if (for i in 1..1000000 return i) = null then 1 else 2", {})
    with pytest.raises(FeelLimit):
        unary("count(for i in 1..1000000 return i) > ?", 1, {})
    assert issubclass(FeelLimit, FeelError)


def test_the_budget_is_that_of_the_limits_given():
    text = "count(for i in 1..1000 return i)"

    assert evaluate(text, {}) == 1000
    with pytest.raises(FeelLimit):
        compile(text, Limits(steps=500))({})


def test_each_evaluation_has_a_budget_of_its_own():
    often = compile("count(for i in 1..50000 return i)")

    assert [often({}) for _ in range(6)] == [50_000] * 6


def test_data_nested_too_deep_is_a_limit_and_no_recursion_error():
    nested: list[object] = []
    for _ in range(5_000):
        nested = [nested]

    for text in ("x", "x = x", "string(x)", "x in [x]"):
        with pytest.raises(FeelLimit):
            evaluate(text, {"x": nested})
    assert evaluate("count(flatten(x))", {"x": nested}) == 0


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*)*x", "(a*)*b", "([a-z]+)*[0-9]", "(x+x+)+y", "^(a?){30}a{30}$"],
)
def test_patterns_that_run_away_elsewhere_take_linear_time_here(pattern):
    short, long = _steps(pattern, 200), _steps(pattern, 400)

    assert long < 3 * short


def _steps(pattern: str, length: int) -> int:
    run = Run(Limits(steps=10**9))
    compiled = pattern_of(pattern, None)
    assert compiled is not None
    compiled.search("a" * length + "!", 0, run)
    return 10**9 - run.left


def test_patterns_too_large_are_refused():
    with pytest.raises(FeelLimit):
        evaluate('matches("a", "((a{1000}){1000}){1000}")', {})
    with pytest.raises(FeelLimit):
        evaluate('matches("a", p)', {"p": "a" * 2_000})


@pytest.mark.parametrize(
    "pattern", [r"(a)\\1", "[", "(", ")", "a{2,1}", "a**", "(?=a)", "(?P<x>a)", r"\\p{Nope}", "*"]
)
def test_what_is_no_pattern_is_null(pattern):
    assert evaluate(f'matches("aa", "{pattern}")', {}) is None


def test_numbers_stay_within_34_digits():
    assert evaluate("10 ** 6200", {}) is None
    assert evaluate("(10 ** 6000) * (10 ** 6000)", {}) is None
    huge = evaluate("(10 ** 40) + 1", {})
    assert re.fullmatch(r"1E\+40|10{40}", str(huge)) or huge == 10**40
    assert len(str(evaluate("2 ** 113 * 2 ** 113 * 2 ** 113", {}))) < 50


def test_months_without_end_are_null():
    assert evaluate('duration("P1Y") * (10 ** 30)', {}) is None
    assert evaluate('@"2024-01-01" + duration("P999999999Y")', {}) is None
    assert evaluate('@"9999-12-31" + duration("P1D")', {}) is None
    assert evaluate('duration("P999999999D") * 10', {}) is None


PASSED_WHATEVER_THE_CASE = [
    "count(for a in 1..9999, b in 1..9999 return a) > x",
    "if x then 1 else sum(for a in 1..9999, b in 1..9999 return a)",
    "some a in x satisfies every b in 1..9999, c in 1..9999 satisfies b < c + 20000",
    'string join(for a in 1..99999 return "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")',
    "{a: x, b: count(for a in 1..9999, b in 1..9999 return a)}.a",
    "(function(f) f(f))(function(f) f(f))",
]
NOT_PASSED = [
    "x",
    "1 + 1",
    "count(for a in 1..9999, b in 1..x return a)",
    "9 ** 9 ** 9",
    "for a in x return a",
    "[1, 2][item > 1]",
]


@pytest.mark.parametrize("text", PASSED_WHATEVER_THE_CASE)
def test_a_limit_that_every_case_would_pass_is_known_beforehand(text):
    assert limit_passed(parse(text, DEFAULT), DEFAULT) is not None


@pytest.mark.parametrize("text", NOT_PASSED)
def test_what_depends_on_the_case_is_not_worked_out_beforehand(text):
    assert limit_passed(parse(text, DEFAULT), DEFAULT) is None


def test_a_cell_that_no_case_could_decide_is_known_beforehand():
    node = parse("> count(for a in 1..9999, b in 1..9999 return a)", DEFAULT, unary=True)

    assert limit_passed(node, DEFAULT) is not None
