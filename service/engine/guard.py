"""What the engine cannot run, or runs wrongly without a word: refused before anything is built from it.

Each check looks at one file's tree and gives findings; nothing is executed. Why each thing is
refused was measured on SpiffWorkflow 3.2.0; the tests show the defect and the refusal side by side.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from service.domain.errors import Finding
from service.engine.reading import EVENTS, FLOW_NODES, flow_nodes
from service.engine.source import BPMN, Source, is_bpmn, local

NODE_LIMIT = 300  # the parser follows the arrows recursively
CALL_DEPTH_LIMIT = 5

_ID = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
_TAKEN = frozenset({"Start", "End", "StartEventSplit", "StartEventJoin"})

# what may stand inside a process and carries no token
_SCENERY = frozenset(
    {
        "laneSet", "lane", "childLaneSet", "flowNodeRef", "sequenceFlow", "conditionExpression", "incoming",
        "outgoing", "documentation", "extensionElements", "textAnnotation", "text", "association", "group",
        "timeDate",
    }
)  # fmt: skip

# what lies inside these is not looked at: it says nothing to the engine
_OPAQUE = frozenset({"extensionElements", "documentation", "text", "conditionExpression", "timeDate"})

# tag -> why, and what to draw instead
_REFUSED = {
    "scriptTask": ("脚本任务会在服务器上执行程序。", "把计算写成 FEEL 表达式（facts.yaml 或决策表）。"),
    "serviceTask": ("服务任务不受支持，出错时引擎会掩盖原因。", "用发送任务发出通知，或启动另一个流程。"),
    "businessRuleTask": ("业务规则任务不受支持。", "在网关条件或规则里用 FEEL 引用决策表。"),
    "task": ("普通任务没有表单，谁也无法完成它。", "改为带 jsjb:form 的用户任务。"),
    "manualTask": ("手工任务没有表单，谁也无法完成它。", "改为带 jsjb:form 的用户任务。"),
    "complexGateway": ("引擎不支持复杂网关。", "用排他、并行或包容网关代替。"),
    "adHocSubProcess": ("引擎不能正确执行即席子流程。", "用并行分支加可选的用户任务，回到自己。"),
    "transaction": ("事务子流程不受支持。", "用普通子流程加错误边界事件。"),
    "linkEventDefinition": ("引擎会把链接事件悄悄当作空事件。", "直接画连线，或拆成被调用的流程。"),
    "compensateEventDefinition": ("引擎会悄悄忽略补偿事件。", "把撤销的步骤画成普通步骤。"),
    "signalEventDefinition": (
        "信号结束事件在引擎里什么也不做，信号也没有收件人。",
        "用发送任务（jsjb:starts）启动另一个流程，或用错误结束事件离开阶段。",
    ),
    "conditionalEventDefinition": (
        "引擎不会因外部变化而重新判断条件事件。",
        "用网关判断，或用计时边界事件。",
    ),
    "cancelEventDefinition": ("取消事件只用于事务子流程，不受支持。", "用错误结束事件离开阶段。"),
    "multiInstanceLoopCharacteristics": ("多实例活动不受支持。", "用发送任务逐个启动另一个流程。"),
    "standardLoopCharacteristics": ("循环标记不受支持。", "把循环画成连线，经网关回到活动之前。"),
    "timeDuration": ("时长按小时计算，与规定的自然日不符。", '写成 <timeDate>due("…")</timeDate>。'),
    "timeCycle": ("循环计时不受支持。", "用几个 timeDate 计时边界事件。"),
    "ioSpecification": ("数据输入输出不受支持：表单的值在诉求件里。", "删去 ioSpecification。"),
    "dataObject": ("数据对象不受支持：表单的值在诉求件里。", "删去数据对象，用文字注释说明。"),
    "dataObjectReference": ("数据对象不受支持：表单的值在诉求件里。", "删去数据对象，用文字注释说明。"),
    "dataStoreReference": ("数据存储不受支持：表单的值在诉求件里。", "删去数据存储，用文字注释说明。"),
    "property": ("流程变量不受支持：表单的值在诉求件里。", "删去 property。"),
    "import": ("不得引用外部文件。", "把需要的流程放进同一版本的内容里。"),
    "dataStore": ("数据存储不受支持。", "删去数据存储。"),
    "messageEventDefinition": ("消息事件没有发件人：本系统不接收外部消息。", "用带表单的用户任务等待。"),
    "receiveTask": ("接收任务没有发件人：本系统不接收外部消息。", "用带表单的用户任务等待。"),
}

# where each kind of event may be drawn; a plain one has the key None
_EVENT_PLACES: dict[str, set[str | None]] = {
    "startEvent": {None, "timer"},
    "endEvent": {None, "error", "escalation", "terminate"},
    "intermediateThrowEvent": {None, "escalation"},
    "intermediateCatchEvent": {"timer"},
    "boundaryEvent": {"timer", "error", "escalation"},
}


def examine(source: Source) -> list[Finding]:
    """All that keeps one file from being run, in the order of the file."""
    found = [f for check in CHECKS for f in check(source)]
    return sorted(found, key=lambda f: f.line or 0)


def forbidden_elements(source: Source) -> Iterator[Finding]:
    """Elements that the engine does not run, or runs wrongly, and elements nobody knows."""
    for node in source.root.iterchildren(f"{{{BPMN}}}import", f"{{{BPMN}}}dataStore"):
        yield _of(source, node, f"engine.{_snake(local(node))}", *_REFUSED[local(node)])
    for process in _processes(source):
        for node in _within(process):
            tag = local(node) if is_bpmn(node) else node.tag
            if tag in _REFUSED:
                yield _of(source, node, f"engine.{_snake(tag)}", *_REFUSED[tag])
            elif tag not in FLOW_NODES and tag not in EVENTS and tag not in _SCENERY:
                cure = "只用用户任务、发送任务、网关、事件、子流程和调用活动。"
                yield _of(source, node, "engine.unknown_element", f"不认识的元素 {tag}。", cure)


def event_subprocesses(source: Source) -> Iterator[Finding]:
    """Event sub-processes: they never interrupt, or never fire, and spoil the shared definition."""
    for process in _processes(source):
        for node in process.iter(f"{{{BPMN}}}subProcess"):
            if node.get("triggeredByEvent", "false").lower() in {"true", "1"}:
                message = "引擎不能正确执行事件子流程（不会中断，或永不结束）。"
                cure = "把主流程放进一个子流程，在它的边界上画中断事件。"
                yield _of(source, node, "engine.event_sub_process", message, cure)


def event_places(source: Source) -> Iterator[Finding]:
    """Events of a kind that does not exist at that place."""
    for process in _processes(source):
        for node in flow_nodes(process):
            allowed = _EVENT_PLACES.get(local(node))
            kinds = [EVENTS[local(c)] for c in node if is_bpmn(c) and local(c) in EVENTS]
            if allowed is None:
                continue
            if len(kinds) > 1:
                cure = "一个事件只用一种定义，其余另画一个。"
                yield _of(source, node, "engine.multiple_events", "一个事件有几种定义。", cure)
            elif (kinds[0] if kinds else None) not in allowed:
                if any(is_bpmn(c) and local(c) in _REFUSED for c in node):
                    continue  # refused by name already
                kind = kinds[0] if kinds else "空"
                message = f"{local(node)} 不支持 {kind} 事件。"
                yield _of(source, node, "engine.event_place", message, "换一种事件，或换一个位置。")


def event_gateways(source: Source) -> Iterator[Finding]:
    """Event gateways: two timers share one value, so that the earlier one may never fire."""
    for process in _processes(source):
        nodes = {n.get("id"): n for n in flow_nodes(process)}
        for gateway in process.iter(f"{{{BPMN}}}eventBasedGateway"):
            targets = [f.get("targetRef") for f in process.iter(f"{{{BPMN}}}sequenceFlow")
                       if f.get("sourceRef") == gateway.get("id")]  # fmt: skip
            timers = [t for t in targets if t in nodes and _has(nodes[t], "timerEventDefinition")]
            if len(timers) > 1:
                message = "一个事件网关上有两个计时事件，引擎只会认其中一个。"
                cure = "改为一个用户任务或子流程，把几个计时事件画在它的边界上。"
                yield _of(source, gateway, "engine.two_timers", message, cure)
            else:
                message = "事件网关只能等待消息，而本系统不接收外部消息。"
                cure = "改为用户任务，把计时事件画在它的边界上。"
                yield _of(source, gateway, "engine.event_based_gateway", message, cure)


def identifiers(source: Source) -> Iterator[Finding]:
    """Ids: present, made of letters, digits and underscores, not those the engine uses itself, not twice."""
    cure = "只用小写字母、数字和下划线命名，且在所有文件里不重复。"
    counted = Counter(n.get("id") for n in source.root.iter(f"{{{BPMN}}}*") if n.get("id"))
    for process in _processes(source):
        for node in [process, *flow_nodes(process)]:
            name = node.get("id")
            if not name or not _ID.match(name):
                yield _of(source, node, "bpmn.id", f"编号 {name!r} 不合规。", cure)
            elif name in _TAKEN:
                yield _of(source, node, "engine.reserved_id", f"编号 {name} 由引擎自己使用。", cure)
            elif counted[name] > 1:
                yield _of(source, node, "bpmn.duplicate_id", f"编号 {name} 出现了 {counted[name]} 次。", cure)


def connections(source: Source) -> Iterator[Finding]:
    """Arrows that lead nowhere, out of the scope or past a missing condition; elements a token gets stuck in."""
    for process in _processes(source):
        for scope in [process, *process.iter(f"{{{BPMN}}}subProcess")]:
            yield from _connections_of(source, scope)


def attachments(source: Source) -> Iterator[Finding]:
    """Boundary events that hang on nothing."""
    for process in _processes(source):
        for node in process.iter(f"{{{BPMN}}}boundaryEvent"):
            beside = {n.get("id"): n for n in node.getparent() if is_bpmn(n)}
            on = beside.get(node.get("attachedToRef"))
            if on is None or local(on) not in {"userTask", "subProcess", "callActivity"}:
                message = "边界事件没有附在用户任务、子流程或调用活动上。"
                yield _of(source, node, "engine.unattached", message, "把它拖到活动的边界上。")


def starts_and_ends(source: Source) -> Iterator[Finding]:
    """Each scope has one way in and a way out, and is not too large for the parser; a file has a process."""
    if not _processes(source):
        yield _of(source, source.root, "bpmn.no_process", "文件里没有流程（process）。", "画一个流程。")
    for process in _processes(source):
        if process.get("isExecutable", "true").lower() not in {"true", "1"}:
            cure = '把流程标为可执行（isExecutable="true"）。'
            yield _of(source, process, "bpmn.not_executable", "流程没有标为可执行。", cure)
        for scope in [process, *process.iter(f"{{{BPMN}}}subProcess")]:
            inside = [local(n) for n in scope if is_bpmn(n)]
            if local(scope) == "subProcess":
                yield from _timed_inside(source, scope)
            if inside.count("startEvent") != 1:
                message = f"{scope.get('id')} 须有且只有一个开始事件。"
                yield _of(source, scope, "bpmn.start", message, "画一个开始事件；另一种开头另画一个流程。")
            if "endEvent" not in inside:
                yield _of(source, scope, "bpmn.end", "没有结束事件。", "画一个结束事件。")
            if sum(tag in FLOW_NODES for tag in inside) > NODE_LIMIT:
                message = f"一层里超过 {NODE_LIMIT} 个元素。"
                yield _of(source, scope, "engine.too_large", message, "拆成几个被调用的流程。")


def timers(source: Source) -> Iterator[Finding]:
    """Timers without a time."""
    for process in _processes(source):
        for node in process.iter(f"{{{BPMN}}}timerEventDefinition"):
            if any(is_bpmn(c) and local(c) in _REFUSED for c in node):
                continue  # refused by name already
            if not "".join(t.text or "" for t in node.iterchildren(f"{{{BPMN}}}timeDate")).strip():
                cure = '写成 <timeDate>due("…")</timeDate>。'
                yield _of(source, node.getparent(), "engine.timer_without_date", "计时事件没有写时间。", cure)


CHECKS: tuple[Callable[[Source], Iterator[Finding]], ...] = (
    forbidden_elements,
    event_subprocesses,
    event_places,
    event_gateways,
    identifiers,
    connections,
    attachments,
    starts_and_ends,
    timers,
)


def _connections_of(source: Source, scope: Any) -> Iterator[Finding]:
    nodes = {n.get("id"): n for n in scope if is_bpmn(n) and local(n) in FLOW_NODES}
    known = {n.get("id") for n in scope if is_bpmn(n) and local(n) in FLOW_NODES.union(_REFUSED)}
    outgoing: dict[str, list[Any]] = {}
    for flow in scope.iterchildren(f"{{{BPMN}}}sequenceFlow"):
        outgoing.setdefault(flow.get("sourceRef"), []).append(flow)
        if flow.get("sourceRef") not in known or flow.get("targetRef") not in known:
            message = "连线的一端不在同一层里，或不存在。"
            yield _of(source, flow, "bpmn.flow_nowhere", message, "把连线接到同一层的元素上。")
    for name, node in nodes.items():
        flows = outgoing.get(name, [])
        if local(node) == "endEvent":
            if flows:
                yield _of(source, node, "bpmn.flow_from_end", "结束事件不能有出线。", "删去出线。")
        elif not flows:
            message = "元素没有出线，走到这里就停住了。"
            yield _of(source, node, "bpmn.no_outgoing", message, "接到下一个元素或结束事件。")
        elif len(flows) > 1 and not local(node).endswith("Gateway"):
            message = "这个元素有几条出线。"
            yield _of(source, node, "bpmn.implicit_split", message, "用并行网关或排他网关分开。")
        elif local(node) in {"exclusiveGateway", "inclusiveGateway"} and len(flows) > 1:
            yield from _conditions(source, node, flows)


def _timed_inside(source: Source, scope: Any) -> Iterator[Finding]:
    """A sub-process begins when a token comes to it, and at no time of its own."""
    for start in scope.iterchildren(f"{{{BPMN}}}startEvent"):
        if _has(start, "timerEventDefinition"):
            message = "子流程的开始事件上画了计时：子流程由走到它的令牌开始，不会自己开始。"
            cure = "改为空的开始事件；要等到某一时刻，在前面画一个计时中间事件。"
            yield _of(source, start, "engine.timed_sub_process", message, cure)


def _conditions(source: Source, gateway: Any, flows: list[Any]) -> Iterator[Finding]:
    for flow in flows:
        condition = flow.find(f"{{{BPMN}}}conditionExpression")
        has_text = condition is not None and (condition.text or "").strip()
        if not has_text and flow.get("id") != gateway.get("default"):
            message = "网关的这条出线没有条件，也不是默认出线。"
            yield _of(source, flow, "bpmn.no_condition", message, "写上 FEEL 条件，或设为默认出线。")


def _processes(source: Source) -> list[Any]:
    return list(source.root.iterchildren(f"{{{BPMN}}}process"))


def _within(process: Any) -> Iterator[Any]:
    """The elements below a process, but not what lies inside a refused or an opaque one."""
    for child in process:
        if not isinstance(child.tag, str):
            continue
        yield child
        if not (is_bpmn(child) and (local(child) in _OPAQUE or local(child) in _REFUSED)):
            yield from _within(child)


def _has(node: Any, tag: str) -> bool:
    return node.find(f"{{{BPMN}}}{tag}") is not None


def _snake(tag: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", tag).lower()


def _of(source: Source, node: Any, rule: str, message: str, cure: str) -> Finding:
    element, line = node, node.sourceline
    while element is not None and not element.get("id"):
        element = element.getparent()
    name = element.get("id") if element is not None else None
    return Finding(rule, message, cure, file=source.file, line=line, element=name)
