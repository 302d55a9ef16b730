"""What expressions of a release read, so that what was worked out once stands until something it reads moves."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from service.content.links import ASKED, OF_OUTSIDE, asks_only_about_linked
from service.domain.case import Submission
from service.domain.changes import LoadedCase
from service.domain.document import CaseDocument, Names
from service.domain.recurring import RECURRENCES
from service.feel import BUILTIN_NAMES, Expression

CASE = "case"  # as a whole; what a path takes from it is `of_case(name)`
CLOCKS = "clocks"
ATTEMPT = "attempt"
ACTOR = "actor"
NOW = "now"
OUTSIDE = "outside"  # other cases, people, outages: they stand still within a command only, for it writes when it ends
# other cases too, but whoever moves what is read of them saves the columns and the head of the case that reads it: so it
# is with the files that name this case, and with the case that it names in its column `related_case`
RELATED = "related"
ACTIVITY = "activity"  # the one for which it is asked, and when that began
ANYTHING = "anything"  # nobody can tell
Moved = frozenset[str]
CLOCKS_ONLY: Moved = frozenset({CLOCKS})

_NEVER = frozenset({ACTIVITY, ANYTHING})
BY_ANOTHER_COMMAND = frozenset({NOW, OUTSIDE, ACTOR})  # what may have moved since a case was last saved

_OF_FORMS = frozenset({"all", "mine"})
# these read nothing but what they are given, and the release
_OF_THEMSELVES = frozenset({"month_of", "quarter_of", "year_before", "period_name", "assigned"})
_OF_RELATED = frozenset({"related_files"})
_OF_ACTIVITY = frozenset(
    {"due", "extended", "minutes", "hours", "natural_days", "workdays", "end_of_day", *RECURRENCES}
)


def handed_in(form: str) -> str:
    """The submissions of a form, as `all` and `mine` list them."""
    return f"handed in {form}"


def latest(form: str) -> str:
    """What a form's key stands for: in a side process it may be another submission than elsewhere."""
    return f"latest {form}"


def of_case(name: str) -> str:
    """One of the things that `case` tells."""
    return f"case {name}"


class Readings:
    """What the facts of a release read, through other facts too, and what any other expression of it reads."""

    def __init__(
        self, facts: Mapping[str, Expression], forms: Collection[str], link: Expression | None = None
    ) -> None:
        self._facts = facts
        self._texts = {name: one.text for name, one in facts.items()}
        self._link = link.text if link is not None else None  # what the column says that names another case
        self._forms = frozenset(forms)
        self.reads: dict[str, Moved] = {}
        for name in facts:
            self._read_by(name)
        self._standing: dict[Moved, frozenset[str]] = {}
        # those that are another value for each activity for which they are asked
        self.of_activity = frozenset(name for name, reads in self.reads.items() if ACTIVITY in reads)

    def standing(self, moved: Moved) -> frozenset[str]:
        """The facts whose values stand although this has moved."""
        found = self._standing.get(moved)
        if found is None:
            found = frozenset(name for name, reads in self.reads.items() if stands(reads, moved))
            self._standing[moved] = found
        return found

    def of(self, expression: Expression) -> Moved:
        """What an expression reads."""
        found: set[str] = set()
        for name in expression.names | expression.item_names:
            if name == CASE:
                found |= set(told_by(expression))
            elif name in (ACTOR, NOW):
                found.add(name)
            elif name in self._facts:
                found |= self._read_by(name)
            elif name in self._forms:
                found |= {handed_in(name), latest(name)}
        for name in expression.calls | {name for name, _ in expression.literal_calls} | expression.open_calls:
            found.update(self._of_call(name, expression))
        return frozenset(found)

    def _read_by(self, name: str) -> Moved:
        if name not in self.reads:
            # facts that need each other are refused where they are read
            self.reads[name] = frozenset({ANYTHING})
            self.reads[name] = self.of(self._facts[name])
        return self.reads[name]

    def _of_call(self, name: str, expression: Expression) -> Iterable[str]:
        if name in _OF_FORMS:
            named = {handed_in(form) for called, form in expression.literal_calls if called == name}
            if name in expression.open_calls:
                named.add(ANYTHING)
            return named | ({ATTEMPT} if name == "mine" else set())
        if name in {"clock", "clocks"}:
            return {CLOCKS}
        if name in OF_OUTSIDE:
            return {OUTSIDE}
        if name in _OF_RELATED:
            return {RELATED}
        if name == ASKED.name:
            return {RELATED if asks_only_about_linked(expression.text, self._texts, self._link) else OUTSIDE}
        if name in _OF_ACTIVITY:
            return {ACTIVITY}
        return () if name in _OF_THEMSELVES or name in BUILTIN_NAMES else {ANYTHING}


def stands(reads: Moved, moved: Moved) -> bool:
    """Whether what reads this has its value still although that has moved."""
    return reads.isdisjoint(_NEVER) and reads.isdisjoint(moved)


def told_by(expression: Expression) -> Iterator[str]:
    """What an expression reads of `case`: single things where it only reaches into it."""
    if CASE in expression.whole_names:
        yield CASE
    for path in expression.paths | expression.item_paths:
        if path[0] == CASE and len(path) > 1:
            yield of_case(path[1])


def moved_between(before: Names, after: Names) -> Moved | None:
    """What differs between two views of a case within one command; None where they are of different commands."""
    if before["now"] != after["now"] or before["policy"] is not after["policy"]:
        return None
    moved = set(moved_in(before.document, after.document))
    if before.instance is not after.instance:
        moved |= {latest(form) for form in before.own_forms | after.own_forms}
    if before["actor"] != after["actor"]:
        moved.add(ACTOR)
    if before.document.case is not after.document.case or before.status != after.status:
        told = before.document.case_context(before.status), after.document.case_context(after.status)
        moved |= moved_of_case(*told)
    return frozenset(moved)


def moved_in(before: CaseDocument | LoadedCase, after: CaseDocument | LoadedCase) -> Iterator[str]:
    """What differs between two documents of a case, besides what `case` tells."""
    for form in forms_between(before.submissions, after.submissions):
        yield handed_in(form)
        yield latest(form)
    if before.case.dispatch_no != after.case.dispatch_no:
        yield ATTEMPT
    if not same_objects(before.clocks, after.clocks):
        yield CLOCKS


def moved_since(before: CaseDocument, after: CaseDocument) -> Moved:
    """What differs between a case as it was loaded and as it is now, for what was worked out when it was saved."""
    told = before.case_context(before.case.status), after.case_context(after.case.status)
    return frozenset(moved_in(before, after)) | moved_of_case(*told) | BY_ANOTHER_COMMAND


def moved_of_case(before: Mapping[str, object], after: Mapping[str, object]) -> Moved:
    """What `case` tells otherwise than before."""
    moved = {of_case(name) for name, told in after.items() if before[name] != told}
    return frozenset(moved | {CASE} if moved else ())


def forms_between(before: Sequence[Submission], after: Sequence[Submission]) -> set[str]:
    """The forms of which one list holds another submission than the other."""
    shared = min(len(before), len(after))
    same = next((i for i in range(shared) if before[i] is not after[i]), shared)
    return {one.form for one in (*before[same:], *after[same:])}


def same_objects(before: Sequence[object], after: Sequence[object]) -> bool:
    """Whether two lists hold the very same objects."""
    return len(before) == len(after) and all(a is b for a, b in zip(before, after, strict=True))
