"""Small made processes to explore: a diagram in few words, its forms, its rules."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from service.content import Content, load
from service.rehearsal.exploring.explore import explore
from service.rehearsal.exploring.found import Explored, Found
from service.rehearsal.exploring.ground import Ground
from tests.engine.notation import bpmn

FACTS = b"facts:\n  lead_department: 'null'\ncolumns:\n  order_no: open.order_no\n  order_round: '1'\n"
Rule = tuple[str, str, str]  # element, code, check


def radio(key: str, *values: str, **more: object) -> dict[str, object]:
    """A field with options, the first of which a plain filling takes."""
    options = [{"value": value, "label": value} for value in values]
    return {
        "type": "radio",
        "key": key,
        "label": key,
        "values": options,
        "validate": {"required": True},
        **more,
    }


def field(key: str, kind: str, **more: object) -> dict[str, object]:
    """A field of another type."""
    return {"type": kind, "key": key, "label": key, **more}


def form(key: str, fields: Sequence[Mapping[str, object]]) -> bytes:
    """A form with these fields."""
    components = [{"id": f"{key}_{one['key']}", **one} for one in fields]
    made = {
        "type": "default",
        "id": key,
        "schemaVersion": 19,
        "components": components,
        "properties": {"title": key},
    }
    return json.dumps(made).encode()


def drawn(diagram: str, rules: Sequence[Rule], documented: Sequence[str]) -> bytes:
    """The diagram with rules on its elements, and words on those that are explained."""
    text = bpmn(diagram).decode()
    for element in dict.fromkeys([*(rule[0] for rule in rules), *documented]):
        told = "<bpmn:documentation>说明</bpmn:documentation>" if element in documented else ""
        own = "".join(
            f"<jsjb:rule code={quoteattr(code)} check={quoteattr(check)} message={quoteattr(code)}/>"
            for name, code, check in rules
            if name == element
        )
        inner = told + (f"<bpmn:extensionElements>{own}</bpmn:extensionElements>" if own else "")
        pattern = rf'(<bpmn:(\w+) id="{element}"[^>]*?)/>'
        text, count = re.subn(pattern, rf"\1>{inner}</bpmn:\2>", text)
        assert count == 1, element
    return text.encode()


def made(
    diagram: str,
    forms: Mapping[str, Sequence[Mapping[str, object]]],
    *,
    rules: Sequence[Rule] = (),
    documented: Sequence[str] = (),
    facts: bytes = FACTS,
    policy: bytes | None = None,
) -> Content:
    """Content with this one diagram."""
    files = {f"forms/{key}.form": form(key, fields) for key, fields in forms.items()}
    if policy is not None:
        files["bpmn/policy.yaml"] = policy
    return load(
        {"bpmn/made.bpmn": drawn(diagram, rules, documented), "bpmn/facts.yaml": facts, **files},
        complete=False,
    )


def explored(content: Content, *, most: int = 500) -> Explored:
    """What a search of the process `p` found."""
    return explore(Ground(content), "p", most=most)


def found(content: Content) -> dict[tuple[str, str | None], Found]:
    """The findings of a search by rule and element."""
    return {(one.finding.rule, one.finding.element): one for one in explored(content).found}
