"""What no path of a made process comes to is told, once, and values are made that come to all else."""

from __future__ import annotations

from service.rehearsal.exploring.explore import PAIRS, Exploration, silent
from service.rehearsal.exploring.ground import Ground
from service.rehearsal.exploring.interest import shown_alone
from tests.usecases.houses import shipped
from tests.usecases.made_processes import explored, field, found, made, radio

OPEN = {"open": [radio("choice", "a", "b")]}
START = "s start form=open assign=office_dispatcher subject=new_case"
BOTH = {**OPEN, "work": [radio("answer", "yes", "no")]}


def test_a_way_that_no_value_takes_is_told_and_what_lies_behind_it_is_not_told_besides() -> None:
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> tell[open.choice = "c"], e
      tell send notice=overdue to=office_director -> f
      f end
      e end
    """,
        OPEN,
    )

    assert list(found(content)) == [("explore.unreached_way", "g")]


def test_a_rule_that_never_refuses_is_told() -> None:
    content = made(f"process p\n  {START} -> e\n  e end", OPEN, rules=[("s", "E_X", 'choice != "c"')])

    assert "E_X" in found(content)["explore.unreached_refusal", "s"].finding.message


def test_a_rule_that_several_elements_ask_is_told_once_where_it_is_drawn_unless_their_forms_differ() -> None:
    diagram = f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> again
      again user form=work rules=work assign=office_director -> other
      other user form=other rules=work assign=office_director -> e
      e end
    """
    forms = {**BOTH, "other": [radio("answer", "yes")]}
    content = made(
        diagram, forms, rules=[("work", "E_X", 'answer != "c"')], documented=["work", "again", "other"]
    )

    wrong = found(content)

    assert list(wrong) == [("explore.unreached_refusal", "work"), ("explore.unreached_refusal", "other")]
    assert wrong["explore.unreached_refusal", "other"].finding.message.startswith(
        "other的规则 E_X（画在work上）从来没有拒绝过"
    )
    places = Ground(content).setting.release.definition.elements
    told = [one.finding.line for one in wrong.values()]
    assert told == [places["work"].rules[0].line, places["other"].line]


def test_a_rule_over_two_fields_is_reached_by_their_values_together() -> None:
    forms = {"open": [radio("choice", "a", "b"), radio("other", "x", "y")]}
    rules = [("s", "E_X", 'not(choice = "b" and other = "y")')]

    assert found(made(f"process p\n  {START} -> e\n  e end", forms, rules=rules)) == {}


def test_numbers_are_tried_at_and_on_both_sides_of_what_they_are_compared_with() -> None:
    forms = {"open": [field("days", "number", validate={"required": True, "min": 1})]}
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> few[open.days < 5], five[open.days = 5], many
      few end
      five end
      many end
    """,
        forms,
    )

    assert found(content) == {}


def test_instants_are_tried_before_and_after_what_they_are_compared_with() -> None:
    forms = {"open": [field("at_time", "datetime", subtype="datetime")]}
    limit = 'date and time("2024-01-25T00:00:00+08:00")'
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> none[open.at_time = null], before[open.at_time < {limit}], after
      none end
      before end
      after end
    """,
        forms,
    )

    assert found(content) == {}


HAPPENED = b"""facts:
  lead_department: 'null'
  calls: >-
    for c in all("call") return context put(c, "happened", if c.at_time = null then c.at else c.at_time)
columns:
  order_no: open.order_no
  order_round: '1'
"""


def test_what_a_fact_makes_of_each_submission_is_tried_by_the_fields_it_is_made_of() -> None:
    content = made(
        f"""
    process p
      {START} -> call
      call user form=call assign=office_director -> g
      g xor -> early[some c in calls satisfies c.answer = "yes" and c.happened < open.at], on
      early end
      on xor -> late[some c in calls satisfies c.answer = "no" and c.happened > open.at], e
      late end
      e end
    """,
        {**OPEN, "call": [radio("answer", "none", "yes", "no"), field("at_time", "datetime")]},
        documented=["call"],
        facts=HAPPENED,
    )

    assert found(content) == {}


def test_a_window_is_looked_through_after_it_has_closed() -> None:
    diagram = f"""
    process p
      {START} -> both
      both and -> work, keep
      work user form=work assign=office_director optional=true -> e
      c xtimer on=work due=hours(1) clock=return_window closes=E_RETURN_WINDOW_CLOSED -> shut
      shut end
      e end
      keep user form=keep assign=office_director -> done
      done end
    """
    forms = {**BOTH, "keep": [radio("answer", "yes")]}

    assert found(made(diagram, forms, documented=["keep"])) == {}
    early = diagram.replace("due=hours(1)", "due=hours(0)")
    assert ("explore.unreached_task", "work") in found(made(early, forms, documented=["keep"]))


