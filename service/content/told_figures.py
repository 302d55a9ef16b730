"""The figures of a release: how each is written, what it is called, and what it is a figure of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from service.content import figure_words
from service.content.deadlines import FIGURE
from service.content.policy import Entry
from service.content.policy_differences import NOT_SET, one_value
from service.content.reckoning import AMOUNT, BASIS, LABEL, UNIT, Reckoning

DAYS = frozenset({'"natural_day"', '"workday"', "policy.day_unit"})
UNITS = {'"hour"': ("H", "小时"), '"minute"': ("M", "分钟")}
_SIGN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the table or of the policy. `keys` are the clocks, rows and entries that it is the figure of,
    `names` what people call it by its figure, `pairs` the pairs of signs in what it is called."""

    key: str
    value: str
    words: re.Pattern[str]
    called: str
    keys: frozenset[str]
    articles: frozenset[str]
    pairs: frozenset[str]
    names: tuple[str, ...] = ()
    is_given: bool = False  # it stands in the deadline table, not in the policy
    is_choice: bool = False  # a way of reckoning, which the register talks of all over


def figures_of(reckoned: Reckoning, names: Mapping[str, str]) -> Iterator[Figure]:
    """Every figure that people may have written somewhere. `names` are what forms offer, by the clock it stands for."""
    for entry in reckoned.policy.values():
        yield from _of_entry(entry, reckoned)
    for row in reckoned.cells:
        if (figure := _of_row(row, reckoned, names)) is not None:
            yield figure


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring Chinese signs in a text."""
    return frozenset(a + b for a, b in pairwise(text) if _SIGN.match(a) and _SIGN.match(b))


def _of_entry(entry: Entry, reckoned: Reckoning) -> Iterator[Figure]:
    rows = [row for row in reckoned.cells if any(entry in reckoned.read(row, name) for name in FIGURE)]
    keys = frozenset({entry.key, *rows}).union(*(reckoned.kinds[row] for row in rows))
    articles = frozenset(filter(None, [entry.article, *(_plain(reckoned, row, "article") for row in rows)]))
    pairs = pairs_of(f"{entry.label} {entry.reason}")
    values = entry.value if isinstance(entry.value, Mapping) else {"": entry.value}
    for part, value in values.items():
        if pattern := _written(entry, value, is_reckoned=bool(rows)):
            yield Figure(
                f"{entry.key}.{part}" if part else entry.key,
                one_value(entry, value) or NOT_SET,
                re.compile(pattern),
                f"口径“{entry.label}”",
                keys,
                articles,
                pairs,
                is_choice=entry.kind == "choice",
            )


def _written(entry: Entry, value: object, *, is_reckoned: bool) -> str:
    """The pattern of one value of an entry; empty where nobody writes it out. A choice is a figure (自然日) where
    deadlines are reckoned by it."""
    if entry.kind == "choice":
        return re.escape(entry.choices.get(str(value), "")) if is_reckoned else ""
    if entry.kind in {"duration", "durations"} and isinstance(value, str):
        return figure_words.of_duration(value)
    if entry.kind == "time" and isinstance(value, str):
        return figure_words.of_time(value)
    if entry.kind == "day" and isinstance(value, int):
        return figure_words.numbered(value, "日|号")
    return (
        figure_words.of_count(value, entry.label) if entry.kind == "count" and isinstance(value, int) else ""
    )


def _of_row(row: str, reckoned: Reckoning, names: Mapping[str, str]) -> Figure | None:
    """The figure that stands in a row itself; what it takes from the policy is that of the policy."""
    cells = reckoned.cells[row]
    amount, unit = cells.get(AMOUNT, ""), cells.get(UNIT, "")
    if not amount.isdigit() or not int(amount):
        return None
    if unit in DAYS:
        pattern, value = figure_words.of_days(int(amount)), f"{amount} 天"
    elif unit in UNITS:
        sign, name = UNITS[unit]
        pattern, value = figure_words.of_duration(f"PT{amount}{sign}"), f"{amount} {name}"
    else:
        return None
    words = re.compile(pattern)
    label, basis = _plain(reckoned, row, LABEL), _plain(reckoned, row, BASIS)
    called = [names[kind] for kind in reckoned.kinds[row] if words.search(names.get(kind, ""))]
    keys = reckoned.kinds[row] | {row}
    articles = frozenset(filter(None, [_plain(reckoned, row, "article")]))
    return Figure(
        row,
        value,
        words,
        f"时限“{label}”",
        keys,
        articles,
        pairs_of(f"{label} {basis}"),
        tuple(called),
        is_given=True,
    )


def _plain(reckoned: Reckoning, row: str, name: str) -> str:
    """What a cell says, where it says a text."""
    return reckoned.cells[row].get(name, "").strip('"')
