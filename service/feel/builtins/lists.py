"""Functions of lists: what they hold, their parts, their order."""

from collections.abc import Sequence
from functools import cmp_to_key

from service.feel.builtins.registry import builtin
from service.feel.compare import equal, order
from service.feel.limits import Run, room_for
from service.feel.values import FeelFunction, Value, is_list

List = Sequence[Value]


@builtin("list contains", "list: list, element: any")
def list_contains(run: Run, items: List, element: Value) -> bool:
    return any(equal(item, element, run) is True for item in items)


@builtin("count", "list: list")
def count(run: Run, items: List) -> int:
    return len(items)


@builtin("all", "*list")
def all_true(run: Run, items: List) -> bool | None:
    """The conjunction of all: ternary, and true for none."""
    return _joined(_one_list(items), decisive=False)


@builtin("any", "*list")
def any_true(run: Run, items: List) -> bool | None:
    """The disjunction of all: ternary, and false for none."""
    return _joined(_one_list(items), decisive=True)


def _one_list(items: List) -> List | None:
    """The items of the one list given, or the arguments themselves."""
    if len(items) == 1:
        return items[0] if is_list(items[0]) or items[0] is None else items
    return items


def _joined(items: List | None, *, decisive: bool) -> bool | None:
    if items is None:
        return None
    if any(item is decisive for item in items):
        return decisive
    return not decisive if all(item is (not decisive) for item in items) else None


@builtin("sublist", "list: list, start position: int, length?: int")
def sublist(run: Run, items: List, start: int, length: int | None = None) -> list[Value] | None:
    if start == 0 or abs(start) > len(items) or (length is not None and length < 0):
        return None
    first = start - 1 if start > 0 else len(items) + start
    if length is not None and first + length > len(items):
        return None
    return list(items[first:] if length is None else items[first : first + length])


@builtin("append", "list: list, *item")
def append(run: Run, items: List, more: List) -> list[Value]:
    return [*items, *more]


@builtin("concatenate", "*list")
def concatenate(run: Run, lists: List) -> list[Value] | None:
    if any(part is None for part in lists):
        return None
    room_for(sum(len(part) for part in lists if is_list(part)))
    return [item for part in lists for item in (part if is_list(part) else [part])]


@builtin("insert before", "list: list, position: int, newItem: any")
def insert_before(run: Run, items: List, position: int, new: Value) -> list[Value] | None:
    index = _index(items, position)
    return None if index is None else [*items[:index], new, *items[index:]]


@builtin("remove", "list: list, position: int")
def remove(run: Run, items: List, position: int) -> list[Value] | None:
    index = _index(items, position)
    return None if index is None else [*items[:index], *items[index + 1 :]]


@builtin("list replace", "list: list, position: int, newItem: any")
def list_replace(run: Run, items: List, position: int, new: Value) -> list[Value] | None:
    index = _index(items, position)
    return None if index is None else [*items[:index], new, *items[index + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any")
def list_replace_matching(run: Run, items: List, match: FeelFunction, new: Value) -> list[Value] | None:
    """Replaces each item for which `match(item, newItem)` is true; null where it answers with no boolean."""
    if len(match.parameters) != 2:
        return None
    answers = [match.call([item, new]) for item in items]
    if not all(isinstance(answer, bool) for answer in answers):
        return None
    return [new if answer else item for item, answer in zip(items, answers, strict=True)]


def _index(items: List, position: int) -> int | None:
    if position == 0 or abs(position) > len(items):
        return None
    return position - 1 if position > 0 else len(items) + position


@builtin("reverse", "list: list")
def reverse(run: Run, items: List) -> list[Value]:
    return list(reversed(items))


@builtin("index of", "list: list, match: any")
def index_of(run: Run, items: List, match: Value) -> list[int]:
    return [position for position, item in enumerate(items, 1) if equal(item, match, run) is True]


@builtin("union", "*list")
def union(run: Run, lists: List) -> list[Value] | None:
    joined = concatenate(run, lists)
    return None if joined is None else distinct_values(run, joined)


@builtin("distinct values", "list: list")
def distinct_values(run: Run, items: List) -> list[Value]:
    found: list[Value] = []
    for item in items:
        run.spend(len(found) >> 2)
        if not any(equal(item, other, run) is True for other in found):
            found.append(item)
    return found


@builtin("duplicate values", "list: list")
def duplicate_values(run: Run, items: List) -> list[Value]:
    """Each value that comes more than once, once."""
    run.spend(len(items) * len(items) >> 2)
    repeated = [
        item
        for place, item in enumerate(items, 1)
        if any(equal(item, other, run) is True for other in items[place:])
    ]
    return distinct_values(run, repeated)


@builtin("flatten", "list: list")
def flatten(run: Run, items: List) -> list[Value]:
    """All items of all lists within, however deep, in one list."""
    flat: list[Value] = []
    stack = [iter(items)]
    while stack:
        run.spend(1)
        for item in stack[-1]:
            if is_list(item):
                run.spend(len(item))
                stack.append(iter(item))
                break
            flat.append(item)
        else:
            stack.pop()
    return flat


class _Unordered(Exception):
    """Two items have no order."""


@builtin("sort", "list: list, precedes?: function")
def sort(run: Run, items: List, precedes: FeelFunction | None = None) -> list[Value] | None:
    """The list in order, kept where items are alike; null where two of them have no order."""
    if precedes is not None and len(precedes.parameters) != 2:
        return None

    def comparison(a: Value, b: Value) -> int:
        run.spend(1)
        if precedes is None:
            found = order(a, b)
            if found is None:
                raise _Unordered
            return found
        answer = precedes.call([a, b])
        if not isinstance(answer, bool):
            raise _Unordered
        return -1 if answer else 0  # sorting only ever asks whether one stands before the other

    try:
        return sorted(items, key=cmp_to_key(comparison))
    except _Unordered:
        return None