def test_a_border_on_what_is_never_late_is_told() -> None:
    content = made(
        f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> e
      c btimer on=work due=hours(1) -> x
      x end
      d btimer on=work due=null -> y
      y end
      e end
    """,
        BOTH,
    )

    assert list(found(content)) == [("explore.unreached_boundary", "d")]


ASKED_ELSEWHERE = f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> e
      c btimer on=work due=hours(1) -> late
      late end
      e end
    process q
      ask start form=ask assign=office_director subject=case -> decide
      decide user form=decide assign=leading_group -> done
      done end
    """
ELSEWHERE = {**BOTH, "ask": [radio("why", "hard")], "decide": [radio("decision", "stop", "go")]}


def test_what_only_a_task_of_a_process_begun_by_itself_decides_is_reached() -> None:
    rules = [("work", "E_STOPPED", 'decide = null or decide.decision != "stop"')]

    result = explored(made(ASKED_ELSEWHERE, ELSEWHERE, rules=rules, documented=["decide"]))

    assert [one.lines() for one in result.found] == []
    assert result.processes == ("p",)


def test_what_a_process_begun_by_itself_is_refused_once_it_may_be_granted_in_another_state() -> None:
    diagram = ASKED_ELSEWHERE.replace(
        "-> work\n", "-> first\n      first user form=first assign=office_director -> work\n", 1
    )
    rules = [
        ("ask", "E_TOO_EARLY", 'count(all("first")) > 0'),
        ("work", "E_STOPPED", 'decide = null or decide.decision != "stop"'),
    ]
    content = made(
        diagram, {**ELSEWHERE, "first": [radio("answer", "yes")]}, rules=rules, documented=["first", "decide"]
    )

    by_pairs = Exploration(Ground(content), "p", width=PAIRS)
    by_pairs.run(500, silent)

    assert [one.lines() for one in by_pairs.explored().found] == []
    assert ("ask", "E_TOO_EARLY", "E_TOO_EARLY") in by_pairs.reached.refusals


def test_a_rule_that_no_decision_of_another_process_makes_refuse_is_told() -> None:
    rules = [("work", "E_NEVER", 'decide = null or decide.decision != "wait"')]

    wrong = found(made(ASKED_ELSEWHERE, ELSEWHERE, rules=rules, documented=["decide"]))

    assert list(wrong) == [("explore.unreached_refusal", "work")]


def test_a_task_that_is_drawn_to_be_refused_is_not_told_as_one_that_never_gets_done() -> None:
    diagram = f"""
    process p
      {START} -> both
      both and -> again, keep
      again xor -> work
      work user form=work assign=office_director optional=true -> again
      keep user form=keep assign=office_director -> done
      done terminate
    """
    forms = {**BOTH, "keep": [radio("answer", "yes")]}
    rules = [("work", "E_NEVER", "false")]

    assert found(made(diagram, forms, rules=rules, documented=["keep"])) == {}


def test_what_lies_behind_actions_that_can_be_repeated_for_ever_is_a_note_and_no_finding() -> None:
    content = made(
        f"""
    process p
      {START} -> both
      both and -> stage, keep
      stage sub -> behind
        b start -> ways
        ways and -> again, q
        q end
        again xor -> work
        work user form=work assign=office_director optional=true -> again
      behind end
      keep user form=keep assign=office_director -> done
      done terminate
    """,
        {**BOTH, "keep": [radio("answer", "yes")]},
        documented=["keep"],
    )

    result = explored(content)

    assert result.found == []
    assert [note.text for note in result.notes if "behind" in note.text]


def policy(value: str) -> bytes:
    """A register with one entry."""
    entry = f"{{value: {value}, label: 怎样算响应, kind: choice, choices: {{sign: 签收, contact: 联系}}, "
    rest = "basis: 第六条, status: 待确认, owner: 办公室, effective_from: 2024-01-25, reason: 试验}"
    return f"version: v1\nentries:\n  response: {entry}{rest}\n".encode()


def test_what_only_another_policy_would_reach_is_a_note_that_names_the_entry() -> None:
    diagram = f"""
    process p
      {START} -> g
      g xor -> f[policy.response = "contact" and open.choice = "b"], e
      f end
      e end
    """
    forms = {"open": [radio("choice", "a", "b", "c")]}
    rules = [("s", "E_STRICT", 'policy.response = "sign" or choice != "c"')]

    lenient, strict = (
        explored(made(diagram, forms, rules=rules, policy=policy(v))) for v in ("sign", "contact")
    )

    assert [one.lines() for one in (*lenient.found, *strict.found)] == []
    assert sorted(("E_STRICT" in note.text, "“怎样算响应”" in note.text) for note in lenient.notes) == [
        (False, True),
        (True, True),
    ]
    assert strict.notes == []


def test_what_a_form_only_shows_is_read_nowhere_else():
    """An exploration does not tell states apart by it; who comes to read it somewhere has to think of that."""
    content = shipped()
    drawn = [text.decode() for name, text in content.files.items() if name.endswith(".bpmn")]
    texts = [*drawn, *content.facts.values(), *content.columns.values(), *content.figures.values()]
    for form in content.forms.values():
        names = {one.name: one.default for one in form.fields if one.read_only and one.default}
        for name, default in names.items():
            if str(default).removeprefix("=") in shown_alone(form, []):
                assert not any(f"{form.key}.{name}" in text for text in texts), (form.key, name)
