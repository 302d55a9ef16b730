"""What counts as frequent and as hard in the figures of a period is content, and changed there alone."""

from __future__ import annotations

import pytest

from service.content import read_folder
from service.rehearsal.check_cases import check_files
from tests.usecases.houses import PROJECT

FACTS = "bpmn/facts.yaml"
REPORTS = PROJECT / "bpmn" / "cases" / "sight_and_reports.yaml"


@pytest.mark.parametrize(
    "was, becomes, what, actual",
    [
        ("extensions >= policy.special_study_extensions or rounds", "rounds", "special_study", ["D03"]),
        ("received >= policy.high_frequency_count", "received > 3", "high_frequency", {}),
    ],
)
def test_a_criterion_of_the_figures_is_changed_in_the_content(
    was: str, becomes: str, what: str, actual: object
) -> None:
    files = read_folder(PROJECT)
    text = files[FACTS].decode()
    assert text.count(was) == 1

    played = check_files([REPORTS], {**files, FACTS: text.replace(was, becomes).encode()})

    found = [(m.what, m.actual) for one in played for m in one.mismatches]
    assert [one for name, one in found if what in name] == [actual]
    assert len(found) == 1
