"""What SpiffWorkflow 3.2.0 gets wrong, each with the refusal that keeps it out; some shown on stock itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import DiagramRefused
from service.engine import parse
from tests.engine.worlds import World, drawn

CORPUS = Path(__file__).parents[1] / "security" / "corpus" / "diagrams"

DEFECTS = {
    "complex gateway is not supported": ("complex_gateway", "engine.complex_gateway"),
    "of two timers on an event gateway the earlier does not fire": (
        "two_timers_on_event_gateway",
        "engine.two_timers",
    ),
    "a condition is not looked at again from outside": (
        "conditional_boundary",
        "engine.conditional_event_definition",
    ),
    "a cycle does not interrupt at its first firing": ("timer_cycle", "engine.time_cycle"),
    "a duration is hours, not days of the calendar": ("timer_duration", "engine.time_duration"),
    "a link is silently a plain event": ("link_event", "engine.link_event_definition"),
    "compensation is silently nothing": ("compensation", "engine.compensate_event_definition"),
    "a signal end event sends nothing": ("signal_end", "engine.signal_event_definition"),
    "an event sub-process never interrupts or never fires": ("event_sub_process", "engine.event_sub_process"),
    "a completion condition over a list is never true": (
        "multi_instance",
        "engine.multi_instance_loop_characteristics",
    ),
    "an ad-hoc sub-process cannot be stored": ("ad_hoc", "engine.ad_hoc_sub_process"),
    "a plain task waits for nobody": ("plain_task", "engine.task"),
    "a manual task waits for nobody": ("manual_task", "engine.manual_task"),
    "a service task hides why it failed": ("service_task", "engine.service_task"),
    "a data object makes the state impossible to store": ("data_object", "engine.data_object"),
    "a script is Python with all rights": ("script_task", "engine.script_task"),
    "a condition is Python with all rights": ("python_in_condition", "feel.syntax"),
    "a timer is Python with all rights": ("python_in_timer", "feel.syntax"),
    "a transaction knows no compensation": ("transaction", "engine.transaction"),
    "a message of any case matches without a payload": ("message_catch", "engine.message_event_definition"),
    "a process that calls itself never returns": ("cyclic_call", "engine.call_cycle"),
    "a missing process is found at parse time only by chance": ("unresolved_call", "engine.call_unresolved"),
    "an element called Start breaks it": ("reserved_id_start", "engine.reserved_id"),
    "an element called End ends the process": ("reserved_id_end", "engine.reserved_id"),
    "no outgoing flow is not noticed": ("no_way_out", "bpmn.no_outgoing"),
    "a boundary on a missing id is not noticed": ("boundary_on_nothing", "engine.unattached"),
    "several outgoing flows are a split nobody drew": ("implicit_split", "bpmn.implicit_split"),
    "an error without a code is caught by all": ("error_without_code", "engine.no_code"),
    "a harmless entity is accepted by the XML library": ("harmless_dtd", "xml.doctype"),
}


@pytest.mark.parametrize("defect", DEFECTS)
def test_defect_is_kept_out_by_a_refusal(defect):
    name, rule = DEFECTS[defect]

    with pytest.raises(DiagramRefused) as caught:
        parse({f"{name}.bpmn": (CORPUS / f"{name}.bpmn").read_bytes()})

    assert rule in {f.rule for f in caught.value.findings}


def _stock(path: Path) -> BpmnWorkflow:
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.fromstring(path.read_bytes()))
    workflow = BpmnWorkflow(parser.get_spec("p"), parser.get_subprocess_specs("p"))
    workflow.do_engine_steps()
    return workflow


def _ready(workflow: Any) -> list[Any]:
    return [t for t in workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual]


@pytest.mark.parametrize("name", ["link_event", "compensation"])
def test_stock_still_passes_in_silence_what_we_refuse(name):
    assert _stock(CORPUS / f"{name}.bpmn").completed


def test_stock_still_sends_no_signal_at_an_end():
    workflow = _stock(CORPUS / "signal_end.bpmn")
    _ready(workflow)[0].run()
    workflow.do_engine_steps()

    assert workflow.completed
    assert workflow.get_events() == []


def test_error_is_caught_by_its_own_scope_only():
    """On stock both borders catch it (test_contract); here the neighbour goes on."""
    world = World(drawn("errors_same_code_in_parallel"))

    world.complete("a")

    assert world.tasks == {"k", "b"}


def test_milestone_behind_an_error_is_never_reached():
    """On stock the scope that is left runs on, past `after` (test_contract)."""
    world = World(drawn("error_two_levels_up"))

    world.complete("a")

    assert world.milestones == []
    assert "after" not in world.trail


def test_inclusive_join_waits_for_a_sub_process():
    world = World(drawn("or_after_sub"))

    world.complete("b")

    assert world.tasks == {"a"}
    world.complete("a")
    assert world.tasks == {"c"}


def test_error_is_passed_before_anything_else_in_the_scope_it_leaves():
    world = World(
        """
        process p
          s start -> u
          u sub -> e
            us start -> a
            a user -> f
            f and -> r, m
            r error:gone
            m milestone status=never -> ue
            ue end
          c berror:gone on=u -> k
          k user -> e
          e end
        """
    )

    world.complete("a")

    assert world.milestones == []
    assert world.trail == ["a", "f", "r", "c"]
