"""The pages of the process owners: the content in force, drafts and their editors, releases."""

from __future__ import annotations

from flask import Flask

from service.domain.people import PROCESS_OWNER
from service.web.navigation import Entry, add_entries
from service.web.owner import (
    adding,
    articles,
    cancelling,
    drafts,
    editing,
    home,
    policy,
    releases,
    releasing,
    replaying,
)
from service.web.owner.blueprint import blueprint

PAGES = (home, articles, drafts, adding, editing, policy, releasing, replaying, releases, cancelling)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    owners = frozenset({PROCESS_OWNER})
    add_entries(
        app,
        [
            Entry("owner.home", "流程与规则", "flow", owners),
            Entry("owner.articles", "条款", "book", owners),
            Entry("owner.releases", "发布", "check", owners),
        ],
    )
