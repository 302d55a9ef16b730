"""What the head of a case is told by, and by what it is about another: only by the column that names it do they move together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.feel import nodes as n
from service.feel.limits import DEFAULT
from service.feel.parse import parse

# the facts that say who handles a case and who may see it: its head, which is saved with it
HEAD_FACTS = (
    "lead_department", "former_departments", "released_departments", "complained_departments", "restricted",
)  # fmt: skip
# functions about other cases, people and outages: whoever moves those knows of no case that asks about them
OF_OUTSIDE = frozenset(
    {
        "order_exists", "earlier_cases", "file_cases", "looks", "access_clues", "on_duty", "in_outage", "figures", "filed",
        "awaited",
    }
)  # fmt: skip
LINK = "related_case"  # the column that names another case
ASKED = n.Name("is_restricted")  # the function that asks about another case


def meant(node: n.Node, facts: Mapping[str, str]) -> n.Node:
    """What an expression stands for: where it is the name of a fact, what that says."""
    seen: set[str] = set()
    while isinstance(node, n.Name) and node.name in facts and node.name not in seen:
        seen.add(node.name)
        node = parse(facts[node.name], DEFAULT)
    return node


def asks_only_about_linked(text: str, facts: Mapping[str, str], link: str | None) -> bool:
    """Whether an expression asks about no other case than the one that the column names.

    It does where what it asks about is written as in the column, or is the fact that the column names as well. Of
    any other case nobody can tell, when that one moves, who asks about it.
    """
    named = meant(parse(link, DEFAULT), facts) if link else None
    return all(
        named is not None and call.names is None and [meant(one, facts) for one in call.arguments] == [named]
        for call in questions(parse(text, DEFAULT))
    )


def asks_by_the_same_field(text: str, facts: Mapping[str, str], link: str | None) -> bool:
    """Whether all that an expression asks about is taken from the field that the column takes it from.

    So it was shipped once: each report of a file was asked about, and the column told of one. It is the same case where
    a rule lets all reports of a file name one case alone.
    """
    named = meant(parse(link, DEFAULT), facts) if link else None
    return isinstance(named, n.Path) and all(
        isinstance(one, n.Path) and one.name == named.name
        for call in questions(parse(text, DEFAULT))
        for one in call.arguments
    )


def questions(node: n.Node) -> Iterator[n.Call]:
    """The calls in an expression that ask about another case."""
    return (one for one, _ in n.within(node) if isinstance(one, n.Call) and one.target == ASKED)
