"""The engine: diagrams in, steps out. The only place that knows SpiffWorkflow."""

from service.engine.door import cancel, complete, fire, start, tokens
from service.engine.drawing import describe
from service.engine.looking import View, look
from service.engine.model import CHOOSING, Definition, Element, Lane, Process, Rule, SequenceFlow
from service.engine.parsing import parse

__all__ = [
    "CHOOSING",
    "Definition",
    "Element",
    "Lane",
    "Process",
    "Rule",
    "SequenceFlow",
    "View",
    "cancel",
    "complete",
    "describe",
    "fire",
    "look",
    "parse",
    "start",
    "tokens",
]
