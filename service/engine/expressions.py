"""The expressions of a diagram: that each is FEEL at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.domain.errors import Finding
from service.engine.model import Process
from service.feel import FeelError
from service.feel import compile as compile_feel


def examine(processes: Mapping[str, Process]) -> list[Finding]:
    """Texts that are not FEEL. Names are not looked at here: what exists is known to the whole release only."""
    found = []
    for process in processes.values():
        for text, line, element in texts(process):
            try:
                compile_feel(text)
            except FeelError as error:
                message = f"不是 FEEL 表达式：{error}"
                cure = "改正表达式；不接受 Python。"
                found.append(
                    Finding("feel.syntax", message, cure, file=process.file, line=line, element=element)
                )
    return found


def texts(process: Process) -> Iterator[tuple[str, int | None, str]]:
    """Every expression of a process with its line and the element it stands at."""
    if process.department:
        yield process.department, process.line, process.id
    for flow in process.flows:
        if flow.condition:
            yield flow.condition, flow.line, flow.id or flow.source
    for element in process.elements.values():
        for text in (element.due, element.for_whom, element.about, element.period):
            if text:
                yield text, element.line, element.id
        for rule in element.rules:
            yield rule.check, rule.line, element.id
        for part in element.to:
            if part.startswith("{"):
                yield part.strip("{}"), element.line, element.id
