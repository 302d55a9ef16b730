"""A release: complete, the same whatever the order of its files, never changed once read."""

from functools import cache
from pathlib import Path

import pytest

from service.content import Content, load, read_folder
from service.content.facts import read_facts
from service.content.release import hash_of
from service.domain.errors import ContentInvalid

ROOT = Path(__file__).parents[2]
BINDING = {"E", "M", "V"}


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


def test_the_hash_is_the_same_whatever_the_order_of_the_files():
    assert load(dict(reversed(shipped().files.items()))).hash == shipped().hash


def test_the_hash_tells_names_and_contents_apart():
    sets = [
        {"bpmn/a.bpmn": b"", "bpmn/b.bpmn": b"x"},
        {"bpmn/a.bpmn": b"x", "bpmn/b.bpmn": b""},
        {"bpmn/a.bpmn": b"bpmn/b.bpmnx"},
        {"bpmn/a.bpmnbpmn/b.bpmn": b"x"},
    ]

    assert len({hash_of(files) for files in sets}) == len(sets)


def test_what_was_read_cannot_be_changed():
    content = shipped()

    for mapping in (content.files, content.forms, content.facts, content.columns, content.policy.values):
        with pytest.raises(TypeError):
            mapping["x"] = 1


def test_a_release_without_one_of_its_parts_is_refused_and_says_which():
    files = dict(shipped().files)
    del files["bpmn/policy.yaml"], files["bpmn/facts.yaml"]

    with pytest.raises(ContentInvalid) as refused:
        load(files)

    assert [(f.rule, f.file) for f in refused.value.findings] == [
        ("file.missing", "bpmn/policy.yaml"),
        ("file.missing", "bpmn/facts.yaml"),
    ]


def test_the_defects_of_all_files_come_together_with_their_place():
    files = {**shipped().files, "forms/dispatch.form": b"{", "bpmn/facts.yaml": b"facts: {a: 'if'}"}

    with pytest.raises(ContentInvalid) as refused:
        load(files, where="draft")

    assert [(f.rule, f.file, f.line) for f in refused.value.findings] == [
        ("json.syntax", "draft/forms/dispatch.form", 1),
        ("facts.expression", "draft/bpmn/facts.yaml", 1),
    ]


def test_a_finding_in_a_form_names_the_line_and_the_field():
    text = shipped().files["forms/classify.form"].decode()
    broken = text.replace('"=not(list contains(class_code, \\"c5\\"))"', '"=not(list contains(class_code"')
    lines = broken.splitlines()

    with pytest.raises(ContentInvalid) as refused:
        load({**shipped().files, "forms/classify.form": broken.encode()})

    found = refused.value.findings[0]
    assert (found.rule, found.element) == ("form.expression", "group_c5")
    assert '"group_c5"' in lines[found.line - 1]


def test_only_diagrams_go_to_the_engine():
    assert shipped().diagrams
    assert all(name.startswith("bpmn/") and name.endswith(".bpmn") for name in shipped().diagrams)


def test_each_row_of_the_regulation_is_told_in_our_words():
    rows = shipped().regulation

    assert len(rows) == 55
    assert {row.binding for row in rows.values()} == BINDING
    assert all(row.citation.startswith("第") and row.substance for row in rows.values())


def test_a_part_may_be_read_alone():
    content = load({"forms/respond.form": shipped().files["forms/respond.form"]}, complete=False)

    assert list(content.forms) == ["respond"]
    assert content.deadlines.kinds == ()


def test_facts_that_share_a_need_are_no_circle():
    facts = read_facts("facts.yaml", b"facts:\n  a: b + c\n  b: d\n  c: d\n  d: 1\ncolumns:\n  x: a\n")

    assert set(facts.facts) == {"a", "b", "c", "d"}
    assert facts.columns == {"x": "a"}
