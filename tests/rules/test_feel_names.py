"""What an expression takes from outside: the linter asks for it."""

import pytest

from service.feel import compile, compile_unary

NAMES = [
    ('dispatch.urgency = "urgent"', {"dispatch"}),
    ("a + b.c", {"a", "b"}),
    ("for x in xs return x + y", {"xs", "y"}),
    ("for x in xs, y in x.ys return y", {"xs"}),
    ("for x in x return x", {"x"}),
    ("some c in contacts satisfies c.purpose = wanted", {"contacts", "wanted"}),
    ("function(a, b) a + b + c", {"c"}),
    ("{a: 1, b: a + z}.b", {"z"}),
    ("{a: b, b: 1}", {"b"}),
    ("for i in 1..n return partial[-1]", {"n"}),
    ("f(x: y)", {"y"}),
    ("count(files)", {"files"}),
    ("now()", {"now"}),
    ("item", {"item"}),
    ("紧急程度 = 1", {"紧急程度"}),
]


@pytest.mark.parametrize("text, names", NAMES)
def test_free_names_are_those_not_bound_in_the_expression(text, names):
    assert compile(text).names == names


def test_paths_go_as_far_as_the_properties():
    taken = compile('dispatch.urgency = "urgent" and a.b.c > clock("x").due and d')

    assert ("dispatch", "urgency") in taken.paths
    assert ("a", "b", "c") in taken.paths
    assert ("d",) in taken.paths
    assert taken.calls == {"clock"}


@pytest.mark.parametrize(
    "text, whole",
    [
        ("a.b", set()),
        ("a.b.c + a.d", set()),
        ("a", {"a"}),
        ("a.b = a", {"a"}),
        ("a = a.b", {"a"}),
        ("count(a)", {"a"}),
        ("a[b.c > d]", {"a", "d"}),
        ("for x in a.b return x.c", set()),
        ("(if c then a else b).d", {"a", "b", "c"}),
    ],
)
def test_a_name_is_read_as_a_whole_where_no_path_reaches_into_it(text, whole):
    assert compile(text).whole_names == whole


def test_a_path_of_a_bound_name_is_none():
    assert compile("for d in ds return d.urgency").paths == {("ds",)}


def test_names_inside_a_filter_may_be_properties_of_the_items():
    taken = compile("files[size > limit.most and item.ok].name")

    assert taken.names == {"files"}
    assert taken.item_names == {"size", "limit"}
    assert ("limit", "most") in taken.item_paths
    assert not any(path[0] == "item" for path in taken.item_paths | taken.paths)


def test_calls_are_those_of_the_host():
    taken = compile('{f: function(x) due(x), r: f(1) + count(mine("respond")) + g.h(1)}')

    assert taken.calls == {"due", "mine"}


def test_the_first_literal_of_a_call_is_kept():
    taken = compile('count(all("record_contact")) + count(mine(key)) + clock("dispatch", {seq: 1}).n')

    assert taken.literal_calls == {("all", "record_contact"), ("clock", "dispatch")}


def test_a_cell_names_what_it_takes_but_not_the_value_itself():
    taken = compile_unary("< policy.cap, ? = limit, contains(?, part)")

    assert taken.names == {"policy", "limit", "part"}
    assert ("policy", "cap") in taken.paths


@pytest.mark.parametrize(
    "text, said",
    [
        ('substring("a")', "substring 不接受 1 个参数"),
        ("count()", "count 不接受 0 个参数"),
        ('substring(text: "a", start position: 1)', "substring"),
        ("a instance of strnig", "strnig"),
    ],
)
def test_what_can_only_be_null_is_doubted(text, said):
    taken = compile(text)

    assert any(said in doubt for doubt in taken.doubts)
    assert taken({"a": "x"}) is None


def test_a_sound_expression_is_not_doubted():
    assert compile('substring("abc", 2) = "bc" and max(1, 2, 3) > 2').doubts == frozenset()
