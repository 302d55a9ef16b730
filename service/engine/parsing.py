"""From files to a definition, or the findings that say why not."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from service.domain.errors import DiagramRefused, Finding
from service.engine import expressions, guard, reading, whole
from service.engine.model import Definition
from service.engine.source import Source, read
from service.engine.spec import DiagramParser, prepare


def parse(files: Mapping[str, bytes]) -> Definition:
    """Reads a set of diagrams into a definition that all instances and threads share.

    Nothing of the content is executed; expressions are not evaluated.

    Raises: DiagramRefused (`diagram.refused`) with a finding for each thing that is wrong.
    """
    sources, findings = _sources(files)
    findings += [f for source in sources for f in guard.examine(source)]
    _refuse(findings)
    findings += [f for source in sources for f in whole.schema(source)]
    findings += whole.ids(sources)
    _refuse(findings)
    processes, findings = reading.processes(sources)
    findings += whole.calls(processes) + whole.codes(sources) + expressions.examine(processes)
    _refuse(findings)
    specs, findings = _specs(sources)
    _refuse(findings)
    elements = {e.id: e for p in processes.values() for e in p.elements.values()}
    return Definition(MappingProxyType(processes), MappingProxyType(elements), MappingProxyType(specs))


def _sources(files: Mapping[str, bytes]) -> tuple[list[Source], list[Finding]]:
    sources, findings = [], []
    for name in sorted(files):
        source, found = read(name, files[name])
        findings += found
        if source is not None:
            sources.append(source)
    if not files:
        findings.append(Finding("bpmn.no_diagram", "没有流程图。", "至少放进一张流程图。"))
    return sources, findings


def _specs(sources: list[Source]) -> tuple[dict[str, Any], list[Finding]]:
    parser = DiagramParser()
    for source in sources:
        try:
            parser.add_bpmn_xml(source.root, source.file)
        except (
            ValidationException,
            etree.LxmlError,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
        ) as error:
            return {}, [_broken(error, source.file, None)]
    specs: dict[str, Any] = {}
    while waiting := [name for name in parser.process_parsers if name not in specs]:  # sub-processes come up
        for name in waiting:
            try:
                specs[name] = prepare(parser.get_spec(name))
            except Exception as error:  # noqa: BLE001  (what the library stumbles over is the diagram's fault)
                return {}, [_broken(error, parser.process_parsers[name].filename, None)]
    return specs, []


def _broken(error: Exception, file: str, line: int | None) -> Finding:
    element = getattr(error, "id", None) or None
    message = f"引擎读不懂这张图：{error}"
    return Finding(
        "engine.unreadable", message, "按提示改正该元素。", file=file, line=line or 1, element=element
    )


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise DiagramRefused(findings)
