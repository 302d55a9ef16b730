"""How points and ranges lie to each other: the relations of Allen, with open and closed ends."""

from service.feel.builtins.registry import builtin
from service.feel.compare import equal, order, within
from service.feel.limits import Run
from service.feel.values import Range, Value

Answer = bool | None


def _and(*answers: Answer) -> Answer:
    """Null where anything could not be compared; ranges of different types have no relation."""
    if any(answer is None for answer in answers):
        return None
    return all(answers)


def _ends(low: Value, high: Value, *, touching: bool) -> Answer:
    """Whether `low` lies before `high`, or at it where `touching` says that this does as well."""
    found = order(low, high)
    return None if found is None else found < 0 or (found == 0 and touching)


def _same(a: Value, b: Value) -> Answer:
    found = order(a, b)
    return None if found is None else found == 0


@builtin("before", "a: any, b: any", "point1: any, point2: any", "range1: any, range2: any")
def before(run: Run, a: Value, b: Value) -> Answer:
    """Whether all of `a` lies before all of `b`."""
    high, closed = (a.end, a.end_included) if isinstance(a, Range) else (a, True)
    low, opens = (b.start, b.start_included) if isinstance(b, Range) else (b, True)
    return _ends(high, low, touching=not (closed and opens))


@builtin("after", "a: any, b: any", "point1: any, point2: any", "range1: any, range2: any")
def after(run: Run, a: Value, b: Value) -> Answer:
    return before(run, b, a)


@builtin("meets", "range1: range, range2: range")
def meets(run: Run, a: Range, b: Range) -> Answer:
    """Whether `a` ends in the very point where `b` starts."""
    return _and(a.end_included and b.start_included, _same(a.end, b.start))


@builtin("met by", "range1: range, range2: range")
def met_by(run: Run, a: Range, b: Range) -> Answer:
    return meets(run, b, a)


@builtin("overlaps", "range1: range, range2: range")
def overlaps(run: Run, a: Range, b: Range) -> Answer:
    """Whether the two have a point in common."""
    return _and(
        _ends(b.start, a.end, touching=a.end_included and b.start_included),
        _ends(a.start, b.end, touching=b.end_included and a.start_included),
    )


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(run: Run, a: Range, b: Range) -> Answer:
    """Whether `a` starts before `b` and ends within it."""
    starts = _ends(a.start, b.start, touching=a.start_included and not b.start_included)
    reaches = _ends(b.start, a.end, touching=a.end_included and b.start_included)
    stays = _ends(a.end, b.end, touching=not a.end_included or b.end_included)
    return _and(starts, reaches, stays)


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(run: Run, a: Range, b: Range) -> Answer:
    """Whether `a` starts within `b` and ends after it."""
    return overlaps_before(run, b, a)


@builtin("finishes", "point: any, range: range", "range1: any, range2: range")
def finishes(run: Run, a: Value, b: Range) -> Answer:
    """Whether `a` ends with `b`, and a range `a` does not start before it."""
    if not isinstance(a, Range):
        return _and(b.end_included, _same(a, b.end))
    starts = _ends(b.start, a.start, touching=b.start_included or not a.start_included)
    return _and(a.end_included == b.end_included, _same(a.end, b.end), starts)


@builtin("finished by", "range: range, point: any", "range1: range, range2: any")
def finished_by(run: Run, a: Range, b: Value) -> Answer:
    if not isinstance(b, Range):
        return finishes(run, b, a)
    starts = _ends(a.start, b.start, touching=a.start_included or not b.start_included)
    return _and(a.end_included == b.end_included, _same(a.end, b.end), starts)


@builtin("includes", "range: range, point: any", "range1: range, range2: any")
def includes(run: Run, a: Range, b: Value) -> Answer:
    """Whether the point, or all of the range `b`, lies in `a`."""
    if not isinstance(b, Range):
        return within(b, a, run)
    return _and(
        _ends(a.start, b.start, touching=a.start_included or not b.start_included),
        _ends(b.end, a.end, touching=a.end_included or not b.end_included),
    )


@builtin("during", "point: any, range: range", "range1: any, range2: range")
def during(run: Run, a: Value, b: Range) -> Answer:
    return includes(run, b, a)


@builtin("starts", "point: any, range: range", "range1: any, range2: range")
def starts(run: Run, a: Value, b: Range) -> Answer:
    """Whether `a` starts with `b`, and a range `a` does not end after it."""
    if not isinstance(a, Range):
        return _and(b.start_included, _same(a, b.start))
    ends = _ends(a.end, b.end, touching=b.end_included or not a.end_included)
    return _and(a.start_included == b.start_included, _same(a.start, b.start), ends)


@builtin("started by", "range: range, point: any", "range1: range, range2: any")
def started_by(run: Run, a: Range, b: Value) -> Answer:
    if not isinstance(b, Range):
        return starts(run, b, a)
    ends = _ends(b.end, a.end, touching=a.end_included or not b.end_included)
    return _and(a.start_included == b.start_included, _same(a.start, b.start), ends)


@builtin("coincides", "point1: any, point2: any", "range1: any, range2: any")
def coincides(run: Run, a: Value, b: Value) -> Answer:
    """Whether two points, or two ranges with all their ends, are the same."""
    if isinstance(a, Range) and isinstance(b, Range):
        return equal(a, b, run)
    return _same(a, b)
