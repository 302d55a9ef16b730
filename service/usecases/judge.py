"""The form's own check, then the rules in order."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from service.content.forms import Form
from service.domain.errors import Ground, Missing, Refused
from service.domain.people import Person
from service.domain.permissions import sight
from service.engine import Rule
from service.usecases.authorize import opens_unseen, relations
from service.usecases.scope import Scope

# facts of the content by their names
SIMILAR = "similar_cases"
REPEATED = "repeat_of"


def read_form(form: Form, raw: Mapping[str, Any], scope: Scope, person: Person) -> dict[str, Any]:
    """The typed values. Raises: FormInvalid with the path of every field that does not pass."""
    return form.read(raw, scope.judge, known_values(scope, person, form))


class Known(Container[str]):
    """The keys of something that is read only when a value has to be looked up."""

    def __init__(self, read: Callable[[], Container[str]]) -> None:
        self.read = read

    def __contains__(self, key: object) -> bool:
        return key in self.read()


class CaseNumbers(Container[str]):
    """The numbers of the cases that a person may name, asked one at a time: those they may know of, and those that the
    case in hand itself is told to repeat; any, where they open what is theirs to open on any case. Of another, they do
    not learn whether it is there. Article: A8-2, A8-3, A15-6.
    """

    def __init__(self, scope: Scope, person: Person, form: Form) -> None:
        self.scope = scope
        self.person = person
        self.form = form

    def __contains__(self, case_no: object) -> bool:
        try:
            case = self.scope.uow.case_of_no(str(case_no))
        except Missing:
            return False
        if not sight(self.person, relations(case, ())).nothing:
            return True
        return opens_unseen(self.scope.release, self.form.key, self.person) or case.case_no in self._told

    @property
    def _told(self) -> set[str]:
        """What people who handle a case are told to look for: whoever complained tells of it too."""
        return {*(self.scope.fact(SIMILAR) or ()), self.scope.fact(REPEATED)}


def known_values(scope: Scope, person: Person, form: Form) -> dict[str, Container[str]]:
    """The values that fields with run-time options take from this person."""
    return {
        "departments": Known(lambda: scope.uow.roster().departments),
        "people": Known(lambda: scope.uow.roster().members),
        "cases": CaseNumbers(scope, person, form),
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
