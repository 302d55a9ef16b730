"""Brings a backup back into an empty installation, and looks whether all of it is as it was."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from service.content.release import hash_of
from service.domain.errors import Invalid, JsjbError, Unavailable
from service.domain.people import SYSTEM
from service.domain.ports import Incident
from service.ops.anchoring import Anchoring
from service.ops.backup import copy_files
from service.ops.first_start import store_of
from service.ops.manifest import Backup, BackupInvalid, read_backup
from service.ops.settings import DATABASES, Settings
from service.ops.wiring import build_house
from service.store.backup import begin_in, copy_in, is_empty, is_unfinished, look_at
from service.store.files import COMING, FolderKeep
from service.store.held import HeldNow, hold
from service.store.held_back import RESTORED
from service.store.migrate import knows, migrate
from service.store.tokens import SqlTokens
from service.store.unfinished import unmark
from service.usecases.house import House
from service.usecases.verify_audit import verify_audit
from timers import faults
from timers.clock import Clock, SystemClock
from timers.shown import show_at

Say = Callable[[str], None]
LOCK = "restore.lock"
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class TargetTaken(Invalid):
    """这里已有数据，没有恢复：恢复只往空处进行。"""

    code = "restore.taken"


class RestoreUnderWay(Unavailable):
    """另一次恢复正在这里进行（或刚被中断，它启动的 pg_restore 还没有退出），请等它结束再试。"""

    code = "restore.under_way"


def restore(settings: Settings, source: Path, say: Say, clock: Clock | None = None) -> list[str]:
    """Bring a backup back where there is nothing; what does not hold afterwards.

    From before the first file until all is done the database is marked, and nothing starts on it: what was interrupted,
    wherever, is begun anew by doing the same again. Timers that fell due meanwhile fire once the service runs, and the
    time until then is an outage; nobody is logged in. What was to be sent when the backup was made was most likely sent
    since: it is held until somebody decides, and so is what fires later of deadlines that passed before now.
    Raises: BackupInvalid; KeyMissing; TargetTaken; RestoreUnderWay; DatabaseDown; ToolMissing; ToolFailed.
    """
    backup = read_backup(source, settings)
    require_fitting(settings, backup)
    with only_one(settings) as beside:
        return bring_back(settings, backup, say, beside, clock or SystemClock())


def bring_back(settings: Settings, backup: Backup, say: Say, beside: int, clock: Clock) -> list[str]:
    """All of it, from the beginning."""
    require_empty(settings, backup)
    if is_unfinished(settings.database_url):
        say("上一次恢复没有做完：清去半途的内容，从头再做。")
    made_at = datetime.fromisoformat(backup.told["made_at"])
    say(f"备份：{backup.folder}（{show_at(made_at)}），清单相符。")
    begin_in(settings.database_url)
    faults.here(faults.AFTER_MARK)
    files = dict(backup.files())
    _, lacking = copy_files(files, backup.attachments, settings.attachments_dir)
    say(f"附件：{len(files) - len(lacking)} 个已放回。")
    faults.here(faults.AFTER_FILES)
    copy_in(settings.database_url, backup.database, beside)
    faults.here(faults.AFTER_LOAD)
    wrong = [f"附件 {sha256} 在备份里不全。" for sha256 in lacking] + list(miscounted(settings, backup))
    house = build_house(settings, clock)
    store = store_of(house)
    try:
        migrate(store.engine, restoring=True)
        waiting = hold(store)
        faults.here(faults.AFTER_HOLD)
        say("数据库：已放回，核对中……")
        wrong += look_through(house, settings, backup, say)
        if settings.anchors_file.exists():  # they tell of records that came after the backup
            say("锚定：自本次恢复重新开始；此前的锚定留作记录，不再对照。")
        Anchoring(house, store, settings).anchor_all(restored=settings.anchors_file.exists())
        note_restored(house, made_at)
        tell_what_went_back(waiting, SqlTokens(store).working(house.clock.now()), say)
        faults.here(faults.BEFORE_UNMARK)
        hold(store)  # timers that nobody stopped may have told something meanwhile
        unmark(store.engine)
    finally:
        store.close()
    return wrong


@contextmanager
def only_one(settings: Settings) -> Iterator[int]:
    """One restore at a time in a place; the file that says so, held open by what it starts as well. Raises:
    RestoreUnderWay."""
    settings.var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = os.open(settings.var_dir / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(beside, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield beside
    except BlockingIOError as taken:
        raise RestoreUnderWay from taken
    finally:
        os.close(beside)


def note_restored(house: House, made_at: datetime) -> None:
    """Administrators read in the pages as well that what came after the backup is gone; and when that was is kept, by
    which notices of what was due before are held."""
    now = house.clock.now()
    message = f"系统由备份恢复：备份作于 {show_at(made_at)}，其后的记录不在其中，请对照分中心平台和各部门的材料补录。"
    with house.store.begin() as uow:
        incident = Incident(house.new_id(), RESTORED, None, None, None, message, now)
        uow.add_incident(incident)
        uow.resolve_incident(incident.id, now, SYSTEM.person)
        uow.seen_running(RESTORED, now)
        uow.commit()


def tell_what_went_back(waiting: HeldNow, tokens: int, say: Say) -> None:
    """What whoever restores has to look at, because the backup knows nothing of what came after it."""
    if waiting.now:
        say(f"通知：{waiting.now} 条邮件、短信在备份时还没有发出，多半已在其后送出，先暂缓。")
    if waiting.before:
        say(f"通知：另有 {waiting.before} 条在备份时就已暂缓（那时的系统也是恢复来的），仍旧暂缓。")
    say(
        "通知：恢复以前就该发生的（届满的时限、到时自己开始的流程），服务启动后补上，其通知也先暂缓；"
        "运行 jsjb notices 分类列出，再决定送或不送。"
    )
    say("账号：口令、岗位、停用都回到备份时的样子；其后改过的，请核对后再改一次。所有人须重新登录。")
    if tokens:
        say(f"接口令牌：{tokens} 个有效；备份之后撤销过的又有效了，请再撤销一次。")


def require_fitting(settings: Settings, backup: Backup) -> None:
    """Raises: BackupInvalid where this program or this address cannot take it."""
    kind, schema = str(backup.told["kind"]), str(backup.told["schema"])
    here = DATABASES[0] if settings.is_embedded else DATABASES[1]
    if kind != here:
        raise BackupInvalid(
            f"备份来自 {NAMES.get(kind, kind)}，JSJB_DATABASE_URL 指的是 {NAMES[here]}；请改为同一种数据库。"
        )
    if not knows(schema):
        raise BackupInvalid(f"备份的表结构（{schema}）比程序新；请先升级程序，再恢复。")


def require_empty(settings: Settings, backup: Backup) -> None:
    """Raises: TargetTaken where there are tables, or files that are not of this backup."""
    if not (is_empty(settings.database_url) or is_unfinished(settings.database_url)):
        where = settings.database_file or "JSJB_DATABASE_URL 所指的库"
        raise TargetTaken(
            f"{where} 已有数据，没有恢复；请另设 JSJB_VAR 或 JSJB_DATABASE_URL，或先移走原来的数据。"
        )
    ours = {sha256 for sha256, _ in backup.files()}
    folder = settings.attachments_dir
    strange = [p for p in folder.glob("*/*/*") if p.name not in ours and p.parts[-3] != COMING]
    if strange:
        raise TargetTaken(f"{folder} 里有 {len(strange)} 个不属于这份备份的文件，没有恢复；请先移走。")


def miscounted(settings: Settings, backup: Backup) -> Iterator[str]:
    """The tables that hold another number of rows than were copied."""
    counts = look_at(settings.database_url).counts
    for table, count in backup.told["counts"].items():
        if counts.get(table) != count:
            yield f"表 {table} 应有 {count} 行，现有 {counts.get(table, 0)} 行。"


def look_through(house: House, settings: Settings, backup: Backup, say: Say) -> list[str]:
    """Every audit chain, each release and each file: what is wrong with them."""
    found = verify_audit(house)
    say(f"审计链：{found.cases} 件、{found.people} 人，{found.records} 条记录，{len(found.broken)} 处不符。")
    wrong = [f"{whose}：{message}" for whose, message in found.broken]
    with house.store.begin(reading=True) as uow:
        wrong += [
            f"第 {one['no']} 版内容与其散列不符。"
            for one in backup.told["releases"]
            if hash_of(uow.release_files(one["no"])) != one["hash"]
        ]
    keep = FolderKeep(settings.attachments_dir)
    for sha256 in [*dict(backup.files()), *backup.told["lacking"]]:
        try:
            keep.verify(sha256)
        except JsjbError as error:
            wrong.append(f"附件 {sha256}：{error.message}")
    say(
        f"内容：{len(backup.told['releases'])} 版；附件：{backup.told['attachments']['count']} 个；不符共 {len(wrong)} 处。"
    )
    return wrong
