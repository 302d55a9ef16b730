"""Decision tables: every hit policy, what clashes, what cannot be read."""

from decimal import Decimal

import pytest

from service.feel import compile
from service.feel.errors import TableError
from service.feel.tables import DecisionTable, Input, Output, Rule

ANSWER = (Output("answer"),)


def table(policy="UNIQUE", rows=(), *, outputs=ANSWER, aggregation=None):
    """A table over one number `n`; a row is (test, result, …)."""
    rules = tuple(Rule(f"r{i}", (row[0],), tuple(row[1:])) for i, row in enumerate(rows, 1))
    return DecisionTable("试", (Input("数", "n"),), outputs, rules, policy, aggregation)


OVERLAPPING = ((">= 1", "10"), (">= 2", "30"), (">= 3", "20"))


def test_unique_gives_the_result_of_the_one_rule_that_holds():
    unique = table(rows=(("< 3", '"small"'), (">= 3", '"large"')))

    assert unique.decide({"n": 2}) == "small"
    assert unique.decide({"n": 3}) == "large"
    assert unique.decide({"n": None}) is None


def test_unique_names_the_rules_that_clash():
    with pytest.raises(TableError) as clash:
        table(rows=OVERLAPPING).decide({"n": 2})

    assert clash.value.rules == ("r1", "r2")
    assert "r1、r2" in str(clash.value)
    assert "UNIQUE" in str(clash.value)
    assert "试" in str(clash.value)


def test_any_gives_the_result_that_all_agree_on():
    agreed = table("ANY", (("< 9", "1.0"), ("> 2", "1")))

    assert agreed.decide({"n": 5}) == 1


def test_any_names_the_rules_that_differ():
    with pytest.raises(TableError) as clash:
        table("ANY", (("< 9", "1"), ("> 2", "2"), ("> 100", "3"))).decide({"n": 5})

    assert clash.value.rules == ("r1", "r2")


def test_first_takes_the_first_rule():
    assert table("FIRST", OVERLAPPING).decide({"n": 3}) == 10


def test_priority_takes_the_best_of_the_allowed_values():
    outputs = (Output("answer", "20, 30, 10"),)

    assert table("PRIORITY", OVERLAPPING, outputs=outputs).decide({"n": 3}) == 20
    assert table("PRIORITY", OVERLAPPING, outputs=outputs).decide({"n": 2}) == 30


def test_output_order_lists_by_the_allowed_values():
    outputs = (Output("answer", "20, 30, 10"),)

    assert table("OUTPUT ORDER", OVERLAPPING, outputs=outputs).decide({"n": 3}) == [20, 30, 10]


def test_rule_order_lists_by_the_rules():
    assert table("RULE ORDER", OVERLAPPING).decide({"n": 3}) == [10, 30, 20]


def test_priority_without_an_order_is_refused():
    with pytest.raises(TableError, match="PRIORITY"):
        table("PRIORITY", OVERLAPPING)


@pytest.mark.parametrize(
    "aggregation, answer",
    [(None, [10, 30, 20]), ("SUM", 60), ("COUNT", 3), ("MIN", 10), ("MAX", 30)],
)
def test_collect_gathers_and_sums_up(aggregation, answer):
    assert table("COLLECT", OVERLAPPING, aggregation=aggregation).decide({"n": 3}) == answer


@pytest.mark.parametrize(
    "policy, aggregation, answer",
    [
        ("UNIQUE", None, None),
        ("FIRST", None, None),
        ("RULE ORDER", None, []),
        ("COLLECT", None, []),
        ("COLLECT", "COUNT", 0),
        ("COLLECT", "SUM", None),
    ],
)
def test_where_no_rule_holds_the_answer_is_empty(policy, aggregation, answer):
    assert table(policy, OVERLAPPING, aggregation=aggregation).decide({"n": 0}) == answer


def test_where_no_rule_holds_the_defaults_count():
    outputs = (Output("kind", default='"none"'), Output("n", default="base + 1"), Output("more"))
    defaults = table(rows=(("> 1", '"some"', "n", "1"),), outputs=outputs)

    assert defaults.decide({"n": 0, "base": 4}) == {"kind": "none", "n": 5, "more": None}
    assert defaults.decide({"n": 2}) == {"kind": "some", "n": 2, "more": 1}


def test_several_inputs_are_all_to_be_met():
    rules = (
        Rule("urgent", ('"handling"', '"urgent"'), ("policy.urgent_days", '"natural_day"'), "特急"),
        Rule("normal", ('"handling"', "-"), ("3", '"natural_day"')),
        Rule("target", ('not("handling")', ""), ("15", '"minute"')),
    )
    deadlines = DecisionTable(
        "deadlines",
        (Input("时限", "kind"), Input("紧急", "dispatch.urgency")),
        (Output("amount"), Output("unit")),
        rules,
        "FIRST",
    )
    case = {"kind": "handling", "dispatch": {"urgency": "urgent"}, "policy": {"urgent_days": 1.5}}

    assert deadlines.decide(case) == {"amount": Decimal("1.5"), "unit": "natural_day"}
    assert deadlines.hits(case) == (rules[0],)
    assert deadlines.decide({**case, "dispatch": None}) == {"amount": 3, "unit": "natural_day"}
    assert deadlines.decide({"kind": "target"}) == {"amount": 15, "unit": "minute"}
    assert deadlines.names == {"kind", "dispatch", "policy"}
    assert ("policy", "urgent_days") in deadlines.paths


def test_a_cell_may_call_the_host():
    called = table(rows=(("> least()", "twice(n)"),))

    assert called.decide({"n": 4}, {"least": lambda: 3, "twice": lambda n: n * 2}) == 8
    assert called.calls == {"least", "twice"}


@pytest.mark.parametrize(
    "rows, said",
    [
        ((("> ", "1"),), "规则 r1 的“数”一格"),
        ((("-", "1 +"),), "规则 r1 的“answer”一格"),
        ((("-",),), "格数与列数不符"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(rows, said):
    with pytest.raises(TableError) as refused:
        table(rows=rows)

    assert said in str(refused.value)
    assert refused.value.rules == ("r1",)


def test_an_input_that_cannot_be_read_is_named():
    with pytest.raises(TableError, match="输入列“数”"):
        DecisionTable("试", (Input("数", "n +"),), (Output("a"),), ())


@pytest.mark.parametrize("aggregation", ["SUM", "AVERAGE"])
def test_what_cannot_be_summed_up_is_refused(aggregation):
    with pytest.raises(TableError, match="汇总"):
        table("UNIQUE", OVERLAPPING, aggregation=aggregation)


def test_an_unknown_policy_is_refused():
    with pytest.raises(TableError, match="BEST"):
        table("BEST", OVERLAPPING)


def test_sums_in_a_table_are_exact():
    summed = table("COLLECT", (("-", "0.1"), ("-", "0.2")), aggregation="SUM")

    assert summed.decide({"n": 1}) == Decimal("0.3")
    assert compile("0.1 + 0.2 = 0.3")({}) is True
