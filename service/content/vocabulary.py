"""What expressions of a release may name, and what is wrong with one that names something else.

A wrong name is null at run time, silently; so it is found when the content is checked, and the answer says
what is there.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.content.deadlines import DeadlineTable
from service.content.facts import Facts
from service.content.forms import Form
from service.content.json_source import line_of
from service.content.policy import Policy
from service.content.release import Content
from service.domain.errors import Finding
from service.feel import compile as compile_feel

# What every submission carries beside its fields, and what stands under the fixed names.
OF_SUBMISSION = frozenset({
    "at", "by", "by_name", "by_role", "department", "submitted_department", "dispatch_no", "instance", "started",
})  # fmt: skip
OF_CASE = frozenset({
    "case_no", "status", "lead_department", "received_at", "release_no", "policy_version", "dispatch_no", "restricted",
})  # fmt: skip
OF_ACTOR = frozenset({"person", "name", "role", "department"})
FUNCTIONS = frozenset({
    "all", "mine", "clock", "due", "extended", "minutes", "hours", "natural_days", "workdays", "end_of_day",
    "order_exists", "on_duty", "in_outage",
})  # fmt: skip
# A clock that is an instant of somebody else's, and so has no row in the table.
OUTSIDE_CLOCKS = frozenset({"upstream"})


@dataclass(frozen=True)
class Vocabulary:
    """The names of one release."""

    forms: Mapping[str, Form]
    named: Facts
    policy: Policy
    deadlines: DeadlineTable

    @cached_property
    def names(self) -> frozenset[str]:
        """What stands alone: form keys, facts, and the fixed names."""
        return frozenset({*self.forms, *self.named.facts, "now", "actor", "case", "policy"})

    def problems(self, text: str, own: Collection[str] = ()) -> Iterator[tuple[str, str]]:
        """Each wrong name of a FEEL text as a sentence and its cure. `own` are names valid only there."""
        expression = compile_feel(text)
        known = self.names | frozenset(own)
        for name in sorted(expression.names - known - expression.item_names):
            yield f"没有“{name}”这个名称", _nearest(name, known)
        for path in sorted(expression.paths):
            if path[0] not in own and len(path) > 1:
                yield from self._path_problems(path)
        for name in sorted(expression.calls - FUNCTIONS):
            yield f"没有“{name}”这个函数", _nearest(name, FUNCTIONS)
        for function, first in sorted(expression.literal_calls):
            yield from self._call_problems(function, first)

    def _path_problems(self, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        below = self._below(path[0])
        if below is not None and path[1] not in below:
            yield f"“{path[0]}”里没有“{path[1]}”", _nearest(path[1], below)

    def _below(self, name: str) -> frozenset[str] | None:
        """What may follow a name and a dot; null where that is not known here (a fact's value)."""
        if name in self.named.facts:
            return None
        if name in self.forms:
            return frozenset(field.path[0] for field in self.forms[name].fields) | OF_SUBMISSION
        fixed = {"case": OF_CASE, "actor": OF_ACTOR, "policy": frozenset(self.policy.entries)}
        return fixed.get(name)

    def _call_problems(self, function: str, first: str) -> Iterator[tuple[str, str]]:
        if function in ("all", "mine") and first not in self.forms:
            yield f"没有名为“{first}”的表单", _nearest(first, self.forms)
        kinds = frozenset(self.deadlines.kinds)
        if function == "due" and first not in kinds:
            yield f"时限表里没有“{first}”", _nearest(first, kinds)
        if function == "clock" and first not in kinds | OUTSIDE_CLOCKS:
            yield f"没有名为“{first}”的时钟", _nearest(first, kinds | OUTSIDE_CLOCKS)


def vocabulary(content: Content) -> Vocabulary:
    """The names of a release."""
    return Vocabulary(content.forms, content.named, content.policy, content.deadlines)


def check_names(content: Content) -> list[Finding]:
    """Wrong names in the forms, facts, columns and deadline table of a release, and unknown articles.

    The expressions of diagrams are asked of `Vocabulary.problems` by whoever has read the diagrams.
    """
    words = vocabulary(content)
    found: list[Finding] = []
    for key, form in content.forms.items():
        file = f"forms/{key}.form"
        own = frozenset(field.path[0] for field in form.fields)
        for element, text in form.expressions():
            place = _Place(file, element, f'"key": "{element.rsplit(".", 1)[-1]}"')
            found.extend(_findings(words, text, own, content, place))
        found.extend(_articles(form, content, file))
    for part in (content.facts, content.columns):
        for name, text in part.items():
            place = _Place("bpmn/facts.yaml", name, f"  {name}:")
            found.extend(_findings(words, text, (), content, place))
    for text in content.deadlines.cells():
        place = _Place(content.deadlines.file, "deadlines", text)
        found.extend(_findings(words, text, ("kind",), content, place))
    return found


@dataclass(frozen=True)
class _Place:
    """Where an expression stands, and the text by which its line is found."""

    file: str
    element: str
    needle: str


def _findings(
    words: Vocabulary, text: str, own: Collection[str], content: Content, place: _Place
) -> Iterator[Finding]:
    for message, cure in words.problems(text, own):
        source = content.files.get(place.file, b"").decode("utf-8", "replace")
        yield Finding(
            "expression.name", message, cure, place.file, line_of(source, place.needle), place.element
        )


def _articles(form: Form, content: Content, file: str) -> Iterator[Finding]:
    source = content.files.get(file, b"").decode("utf-8", "replace")
    for name, article in [(form.key, form.article), *((field.name, field.article) for field in form.fields)]:
        if article is None or article not in content.regulation:
            message = "没有写明条款行号" if article is None else f"没有“{article}”这一行条款"
            cure = "在 properties 里写 article，例如 A6-4"
            line = line_of(source, f'"key": "{name.rsplit(".", 1)[-1]}"')
            yield Finding("article.unknown", message, cure, file, line, name)


def _nearest(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, known, n=3)
    shown = close or sorted(known)[:12]
    return f"{'是不是' if close else '可用'}：{'、'.join(shown)}"
