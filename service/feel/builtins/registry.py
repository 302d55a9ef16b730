"""The built-in functions by name, each with its signatures; arguments are checked and converted once, here.

A signature is written as `string: string, start position: int, length?: int`: names as the standard gives them,
`?` marks what may be left out, a leading `*` takes all that remain. An argument of the wrong type makes the
result null, as does null itself, except where the type is `any`.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from service.feel.limits import Run, size_of, size_of_all
from service.feel.numbers import whole
from service.feel.values import FeelFunction, Range, Value, YearsMonths, from_float, is_list, is_number

Work = Callable[..., Value]
F = TypeVar("F", bound=Work)


class _Unfit:
    """Says that an argument is not of the type its parameter asks for."""


_UNFIT = _Unfit()


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str
    optional: bool = False
    rest: bool = False


@dataclass(frozen=True)
class Signature:
    parameters: tuple[Parameter, ...]
    work: Work

    @cached_property
    def single(self) -> tuple[tuple[str, bool], ...]:
        """The parameters but the last where that takes all the rest: type, and whether null makes the result null."""
        return tuple(
            (one.type, one.type != "any" and not one.optional) for one in self.parameters if not one.rest
        )

    @cached_property
    def has_rest(self) -> bool:
        """Whether the last parameter takes all that remain."""
        return bool(self.parameters) and self.parameters[-1].rest

    def takes(self, count: int) -> bool:
        needed = sum(1 for parameter in self.parameters if not (parameter.optional or parameter.rest))
        return needed <= count and (self.has_rest or count <= len(self.parameters))

    def takes_names(self, names: Sequence[str]) -> bool:
        known = {parameter.name for parameter in self.parameters}
        needed = {parameter.name for parameter in self.parameters if not parameter.optional}
        return needed <= set(names) <= known and len(set(names)) == len(names)

    def call(self, run: Run, arguments: Sequence[Value]) -> Value:
        converted: list[Value] = []
        for (kind, needed), argument in zip(self.single, arguments, strict=False):
            value = _fitted(argument, kind)
            if value is _UNFIT or (value is None and needed):
                return None
            converted.append(value)
        if self.has_rest:
            converted.append(list(arguments[len(self.single) :]))
        return self.work(run, *converted)

    def call_named(self, run: Run, named: Mapping[str, Value]) -> Value:
        if any(parameter.rest for parameter in self.parameters):
            return self.work(run, *(_as_rest(named[parameter.name]) for parameter in self.parameters))
        last = max(i for i, parameter in enumerate(self.parameters) if parameter.name in named)
        return self.call(run, [named.get(parameter.name) for parameter in self.parameters[: last + 1]])


def _as_rest(value: Value) -> list[Value]:
    return list(value) if is_list(value) else [value]


class Builtin:
    """One name, with all its signatures."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.signatures: list[Signature] = []
        self._fitting: dict[int, list[Signature]] = {}

    def fitting(self, count: int) -> list[Signature]:
        """The signatures that take so many arguments."""
        found = self._fitting.get(count)
        if found is None:
            found = self._fitting[count] = [one for one in self.signatures if one.takes(count)]
        return found

    def takes(self, count: int) -> bool:
        return any(signature.takes(count) for signature in self.signatures)

    def takes_names(self, names: Sequence[str]) -> bool:
        return any(signature.takes_names(names) for signature in self.signatures)

    def call(self, run: Run, arguments: Sequence[Value]) -> Value:
        run.spend(size_of_all(arguments))
        fitting = self.fitting(len(arguments))
        for signature in fitting:
            if len(fitting) == 1 or _accepts(signature, arguments):
                return _paid(run, signature.call(run, arguments))
        return None

    def call_named(self, run: Run, names: Sequence[str], arguments: Sequence[Value]) -> Value:
        run.spend(size_of_all(arguments))
        named = dict(zip(names, arguments, strict=True))
        for signature in self.signatures:
            if signature.takes_names(names):
                return _paid(run, signature.call_named(run, named))
        return None


def _paid(run: Run, result: Value) -> Value:
    """The result, its size taken from the budget, so that growth by doubling ends soon."""
    if result.__class__ is list or result.__class__ is str:
        run.spend(size_of(result))
    return result


def _accepts(signature: Signature, arguments: Sequence[Value]) -> bool:
    pairs = zip(signature.parameters, arguments, strict=False)
    return all(parameter.rest or _fitted(value, parameter.type) is not _UNFIT for parameter, value in pairs)


BUILTINS: dict[str, Builtin] = {}


def builtin(name: str, *signatures: str) -> Callable[[F], F]:
    """Registers one function under its name in FEEL, for each of the signatures given."""

    def register(work: F) -> F:
        entry = BUILTINS.setdefault(name, Builtin(name))
        entry.signatures.extend(Signature(_parameters(text), work) for text in signatures)
        return work

    return register


def _parameters(text: str) -> tuple[Parameter, ...]:
    return tuple(_parameter(part.strip()) for part in text.split(",") if part.strip())


def _parameter(text: str) -> Parameter:
    name, _, kind = (part.strip() for part in text.partition(":"))
    return Parameter(name.strip("*?"), kind or "any", optional=name.endswith("?"), rest=name.startswith("*"))


def _fitted(value: Value, kind: str) -> Value:
    """The argument as its parameter wants it: one item for a list of one, a list for a single value."""
    if value is None or kind == "any":
        return value
    if kind == "list":
        return value if is_list(value) else [value]
    if is_list(value) and len(value) == 1:
        value = value[0]
        if value is None:
            return None
    return _CHECKS[kind](value)


def _number(value: Any) -> Any:
    if not is_number(value):
        return _UNFIT
    return from_float(value) if isinstance(value, float) else value


def _int(value: Any) -> Any:
    found = whole(value)
    return _UNFIT if found is None else found


def _of(*types: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        return value if isinstance(value, types) else _UNFIT

    return check


def _scalar(value: Any) -> Any:
    return _UNFIT if is_list(value) else value


def _measure(value: Any) -> Any:
    return value if isinstance(value, (dt.timedelta, YearsMonths)) else _number(value)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "scalar": _scalar,
    "measure": _measure,
    "number": _number,
    "int": _int,
    "string": _of(str),
    "boolean": _of(bool),
    "context": _of(Mapping),
    "date": _of(dt.date),
    "time": _of(dt.time),
    "duration": _of(dt.timedelta, YearsMonths),
    "days": _of(dt.timedelta),
    "range": _of(Range),
    "function": _of(FeelFunction),
}
