"""Bad content files: each is refused with a finding that says where and how to cure it, and nothing else is raised."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.content import load
from service.content.deadlines import read_deadlines
from service.content.facts import read_facts
from service.content.form_source import read_form
from service.content.policy import read_policy
from service.content.regulation import read_regulation
from service.domain.errors import ContentInvalid, Finding

CORPUS = Path(__file__).parent / "corpus" / "content"
EXPECTED = dict(
    line.split(": ", 1)
    for line in (CORPUS / "expected.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
READERS = {
    "policy": read_policy,
    "facts": read_facts,
    "regulation": read_regulation,
    "deadlines": lambda file, data: read_deadlines(file, data, {}),
}


def findings_of(name: str, data: bytes) -> tuple[Finding, ...]:
    reader = read_form if name.endswith(".form") else READERS[name.split("_", 1)[0]]
    with pytest.raises(ContentInvalid) as refused:
        reader(name, data)
    return refused.value.findings


def test_every_file_of_the_corpus_is_listed():
    files = {path.name for path in CORPUS.iterdir()} - {"expected.txt"}

    assert files == set(EXPECTED)
    assert len(files) >= 25


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_bad_file_is_refused_under_its_rule(name):
    found = findings_of(name, (CORPUS / name).read_bytes())

    assert found[0].rule == EXPECTED[name]
    assert all(finding.message and finding.cure and finding.file == name for finding in found)


@pytest.mark.parametrize("name", ["big.form", "policy_big.yaml", "facts_big.yaml", "deadlines_big.dmn"])
def test_a_file_past_the_size_limit_is_refused_unread(name):
    found = findings_of(name, b" " * (1024 * 1024 + 1))

    assert [finding.rule for finding in found] == ["file.too_large"]


def test_a_form_with_too_many_components_is_refused():
    one = b'{"type": "spacer"}'
    data = b'{"type": "default", "components": [' + b",".join([one] * 400) + b"]}"

    assert [finding.rule for finding in findings_of("many.form", data)] == ["form.too_large"]


def test_a_file_name_that_leaves_the_folders_is_refused():
    names = [
        "../../etc/passwd",
        "bpmn/../x.bpmn",
        "/bpmn/a.bpmn",
        "forms/A.form",
        "bpmn/a.py",
        "bpmn/a.bpmn\n",
    ]

    for name in names:
        with pytest.raises(ContentInvalid) as refused:
            load({name: b""}, complete=False)
        assert refused.value.findings[0].rule == "file.name"


@given(st.binary(max_size=300))
def test_random_bytes_never_raise_anything_but_a_refusal(data):
    for name in ("x.form", "policy_x.yaml", "facts_x.yaml", "regulation_x.yaml", "deadlines_x.dmn"):
        findings_of(name, data)


@given(st.data())
def test_a_shipped_file_with_a_piece_changed_is_read_or_refused(data):
    root = Path(__file__).parents[2]
    path = data.draw(st.sampled_from(["forms/classify.form", "bpmn/policy.yaml", "bpmn/deadlines.dmn"]))
    whole = (root / path).read_bytes()
    at = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 40))
    changed = whole[:at] + data.draw(st.binary(max_size=20)) + whole[at + length :]

    try:
        load({path: changed}, complete=False)
    except ContentInvalid as refused:
        assert refused.findings  # noqa: PT017
