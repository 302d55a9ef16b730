"""Checks that need more than one look at one tree: schema, ids over all files, calls, error codes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import XSD_PATH

from service.domain.errors import Finding
from service.engine.guard import CALL_DEPTH_LIMIT
from service.engine.model import Element, Process
from service.engine.reading import CALL, flow_nodes
from service.engine.source import BPMN, Source

_schema_lock = threading.Lock()


def schema(source: Source) -> list[Finding]:
    """Where a file departs from the BPMN 2.0 schema."""
    with _schema_lock:
        validator = _validator()
        if validator.validate(source.root):
            return []
        errors = list(validator.error_log)
    cure = "用 BPMN 2.0 编辑器重新保存，或按标准改正。"
    return [
        Finding("bpmn.schema", f"不符合 BPMN 2.0：{e.message}", cure, file=source.file, line=e.line)
        for e in errors[:20]
    ]


def ids(sources: list[Source]) -> list[Finding]:
    """Ids of processes and flow nodes that stand in two files."""
    seen: dict[str, str] = {}
    found = []
    for source in sources:
        for process in source.root.iterchildren(f"{{{BPMN}}}process"):
            for node in [process, *flow_nodes(process)]:
                name = node.get("id")
                if seen.setdefault(name, source.file) != source.file:
                    message = f"编号 {name} 在 {seen[name]} 里已经用过。"
                    found.append(
                        _at(source.file, node.sourceline, "bpmn.duplicate_id", message, "改名。", name)
                    )
    return found


def claimed(source: Source) -> set[str]:
    """The ids of one file that no other file may use for something else."""
    tags = [f"{{{BPMN}}}{tag}" for tag in ("process", "error", "escalation")]
    top = [node.get("id") for node in source.root.iterchildren(*tags)]
    nodes = [n.get("id") for p in source.root.iterchildren(tags[0]) for n in flow_nodes(p)]
    return {name for name in (*top, *nodes) if name}


def calls(processes: Mapping[str, Process]) -> list[Finding]:
    """Calls of processes that are not there, in a circle, or too deep."""
    found = [f for p in processes.values() for e in p.elements.values() for f in _call(e, processes)]
    if found:
        return found
    graph = {p.id: {e.calls for e in p.elements.values() if e.calls} for p in processes.values()}
    depths = _depths(graph)
    for process in processes.values():
        if process.id not in depths:
            message = f"调用绕成了圈：{' → '.join(_circle(process.id, graph, depths))}。"
            found.append(
                _at(process.file, process.line, "engine.call_cycle", message, "拆开这一圈。", process.id)
            )
        elif depths[process.id] > CALL_DEPTH_LIMIT:
            message = f"流程调用超过 {CALL_DEPTH_LIMIT} 层。"
            found.append(
                _at(process.file, process.line, "engine.call_depth", message, "合并几层。", process.id)
            )
    return found


def codes(sources: list[Source]) -> list[Finding]:
    """Errors and escalations without a code, or with two codes for one id."""
    found, known = [], dict[str, str | None]()
    for source in sources:
        for tag, key in (("error", "errorCode"), ("escalation", "escalationCode")):
            for node in source.root.iterchildren(f"{{{BPMN}}}{tag}"):
                code = node.get(key)
                if not code:
                    message = f"{tag} 没有 {key}，边界事件会接住所有错误。"
                    found.append(
                        _at(
                            source.file,
                            node.sourceline,
                            "engine.no_code",
                            message,
                            f"写上 {key}。",
                            node.get("id"),
                        )
                    )
                if known.setdefault(node.get("id"), code) != code:
                    message = f"编号 {node.get('id')} 有两个不同的 {key}。"
                    found.append(
                        _at(
                            source.file,
                            node.sourceline,
                            "engine.two_codes",
                            message,
                            "改成一致。",
                            node.get("id"),
                        )
                    )
        for process in source.root.iterchildren(f"{{{BPMN}}}process"):
            for tag in ("error", "escalation"):
                for node in process.iter(f"{{{BPMN}}}{tag}EventDefinition"):
                    if not node.get(f"{tag}Ref"):
                        name = node.getparent().get("id")
                        message = "错误或升级事件没有指明是哪一个。"
                        found.append(
                            _at(
                                source.file,
                                node.sourceline,
                                "engine.no_code",
                                message,
                                "选定它的代码。",
                                name,
                            )
                        )
    return found


@cache
def _validator() -> Any:
    return etree.XMLSchema(etree.parse(XSD_PATH))


def _call(element: Element, processes: Mapping[str, Process]) -> Iterator[Finding]:
    if element.kind != CALL:
        return
    if not element.calls:
        message = "调用活动没有写明调用哪个流程。"
        yield _at(element.file, element.line, "engine.call_unresolved", message, "写上流程编号。", element.id)
    elif element.calls not in processes:
        message = f"调用的流程 {element.calls} 不存在。"
        yield _at(
            element.file,
            element.line,
            "engine.call_unresolved",
            message,
            "画出这个流程，或改正编号。",
            element.id,
        )


def _depths(graph: Mapping[str, set[str]]) -> dict[str, int]:
    """How deep each process calls; those that call in a circle, or lead into one, are left out."""
    depths: dict[str, int] = {}
    while ready := [p for p, called in graph.items() if p not in depths and called <= depths.keys()]:
        depths |= {p: 1 + max((depths[c] for c in graph[p]), default=0) for p in ready}
    return depths


def _circle(process: str, graph: Mapping[str, set[str]], depths: Mapping[str, int]) -> list[str]:
    chain = [process]
    while len(chain) == len(set(chain)):
        chain.append(min(c for c in graph[chain[-1]] if c not in depths))
    return chain


def _at(file: str, line: int | None, rule: str, message: str, cure: str, element: str | None) -> Finding:
    return Finding(rule, message, cure, file=file, line=line, element=element)
