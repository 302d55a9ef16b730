"""What a form would do if it were handed in now: the whole command, of which nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from service.content.fields import TEXT_TYPES, Field
from service.domain.case import Instance
from service.domain.errors import Ground
from service.domain.people import Actor
from service.engine import Element
from service.feel import compile
from service.usecases.case_change import change_of
from service.usecases.case_work import CaseWork
from service.usecases.effects import Effects, effects_of
from service.usecases.evidence import with_files
from service.usecases.house import House
from service.usecases.judge import ground, known_values, standing
from service.usecases.open_process import without_case
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import with_case

FREE_TYPES = TEXT_TYPES | {"filepicker"}


@dataclass(frozen=True, slots=True)
class Foresight:
    """What can be said before a form is handed in.

    `lasting` are the rules against it that nothing on this form can cure, `curable` the others. `effects` is
    None where there is a lasting one, or where `deciding` fields have not been filled in yet.
    """

    lasting: tuple[Ground, ...] = ()
    curable: tuple[Ground, ...] = ()
    deciding: tuple[Field, ...] = ()
    effects: Effects | None = None


class Undecided(Exception):
    """What would happen cannot be told yet."""


class HalfFilled:
    """Judges a form that is still being filled in: what is there is taken, what is missing decides nothing."""

    def __init__(self) -> None:
        self.lasting: tuple[Ground, ...] = ()
        self.curable: tuple[Ground, ...] = ()
        self.deciding: tuple[Field, ...] = ()

    def __call__(
        self,
        work: CaseWork,
        command: SubmitForm,
        element: Element,
        instance: Instance | None,
        actor: Actor,
    ) -> dict[str, Any]:
        """The values as far as they go. Raises: Undecided; FormInvalid for a file that is not there."""
        form = work.release.content.forms[command.form]
        scope = work.scope(instance, actor)
        raw = with_files(work.uow, form, command.values, command.person, work.case.id, work.cause)
        values, lacking = form.unfinished(raw, scope.judge, known_values(scope, command.person, form))
        missing = {field.path[0] for field in lacking}
        own = {field.path[0] for field in form.fields}
        answerable = [rule for rule in element.rules if missing.isdisjoint(compile(rule.check).names)]
        against = standing(answerable, values, scope)
        self.lasting = tuple(ground(one) for one in against if own.isdisjoint(compile(one.check).names))
        self.curable = tuple(one for one in map(ground, against) if one not in self.lasting)
        self.deciding = tuple(field for field in lacking if decides(field))
        if self.deciding or self.lasting:
            raise Undecided
        return values


def decides(field: Field) -> bool:
    """Whether the way through the diagram may turn on a field: texts, files and names do not lead anywhere."""
    return field.type not in FREE_TYPES and field.choices is None


def foresee_form(house: House, command: SubmitForm) -> Foresight:
    """What this form would do, as far as it is filled in. Safe to repeat: nothing is kept, nobody is told.

    Raises: Refused (who may, windows), Missing, Conflict, FormInvalid for a file that is not there.
    """
    now, judge = house.clock.now(), HalfFilled()
    with house.store.begin(reading=True) as uow:
        try:
            if command.case_id is None:
                work = without_case(house, uow, command, now, judge)
            else:
                work = with_case(house, uow, uow.load(command.case_id), command, now, judge)
        except Undecided:
            return Foresight(judge.lasting, judge.curable, judge.deciding)
        work.settle()
        effects = effects_of(work, change_of(work, "foreseen", {}))
    return Foresight((), judge.curable, (), effects)
