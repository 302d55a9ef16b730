"""Names for keys, read once per request: departments, people, articles."""

from __future__ import annotations

from typing import cast

from flask import Flask, g

from service.domain.errors import Missing
from service.domain.people import ROLE_NAMES
from service.usecases.house import Release
from service.web.surroundings import house, now, staff


def departments() -> dict[str, str]:
    """Key → name of every department."""
    if "departments" not in g:
        found = sorted(staff().roster.departments.values(), key=lambda one: (not one.is_office, one.key))
        g.departments = {one.key: one.name for one in found}
    return cast("dict[str, str]", g.departments)


def people() -> dict[str, str]:
    """Id → name of everybody."""
    if "people" not in g:
        g.people = {one.id: one.name for one in staff().roster.members.values()}
    return cast("dict[str, str]", g.people)


def current() -> Release | None:
    """The content now in force; None before anything was released."""
    if "release" not in g:
        try:
            g.release = house().catalogue.among(staff().releases, now())
        except Missing:
            g.release = None
    return cast("Release | None", g.release)


def ask_nothing_more() -> None:
    """Keys stand for themselves from now on in this request: the database cannot be asked, and the page that says so
    must not fail over a name."""
    for kept in ("departments", "people"):
        g.setdefault(kept, {})
    g.setdefault("release", None)


def department_name(key: str | None) -> str:
    return departments().get(key or "", key or "—")


def person_name(key: str | None) -> str:
    return people().get(key or "", key or "—")


def holder_name(role: str, department: str | None) -> str:
    """Whoever holds a role, with their department where the role is a department's: 后勤管理部专人."""
    name = ROLE_NAMES.get(role, role)
    if not department:
        return name
    return f"{department_name(department)}{name.removeprefix('协办').removeprefix('部门')}"


def article_name(row: str) -> str:
    """The place in the regulation that a row stands for."""
    release = current()
    found = release.content.regulation.get(row) if release else None
    return found.citation if found else row


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        department_name=department_name,
        person_name=person_name,
        holder_name=holder_name,
        article_name=article_name,
        server_now=now,
    )
