"""Made processes are explored: each kind of flaw is found with a shortest way to it, and nothing else is."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from service.content import Content
from service.domain.errors import AlreadySubmitted, Missing
from service.ops.cli import make_group
from service.ops.commands.explore import Progress
from service.rehearsal.exploring.explore import explore, explore_all, root_of
from service.rehearsal.exploring.ground import Ground
from service.usecases import authorize
from tests.usecases.made_processes import FACTS, explored, found, made, radio

OPEN = {"open": [radio("choice", "a", "b")]}
START = "s start form=open assign=office_dispatcher subject=new_case"
BOTH = {**OPEN, "work": [radio("answer", "yes", "no")]}
TIMED = "c btimer on=work due=hours(1) -> late\n      late end"


def test_a_sound_process_has_no_finding() -> None:
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> work[open.choice = "b"], e
      work user form=work assign=office_director -> e
      {TIMED}
      e end
    """,
        BOTH,
    )

    result = explored(content)

    assert [one.lines() for one in result.found] == []
    assert result.is_complete
    assert result.states > 0


# -- what must not be in any state -------------------------------------------------------------------------
def test_a_join_that_waits_for_ever_is_a_dead_end() -> None:
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> x[open.choice = "b"], y
      x milestone status=x -> both
      y milestone status=y -> both
      both and -> e
      e end
    """,
        OPEN,
    )

    dead = found(content)["explore.dead_end", "p"]

    assert "死路" in dead.finding.message
    assert dead.path == ("党政办公室派单员办理s",)


def test_where_all_that_is_open_may_be_left_undone_nobody_is_asked_for_anything() -> None:
    content = made(
        f"""
    process p
      {START} -> again
      again xor -> work
      work user form=work assign=office_director optional=true -> g
      g xor -> e[work.answer = "yes"], again
      e end
    """,
        BOTH,
    )

    assert "可做可不做" in found(content)["explore.dead_end", "p"].finding.message


def test_a_task_for_a_role_that_nobody_holds_is_told_with_the_way_to_it() -> None:
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> work[open.choice = "b"], e
      work user form=work assign=process_owner -> e
      {TIMED}
      e end
    """,
        BOTH,
    )

    nobody = found(content)["explore.nobody", "work"]

    assert "流程管理员" in nobody.finding.message
    assert nobody.path == ("党政办公室派单员办理s（choice：b）",)


def test_a_task_without_a_role_is_told() -> None:
    content = made(
        f"""
    process p
      {START} -> work
      work user form=work -> e
      {TIMED}
      e end
    """,
        BOTH,
    )

    assert "没有写由谁办理" in found(content)["explore.nobody", "work"].finding.message


WAITING = f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> e
      e end
    """


def test_a_wait_without_a_clock_is_told_unless_the_diagram_says_why() -> None:
    assert ("explore.no_clock", "work") in found(made(WAITING, BOTH))
    assert ("explore.no_clock", "work") not in found(made(WAITING, BOTH, documented=["work"]))


def test_a_clock_that_is_not_armed_is_no_clock() -> None:
    content = made(
        f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> e
      c btimer on=work due=limit -> late
      late end
      e end
    """,
        BOTH,
        facts=b"facts:\n  limit: 'if open.choice = \"a\" then hours(1) else null'\n"
        + FACTS.partition(b"\n")[2],
    )

    assert found(content)["explore.no_clock", "work"].path == ("党政办公室派单员办理s（choice：b）",)


def test_a_clock_around_a_task_counts_for_it() -> None:
    content = made(
        f"""
    process p
      {START} -> stage
      stage sub -> e
        b start -> work
        work user form=work assign=office_director -> done
        done end
      c btimer on=stage due=hours(1) -> late
      late end
      e end
    """,
        BOTH,
    )

    assert found(content) == {}


def test_a_process_that_can_no_longer_end_is_told() -> None:
    content = made(
        f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> e
      {TIMED}
      e end
    """,
        BOTH,
        rules=[("work", "E_X", 'open.choice = "a"')],
    )

    assert found(content)["explore.no_end", "p"].path == ("党政办公室派单员办理s（choice：b）",)


def test_a_gateway_without_a_way_out_is_told_as_broken() -> None:
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> e[open.choice = "a"], f[open.choice = "c"]
      e end
      f end
    """,
        OPEN,
    )

    broken = found(content)["explore.broken", "s"]

    assert broken.path == ("党政办公室派单员办理s（choice：b）",)


