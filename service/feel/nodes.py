"""What the parser makes of a text: plain data, one class a construct."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Path:
    target: "Node"
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    target: "Node"
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A call: by position, or by name where `names` is given (one for each argument)."""

    target: "Node"
    arguments: tuple["Node", ...]
    names: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Logic:
    """A chain of `and` or of `or`."""

    word: str
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Compare:
    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Between:
    value: "Node"
    low: "Node"
    high: "Node"


@dataclass(frozen=True, slots=True)
class OperatorTest:
    """`< 5` in a unary test: the sign, and what the value is compared with."""

    sign: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class In:
    value: "Node"
    tests: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Negation:
    operand: "Node"


@dataclass(frozen=True, slots=True)
class InstanceOf:
    value: "Node"
    of: "TypeName"


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as written: `list<number>` has one part, `context<a: string>` names its parts."""

    name: str
    parts: tuple[tuple[str | None, "TypeName"], ...] = ()
    result: "TypeName | None" = None


@dataclass(frozen=True, slots=True)
class RangeLiteral:
    start: "Node | None"
    end: "Node | None"
    start_included: bool
    end_included: bool
    differs: bool = False


@dataclass(frozen=True, slots=True)
class ListLiteral:
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class ContextLiteral:
    entries: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class If:
    condition: "Node"
    then: "Node"
    otherwise: "Node"


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in source`, or `name in source..end`."""

    name: str
    source: "Node"
    end: "Node | None" = None


@dataclass(frozen=True, slots=True)
class For:
    iterators: tuple[Iterator, ...]
    body: "Node"


@dataclass(frozen=True, slots=True)
class Quantified:
    every: bool
    iterators: tuple[Iterator, ...]
    condition: "Node"


@dataclass(frozen=True, slots=True)
class Function:
    parameters: tuple[tuple[str, TypeName | None], ...]
    body: "Node"


@dataclass(frozen=True, slots=True)
class NotTests:
    """`not(...)`: negated tests at the top of a unary test, else the function `not`."""

    tests: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyValue:
    """The unary test `-`."""


@dataclass(frozen=True, slots=True)
class Tests:
    tests: tuple["Node", ...]


Node = (
    Literal
    | Name
    | Path
    | Filter
    | Call
    | Logic
    | Compare
    | Between
    | OperatorTest
    | In
    | Arithmetic
    | Negation
    | InstanceOf
    | RangeLiteral
    | ListLiteral
    | ContextLiteral
    | If
    | For
    | Quantified
    | Function
    | NotTests
)


def weight(node: Any) -> int:
    """What one evaluation of a node costs where it may be repeated: a step for every few nodes in it."""
    return 1 + (sum(1 for _ in within(node)) >> 3)


def mentions(node: Any, name: str) -> bool:
    """Whether a name stands anywhere in a node."""
    return any(isinstance(item, Name) and item.name == name for item, _ in within(node))


def depth(node: Any) -> int:
    """The longest way from the top to a leaf."""
    return max((deep for _, deep in within(node)), default=0)


def below(node: Any) -> Iterable[Any]:
    """The nodes directly below a node."""
    if is_dataclass(node) and not isinstance(node, Literal):
        for one in fields(node):
            value = getattr(node, one.name)
            for part in value if isinstance(value, tuple) else (value,):
                yield from (
                    inner for inner in (part if isinstance(part, tuple) else (part,)) if is_dataclass(inner)
                )


def within(node: Any) -> Iterable[tuple[Any, int]]:
    """Every node in a node, itself included, with how deep it lies; without recursion, so of any depth."""
    stack: list[tuple[Any, int]] = [(node, 1)]
    while stack:
        item, deep = stack.pop()
        if isinstance(item, tuple):
            stack.extend((part, deep) for part in item)
        elif is_dataclass(item):
            yield item, deep
            if not isinstance(item, Literal):
                stack.extend((getattr(item, field.name), deep + 1) for field in fields(item))
