"""What each fact of a release reads, so that what was worked out once stands until something it reads moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from service.domain.case import Submission
from service.domain.document import Names
from service.feel import BUILTIN_NAMES, Expression

CASE = "case"
CLOCKS = "clocks"
ATTEMPT = "attempt"
ACTOR = "actor"
NOW = "now"
ANYTHING = "anything"  # nobody can tell, or it depends on the activity for which it is asked
Moved = frozenset[str]

_OF_FORMS = frozenset({"all", "mine"})
# these give the same answer all through a command: it writes only when it ends
LASTING = frozenset(
    {
        "order_exists", "earlier_cases", "file_cases", "looks", "on_duty", "assigned", "in_outage", "figures",
        "filed", "awaited", "related_files",
        "month_of", "quarter_of", "year_before", "period_name",
    }
)  # fmt: skip


def handed_in(form: str) -> str:
    """The submissions of a form, as `all` and `mine` list them."""
    return f"handed in {form}"


def latest(form: str) -> str:
    """What a form's key stands for: in a side process it may be another submission than elsewhere."""
    return f"latest {form}"


class Readings:
    """What the facts of a release read, through other facts too.

    `lasting` are the functions that give the same answer as long as what was worked out is to stand.
    """

    def __init__(
        self, facts: Mapping[str, Expression], forms: Collection[str], lasting: Collection[str] = LASTING
    ) -> None:
        self._facts = facts
        self._forms = frozenset(forms)
        self._lasting = lasting
        self.reads: dict[str, Moved] = {}
        for name in facts:
            self._read_by(name)
        self._standing: dict[Moved, frozenset[str]] = {}

    def standing(self, moved: Moved) -> frozenset[str]:
        """The facts whose values stand although this has moved."""
        found = self._standing.get(moved)
        if found is None:
            found = frozenset(
                name
                for name, reads in self.reads.items()
                if ANYTHING not in reads and reads.isdisjoint(moved)
            )
            self._standing[moved] = found
        return found

    def _read_by(self, name: str) -> Moved:
        if name not in self.reads:
            # facts that need each other are refused where they are read
            self.reads[name] = frozenset({ANYTHING})
            self.reads[name] = self.of(self._facts[name])
        return self.reads[name]

    def of(self, expression: Expression) -> Moved:
        """What an expression reads, through facts too."""
        found: set[str] = set()
        for name in expression.names | expression.item_names:
            if name in (CASE, ACTOR, NOW):
                found.add(name)
            elif name in self._facts:
                found |= self._read_by(name)
            elif name in self._forms:
                found |= {handed_in(name), latest(name)}
        for name in expression.calls | {name for name, _ in expression.literal_calls} | expression.open_calls:
            found.update(self._of_call(name, expression))
        return frozenset(found)

    def _of_call(self, name: str, expression: Expression) -> Iterable[str]:
        if name in _OF_FORMS:
            named = {handed_in(form) for called, form in expression.literal_calls if called == name}
            if name in expression.open_calls:
                named.add(ANYTHING)
            return named | ({ATTEMPT} if name == "mine" else set())
        if name in {"clock", "clocks"}:
            return {CLOCKS}
        return () if name in self._lasting or name in BUILTIN_NAMES else {ANYTHING}


def moved_between(before: Names, after: Names) -> Moved | None:
    """What differs between two views of a case within one command; None where they are of different commands."""
    if before.fixed["now"] != after.fixed["now"] or before.fixed["policy"] is not after.fixed["policy"]:
        return None
    old, new = before.document, after.document
    moved: set[str] = set()
    for form in forms_between(old.submissions, new.submissions):
        moved |= {handed_in(form), latest(form)}
    if before.instance is not after.instance:
        moved |= {latest(form) for form in before.own_forms | after.own_forms}
    if old.case.dispatch_no != new.case.dispatch_no:
        moved.add(ATTEMPT)
    if not same_objects(old.clocks, new.clocks):
        moved.add(CLOCKS)
    if before.fixed["actor"] != after.fixed["actor"]:
        moved.add(ACTOR)
    same_case = old.case is new.case and before.status == after.status
    if not same_case and old.case_context(before.status) != new.case_context(after.status):
        moved.add(CASE)
    return frozenset(moved)


def forms_between(before: Sequence[Submission], after: Sequence[Submission]) -> set[str]:
    """The forms of which one list holds another submission than the other."""
    shared = min(len(before), len(after))
    same = next((i for i in range(shared) if before[i] is not after[i]), shared)
    return {one.form for one in (*before[same:], *after[same:])}


def same_objects(before: Sequence[object], after: Sequence[object]) -> bool:
    """Whether two lists hold the very same objects."""
    return len(before) == len(after) and all(a is b for a, b in zip(before, after, strict=True))
