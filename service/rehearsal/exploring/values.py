"""The values with which a form is tried: a valid filling, and what turns each branch that reads it.

What is tried is settled once for each form, as choices that name a value before it is known ("one minute before
the due time it is compared with"); a choice becomes a value at the spot where the form is filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import combinations, islice, product
from math import prod
from typing import Any

from service.content.fields import SEVERAL_TYPES, TEXT_TYPES, Field
from service.content.forms import Form
from service.feel import Expression, FeelError, compile_part
from service.feel import nodes as n
from service.rehearsal.exploring.interest import Interest
from service.rehearsal.exploring.past import EARLIER_FILE
from service.rehearsal.filling import PLAIN, Upload, fill
from service.usecases.scope import Scope

MOST = 150  # ways to fill one form
THREE = 3  # by twos fields are filled in anyway
BESIDE = timedelta(minutes=1)
NEAR = {"两天前": timedelta(days=-2), "十分钟前": timedelta(minutes=-10), "十分钟后": timedelta(minutes=10)}
# Instants around now, for a field that is compared with none.
AROUND = {**NEAR, "两天后": timedelta(days=2), "三十天后": timedelta(days=30)}


class NoValueError(LookupError):
    """A choice that has no value here: what it is compared with is not there, or it is out of bounds."""


class NotShownError(LookupError):
    """A choice of a field that the form does not show here: so filled in, it says nothing."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and when a form is filled: the case as expressions see it, and what is known only at run time."""

    scope: Scope
    now: datetime
    choices: Mapping[str, list[str]]
    upload: Upload
    orders: Sequence[str] = ()  # upstream orders that are here already

    def value(self, part: Expression) -> Any:
        """The value of a part of an expression; nothing where it cannot be worked out here."""
        try:
            return part(self.scope.names, self.scope.functions)
        except FeelError:
            return None


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One value that a field may be given, by the name under which it is told."""

    field: Field
    name: str
    value: Callable[[Spot], Any]


Way = tuple[Choice, ...]
PLAINLY: Way = ()


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to fill a form. `always` is what is filled in beside what is required: texts and files on which
    something depends. `wide` are tried where the form is met for the first time: all pairs, and what no course
    depends on but facts tell; `left_out` counts those beyond the limit."""

    always: Way
    usual: tuple[Way, ...]
    wide: tuple[Way, ...]
    left_out: int = 0


def ways_of(form: Form, interest: Interest, most: int = MOST) -> Ways:
    """The full filling, each other value of each field that decides something, pairs of them that one expression
    reads together, and the form with nothing in it but what is required."""
    open_to = [one for one in form.fields if not one.read_only]
    deciding = [one for one in open_to if interest.decides(form.key, one.name)]
    telling = [one for one in open_to if interest.tells(form.key, one.name)]
    choices = {one.name: list(choices_of(form, one, interest)) for one in (*deciding, *telling)}
    against = {one.name: interest.held_against(form.key, one.name) for one in deciding}
    unlike = {one.name: unlike_choices(one, choices[one.name], against[one.name]) for one in deciding}
    beside = {one.name: beside_others(one, unlike[one.name]) for one in deciding}
    optional = [one for one in deciding if not one.required and one.type in {*TEXT_TYPES, "filepicker"}]
    always = tuple(choices[one.name][1] for one in optional)
    bare = tuple(choices[one.name][0] for one in optional)
    singles: list[Way] = [
        (choice,) for one in deciding for choice in unlike[one.name] if choice not in always
    ]
    pairs: dict[bool, list[Way]] = {True: [], False: []}
    for one, other in combinations(deciding, 2):
        together = interest.read_together(form.key, one.name, other.name)
        pairs[together] += [(a, b) for a in beside[one.name] for b in beside[other.name]]
    alike = [c for one in deciding for c in choices[one.name] if c not in unlike[one.name]]
    told: list[Way] = [(choice,) for choice in (*alike, *(c for one in telling for c in choices[one.name]))]
    usual = [PLAINLY, *([bare] if len(bare) > 1 else []), *singles, *pairs[True]]
    wide = [*usual, *pairs[False], *told]
    left_out = max(0, len(usual) - most, len(wide) - 2 * most)
    return Ways(always, tuple(usual[:most]), tuple(wide[: 2 * most]), left_out)


