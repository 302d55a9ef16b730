"""What can be known of a value's type before there is a case: its properties, and what may be done with it.

As in FEEL itself: what does not fit is null, always, and so is a slip of whoever wrote it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from service.feel import YearsMonths

TEXT, NUMBER, BOOLEAN = "text", "number", "boolean"
DATE, INSTANT, TIME, DURATION, MONTHS = "date", "instant", "time", "duration", "months"
LIST, CONTEXT = "list", "context"

NAMES: Mapping[str, str] = {
    TEXT: "文字",
    NUMBER: "数",
    BOOLEAN: "是否",
    DATE: "日期",
    INSTANT: "时刻",
    TIME: "钟点",
    DURATION: "时长",
    MONTHS: "年月数",
    LIST: "列表",
    CONTEXT: "一组字段",
}
ORDERED = frozenset({TEXT, NUMBER, DATE, INSTANT, TIME, DURATION, MONTHS})
OPERATIONS: Mapping[str, str] = {"+": "相加", "-": "相减", "*": "相乘", "/": "相除", "**": "乘方"}

_OF_DATE = dict.fromkeys(("year", "month", "day", "weekday"), NUMBER)
_OF_TIME = {
    **dict.fromkeys(("hour", "minute", "second"), NUMBER),
    "time offset": DURATION,
    "timezone": TEXT,
}
PROPERTIES: Mapping[str, Mapping[str, str]] = {
    TEXT: {},
    NUMBER: {},
    BOOLEAN: {},
    DATE: _OF_DATE,
    INSTANT: {**_OF_DATE, **_OF_TIME},
    TIME: _OF_TIME,
    DURATION: dict.fromkeys(("days", "hours", "minutes", "seconds"), NUMBER),
    MONTHS: dict.fromkeys(("years", "months"), NUMBER),
}
# sign, left, right → result; nothing else gives anything but null
RESULTS: Mapping[tuple[str, str, str], str] = {
    **{(sign, NUMBER, NUMBER): NUMBER for sign in OPERATIONS},
    ("+", TEXT, TEXT): TEXT,
    **{(sign, one, by): one for sign in "+-" for one in (DATE, INSTANT) for by in (DURATION, MONTHS)},
    **{("+", by, one): one for one in (DATE, INSTANT) for by in (DURATION, MONTHS)},
    **{(sign, one, one): one for sign in "+-" for one in (DURATION, MONTHS)},
    **{(sign, TIME, DURATION): TIME for sign in "+-"},
    ("+", DURATION, TIME): TIME,
    **{("-", one, other): DURATION for one in (DATE, INSTANT) for other in (DATE, INSTANT)},
    ("-", TIME, TIME): DURATION,
    **{(sign, one, NUMBER): one for sign in "*/" for one in (DURATION, MONTHS)},
    **{("*", NUMBER, one): one for one in (DURATION, MONTHS)},
    **{("/", one, one): NUMBER for one in (DURATION, MONTHS)},
}
OF_BUILTINS: Mapping[str, str] = {
    **dict.fromkeys(
        ("count", "string length", "day of year", "week of year", "floor", "ceiling", "modulo", "decimal"), NUMBER
    ),
    **dict.fromkeys(
        ("not", "list contains", "contains", "starts with", "ends with", "matches", "odd", "even", "is"), BOOLEAN
    ),
    **dict.fromkeys(
        ("string", "substring", "upper case", "lower case", "substring before", "substring after", "string join"), TEXT
    ),
    **dict.fromkeys(("day of week", "month of year"), TEXT),
    "date": DATE,
    "time": TIME,
    "date and time": INSTANT,
    "number": NUMBER,
    "years and months duration": MONTHS,
}  # fmt: skip

_OF_PYTHON: tuple[tuple[type, str], ...] = (
    (bool, BOOLEAN),
    (str, TEXT),
    (int, NUMBER),
    (Decimal, NUMBER),
    (dt.datetime, INSTANT),
    (dt.date, DATE),
    (dt.time, TIME),
    (dt.timedelta, DURATION),
    (YearsMonths, MONTHS),
)


def type_of(value: object) -> str | None:
    """The type of a value that is known itself."""
    return next((name for python, name in _OF_PYTHON if isinstance(value, python)), None)


def comparable(left: str | None, right: str | None, *, ordered: bool) -> bool:
    """Whether two values may ever be equal, or stand in an order; what is not known may."""
    if ordered and not {left, right} <= {*ORDERED, None}:
        return False
    return left is None or right is None or left == right
