"""The engine: diagrams in, steps out. The only place that knows SpiffWorkflow."""

from service.engine.door import cancel, complete, fire, start, tokens
from service.engine.drawing import describe
from service.engine.model import Definition, Element, Lane, Process, Rule, SequenceFlow
from service.engine.parsing import parse

__all__ = [
    "Definition",
    "Element",
    "Lane",
    "Process",
    "Rule",
    "SequenceFlow",
    "cancel",
    "complete",
    "describe",
    "fire",
    "parse",
    "start",
    "tokens",
]
