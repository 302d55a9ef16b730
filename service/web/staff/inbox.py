"""待办: what waits for me, the most pressing first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.permissions import is_of_office
from service.store.reads.inbox import ALL, DEPARTMENT, MINE, PAGE, ToDo, tally, todos, waiting_in
from service.store.reads.open_tasks import audiences
from service.store.reads.sight import departments_of
from service.usecases.claim_task import claim_task, release_task
from service.web.sessions import own_path
from service.web.sought import SOUGHT, is_forgotten, keep_sought, offered, sought
from service.web.staff.blueprint import blueprint
from service.web.staff.of_number import case_id_of
from service.web.surroundings import away, house, now, person, store

SEE_OTHER = 303
SCOPES = {ALL: "全部待办", MINE: "我已领取", DEPARTMENT: "本部门"}


@blueprint.get("/")
def inbox() -> str:
    """The page; the list on it renews itself."""
    return render_template("staff/inbox.html", scopes=scopes(), unattended=unattended(), **listed())


@blueprint.post("/")
def find_todos() -> ResponseReturnValue:
    """Look for what waits: the list whose address carries its scope, and a key to the words."""
    scope = request.form.get("scope", ALL)
    chosen: dict[str, Any] = {SOUGHT: keep_sought(), "scope": scope if scope in SCOPES else None}
    return redirect(url_for("staff.inbox", **chosen), SEE_OTHER)


@blueprint.get("/inbox/list")
def inbox_list() -> str:
    """The list alone, as the page asks for it again every minute."""
    return render_template("staff/inbox_list.html", **listed())


def listed() -> dict[str, object]:
    """One page of the list; the last one, where things were done meanwhile and there is no such page any more."""
    scope = request.args.get("scope", ALL)
    scope = scope if scope in SCOPES else ALL
    query = sought()
    asked: dict[str, Any] = {"scope": scope, "query": query, "away": away()}
    with store().reading() as connection:
        asked["waiting"] = audiences(connection)
        counted = tally(connection, person(), now(), **asked)
        last = max(1, -(-counted.total // PAGE))
        page = min(max(1, request.args.get("page", 1, type=int)), last)
        found = todos(connection, person(), page=page, **asked)
        # whoever has nothing to do is told what waits for others in their department
        asks = not found and scope == ALL and not query and has_colleagues()
        others = in_department(connection) if asks else None
    rest = max(0, counted.total - page * PAGE)
    return {
        "todos": found,
        "tally": counted,
        "page": page,
        "rest": rest,
        "scope": scope,
        "query": query,
        "sought_key": request.args.get(SOUGHT) if query else None,
        "forgotten": is_forgotten(),
        "offered": offered(),
        "others": others,
    }


def in_department(connection: Any) -> tuple[int, ToDo] | None:
    """How much waits in the person's departments, and what of it is due first; None where nothing does."""
    asked: dict[str, Any] = {"scope": DEPARTMENT}
    first = next(iter(todos(connection, person(), **asked)), None)
    return (tally(connection, person(), now(), **asked).total, first) if first else None


def unattended() -> dict[str, int]:
    """For the office: the departments in which nobody is there for what waits, and how much that is. Article: A4-4."""
    if not is_of_office(person()):
        return {}
    with house().store.begin(reading=True) as uow:
        keys = [one.key for one in uow.directory(now()).unattended()]
    with store().reading() as connection:
        return waiting_in(connection, keys)


def scopes() -> Mapping[str, str]:
    """The lists a person can choose from; a department's only where there is one."""
    return {key: name for key, name in SCOPES.items() if key != DEPARTMENT or has_colleagues()}


def has_colleagues() -> bool:
    """Whether this person works in a department or in the office."""
    return bool(departments_of(person())) or is_of_office(person())


@blueprint.post("/cases/<case_no>/tasks/<task_id>/claim")
def claim(case_no: str, task_id: str) -> ResponseReturnValue:
    """Take a task for oneself."""
    claim_task(house(), case_id_of(case_no), task_id, person())
    flash("已领取，这项任务只有您能看到待办；需要时可以放回。")
    return redirect(own_path(request.form.get("back")))


@blueprint.post("/cases/<case_no>/tasks/<task_id>/release")
def release(case_no: str, task_id: str) -> ResponseReturnValue:
    """Give a task back."""
    release_task(house(), case_id_of(case_no), task_id, person())
    flash("已放回，同岗位的人都能办理。")
    return redirect(own_path(request.form.get("back")) or url_for("staff.inbox"))
