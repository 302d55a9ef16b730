"""What the policy in force settles by itself, whatever happens in a case: such a branch waits for another value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.content.lint.vocabulary import FUNCTIONS
from service.content.policy import Policy
from service.feel import FeelError, compile_part
from service.feel import nodes as n
from service.feel.limits import DEFAULT
from service.feel.parse import parse

Settled = bool | None  # None: the case decides


@dataclass(frozen=True)
class ByPolicy:
    """Tells what conditions come to under one policy, and which of its entries they read."""

    policy: Policy
    facts: Mapping[str, str]

    def settles(self, text: str) -> Settled:
        """What a condition always comes to while the policy is as it is; None where the case decides too."""
        try:
            return self._settled(parse(text, DEFAULT))
        except FeelError:
            return None

    def entries(self, text: str) -> str:
        """The entries of the policy that a condition reads, by the names people know them by."""
        read = sorted({one.name for one, _ in n.within(parse(text, DEFAULT)) if is_entry(one)})
        known = self.policy.entries
        return "、".join(f"“{known[key].label}”" if key in known else key for key in read)

    def _settled(self, node: Any) -> Settled:
        if isinstance(node, n.Logic):
            parts = [self._settled(part) for part in node.parts]
            decisive = node.word == "or"
            if decisive in parts:
                return decisive
            return None if None in parts else not decisive
        if isinstance(node, n.If):
            chosen = self._settled(node.condition)
            return None if chosen is None else self._settled(node.then if chosen else node.otherwise)
        if isinstance(node, n.Name) and node.name in self.facts:
            return self.settles(self.facts[node.name])
        return self._value(node)

    def _value(self, node: Any) -> Settled:
        """The value of a part that reads the policy and nothing else."""
        names = {one.name for one, _ in n.within(node) if isinstance(one, n.Name)}
        if "policy" not in names or names & ({*self.facts, *FUNCTIONS} | {"now", "actor", "case"}):
            return None
        try:
            value = compile_part(node, str(node))({"policy": self.policy.values})
        except FeelError:
            return None
        return value if isinstance(value, bool) else None


def is_entry(node: Any) -> bool:
    """Whether a node reads an entry of the policy."""
    return isinstance(node, n.Path) and isinstance(node.target, n.Name) and node.target.name == "policy"
