"""Reads files of worked cases, strictly: a key it does not know is an error, never passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.content.yaml_source import read_cases
from service.domain.errors import ContentInvalid
from service.domain.people import CO_ROLES, DEPARTMENT_ROLES
from service.rehearsal.case_file_format import (
    ALTERNATIVE_KEYS,
    COMPARATORS,
    DATASET_KEYS,
    DOCUMENT_KEYS,
    EXPECT_KEYS,
    FIGURE_KEYS,
    META_KEYS,
    NOTICE_KEYS,
    OUTAGE_KEYS,
    REPORT_KEYS,
    SCENARIO_KEYS,
    SIGHT_KEYS,
    STEP_KEYS,
    VERSION_KEYS,
    ZONES,
    Alternative,
    PolicyVersion,
    WorkedCase,
    WorkedStep,
)
from service.rehearsal.place import Place

VOCABULARY = ("roles", "case_status", "clock_kind", "clock_state")


def read_worked_cases(data: bytes | str, file: str) -> list[WorkedCase]:
    """The worked cases of one file, each with what of it cannot be read.

    Raises: ContentInvalid for a file that is none of worked cases, with the key that is wrong.
    """
    source = read_cases(file, data.encode() if isinstance(data, str) else data)
    whole = Place(file, source)
    document = whole.mapping(source.value, DOCUMENT_KEYS)
    if not whole.found and document.get("scenarios") is None:
        whole.wrong("没有 scenarios：这不是办件情景文件", "时限算例用 jsjb check deadlines")
    meta = whole.below("meta")
    named = meta.mapping(document.get("meta"), META_KEYS)
    read_terms(meta, named)
    departments = meta.below("departments").texts(named.get("departments"))
    without = frozenset(map(str, meta.below("without_liaison").listing(named.get("without_liaison"))))
    words = {key: frozenset(map(str, meta.below(key).listing(named.get(key)))) for key in VOCABULARY}
    scenarios = whole.below("scenarios").listing(document.get("scenarios"))
    if whole.found:
        raise ContentInvalid(whole.found)
    ids: set[str] = set()
    cases = [
        one_case(raw, whole.aside("scenarios", n, f"第 {n} 个情景"), ids, departments, without, words)
        for n, raw in enumerate(scenarios, 1)
    ]
    if not departments and any(of_department(step) for case in cases for step in case.steps):
        meta.below("departments").wrong(
            "没有写部门，各部门的岗位上都没有人：要部门办理的步骤一步也走不了",
            "在 meta 里写上 departments: {dept_it: 信息化部门, …}",
        )
        raise ContentInvalid(whole.found)
    return cases


def of_department(step: WorkedStep) -> bool:
    """Whether a step is that of somebody of a department."""
    return step.department is not None or step.actor in DEPARTMENT_ROLES | CO_ROLES


def playable(cases: list[WorkedCase]) -> list[WorkedCase]:
    """The same cases. Raises: ContentInvalid where any of them cannot be played."""
    if found := [finding for case in cases for finding in case.findings]:
        raise ContentInvalid(found)
    return cases


def read_terms(place: Place, stated: Mapping[str, Any]) -> None:
    """The zone and the comparison a file states must be those in which everything here is reckoned."""
    if (zone := stated.get("timezone")) is not None and str(zone) not in ZONES:
        place.wrong(f"timezone 为“{zone}”，而这里的时间都是北京时间", "写成 Asia/Shanghai", "timezone")
    said = stated.get("comparator")
    if said is not None and " ".join(str(said).split()) not in COMPARATORS:
        message = f"comparator 为“{said}”，而这里的比较是 on_time iff event_at <= due"
        place.wrong(message, "改成这一种，或另行计算", "comparator")


def one_case(
    raw: Any,
    place: Place,
    ids: set[str],
    departments: Mapping[str, str],
    without_liaison: frozenset[str],
    vocabulary: Mapping[str, frozenset[str]],
) -> WorkedCase:
    """One scenario of a file."""
    scenario = place.mapping(raw, SCENARIO_KEYS)
    name = str(scenario.get("id", place.where))
    place = place.called(name)
    if name in ids:
        place.wrong(f"情景编号 {name} 在这个文件里出现了两次", "改成别的编号", "id")
    ids.add(name)
    cases, only = given_cases(place, scenario)
    steps = tuple(read_steps(place, scenario, only))
    after = scenario.get("visibility_after")
    return WorkedCase(
        id=name,
        title=str(scenario.get("title", "")),
        file=place.file,
        cases=cases,
        steps=steps,
        covers=tuple(map(str, place.below("covers").listing(scenario.get("covers"), one=True))),
        policy_versions=tuple(read_versions(place, scenario)),
        outages=tuple(read_outages(place, scenario)),
        dataset=read_dataset(place, scenario),
        reports=tuple(read_reports(place, scenario)),
        visibility_after=None if after is None else place.instant(after, "visibility_after"),
        visibility=tuple(read_sights(place, scenario)),
        alternatives=tuple(read_alternatives(place, scenario)),
        departments=departments,
        without_liaison=without_liaison,
        vocabulary=vocabulary,
        line=place.line(),
        findings=tuple(place.found),
    )


def given_cases(place: Place, scenario: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], str | None]:
    """What is given of each case by its key, and the key of the only one where there is just one."""
    cases = {
        str(key): place.below("cases", str(key)).mapping(value)
        for key, value in place.below("cases").mapping(scenario.get("cases")).items()
    }
    given = place.below("given").mapping(scenario.get("given"))
    if not given:
        return cases, None
    if given.get("case") is None:
        place.below("given").wrong("缺少 case（这一件的代号）", "例如 case: K1")
        return cases, None
    only = str(given["case"])
    return {only: given, **cases}, only


def read_steps(place: Place, scenario: Mapping[str, Any], only: str | None) -> Iterator[WorkedStep]:
    """The steps of the timeline; time never goes back in it."""
    before = None
    for number, raw in enumerate(place.below("timeline").listing(scenario.get("timeline")), 1):
        here = place.aside("timeline", number, f"{place.where} 第 {number} 步", shared=True)
        step = one_step(raw, number, only, here)
        if step is None:
            continue
        if before is not None and step.at < before:
            here.wrong("比上一步早：时间不会倒退", "按时间先后排列各步", "at")
        before = step.at
        yield step


def one_step(raw: Any, number: int, only: str | None, place: Place) -> WorkedStep | None:
    """One step of a timeline; None where it cannot be read."""
    step = place.mapping(raw, STEP_KEYS)
    missing = [key for key in ("at", "actor", "do") if step.get(key) is None]
    if missing:
        place.wrong(f"缺少 {'、'.join(missing)}", "补上：何时、何人、做什么")
        return None
    at = place.instant(step["at"], "at")
    values = place.below("with").mapping(step.get("with"))
    expect = read_expect(place.below("expect"), step.get("expect"))
    case, department = step.get("case", only), step.get("department")
    if at is None:
        return None
    return WorkedStep(
        number=number,
        at=at,
        actor=str(step["actor"]),
        do=str(step["do"]),
        values=values,
        expect=expect,
        case=None if case is None else str(case),
        department=None if department is None else str(department),
        line=place.line(),
    )


def read_expect(place: Place, raw: Any) -> Mapping[str, Any]:
    """What a step expects, with every part in the shape in which it is compared."""
    expect = dict(place.mapping(raw, EXPECT_KEYS))
    if not isinstance(expect.get("ok"), bool | None):
        place.wrong("ok 应为 true 或 false", "改正 ok", "ok")
    clocks = place.below("clocks")
    expect["clocks"] = [clocks.mapping(one) for one in clocks.listing(expect.get("clocks"))]
    notices = place.below("notices")
    expect["notices"] = [read_notice(notices, one) for one in notices.listing(expect.get("notices"))]
    unwanted = place.below("not_notices")
    expect["not_notices"] = [
        {"kind": one} if isinstance(one, str) else read_notice(unwanted, one)
        for one in unwanted.listing(expect.get("not_notices"), one=True)
    ]
    expect["facts"] = place.below("facts").mapping(expect.get("facts"))
    return expect


def read_notice(place: Place, raw: Any) -> Mapping[str, Any]:
    """One notice: its kind, and to whom, about what."""
    notice = dict(place.mapping(raw, NOTICE_KEYS))
    if isinstance(raw, Mapping) and "kind" not in notice:
        place.wrong("通知缺少 kind", "例如 {kind: overdue, to: [dept_head]}")
    if "to" in notice:
        notice["to"] = place.listing(notice["to"], one=True)
    return notice


def read_versions(place: Place, scenario: Mapping[str, Any]) -> Iterator[PolicyVersion]:
    """The versions of the policy."""
    here = place.below("policy_versions")
    for raw in here.listing(scenario.get("policy_versions")):
        named = here.mapping(raw, VERSION_KEYS)
        since = here.instant(named.get("effective_from"), "effective_from")
        if since is not None:
            values = here.mapping(named.get("values"))
            yield PolicyVersion(str(named.get("version", "")), since, values)


def read_outages(place: Place, scenario: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The intervals in which nothing runs."""
    here = place.below("outages")
    for raw in here.listing(scenario.get("outages")):
        named = here.mapping(raw, OUTAGE_KEYS)
        began_at, ended_at = here.instant(named.get("from"), "from"), here.instant(named.get("to"), "to")
        if began_at is None or ended_at is None:
            continue
        if ended_at < began_at:
            here.wrong("停机的结束早于开始", "对调 from 与 to，或改正时间")
        yield began_at, ended_at


