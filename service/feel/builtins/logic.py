"""`not` and `is`."""

import datetime as dt

from service.feel.builtins.registry import builtin
from service.feel.compare import equal
from service.feel.limits import Run
from service.feel.temporal import offset_of
from service.feel.values import Value, kind_of


@builtin("not", "negand: any")
def negation(run: Run, negand: Value) -> bool | None:
    return (not negand) if isinstance(negand, bool) else None


@builtin("is", "value1: any, value2: any")
def same(run: Run, first: Value, second: Value) -> bool:
    """Whether both are the same value of the same type; times must also agree in their offset."""
    if kind_of(first) != kind_of(second):
        return False
    if isinstance(first, (dt.datetime, dt.time)) and offset_of(first) != offset_of(second):
        return False
    return equal(first, second, run) is True
