"""The one taxonomy of errors.

Each family says what a caller may do about it; `service/web` and `service/jobs` hold one
table each that turns a family into an answer. No HTTP number stands below `web`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_SHOWN = 200  # of an expression, in a message


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a piece of content: where it is, which rule says so, how to cure it."""

    rule: str
    message: str
    cure: str = ""
    file: str = ""
    line: int | None = None
    element: str | None = None
    severity: str = "error"  # error | warning

    def as_data(self) -> dict[str, Any]:
        """The finding as JSON, keys as in `jsjb lint --json`."""
        return {
            "file": self.file,
            "line": self.line,
            "element": self.element,
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "cure": self.cure,
        }

    def as_line(self, mark: str = "") -> str:
        """The finding on one line: where, a mark where one is given, what, and its cure."""
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file
        where = " ".join(part for part in (place, self.element) if part)
        said = " ".join(part for part in (mark, self.message, self.cure) if part)
        return f"{where}: {said}" if where else said


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field of a form that does not pass: its path, the code of the check, the sentence for people."""

    path: str
    code: str
    message: str


class JsjbError(Exception):
    """An error of the house."""

    code = "error"
    message: str

    def __init__(self, message: str | None = None, *, code: str | None = None, **details: Any) -> None:
        self.code = code or type(self).code
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.details: dict[str, Any] = details
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Ground:
    """One rule that stands against something: its code, what to do in plain words, the row it carries out."""

    code: str
    message: str
    article: str | None = None


class Refused(JsjbError):
    """规则不允许这样做。"""

    code = "refused"

    def __init__(
        self,
        code: str,
        message: str,
        *,
        article: str | None = None,
        further: Sequence[Ground] = (),
        **details: Any,
    ) -> None:
        super().__init__(message, code=code, **details)
        self.article = article
        self.grounds = (Ground(self.code, self.message, article), *further)
        self.concerns: Mapping[str, Any] = {}  # what it was about, for the record of it


class Invalid(JsjbError):
    """输入有误。"""

    code = "invalid"


class FormInvalid(Invalid):
    """表单有误，请按提示修改。"""

    code = "E_FORM_INVALID"

    def __init__(self, fields: Sequence[FieldError], message: str | None = None) -> None:
        super().__init__(message, fields=[vars_of(f) for f in fields])
        self.fields = tuple(fields)


class ContentInvalid(Invalid):
    """内容（流程图、表单、决策表或口径）有误，未被接受。"""

    code = "content.invalid"

    def __init__(self, findings: Sequence[Finding], message: str | None = None) -> None:
        super().__init__(message, findings=[f.as_data() for f in findings])
        self.findings = tuple(findings)


class DiagramRefused(ContentInvalid):
    """流程图未被接受。"""

    code = "diagram.refused"


class Missing(JsjbError):
    """没有找到，或者您无权查看。"""

    code = "missing"


class Conflict(JsjbError):
    """别人先了一步，请刷新后再试。"""

    code = "conflict"


class Stale(Conflict):
    """内容已被他人更新，请刷新后再试。"""

    code = "case.stale"


class TimerFenced(Conflict):
    """这个计时器已由别的进程处理。"""

    code = "timer.fenced"


class AlreadySubmitted(Conflict):
    """这一项已经由他人提交。"""

    code = "form.already_submitted"


class KeyReused(Conflict):
    """这张表单已经提交过一次，这次的内容与那次不同，没有记入。"""

    code = "form.key_reused"


class Unavailable(JsjbError):
    """系统暂时忙，请稍后再试。"""

    code = "unavailable"

    def __init__(self, message: str | None = None, *, retry_after_s: int = 5, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after_s = retry_after_s


class DatabaseDown(Unavailable):
    """数据库暂时不可用，请稍后再试；已提交的内容不会丢失。"""

    code = "database.down"


class ClockDistrusted(Unavailable):
    """系统时钟刚才跳动过，为免误判时限，暂不受理提交；您填写的内容都还在。请联系系统管理员核对时钟。"""

    code = "clock.distrusted"


class DeadlineFailed(Unavailable):
    """本件有一项时限已到，但系统没能办理，所以这次提交没有记入；系统正自动重试，请过几分钟再提交。"""

    code = "case.deadline_failed"
    PARKED = "本件有一项时限已到，但系统没能办理，所以这次提交没有记入；已报告系统管理员，排除后再提交。"


class Broken(JsjbError):
    """系统出错，已记录，请联系管理员。"""

    code = "broken"


class ExpressionFailed(Broken):
    """表达式算不出，已记录，请联系管理员。"""

    code = "instance.expression"

    def __init__(self, place: str, expression: str, reason: str, **details: Any) -> None:
        super().__init__(
            f"{place}的表达式算不出：{reason}（{expression[:MOST_SHOWN]}）",
            place=place,
            expression=expression,
            **details,
        )


class GoesRound(Broken):
    """流程在原地打转，已停止。"""

    code = "instance.goes_round"


class ChainBroken(Broken):
    """审计链校验不通过。"""

    code = "audit.chain_broken"


FAMILIES: Mapping[str, type[JsjbError]] = {
    "refused": Refused,
    "invalid": Invalid,
    "missing": Missing,
    "conflict": Conflict,
    "unavailable": Unavailable,
    "broken": Broken,
}


def family(error: JsjbError) -> str:
    """The name of the family an error belongs to."""
    return next(name for name, kind in FAMILIES.items() if isinstance(error, kind))


def vars_of(error: FieldError) -> dict[str, str]:
    """A field error as JSON."""
    return {"path": error.path, "code": error.code, "message": error.message}
