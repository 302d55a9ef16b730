"""Columns that list texts, each under a condition of its own: a text stands until something its condition reads moves.

The marks of a case are such a list of a dozen conditions, one of which reads the time of day: worked out as a whole,
all of them would be worked out by every command.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.content.links import meant
from service.feel import Expression, compile_part
from service.feel import nodes as n
from service.feel.limits import DEFAULT
from service.feel.parse import parse
from service.usecases.readings import Moved, Readings

EMPTY = n.ListLiteral(())
JOINED = n.Name("concatenate")


@dataclass(frozen=True, slots=True)
class ListedPart:
    """One text of such a list: it is listed where `holds` is true and `bars`, where there is one, is not."""

    text: str
    holds: Expression
    bars: Expression | None
    reads: Moved


def parts_of(text: str, facts: Mapping[str, str], readings: Readings) -> tuple[ListedPart, ...]:
    """The parts of an expression, or of the fact it names, in their order; none where it is written in another way.

    What is known: `concatenate(if … then ["…"] else [], …)`, each text once, also after `if … then [] else`.
    """
    node = meant(parse(text, DEFAULT), facts)
    bars = None
    if isinstance(node, n.If) and node.then == EMPTY:
        bars, node = compile_part(node.condition, text), meant(node.otherwise, facts)
    if not isinstance(node, n.Call) or node.target != JOINED or node.names is not None:
        return ()
    barred = readings.of(bars) if bars is not None else frozenset()
    found = list(_parts(node, text))
    if len(found) < len(node.arguments) or len({part for part, _ in found}) < len(found):
        return ()
    return tuple(ListedPart(part, holds, bars, readings.of(holds) | barred) for part, holds in found)


def _parts(call: n.Call, text: str) -> Iterator[tuple[str, Expression]]:
    for one in call.arguments:
        match one:
            case n.If(
                condition=condition,
                then=n.ListLiteral(items=(n.Literal(value=str() as listed),)),
                otherwise=rest,
            ) if rest == EMPTY:
                yield listed, compile_part(condition, text)
