"""How what differs is put into words: as it is for whoever runs the service, and in pages without what a draft worked out.

Everything else that a comparison tells is an id of the content or of the record, the name that the content gives it, a
state, or an instant. Only here could a text come in that an expression of the draft made out of a case: in the message
of a refusal or a failure, as whom a notice goes to, in the basis of a due time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from service.domain.clocks import ClockRecord, explained
from service.domain.errors import FormInvalid, JsjbError
from service.domain.names import NOTICE_NAMES
from service.domain.replay_sight import ReplaySight
from service.usecases.house import Release
from timers.calendar import Calendar
from timers.shown import explain_lines, show_at

NOTHING = "（没有）"
Sent = Counter[tuple[str, str]]  # kind of a notice and whom it went to → how often


@dataclass(frozen=True, slots=True)
class Telling:
    """For whoever runs the service: texts as they are."""

    release: Release  # the draft's
    calendar: Calendar

    def refusal(self, form: str, error: JsjbError) -> str:
        """Why a form is refused. Of fields without what was filled in: that is the case's, and a group tells of many."""
        return self.fields(form, error) if isinstance(error, FormInvalid) else error.message

    def fields(self, form: str, error: FormInvalid) -> str:
        """The fields that do not pass, by their labels, which are content."""
        known = self.release.content.forms[form].by_name
        labels = (known[one.path].label for one in error.fields if one.path in known)
        named = "、".join(dict.fromkeys(labels)) or "有的字段"
        codes = {one.code for one in error.fields}
        return f"{named} {'必填而没有填' if codes == {'required'} else '不合要求'}"

    def failure(self, error: JsjbError) -> str:
        """Why the draft does not go on."""
        return error.message

    def addressees(self, sent: Sent, kind: str) -> str:
        """To whom a kind of notice went, and how often."""
        told = sorted((to, n) for (one, to), n in sent.items() if one == kind)
        return "、".join(f"{to}×{n}" if n > 1 else to for to, n in told) or NOTHING

    def reckoning(self, clock: ClockRecord) -> tuple[str, ...]:
        """The arithmetic of a due time."""
        told = explained(clock, self.calendar)
        return tuple(explain_lines(told)) if told else (f"起点：{show_at(clock.start)}",)


@dataclass(frozen=True, slots=True)
class ClosedTelling(Telling):
    """For pages: nothing that the draft worked out but instants."""

    def refusal(self, form: str, error: JsjbError) -> str:
        """The fields, or the rule with the sentence that is drawn for it; of what else refuses, its code alone."""
        if isinstance(error, FormInvalid):
            return self.fields(form, error)
        drawn = (rule for _, place in self.release.carriers.get(form, ()) for rule in place.rules)
        return next((rule.message for rule in drawn if rule.code == error.code), "") or NAMED.get(
            error.code, error.code
        )

    def failure(self, error: JsjbError) -> str:
        """What kind of failure it is."""
        return NAMED.get(error.code, error.code)

    def addressees(self, sent: Sent, kind: str) -> str:
        """How many went out."""
        number = sum(n for (one, _), n in sent.items() if one == kind)
        return f"{number} 件{NOTICE_NAMES.get(kind, kind)}" if number else NOTHING

    def reckoning(self, clock: ClockRecord) -> tuple[str, ...]:
        """From when it is counted: amounts and bases may be worked out, and stand in the table of the draft."""
        return (f"起点：{show_at(clock.start)}",)


# what may refuse or fail beside the rules that are drawn: fixed sentences for the commonest codes
NAMED = {
    "E_NOT_OPEN": "这一步当时没有开着",
    "E_NOT_AUTHORIZED": "办理人当时的岗位不能办这一步",
    "form.missing": "没有这张表单",
    "case.missing": "没有这件诉求件",
    "process.missing": "没有这个流程",
    "instance.expression": "有表达式算不出",
    "instance.goes_round": "流程在原地打转",
    "content.due_cycle": "时限互相牵连，算不定",
}


def telling_for(sight: ReplaySight, release: Release, calendar: Calendar) -> Telling:
    """How it is put into words with these eyes."""
    return (Telling if sight.is_of_house else ClosedTelling)(release, calendar)
