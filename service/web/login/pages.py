"""The page by which one gets in, and the way out."""

from __future__ import annotations

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import Refused
from service.usecases.log_in import Attempt
from service.usecases.log_in import log_in as open_session
from service.web import sessions
from service.web.surroundings import house, surroundings

blueprint = Blueprint("login", __name__)

TOO_MANY = 429
WRONG = 401


@blueprint.get("/login")
def log_in() -> ResponseReturnValue:
    """The page with its two fields; whoever is in already goes on."""
    if g.person is not None:
        return redirect(sessions.own_path(request.args.get("next")))
    return page("", None, [])


@blueprint.post("/login")
def enter() -> ResponseReturnValue:
    """Let in whoever knows the password, into a session that is new."""
    account = request.form.get("account", "").strip()
    kept = sessions.kept_before()
    attempt = Attempt(account, request.form.get("password", ""), network(), sessions.device_for(account))
    try:
        token, _ = open_session(surroundings().logins, house().clock, sessions.limits(), attempt)
    except Refused as refused:
        return page(account, refused.message, kept), TOO_MANY if refused.code == "login.too_many" else WRONG
    sessions.begin(token)
    if sessions.is_anothers(kept):
        flash("登录前的页面是另一位同事打开的：其中填写的内容没有提交，也没有保留下来。", "warning")
        response = make_response(redirect(url_for("staff.inbox")))
    elif kept:
        to, fields = sessions.resumed(kept)
        response = make_response(render_template("login/go_on.html", to=to, fields=fields, is_new_login=True))
    else:
        response = make_response(redirect(sessions.own_path(request.args.get("next"))))
    return sessions.remember_device(response, account)


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """The session is over."""
    sessions.end()
    return redirect(url_for("login.log_in"))


def page(account: str, message: str | None, kept: list[tuple[str, str]]) -> str:
    return render_template(
        "login/log_in.html",
        next=request.args.get("next"),
        account=account,
        message=message,
        kept=kept,
        **sessions.demo(),
    )


def network() -> str:
    """Where an attempt comes from; of IPv6 the half that a household or office shares."""
    address = request.remote_addr or "unknown"
    return ":".join(address.split(":")[:4]) if ":" in address else address
