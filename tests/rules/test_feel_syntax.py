"""What cannot be read is refused with its place and what was expected; what asks for too much is refused too."""

import sys

import pytest

from service.feel import FeelError, Limits, compile, compile_unary

BROKEN = [
    ("", 1, 1, "空的"),
    ("   ", 1, 1, "空的"),
    ("1 +", 1, 4, "应为值或名称"),
    ("if a then 1", 1, 12, "else"),
    ("if a 1", 1, 6, "then"),
    ("for x in [1] x", 1, 14, "return"),
    ("some x in [1] return x", 1, 15, "satisfies"),
    ("a b", 1, 3, "这里是“b”"),
    ("[1, 2", 1, 6, "“]”"),
    ("count(a", 1, 8, "“)”"),
    ("{a: 1", 1, 6, "“}”"),
    ("{a 1}", 1, 4, "“:”"),
    ("a.", 1, 3, "属性名"),
    ("a.1", 1, 3, "属性名"),
    ('"abc', 1, 1, "结束的引号"),
    ("a =\n  = b", 2, 3, "这里是“=”"),
    ("x in", 1, 5, "应为值或名称"),
    ("x & y", 1, 3, "不认识的符号“&”"),
    ("a == b", 1, 3, "一个等号"),
    ("a = = b", 1, 5, "这里是“=”"),
    ("a <> b", 1, 3, "!="),
    ("a < > b", 1, 5, "这里是“>”"),
    ("a => 5", 1, 3, "“>=”"),
    ("a =< 5", 1, 3, "“<=”"),
    ("a && b", 1, 3, "and"),
    ("a || b", 1, 3, "or"),
    ("!a", 1, 1, "not(…)"),
    ("a = 'urgent'", 1, 5, "双引号"),
    ("a = “urgent”", 1, 5, "英文双引号"),
    ("max（1，2）", 1, 4, "英文括号"),
    ("lambda x: x", 1, 8, "这里是“x”"),
    ('@"2024-13-01"', 1, 1, "不是日期"),
    ('function(x) external {java: {class: "java.lang.Runtime"}}', 1, 13, "external"),
    ("not(< 3)", 1, 1, "not(…)"),
    ("1e99999", 1, 1, "数字太大"),
    ("then", 1, 1, "这里是“then”"),
    ("a instance of", 1, 14, "类型名"),
]


@pytest.mark.parametrize("text, line, column, said", BROKEN, ids=[row[0] or "empty" for row in BROKEN])
def test_a_broken_expression_is_refused_with_its_place(text, line, column, said):
    with pytest.raises(FeelError) as refused:
        compile(text)

    assert said in refused.value.message
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.text == text
    assert str(refused.value).startswith(f"第 {line} 行第 {column} 列：")


@pytest.mark.parametrize(
    "text", ["1 1", "[1..", "not(", "not(1", "- -", ">", "1, ", '"a" "b"', "in 3", "< 3 < 4"]
)
def test_a_broken_cell_is_refused(text):
    with pytest.raises(FeelError):
        compile_unary(text)


def test_words_of_the_language_may_be_properties_and_keys():
    assert compile("{if: 1, for: {in: 2}}.for.in")({}) == 2


def test_a_name_may_begin_like_a_word_of_the_language():
    assert (
        compile("iffy + order + notable + in_time + trueish + 而且")(
            {"iffy": 1, "order": 2, "notable": 3, "in_time": 4, "trueish": 5, "而且": 6}
        )
        == 21
    )


def test_built_in_names_may_hold_any_white_space():
    assert compile('string\n   length ("ab")')({}) == 2


def test_a_name_of_a_function_is_a_plain_name_where_no_bracket_follows():
    assert compile("count = 3 and date = 4 and clock = 5")({"count": 3, "date": 4, "clock": 5}) is True


@pytest.mark.parametrize(
    "brackets", [("(", ")"), ("[", "]"), ("{a: ", "}"), ("abs(", ")"), ("x[", "]"), ("]", "..2[")]
)
def test_deep_brackets_are_refused_and_never_overflow(brackets):
    opening, closing = brackets
    text = opening * 10_000 + "1" + closing * 10_000

    for limits in (Limits(), Limits(text=10**6)):
        with pytest.raises(FeelError) as refused:
            compile(text, limits)
        assert "太长" in refused.value.message or "太深" in refused.value.message


@pytest.mark.parametrize(
    "piece",
    ["-", "if true then 1 else ", "not ", "for x in y return ", "1 + ", "a.", "1 ** ", "function(x) "],
)
def test_deep_chains_without_brackets_never_overflow(piece):
    text = piece * 10_000 + "a"

    with pytest.raises(FeelError):
        compile(text, Limits(text=10**6))


def test_many_unclosed_brackets_never_overflow():
    for sign in "([{":
        with pytest.raises(FeelError):
            compile(sign * 9_999)


def test_what_is_allowed_deep_also_runs():
    limit = sys.getrecursionlimit()
    nested = compile("(" * 90 + "1" + ")" * 90)({})
    lists = compile("[" * 90 + "1" + "]" * 90)({})
    conditions = compile("if true then " * 45 + "1" + " else 2" * 45)({})

    assert nested == 1
    assert lists[0][0][0] != 1
    assert conditions == 1
    assert sys.getrecursionlimit() == limit


def test_a_long_chain_of_conditions_is_no_deep_one():
    assert compile(" and ".join(["a"] * 1_000))({"a": True}) is True


def test_the_limits_are_those_given():
    compile("1 + 1", Limits(text=5))

    with pytest.raises(FeelError, match="太长"):
        compile("1 + 11", Limits(text=5))
    with pytest.raises(FeelError, match="太深"):
        compile("1 + (2 * (3 + 4))", Limits(depth=3))


def test_the_same_text_is_compiled_once():
    assert compile("a + 1") is compile("a + 1")
    assert compile_unary("> 1") is compile_unary("> 1")
