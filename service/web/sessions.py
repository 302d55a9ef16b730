"""Who is asking: the cookie names a session in the database, and every page but a few needs one.

What somebody typed is never lost when a session has run out: the answer carries it on to the log-in page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from itsdangerous import BadSignature, URLSafeSerializer

from service.domain.people import Person
from service.usecases.log_in import Limits, hashed, log_out, recognised
from service.web.errors import answer_anothers, answer_crossed_out, wants_problem
from service.web.security import SAFE_METHODS
from service.web.surroundings import house, now, settings, surroundings

TOKEN = "token"  # noqa: S105 - the name of an entry of the session, not a password
DEVICE_COOKIE = "jsjb_device"
DEVICE_KEPT_S = 180 * 24 * 3600
ACCOUNTS_PER_DEVICE = 8
PUBLIC_BLUEPRINTS = frozenset({"login", "health", "api"})
BY_ITSELF = "JSJB-By-Itself"  # set by our script where a page renews a part of itself and nobody did anything
UNAUTHORIZED = 401
BAD_REQUEST = 400
KEPT = "kept."  # before the name of each field that is carried through a new login
KEPT_TO = "kept_to"
TYPED_BY = "typed_by"  # a field of task forms: whose page it was
NOT_KEPT = frozenset({"csrf_token", "password"})


def init_app(app: Flask) -> None:
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.before_request(require_login)
    app.register_error_handler(CSRFError, answer_csrf)


def limits() -> Limits:
    return Limits(settings().session_idle_for, settings().session_longest_for)


def recognise() -> None:
    """Put who is logged in where pages find it; nobody, where the session has ended."""
    if g.get("person") is None:
        token = session.get(TOKEN)
        g.person = known(token) if token else None


def known(token: str) -> Person | None:
    """Whose token it is."""
    asked_by_itself = BY_ITSELF in request.headers
    return recognised(surroundings().logins, house().clock, limits(), token, by_itself=asked_by_itself)


def require_login() -> ResponseReturnValue | None:
    """Let nobody past who is not logged in, but to the pages by which one gets in."""
    if request.endpoint == "static":
        return None
    recognise()
    if request.endpoint is None:
        return None  # no such page, which is said with the menu of whoever is logged in
    if request.blueprint in PUBLIC_BLUEPRINTS or g.person is not None:
        return None
    return ask_to_log_in()


def ask_to_log_in() -> ResponseReturnValue:
    """The log-in page, with what was being done; a program is told in its own way."""
    if request.headers.get("HX-Request"):
        # a part of a page: the page stays, with what is typed on it, and its script says what has happened
        return Response(status=UNAUTHORIZED)
    if wants_problem():
        body = {
            "title": "未登录",
            "status": UNAUTHORIZED,
            "detail": "登录已过期，请重新登录。",
            "code": "login.required",
        }
        response = jsonify(body)
        response.status_code = UNAUTHORIZED
        response.mimetype = "application/problem+json"
        return response
    if request.method in SAFE_METHODS:
        return redirect(url_for("login.log_in", next=request.full_path.rstrip("?")))
    page = render_template(
        "login/log_in.html", next=None, account="", message=None, kept=kept_now(), **demo()
    )
    return make_response(page, UNAUTHORIZED)


def is_anothers(fields: Iterable[tuple[str, str]]) -> bool:
    """Whether what was carried on was typed by somebody else than who is logged in now."""
    typists = {value for name, value in fields if name.removeprefix(KEPT) == TYPED_BY}
    return bool(typists) and g.person is not None and typists != {g.person.id}


def answer_csrf(error: CSRFError) -> ResponseReturnValue:
    """A page of a session before: nothing was done, and what was filled in is carried on to be looked at again."""
    recognise()
    is_part = "HX-Request" in request.headers
    if g.person is None and is_part:
        return ask_to_log_in()
    if is_part or "key" not in request.form or wants_problem():
        return answer_crossed_out()
    if g.person is None:
        return ask_to_log_in()
    if is_anothers(request.form.items(multi=True)):
        return answer_anothers()
    to, fields = resumed(kept_now())
    page = render_template("login/go_on.html", to=to, fields=fields, is_new_login=False)
    return make_response(page, BAD_REQUEST)


def kept_now() -> list[tuple[str, str]]:
    """What was posted just now, as fields of the log-in page."""
    typed = [(KEPT + name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]
    return [(KEPT_TO, request.path), *typed]


def kept_before() -> list[tuple[str, str]]:
    """What the log-in page carried on, as it was carried."""
    return [(n, v) for n, v in request.form.items(multi=True) if n == KEPT_TO or n.startswith(KEPT)]


def resumed(kept: Sequence[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
    """Where what was carried on is to go, and its fields by their own names."""
    to = next((value for name, value in kept if name == KEPT_TO), "/")
    return own_path(to), [(n.removeprefix(KEPT), v) for n, v in kept if n.startswith(KEPT)]


def own_path(path: str | None) -> str:
    """The path, where it is one of ours; else the first page."""
    first = url_for("staff.inbox")
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return first
    parts = urlsplit(path)
    unfit = parts.scheme or parts.netloc or any(ord(c) < 32 for c in path)
    return first if unfit else path


def begin(token: str) -> None:
    """A new session in this browser; nothing of the one before stays."""
    session.clear()
    session[TOKEN] = token
    session.permanent = True
    g.pop("csrf_token", None)  # the token of the page belonged to the session before
    g.person = None
    recognise()


def end() -> None:
    """Log out here and in the database."""
    token = session.get(TOKEN)
    if token:
        log_out(surroundings().logins, house().clock, token)
    session.clear()
    g.pop("csrf_token", None)
    g.person = None


# -- known devices ------------------------------------------------------------------------------------------
def serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known-device")


def device_for(account: str) -> str | None:
    """The name of this browser, where this very account got in from it before."""
    kept = device_cookie()
    return str(kept["id"]) if hashed(account) in kept.get("accounts", ()) else None


def device_cookie() -> dict[str, Any]:
    try:
        kept = serializer().loads(request.cookies.get(DEVICE_COOKIE, ""))
    except BadSignature:
        return {}
    return kept if isinstance(kept, dict) else {}


def remember_device(response: Response, account: str) -> Response:
    """From now on this browser is known to the account, so that nobody else's guessing shuts it out."""
    kept = device_cookie()
    known = kept.get("accounts")
    others = [one for one in known if one != hashed(account)] if isinstance(known, list) else []
    named = {
        "id": kept.get("id") or house().new_id(),
        "accounts": [*others, hashed(account)][-ACCOUNTS_PER_DEVICE:],
    }
    response.set_cookie(
        DEVICE_COOKIE,
        serializer().dumps(named),
        max_age=DEVICE_KEPT_S,
        secure=settings().behind_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def demo() -> dict[str, object]:
    """The accounts to try the service with; nothing but in demo mode."""
    if not settings().demo:
        return {"demo_accounts": [], "demo_password": ""}
    from service.rehearsal.demo import demo_accounts  # noqa: PLC0415 - heavy, and needed only here

    with house().store.begin(reading=True) as uow:
        people = demo_accounts(uow.directory(now()).people.values())
    return {"demo_accounts": people, "demo_password": settings().demo_password}