def at_once(form: Form, interest: Interest, most: int = MOST) -> tuple[list[Way], int]:
    """Three and more fields filled in otherwise at once, of those that one thing searched for depends on; and how
    many such ways there are beyond the limit."""
    fields = [one for one in form.fields if not one.read_only and interest.decides(form.key, one.name)]
    known = {one.name: list(choices_of(form, one, interest)) for one in fields}
    against = {one.name: interest.held_against(form.key, one.name) for one in fields}
    worth = [beside_others(one, unlike_choices(one, known[one.name], against[one.name])) for one in fields]
    sizes = range(THREE, len(fields) + 1)
    every = (way for size in sizes for several in combinations(worth, size) for way in product(*several))
    found = list(islice(every, most))
    count = sum(prod(map(len, several)) for size in sizes for several in combinations(worth, size))
    return found, count - len(found)


def filled(form: Form, ways: Ways, way: Way, spot: Spot) -> dict[str, Any] | None:
    """The raw values of a form filled in a way; nothing where a choice has no value here. Raises: NotShownError."""
    values: dict[str, Any] = {}
    try:
        for choice in (*ways.always, *way):
            put(values, choice.field.path, choice.value(spot))
    except NoValueError:
        return None
    judge = spot.scope.judge
    found = fill(form, values, at=spot.now, scope=judge, upload=spot.upload, choices=spot.choices)
    if way:
        seen = {one.path for one in form.visible(found, judge)}
        if any(choice.field.path not in seen for choice in way):
            raise NotShownError
    return found


