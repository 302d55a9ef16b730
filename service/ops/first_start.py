"""What the first start makes: the schema, release 1, and, for a demo, an institute with cases in all stages."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from service.content import read_folder
from service.domain.errors import Invalid
from service.ops.settings import Settings
from service.ops.wiring import build_house
from service.store.migrate import migrate
from service.store.store import SqlStore
from service.usecases.house import House
from service.usecases.release_content import release_content
from timers.clock import BEIJING, FixedClock, SystemClock

IN_FORCE_FROM = datetime(2024, 1, 25, tzinfo=BEIJING)  # Article 17
Say = Callable[[str], None]


def prepare(settings: Settings, *, demo: bool, say: Say) -> None:
    """Bring an installation to where it can serve. Safe to repeat: what is there already is left alone.

    Raises: RestoreUnfinished; SchemaAhead; TablesHeld; DatabaseDown.
    """
    house = build_house(settings)
    try:
        furnish(house, settings, demo=demo, say=say)
    finally:
        store_of(house).close()


def furnish(house: House, settings: Settings, *, demo: bool, say: Say) -> None:
    """The schema, release 1, and what a demo needs, where it is not there."""
    from service.rehearsal.demo import settle_organisation

    store = store_of(house)
    say("数据库：建立或升级表结构……")
    migrate(store.engine)
    files = read_folder(settings.content_dir)
    with store.begin(reading=True) as uow:
        is_new = not uow.releases()
        has_people = bool(uow.roster().members)
    if is_new:
        say("内容：检查并发布第 1 版……")
        release_content(
            house,
            files,
            by=None,
            reason="初始内容：《实施办法》自发布之日起施行。",
            effective_from=IN_FORCE_FROM,
        )
    if demo and not has_people:
        say("演示：建立部门与人员……")
        settle_organisation(house, settings.demo_password)
        say("演示：按办件情景重放诉求件……")
        count = replay_demo(house, settings.content_dir)
        say(f"演示：{count} 件诉求件已就绪。")


def replay_demo(house: House, content_dir: Path) -> int:
    """The demo cases, played under a virtual clock up to now; returns how many."""
    from service.rehearsal.case_file_source import playable, read_worked_cases
    from service.rehearsal.demo import replay

    now = SystemClock().now()
    cases = [
        case
        for path in sorted((content_dir / "bpmn" / "cases").glob("*.yaml"))
        for case in playable(read_worked_cases(path.read_bytes(), path.name))
    ]
    clock = FixedClock(datetime.fromisoformat("2000-01-01T00:00:00+08:00"))
    return replay(replace(house, clock=clock), clock, cases, now)


def start_anew(settings: Settings) -> None:
    """Remove the database and the files of an embedded installation. Raises: Invalid for a server's database."""
    file = settings.database_file
    if file is None:
        raise Invalid(
            "只有内嵌的 SQLite 数据库可以用 FRESH=1 重来；服务器上的数据库请自行处理。", code="settings.fresh"
        )
    for path in file.parent.glob(f"{file.name}*"):
        path.unlink()
    shutil.rmtree(settings.attachments_dir, ignore_errors=True)


def store_of(house: House) -> SqlStore:
    """The house's store as the parts of `ops` need it."""
    if not isinstance(house.store, SqlStore):
        raise TypeError("the service runs on the SQL store")
    return house.store
