"""The form's own check, then the rules in order."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from service.content.forms import Form
from service.domain.errors import Ground, Missing, Refused
from service.domain.people import Person
from service.domain.permissions import sight
from service.domain.ports import UnitOfWork
from service.engine import Rule
from service.usecases.authorize import relations
from service.usecases.scope import Scope


def read_form(form: Form, raw: Mapping[str, Any], scope: Scope, person: Person) -> dict[str, Any]:
    """The typed values. Raises: FormInvalid with the path of every field that does not pass."""
    return form.read(raw, scope.judge, known_values(scope.uow, person))


class Known(Container[str]):
    """The keys of something that is read only when a value has to be looked up."""

    def __init__(self, read: Callable[[], Container[str]]) -> None:
        self.read = read

    def __contains__(self, key: object) -> bool:
        return key in self.read()


class CaseNumbers(Container[str]):
    """The numbers of the cases that a person may know of, asked one at a time; of any other, not even that it is there.

    Article: A8-3, A15-6.
    """

    def __init__(self, uow: UnitOfWork, person: Person) -> None:
        self.uow = uow
        self.person = person

    def __contains__(self, case_no: object) -> bool:
        try:
            case = self.uow.case_of_no(str(case_no))
        except Missing:
            return False
        return not sight(self.person, relations(case, ())).nothing


def known_values(uow: UnitOfWork, person: Person) -> dict[str, Container[str]]:
    """The values that fields with run-time options take from this person."""
    return {
        "departments": Known(lambda: uow.roster().departments),
        "people": Known(lambda: uow.roster().members),
        "cases": CaseNumbers(uow, person),
    }


def require_rules(rules: Iterable[Rule], values: Mapping[str, Any], scope: Scope) -> None:
    """Each rule in order must hold, exactly true, over the fields as submitted and the case before them.

    Raises: Refused with the code, sentence and article of the first that does not, and all others beside it.
    """
    found = [ground(rule) for rule in standing(rules, values, scope)]
    if found:
        first, *further = found
        raise Refused(first.code, first.message, article=first.article, further=further)


def standing(rules: Iterable[Rule], values: Mapping[str, Any], scope: Scope) -> list[Rule]:
    """All rules that do not hold, in order; but one that is drawn `after` a code is not told beside it."""
    found: list[Rule] = []
    codes: set[str] = set()
    for rule in rules:
        if not codes.isdisjoint(rule.after):
            codes.add(rule.code)  # nor does what stands after this one make sense
        elif scope.judge(rule.check, values, f"规则 {rule.code} ") is not True:
            codes.add(rule.code)
            found.append(rule)
    return found


def ground(rule: Rule) -> Ground:
    """A rule as what stands against a submission."""
    return Ground(rule.code, rule.message, rule.article)
