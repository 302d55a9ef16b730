"""Functions that make one value of a list of numbers (or, for min and max, of anything with an order)."""

from collections import Counter
from collections.abc import Sequence
from decimal import DecimalException

from service.feel import numbers
from service.feel.builtins.registry import builtin
from service.feel.compare import order
from service.feel.limits import Run
from service.feel.numbers import CONTEXT, Number, as_decimal, canonical
from service.feel.values import Value, adopt, is_list, is_number

List = Sequence[Value]


def _items(given: List) -> list[Value] | None:
    """The items of the one list given, or the arguments themselves."""
    if len(given) == 1 and (is_list(given[0]) or given[0] is None):
        return None if given[0] is None else [adopt(item) for item in given[0]]
    return [adopt(item) for item in given]


def _numbers(given: List) -> list[Number] | None:
    """The numbers given; null where there is none, or one is no number."""
    items = _items(given)
    return items if items and all(is_number(item) for item in items) else None


@builtin("min", "*list")
def minimum(run: Run, given: List) -> Value:
    return _extreme(given, -1)


@builtin("max", "*list")
def maximum(run: Run, given: List) -> Value:
    return _extreme(given, 1)


def _extreme(given: List, wanted: int) -> Value:
    items = _items(given)
    if not items or order(items[0], items[0]) is None:
        return None
    best = items[0]
    for item in items[1:]:
        found = order(item, best)
        if found is None:
            return None
        if found == wanted:
            best = item
    return best


@builtin("sum", "*list")
def total(run: Run, given: List) -> Number | None:
    items = _numbers(given)
    return None if items is None else _added(items)


def _added(items: Sequence[Number]) -> Number | None:
    result: Number | None = 0
    for item in items:
        result = None if result is None else numbers.add(result, item)
    return result


@builtin("product", "*list")
def product(run: Run, given: List) -> Number | None:
    items = _numbers(given)
    if items is None:
        return None
    result: Number | None = 1
    for item in items:
        result = None if result is None else numbers.multiply(result, item)
    return result


@builtin("mean", "*list")
def mean(run: Run, given: List) -> Number | None:
    items = _numbers(given)
    return None if items is None else _mean(items)


def _mean(items: Sequence[Number]) -> Number | None:
    added = _added(items)
    return None if added is None else numbers.divide(added, len(items))


@builtin("median", "*list")
def median(run: Run, given: List) -> Number | None:
    """The middle number, or the mean of the two in the middle."""
    items = _numbers(given)
    if items is None:
        return None
    items.sort()
    half = len(items) // 2
    return items[half] if len(items) % 2 else _mean(items[half - 1 : half + 1])


@builtin("stddev", "*list")
def stddev(run: Run, given: List) -> Number | None:
    """The sample standard deviation; null for fewer than two numbers."""
    items = _numbers(given)
    if items is None or len(items) < 2:
        return None
    try:
        middle = as_decimal(_mean(items) or 0)
        squares = [CONTEXT.power(CONTEXT.subtract(as_decimal(item), middle), as_decimal(2)) for item in items]
        added = as_decimal(0)
        for square in squares:
            added = CONTEXT.add(added, square)
        return canonical(CONTEXT.sqrt(CONTEXT.divide(added, as_decimal(len(items) - 1))))
    except DecimalException:
        return None


@builtin("mode", "*list")
def mode(run: Run, given: List) -> list[Number] | None:
    """The most frequent numbers in ascending order."""
    items = _items(given)
    if items is None or not all(is_number(item) for item in items):
        return None
    counts = Counter(items)
    most = max(counts.values(), default=0)
    return sorted(item for item, times in counts.items() if times == most)
