"""Of a column that lists texts each part is known by itself; a column written in any other way is worked out whole."""

from __future__ import annotations

import pytest

from service.feel import compile
from service.usecases.listed_parts import ListedPart, parts_of
from service.usecases.readings import NOW, Readings, handed_in
from tests.web.office import shipped_release

FACTS = {
    "late": 'now > @"2024-03-05T00:00:00Z"',
    "told": 'count(all("respond")) > 0',
    "listed": 'concatenate(if late then ["迟"] else [], if told then ["已告知"] else [])',
    "marks": 'if count(all("dispatch")) = 0 then [] else listed',
}  # fmt: skip


def parts(text: str) -> tuple[ListedPart, ...]:
    readings = Readings({name: compile(one) for name, one in FACTS.items()}, {"dispatch", "respond"})
    return parts_of(text, FACTS, readings)


def test_each_text_is_a_part_with_what_its_own_condition_reads() -> None:
    late, told = parts("marks")

    assert (late.text, told.text) == ("迟", "已告知")
    assert late.reads == {NOW, handed_in("dispatch")}
    assert told.reads == {handed_in("respond"), handed_in("dispatch")}
    assert late.bars is not None


def test_without_a_condition_over_all_nothing_bars() -> None:
    (only,) = parts('concatenate(if told then ["已告知"] else [])')

    assert only.bars is None
    assert only.reads == {handed_in("respond")}


@pytest.mark.parametrize(
    "text",
    [
        'if told then ["已告知"] else []',
        'concatenate(if told then ["已告知"] else [], ["总有"])',
        'concatenate(if told then ["已告知"] else ["未告知"])',
        'concatenate(if told then ["甲", "乙"] else [])',
        "concatenate(if told then [late] else [])",
        'concatenate(if told then ["甲"] else [], if late then ["甲"] else [])',
        'if late then ["迟"] else concatenate(if told then ["已告知"] else [])',
        "unknown",
    ],
)  # fmt: skip
def test_what_is_written_in_another_way_has_no_parts(text: str) -> None:
    assert parts(text) == ()


def test_the_marks_of_the_shipped_content_have_parts() -> None:
    found = shipped_release().column_parts["marks"]

    assert len(found) > 5
    assert sum(NOW in one.reads for one in found) < len(found) / 2
