"""Which entries of the policy a due time is worked out with: what the explanation of a clock may name beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from service.content import Content
from service.feel import Expression, UnaryTests, compile

POLICY = "policy"
BASE_OF_EXTENSION = "extension_base"  # which `extended` reads by itself
Compiled = Expression | UnaryTests


def entries_read(due: str, content: Content, facts: Mapping[str, Expression]) -> frozenset[str]:
    """The keys of the entries that a due time reads: by itself, through facts, and in the rows of its table."""
    found: set[str] = set()
    known: set[str] = set()
    waiting: list[Compiled] = [compile(due)]
    while waiting:
        one = waiting.pop()
        found.update(read_by(one, content.policy.entries))
        for name in one.names | one.item_names:
            if name in facts and name not in known:
                known.add(name)
                waiting.append(facts[name])
        for kind in kinds_of(one, content.deadlines.kinds):
            if (row := f"due {kind}") not in known:
                known.add(row)
                waiting.extend(content.deadlines.reckoned_with(kind))
    return frozenset(found)


def read_by(one: Compiled, entries: Collection[str]) -> Iterator[str]:
    """What an expression reads of the policy itself: all of it where it takes it as a whole."""
    if POLICY in one.whole_names:
        yield from entries
    yield from (path[1] for path in one.paths | one.item_paths if path[0] == POLICY and len(path) > 1)
    if "extended" in one.calls:
        yield BASE_OF_EXTENSION


def kinds_of(one: Compiled, kinds: Collection[str]) -> Collection[str]:
    """The rows of the table that an expression asks for: any where it works out which."""
    if "due" in one.open_calls:
        return kinds
    return [kind for name, kind in one.literal_calls if name == "due" and kind in kinds]
