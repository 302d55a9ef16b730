"""The one table from a family of errors to an answer: a page for people, problem details for programs."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask, Response, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from service.domain.errors import Broken, Conflict, Invalid, JsjbError, Missing, Refused, Unavailable, family
from service.web.naming import ask_nothing_more

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a family is answered: the status, and what the page is headed."""

    status: int
    title: str
    advice: str


ANSWERS: Mapping[str, Answer] = {
    "refused": Answer(409, "没有办成", "请按上面的说明处理后再试；案件没有任何变化。"),
    "invalid": Answer(422, "填写有误", "请按提示修改后再提交；您填写的内容都还在。"),
    "missing": Answer(404, "没有找到", "可能是编号有误，或者这一件不在您的办理范围内。"),
    "conflict": Answer(409, "别人先了一步", "请打开最新的页面看一看，再决定是否还要办理。"),
    "unavailable": Answer(503, "系统暂时忙", "请稍等片刻再试；已经提交的内容不会丢失。"),
    "broken": Answer(
        500, "系统出错了", "可以再试一次，同一次提交不会重复记入；还是不行，请把上面的编号告诉系统管理员。"
    ),
}
FORBIDDEN = 403
# Refusals that speak of who asks, not of the state the case is in.
ABOUT_WHO_ASKS: Mapping[str, Answer] = {
    "E_NOT_AUTHORIZED": Answer(
        FORBIDDEN,
        "您没有这项权限",
        "没有任何变化。需要办理的，请找有这项权限的同事；岗位登记有误的，请找系统管理员更正。",
    ),
    "web.foreign_origin": Answer(FORBIDDEN, "没有办成", "请从本系统的页面进入，再办一次。"),
}
NOT_CALLED_OFF = Answer(409, "这一版不能撤销", "没有任何变化。请到“发布的版本”看各版现在的状态。")
# Conflicts in which nobody was first: the state of the thing itself is against it.
ABOUT_THE_STATE: Mapping[str, Answer] = dict.fromkeys(
    ("release.in_force", "release.in_use", "release.cancelled"), NOT_CALLED_OFF
)

PLAIN_WORDS: Mapping[int, tuple[str, str]] = {
    400: ("请求不完整", "请返回上一页，刷新后再试。"),
    404: ("没有这个页面", "地址可能不完整，或者已经改变。"),
    405: ("不能这样打开", "请从页面上的按钮或链接进入。"),
    413: ("内容太大", "超出了一次可以上传的大小。请把文件分开或压缩后再传。"),
    415: ("格式不支持", "请换一种格式再试。"),
    429: ("尝试次数过多", "请稍后再试。"),
}


class CrossedOut(Invalid):
    """这个页面已经过期，请重新提交一次。"""

    code = "web.token_invalid"


class AnothersPage(Invalid):
    """这个页面是另一位同事登录时打开的，现在登录的是您。"""

    code = "web.anothers_page"


def init_app(app: Flask) -> None:
    app.register_error_handler(JsjbError, answer_house_error)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(Exception, answer_unforeseen)


def answer_of(error: JsjbError) -> Answer:
    """The row of the table for this error."""
    if isinstance(error, Refused) and error.code in ABOUT_WHO_ASKS:
        return ABOUT_WHO_ASKS[error.code]
    if isinstance(error, Conflict) and error.code in ABOUT_THE_STATE:
        return ABOUT_THE_STATE[error.code]
    return ANSWERS[family(error)]


def answer_house_error(error: JsjbError) -> ResponseReturnValue:
    """Say what happened in the words of the error, with the article and what to do where there is one."""
    answer = answer_of(error)
    incident = note(error) if isinstance(error, Broken) else None
    if wants_problem():
        return problem(error, answer, incident)
    if isinstance(error, Unavailable):
        ask_nothing_more()
    # the same page whether it is not there or not theirs to know
    shown = Missing() if isinstance(error, Missing) else error
    page = render_template(
        "errors/error.html", error=shown, answer=answer, incident=incident, typed=typed_before(error)
    )
    response = make_response(page, answer.status)
    return with_retry(response, error)


def typed_before(error: JsjbError) -> list[tuple[str, str]]:
    """What was posted, to be sent once more where the fault was not in it. Safe to repeat: its key is in it."""
    if request.method != "POST" or not isinstance(error, Unavailable | Broken) or "key" not in request.form:
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]


def wants_problem() -> bool:
    """Whether a program, or a part of a page, asked: it gets problem details instead of a page."""
    if request.headers.get("HX-Request"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json", "application/problem+json"])
    return best is not None and best != "text/html"


def problem(error: JsjbError, answer: Answer, incident: str | None) -> Response:
    """Problem details (RFC 9457)."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": answer.title,
        "status": answer.status,
        "detail": Missing().message if isinstance(error, Missing) else error.message,
        "code": Missing.code if isinstance(error, Missing) else error.code,
    }
    if isinstance(error, Refused):
        body |= {"article": error.article} if error.article else {}
        body |= {"grounds": [asdict(one) for one in error.grounds]} if len(error.grounds) > 1 else {}
    if isinstance(error, Invalid) and "fields" in error.details:
        body["fields"] = error.details["fields"]
    if incident:
        body["incident"] = incident
    response = jsonify(body)
    response.status_code = answer.status
    response.mimetype = "application/problem+json"
    return with_retry(response, error)


def with_retry(response: Response, error: JsjbError) -> Response:
    retry_after_s = getattr(error, "retry_after_s", None)
    if retry_after_s is not None:
        response.headers["Retry-After"] = str(retry_after_s)
    return response


def note(error: BaseException) -> str:
    """Log an error of ours and give it a number that people can pass on."""
    incident = secrets.token_hex(4)
    log.error("incident %s at %s", incident, request.endpoint, exc_info=error)
    return incident


def answer_crossed_out() -> ResponseReturnValue:
    """The token of the page is missing or of another session: nothing was done."""
    expired = CrossedOut()
    answer = Answer(400, "页面已过期", "没有执行任何操作。请返回上一页刷新后再试。")
    if wants_problem():
        return problem(expired, answer, None)
    page = render_template("errors/error.html", error=expired, answer=answer, incident=None, typed=[])
    return page, answer.status


def answer_anothers() -> ResponseReturnValue:
    """The page was somebody else's, who was logged in here before: nothing was done, and nothing of it is shown."""
    page = render_template(
        "errors/error.html",
        error=AnothersPage(),
        answer=Answer(
            400, "这是别人打开的页面", "其中填写的内容没有提交，也不会显示给您。请从自己的待办进入。"
        ),
        incident=None,
        typed=[],
    )
    return page, 400


def answer_http(error: HTTPException) -> ResponseReturnValue:
    """What Flask itself refuses: unknown addresses, wrong methods, too large requests."""
    if error.code is None or (300 <= error.code < 400):
        return error
    if error.code == 404 and (request.endpoint or wants_problem()):
        return answer_house_error(Missing())
    title, advice = PLAIN_WORDS.get(error.code, ("没有办成", "请返回上一页再试。"))
    plain = Invalid(title, code=f"http.{error.code}")
    if wants_problem():
        return problem(plain, Answer(error.code, title, advice), None)
    page = render_template(
        "errors/error.html", error=plain, answer=Answer(error.code, title, advice), incident=None, typed=[]
    )
    return page, error.code


def answer_unforeseen(error: Exception) -> ResponseReturnValue:
    """An error nobody foresaw: logged with a number, nothing of it shown."""
    broken = Broken()
    broken.__cause__ = error
    return answer_house_error(broken)