def test_whoever_comes_late_to_a_task_that_time_has_ended_is_tried_and_what_breaks_then_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = made(
        f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> e
      c xtimer on=work due=hours(1) -> late
      late end
      e end
    """,
        BOTH,
    )
    assert found(content) == {}

    monkeypatch.setattr(authorize, "gone", lambda work, form, task_id: AlreadySubmitted())

    broken = found(content)["explore.broken", "work"]
    assert [step.partition("（")[0] for step in broken.path[1:]] == [
        "等到 03-06 11:00 之后",
        "党政办公室主任办理work",
    ]


# -- how far it went ---------------------------------------------------------------------------------------
LONG = f"""
    process p
      {START} -> again
      again xor -> work
      work user form=work assign=office_director -> g
      c btimer on=work due=hours(1) -> late
      late end
      g xor -> e[count(all("work")) > 3], again
      e end
    """


def test_a_search_that_a_limit_cuts_off_says_so_and_claims_nothing_of_what_it_did_not_reach() -> None:
    result = explored(made(LONG, BOTH), most=2)

    assert not result.is_complete
    assert "没有走遍" in result.line()
    assert any("到了上限" in note.text for note in result.notes)
    assert result.found == []


def test_the_same_content_gives_the_same_result() -> None:
    first, second = explored(made(LONG, BOTH)), explored(made(LONG, BOTH))

    assert first.as_data() == second.as_data()
    assert [one.as_data() for one in first.found] == [one.as_data() for one in second.found]


def test_a_stage_is_looked_at_through_what_calls_it() -> None:
    content = made(
        f"process p\n  {START} -> c\n  c call:q -> e\n  e end\nprocess q\n  b start -> f\n  f end", OPEN
    )

    assert root_of(Ground(content).processes, "q") == "p"
    with pytest.raises(Missing, match="没有名为 r 的流程"):
        root_of(Ground(content).processes, "r")


def test_a_quick_search_tells_what_is_wrong_in_a_state_and_claims_nothing_of_what_it_did_not_reach() -> None:
    content = made(
        f"""
    process p
      {START} -> g
      g xor -> work[open.choice = "b"], never[open.choice = "c"], e
      never end
      work user form=work assign=office_director -> e
      e end
    """,
        BOTH,
    )

    quick, thorough = (explore(Ground(content), "p", quick=how) for how in (True, False))

    assert [one.finding.rule for one in quick.found] == ["explore.no_clock"]
    assert "不作结论" in quick.line()
    assert [one.finding.rule for one in thorough.found] == ["explore.no_clock", "explore.unreached_way"]


# -- the command -------------------------------------------------------------------------------------------
def where(content: Content, element: str) -> str:
    """Where an element is drawn."""
    drawn = Ground(content).setting.release.definition.elements[element]
    return f"{drawn.file}:{drawn.line}"


def test_the_command_tells_findings_with_their_way_and_leaves_with_one(tmp_path, monkeypatch) -> None:
    content = made(WAITING, BOTH)
    monkeypatch.setattr("service.content.load", lambda files: content)

    result = CliRunner().invoke(make_group(), ["explore", "p", "--content", str(tmp_path)])
    told = json.loads(
        CliRunner().invoke(make_group(), ["explore", "p", "--json", "--content", str(tmp_path)]).stdout
    )

    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines == [
        "p（p）：看到 2 个状态，办了 2 步，每个状态都走到了；1 个问题",
        f"  1. {where(content, 'work')} work [explore.no_clock]",
        "     work等着人办，此时却没有时限在走：它和它外面的阶段上的时限都没有开始，或已经结束。",
        "     怎么办：让一个时限在这时也起算，或在任务的说明（documentation）里写明为什么没有时限。",
        "     怎样走到这里：",
        "       1. 党政办公室派单员办理s",
        "合计：看到 2 个状态，办了 2 步，发现 1 个问题",
    ]
    assert [one["rule"] for one in told["findings"]] == ["explore.no_clock"]
    assert told["findings"][0]["path"] == ["党政办公室派单员办理s"]
    assert told["explored"][0]["complete"] is True


def test_the_command_takes_all_for_every_process(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("service.content.load", lambda files: made(WAITING, BOTH))

    every, named = (
        CliRunner().invoke(make_group(), ["explore", *names, "--content", str(tmp_path)])
        for names in ((), ("all",))
    )

    assert named.stdout == every.stdout
    assert "p（p）：看到 2 个状态" in named.stdout


def test_whoever_watches_is_told_which_process_is_searched_how_far_and_for_how_long(
    capsys, monkeypatch
) -> None:
    monkeypatch.setattr("service.ops.commands.explore.EVERY_S", 0)
    watching, alone = Progress(wanted=True), Progress(wanted=False)

    explore(Ground(made(WAITING, BOTH)), "p", progress=watching)
    watching.clear()
    told = capsys.readouterr().err
    explore(Ground(made(WAITING, BOTH)), "p", progress=alone)

    assert re.search("正在搜索“p”：看到 2 个状态，办了 2 步，待走 0；已用 [0-9]+ 秒", told)
    assert told.endswith("\r")
    assert capsys.readouterr().err == ""


def test_the_command_leaves_with_zero_where_nothing_is_found(tmp_path, monkeypatch) -> None:
    content = made(WAITING, BOTH, documented=["work"])
    monkeypatch.setattr("service.content.load", lambda files: content)

    result = CliRunner().invoke(make_group(), ["explore", "--content", str(tmp_path)])

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith("发现 0 个问题")
    assert "没有发现问题" in result.stdout


def test_a_process_is_told_of_with_its_stages_and_a_stage_by_itself() -> None:
    content = made(
        f"process p\n  {START} -> c\n  c call:q -> e\n  e end\nprocess q\n  b start -> work\n"
        "  work user form=work assign=office_director -> f\n  f end",
        BOTH,
    )

    by_root, by_stage = (list(explore_all(content, [name])) for name in ("p", "q"))

    assert [(one.processes, len(one.found)) for one in by_root] == [(("p", "q"), 1)]
    assert [(one.processes, len(one.found)) for one in by_stage] == [(("q",), 1)]