def put(values: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Set a value, in its group where it lies in one."""
    for key in path[:-1]:
        values = values.setdefault(key, {})
    values[path[-1]] = value


def unlike_choices(one: Field, choices: Sequence[Choice], against: Sequence[n.Node]) -> list[Choice]:
    """The choices of a field that may lead to different courses: of the options that it is compared with nowhere, one
    stands for all."""
    compared = set(literal_texts(against))
    alike = {option.label for option in one.options if option.value not in compared}
    first = next((choice for choice in choices if choice.name in alike), None)
    return [choice for choice in choices if choice is first or choice.name not in alike]


def beside_others(one: Field, choices: list[Choice]) -> list[Choice]:
    """Those of them that are tried beside each of another field: an instant only by what it is compared with."""
    known = {*NEAR, *AROUND}
    compared = [choice for choice in choices if choice.name not in known]
    return compared if one.type == "datetime" and len(compared) > 1 else choices


# -- the choices of one field -------------------------------------------------------------------------------
def choices_of(form: Form, one: Field, interest: Interest) -> Iterator[Choice]:
    """Values of a field that may turn a branch."""
    against = interest.held_against(form.key, one.name)
    if not one.required:
        nothing: Any = [] if one.type in SEVERAL_TYPES or one.type == "filepicker" else None
        yield Choice(one, "空", fixed(nothing))
    if one.type == "datetime":
        yield from instants(one, against)
    elif one.type == "number":
        yield from numbers(one, against)
    elif one.type == "checkbox":
        yield from (Choice(one, "是" if value else "否", fixed(value)) for value in (True, False))
    elif one.type == "filepicker":
        yield Choice(one, "有文件", fixed([f"{one.key}.pdf"]))
        if f"{form.key}.{one.name}" in interest.files:
            yield Choice(one, "往期用过的文件", fixed([EARLIER_FILE]))
    elif one.type in TEXT_TYPES:
        yield from texts(form, one, against, interest)
    else:
        yield from options(one, against)


def fixed(value: Any) -> Callable[[Spot], Any]:
    """The same value everywhere."""
    return lambda spot: value


def texts(form: Form, one: Field, against: Sequence[n.Node], interest: Interest) -> Iterator[Choice]:
    """Any text, those it is compared with, and an order that is here already where it is asked for as one."""
    yield Choice(one, "任意文字", fixed(PLAIN))
    for text in literal_texts(against):
        if text:
            yield Choice(one, text, fixed(text))
    if f"{form.key}.{one.name}" in interest.orders:
        yield Choice(one, "已登记的工单", the_order)


def the_order(spot: Spot) -> str:
    """An upstream order that is here already."""
    if not spot.orders:
        raise NoValueError
    return spot.orders[0]


def literal_texts(against: Sequence[n.Node]) -> list[str]:
    """The texts among what a field is compared with."""
    return [node.value for node in against if isinstance(node, n.Literal) and isinstance(node.value, str)]


def options(one: Field, against: Sequence[n.Node]) -> Iterator[Choice]:
    """Each option; of those known only at run time the first few."""
    several = one.type in SEVERAL_TYPES
    if one.choices:
        for place in range(3):
            yield Choice(one, f"第{place + 1}个可选项", of_choices(one.choices, place, several=several))
        return
    for option in one.options:
        yield Choice(one, option.label, fixed([option.value] if several else option.value))
    compared = set(literal_texts(against)) - {one.exclusive}
    all_of_them = [option.value for option in one.options if option.value in compared]
    if several and len(all_of_them) > 1:
        yield Choice(one, "同时选几项", fixed(all_of_them))


def of_choices(name: str, place: int, *, several: bool) -> Callable[[Spot], Any]:
    """An option known only at run time."""

    def value(spot: Spot) -> Any:
        known = spot.choices.get(name, [])
        if place >= len(known):
            raise NoValueError
        return [known[place]] if several else known[place]

    return value


def numbers(one: Field, against: Sequence[n.Node]) -> Iterator[Choice]:
    """Whole numbers at and on both sides of what the field is compared with, within its bounds."""
    yield Choice(one, "最小值", lambda spot: within_bounds(one, bound(one.limits.min, spot), spot))
    for number, node in enumerate(against):
        part = compiled(node)
        if isinstance(node, n.Literal) and not isinstance(node.value, int | Decimal):
            continue
        for by, name in ((-1, "少一"), (0, "相等"), (1, "多一")):
            yield Choice(one, f"比较值{number + 1}{name}", beside_number(one, part, by))


def beside_number(one: Field, part: Expression, by: int) -> Callable[[Spot], int]:
    """A number beside what the field is compared with."""

    def value(spot: Spot) -> int:
        held = spot.value(part)
        if isinstance(held, bool) or not isinstance(held, int | Decimal):
            raise NoValueError
        return within_bounds(one, int(held) + by, spot)

    return value


def within_bounds(one: Field, value: int | None, spot: Spot) -> int:
    """The number, where the field takes it."""
    least, most = bound(one.limits.min, spot), bound(one.limits.max, spot)
    if value is None or (least is not None and value < least) or (most is not None and value > most):
        raise NoValueError
    return value


def bound(limit: float | str | None, spot: Spot) -> int | None:
    """A bound of a number as it stands now."""
    if isinstance(limit, str):
        limit = spot.scope.judge(limit.removeprefix("="), {})
    return int(limit) if isinstance(limit, int | float | Decimal) else None


def instants(one: Field, against: Sequence[n.Node]) -> Iterator[Choice]:
    """Instants just before and just after what the field is compared with, and some around now."""
    held = [node for node in against if not isinstance(node, n.Literal)]
    for name, by in (NEAR if held else AROUND).items():
        yield Choice(one, name, around_now(one, by))
    for number, node in enumerate(held):
        for by, name in ((-BESIDE, "之前"), (BESIDE, "之后")):
            yield Choice(one, f"比较时刻{number + 1}{name}", beside_instant(one, compiled(node), by))


def around_now(one: Field, by: timedelta) -> Callable[[Spot], str]:
    """An instant so far from now."""
    return lambda spot: written(one, spot.now + by)


def beside_instant(one: Field, part: Expression, by: timedelta) -> Callable[[Spot], str]:
    """An instant beside what the field is compared with."""

    def value(spot: Spot) -> str:
        held = spot.value(part)
        if not isinstance(held, datetime):
            raise NoValueError
        return written(one, held + by)

    return value


def written(one: Field, moment: datetime) -> str:
    """An instant as a form holds it."""
    whole = moment.astimezone(UTC).replace(microsecond=0)
    return whole.date().isoformat() if one.date_only else whole.isoformat()


@cache
def compiled(node: n.Node) -> Expression:
    """A part of an expression, compiled once."""
    return compile_part(node, str(node))
