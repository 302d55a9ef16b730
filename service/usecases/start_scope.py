"""What the expressions of a start event on a timer are given: there is no case yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from service.domain.civil import civil
from service.domain.errors import Broken
from service.domain.ports import UnitOfWork
from service.domain.recurring import recurring
from service.feel import compile
from service.usecases.expression_failures import FAILURES, failed
from service.usecases.figures import Counted, Figures, filed_function, period_functions
from service.usecases.house import Release


class StartScope:
    """The names and functions at the instant of a beginning: `now` is that instant, whatever the time is."""

    def __init__(self, release: Release, uow: UnitOfWork, at: datetime) -> None:
        self.release = release
        self.uow = uow
        self.at = at
        self.policy = release.content.policy.values

    def departments(self, expression: str | None) -> list[str]:
        """For whom: keys of departments, [""] where it is for the house. Raises: Broken for one that is not there."""
        if expression is None:
            return [""]
        found = self.texts(expression)
        known = self.uow.directory(self.at).departments
        if unknown := [key for key in found if key not in known]:
            raise Broken(f"没有这些部门：{'、'.join(unknown)}", code="content.unknown_department")
        return found

    def texts(self, expression: str | None) -> list[str]:
        """About what: each text once, in order; [""] where nothing is said."""
        if expression is None:
            return [""]
        try:
            value = self._value(expression)
        except FAILURES as err:
            raise failed("自行开始的流程", expression, err) from err
        several = value if isinstance(value, list | tuple) else [value]
        return list(dict.fromkeys(str(one) for one in several if one not in (None, "")))

    def period(self, expression: str | None) -> str:
        """Which period it is; where nothing is said, the instant itself, so that each beginning stands alone."""
        found = self.texts(expression) if expression else []
        return found[0] if found else civil(self.at).isoformat()

    def _value(self, expression: str) -> Any:
        compiled = compile(expression)
        names: dict[str, Any] = {"now": civil(self.at), "policy": self.policy}
        if "departments" in compiled.names:
            every = self.uow.directory(self.at).departments.values()
            names["departments"] = [one.key for one in every if not one.is_office]
        return compiled(names, self.functions)

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions of the house that need no case."""
        return {
            **recurring(lambda: self.at),
            **period_functions(),
            "figures": Figures(self.uow, Counted.by(self.release)),
            "filed": filed_function(self.uow),
            "on_duty": lambda department, role: self.uow.directory(self.at).on_duty(department, role),
        }
