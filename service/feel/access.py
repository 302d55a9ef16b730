"""Reading one property by name: of a context, of each item of a list, of a date, a time, a duration or a range.

Attributes of Python objects are never read; what is none of these has no properties.
"""

import datetime as dt
from collections.abc import Mapping

from service.feel.temporal import component
from service.feel.values import Range, Value, YearsMonths, adopt

_TEMPORAL = (dt.date, dt.time, dt.timedelta, YearsMonths)


def member(value: Value, name: str) -> Value:
    if value is None:
        return None
    if isinstance(value, Mapping):
        try:
            return adopt(value[name])
        except KeyError:
            return None
    if isinstance(value, (list, tuple)):
        return [member(item, name) for item in value]
    if isinstance(value, _TEMPORAL):
        return component(value, name)
    return _of_range(value, name) if isinstance(value, Range) else None


def _of_range(span: Range, name: str) -> Value:
    if name == "start included":
        return span.start_included
    if name == "end included":
        return span.end_included
    return {"start": span.start, "end": span.end}.get(name)
