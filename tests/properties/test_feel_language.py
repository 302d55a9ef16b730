"""What holds for any expression, number, text, date or range."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal

from hypothesis import assume, example, given
from hypothesis import strategies as st

from service.feel import FeelError, FeelLimit, Limits, compile, compile_unary, evaluate
from service.feel.limits import Run
from service.feel.patterns import Pattern

SMALL = Limits(steps=3_000)
REFERENCE = Context(prec=34)

WORDS = """
a b c item ? 1 2 0 -1 1.5 "x" "1" null true false [ ] ( ) { } , : .. . + - * / ** = != < <= > >= if then else for in
return some every satisfies and or between not( function( instance of number count( sum( min( string( date( sort( @
@"2024-02-13" @"P1D" @"P1M" @"10:00:00Z" @"2024-02-13T10:00:00+08:00" 紧急 // /* */
"""
TOKENS = WORDS.split()

PLAIN = """
1 0 -2 1.5 "x" "1" null true false a b c d [] {} @"P1D" @"P1M" @"2024-02-13" @"10:00:00Z" [1..3] (0..2]
@"2024-02-13T10:00:00+08:00" @"2024-02-13T10:00:00"
"""
plain = st.sampled_from(PLAIN.split())
SHAPES_OF_ONE = [
    "-{0}", "({0})", "[{0}]", "{{k: {0}}}", "{0}.k", "{0}.year", "not({0})", "count({0})", "sum({0})", "string({0})",
    "min({0})", "abs({0})", "flatten({0})", "sort({0})", "{0}[item > 1]", "{0}[1]", "for x in {0} return [x, partial]",
    "some x in {0} satisfies x = 1", "{0} instance of list<number>", "reverse({0})", "mode({0})", "date({0})",
    "distinct values({0})", "get entries({0})", "context merge({0})", "all({0})", "string join({0})", "time({0})",
    "duration({0})", "number({0})", "median({0})", "stddev({0})", "exp({0})", "floor({0})", "day of week({0})",
    "(function(x) [x, x])({0})", "if {0} then 1 else 2", "date and time({0})",
]  # fmt: skip
SHAPES_OF_TWO = [
    "{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}", "{0} ** {1}", "{0} = {1}", "{0} != {1}", "{0} < {1}",
    "{0} in {1}", "{0} in ({1}, 1)", "{0} and {1}", "{0} or {1}", "[{0}, {1}]", "[{0}..{1}]", "{0}[{1}]",
    "{0} between {1} and 2", "list contains({0}, {1})", "before({0}, {1})", "overlaps({0}, {1})", "is({0}, {1})",
    "modulo({0}, {1})", "substring({0}, {1})", "matches({0}, {1})", "split({0}, {1})", "concatenate({0}, {1})",
    "decimal({0}, {1})", "union({0}, {1})", "remove({0}, {1})", "index of({0}, {1})", "includes({0}, {1})",
    "for x in {0}..{1} return x", "get value({0}, {1})", "if {0} = {1} then {0} else {1}", "coincides({0}, {1})",
    "every x in {0} satisfies x in {1}", "context put({{}}, {0}, {1})", "years and months duration({0}, {1})",
    "sublist({0}, {1})", "round up({0}, {1})", "date and time({0}, {1})", "append({0}, {1})", "starts({0}, {1})",
]  # fmt: skip


def _shapes(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.builds(lambda shape, a: shape.format(f"({a})"), st.sampled_from(SHAPES_OF_ONE), inner)
    two = st.builds(
        lambda shape, a, b: shape.format(f"({a})", f"({b})"), st.sampled_from(SHAPES_OF_TWO), inner, inner
    )
    return one | two


expressions = st.recursive(plain, _shapes, max_leaves=8)
CONTEXT = {"a": 3, "b": "urgent", "c": [1, 2.5, None, "x"], "d": {"k": 0.1, "year": 7}}


@given(st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join))
def test_any_row_of_words_is_read_or_refused(text):
    for read in (compile, compile_unary):
        refused = _refusal(read, text)
        assert refused is None or (refused.line >= 1 and refused.column >= 1 and refused.message)


def _refusal(read: Callable[[str], object], text: str) -> FeelError | None:
    try:
        read(text)
    except FeelError as refused:
        return refused
    return None


@given(st.text(max_size=60))
@example("\x00")
@example('"\\uD800"')
@example("１ + ２")
def test_any_text_is_read_or_refused(text):
    refused = _refusal(compile, text)

    assert refused is None or refused.text == text


def _no_float(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_no_float, value))
    if isinstance(value, Mapping):
        return all(map(_no_float, value.values()))
    return not isinstance(value, float)


@given(expressions)
def test_an_expression_gives_a_value_or_passes_its_budget_and_nothing_else(text):
    compiled = compile(text, SMALL)
    try:
        found = compiled(CONTEXT)
    except FeelLimit:
        return

    assert _no_float(found)
    again = compiled(CONTEXT)
    assert repr(again) == repr(found) or "FeelFunction" in repr(found)


@given(expressions, expressions)
def test_not_and_or_follow_de_morgan_in_three_values(first, second):
    text = "is(not({0} and {1}), not({0}) or not({1})) and is(not({0} or {1}), not({0}) and not({1}))"
    as_boolean = [
        f"(if ({part}) = true then true else if ({part}) = false then false else null)"
        for part in (first, second)
    ]
    try:
        assert compile(text.format(*as_boolean), Limits(steps=20_000))(CONTEXT) is True
    except FeelLimit:
        assume(False)


numbers = st.integers(-(10**20), 10**20) | st.decimals(
    min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=6
)


@given(numbers, numbers)
def test_arithmetic_is_that_of_decimals_of_34_digits(a, b):
    left, right = Decimal(a), Decimal(b)
    context = {"a": a, "b": b}

    assert evaluate("a + b", context) == REFERENCE.add(left, right)
    assert evaluate("a - b", context) == REFERENCE.subtract(left, right)
    assert evaluate("a * b", context) == REFERENCE.multiply(left, right)
    assert evaluate("a / b", context) == (REFERENCE.divide(left, right) if b else None)


@given(numbers, numbers)
def test_exactly_one_of_less_equal_and_more_holds(a, b):
    found = [evaluate(f"a {sign} b", {"a": a, "b": b}) for sign in ("<", "=", ">")]

    assert sorted(found) == [False, False, True]


@given(numbers)
def test_a_number_survives_its_text(n):
    assert evaluate("number(string(n)) = n", {"n": n}) is True


@given(st.text(max_size=40))
def test_a_literal_stands_for_its_text(text):
    assume(not any("\ud800" <= c <= "\udfff" for c in text))

    assert evaluate(json.dumps(text), {}) == text
    assert evaluate(json.dumps(text, ensure_ascii=False), {}) == text


moments = st.datetimes(timezones=st.none() | st.just(dt.UTC) | st.just(dt.timezone(dt.timedelta(hours=8))))


@given(moments)
def test_a_moment_survives_its_text(moment):
    context = {"m": moment}

    assert evaluate("date and time(string(m))", context) == moment
    assert evaluate("date(string(date(m)))", context) == moment.date()
    assert evaluate("time(string(time(m)))", context) == moment.timetz()


@given(st.timedeltas(min_value=dt.timedelta(days=-(10**6)), max_value=dt.timedelta(days=10**6)))
def test_a_duration_survives_its_text(length):
    assert evaluate("duration(string(d))", {"d": length}) == length


@given(moments, st.timedeltas(min_value=dt.timedelta(days=-999), max_value=dt.timedelta(days=999)))
def test_adding_and_taking_away_a_duration_comes_back(moment, length):
    assume(4 < moment.year < 9990)

    assert evaluate("m + d - d = m and (m + d) - m = d", {"m": moment, "d": length}) is True


POINTS = [Decimal(n) / 4 for n in range(-4, 41)]
ranges = st.tuples(st.integers(0, 5), st.integers(1, 3), st.booleans(), st.booleans()).map(
    lambda r: f"{'[' if r[2] else '('}{r[0]}..{r[0] + r[1]}{']' if r[3] else ')'}"
)


def _points(span: str) -> set[Decimal]:
    inside = compile(f"p in {span}")
    return {point for point in POINTS if inside({"p": point}) is True}


@given(ranges, ranges)
def test_relations_of_ranges_are_those_of_their_points(a, b):
    first, second = _points(a), _points(b)

    assert evaluate(f"overlaps({a}, {b})", {}) is bool(first & second)
    assert evaluate(f"includes({a}, {b})", {}) is (second <= first)
    assert evaluate(f"during({a}, {b})", {}) is (first <= second)
    assert evaluate(f"before({a}, {b})", {}) is (max(first) < min(second))
    assert evaluate(f"after({a}, {b})", {}) is (min(first) > max(second))
    assert evaluate(f"coincides({a}, {b})", {}) is (first == second)
    assert evaluate(f"meets({a}, {b})", {}) is (first & second == {max(first)} == {min(second)})


@given(ranges, ranges)
def test_each_relation_has_its_converse(a, b):
    for relation, converse in [
        ("before", "after"),
        ("meets", "met by"),
        ("overlaps before", "overlaps after"),
        ("finishes", "finished by"),
        ("includes", "during"),
        ("starts", "started by"),
        ("overlaps", "overlaps"),
    ]:
        assert evaluate(f"{relation}({a}, {b})", {}) is evaluate(f"{converse}({b}, {a})", {}), relation


atoms = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", r"\."])


def _more_pattern(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    repeats = st.sampled_from(["?", "??", "{2}", "{1,2}", "{0,2}?"])
    loops = st.sampled_from(["*", "+", "*?", "+?"])
    return (
        st.builds("{}{}".format, inner, inner)
        | st.builds("({}|{})".format, inner, inner)
        | st.builds("(?:{}){}".format, inner, repeats)
        | st.builds("{}{}".format, atoms, loops)  # loops over what may be empty differ between engines
        | st.builds("({})".format, inner)
    )


patterns = st.recursive(atoms, _more_pattern, max_leaves=6)


@given(patterns, st.text("abc.", max_size=10), st.booleans(), st.booleans())
def test_a_pattern_finds_what_pythons_finds(pattern, text, at_start, at_end):
    whole = ("^" if at_start else "") + f"(?:{pattern})" + ("$" if at_end else "")
    wanted = re.search(whole, text)

    found = Pattern(whole, "").search(text, 0, Run(Limits(steps=10**7)))

    assert (found is None) is (wanted is None)
    if found is not None and wanted is not None:
        assert (found[0], found[1]) == wanted.span()


@given(st.lists(st.integers(-5, 5) | st.none() | st.sampled_from(["a", "b"]), max_size=8))
def test_lists_keep_what_they_should(items):
    context = {"xs": items}

    distinct = evaluate("distinct values(xs)", context)
    assert sorted(map(str, distinct)) == sorted(map(str, dict.fromkeys(items)))
    assert evaluate("reverse(reverse(xs)) = xs", context) is True
    assert evaluate("count(concatenate(xs, xs))", context) == 2 * len(items)
    assert evaluate("union(xs, xs) = distinct values(xs)", context) is True
    assert set(evaluate("duplicate values(xs)", context)) == {item for item in items if items.count(item) > 1}


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=9))
def test_sorting_orders_and_keeps_all(items):
    found = evaluate("sort(xs, function(a, b) a < b)", {"xs": items})

    assert found == sorted(items)
    assert evaluate("min(xs) = sort(xs)[1] and max(xs) = sort(xs)[-1]", {"xs": items}) is True
    assert evaluate("median(xs) >= min(xs) and median(xs) <= max(xs)", {"xs": items}) is True