def read_dataset(place: Place, scenario: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Past cases as columns and rows."""
    here = place.below("dataset")
    named = here.mapping(scenario.get("dataset"), DATASET_KEYS)
    for row in here.below("rows").listing(named.get("rows")):
        here.below("rows").listing(row)
    here.below("columns").listing(named.get("columns"))
    return named or None


def read_reports(place: Place, scenario: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The reports and the figures expected of them."""
    here = place.below("reports")
    for raw in here.listing(scenario.get("reports")):
        report = dict(here.mapping(raw, REPORT_KEYS))
        report["expect"] = here.below("expect").mapping(report.get("expect"), FIGURE_KEYS)
        yield report


def read_sights(place: Place, scenario: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Who sees what."""
    here = place.below("visibility")
    for raw in here.listing(scenario.get("visibility")):
        sight = dict(here.mapping(raw, SIGHT_KEYS))
        if "role" not in sight:
            here.wrong("缺少 role：由谁来看", "例如 role: leading_group")
        for key in ("sees", "masked"):
            if key in sight:
                sight[key] = [str(one) for one in here.below(key).listing(sight[key], one=True)]
        yield sight


def read_alternatives(place: Place, scenario: Mapping[str, Any]) -> Iterator[Alternative]:
    """The same timeline under other readings."""
    here = place.below("alternatives")
    for raw in here.listing(scenario.get("alternatives")):
        named = here.mapping(raw, ALTERNATIVE_KEYS)
        clocks = here.below("clocks")
        wanted = tuple(clocks.mapping(one) for one in clocks.listing(named.get("clocks")))
        yield Alternative(here.below("policy").mapping(named.get("policy")), wanted)
