"""Puts the house together from the settings: store, releases, clock, keys, files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import uuid4

from service import web
from service.domain.errors import Broken, Invalid
from service.ops.keys import keep_key
from service.ops.logs import plain_tracebacks
from service.ops.settings import Settings
from service.store.files import FolderKeep
from service.store.migrate import AHEAD, BEHIND, EMPTY, RESTORING, SchemaAhead, standing
from service.store.replays import SqlReplays
from service.store.store import SqlStore, open_store
from service.store.trust import holds_records
from service.store.unfinished import RestoreUnfinished
from service.usecases.downloads import DownloadDesk
from service.usecases.house import Catalogue, House
from timers.calendar import shipped_calendar
from timers.clock import Clock, ClockGuard, SystemClock

if TYPE_CHECKING:
    from service.rehearsal.replaying.turns import ReplayDesk

FONTS = Path(web.__file__).parent / "static" / "dist" / "fonts"  # put there by the build of the pages


class NotSetUp(Invalid):
    """还没有建立数据库，请先运行 jsjb init。"""

    code = "database.not_set_up"


class KeyGone(Broken):
    """没有封印记录所用的密钥。"""

    code = "settings.key_gone"


class SchemaBehind(Invalid):
    """数据库的表结构是旧版的，请先运行 jsjb init 升级；原有数据都会保留。"""

    code = "database.behind"


def installed_house(settings: Settings, clock: Clock | None = None) -> House:
    """The house of an installation that has been set up; makes nothing where there is none.

    Raises: NotSetUp, SchemaBehind, SchemaAhead, RestoreUnfinished, DatabaseUrlInvalid, DatabaseDown.
    """
    require_set_up(settings)
    return build_house(settings, clock)


def require_set_up(settings: Settings) -> None:
    """Raises: NotSetUp, SchemaBehind where `jsjb init` has to run first; SchemaAhead where newer code has to;
    RestoreUnfinished where `jsjb restore` has to run again."""
    file = settings.database_file
    if file is not None and not file.exists():
        raise NotSetUp
    store = open_store(settings.database_url)
    try:
        found = standing(store.engine)
    finally:
        store.close()
    if found == EMPTY:
        raise NotSetUp
    if found == BEHIND:
        raise SchemaBehind
    if found == AHEAD:
        raise SchemaAhead
    if found == RESTORING:
        raise RestoreUnfinished


def desk_of(settings: Settings, house: House) -> DownloadDesk:
    """The desk of downloads of one process."""
    from service.web.made import desk_for  # what makes them is loaded where they are made

    store = cast("SqlStore", house.store)
    return desk_for(house, store, settings.downloads_dir, settings.disk_floor_bytes)


def sealing_key(settings: Settings, store: SqlStore) -> bytes:
    """The key that records are sealed with; a new one only where nothing was sealed yet.

    Raises: KeyGone, `settings.key_unsafe`; DatabaseDown where that cannot be told.
    """
    if not (settings.keys_dir / "audit.key").exists() and holds_records(store):
        raise KeyGone(
            f"{settings.keys_dir} 里没有 audit.key，而数据库里已有用它封印的记录："
            "请取回原来的那一份（多台机器须用同一份），不要新建。"
        )
    return keep_key(settings.keys_dir, "audit")


def replays_of(house: House) -> SqlReplays:
    """Where the replays of one process stand."""
    return SqlReplays(cast("SqlStore", house.store))


def replay_desk_of(house: House, settings: Settings) -> ReplayDesk:
    """The desk of replays of one process."""
    from service.rehearsal.replaying.turns import ReplayDesk  # what replays is loaded where it is done

    store = cast("SqlStore", house.store)
    return ReplayDesk(house, store, SqlReplays(store), settings.replays_count_others)


def build_house(settings: Settings, clock: Clock | None = None) -> House:
    """The house of one process, which from then on tells no secrets to its log. Opens nothing but the database's pool.

    Raises: DatabaseUrlInvalid; as `sealing_key`.
    """
    plain_tracebacks()
    store = open_store(settings.database_url)
    wall = SystemClock()
    return House(
        store=store,
        catalogue=Catalogue(store),
        clock=clock or wall,
        calendar=shipped_calendar(),
        audit_key=sealing_key(settings, store),
        files=FolderKeep(settings.attachments_dir, floor_bytes=settings.disk_floor_bytes),
        new_id=lambda: uuid4().hex,
        upload_quota_bytes=settings.upload_quota_bytes,
        fonts=FONTS,
        guard=ClockGuard(wall) if clock is None else None,
    )
