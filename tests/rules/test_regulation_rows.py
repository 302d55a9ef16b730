"""The regulation as the content tells it has the rows that the regulation has, each binding as it was read."""

from __future__ import annotations

from pathlib import Path

import yaml

from service.content import load, read_folder

PROJECT = Path(__file__).resolve().parents[2]
READ = yaml.safe_load(Path(__file__).with_name("regulation_rows.yaml").read_text(encoding="utf-8"))
BINDING = {row: binding for binding, rows in READ.items() for row in rows}


def test_the_rows_of_the_content_are_those_of_the_regulation():
    rows = load(read_folder(PROJECT)).regulation.values()

    assert len(BINDING) == 55
    assert {row.id: row.binding for row in rows} == BINDING


def test_the_list_beside_them_says_the_same():
    listed = yaml.safe_load((PROJECT / "bpmn" / "regulation_rows.yaml").read_text(encoding="utf-8"))

    assert listed == READ
