"""Looks at a set-up and says what is wrong with it: each part by itself, in words that say what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from tempfile import TemporaryFile

from service.domain import audit
from service.domain.anchors import AnchorsBroken
from service.domain.changes import OF_CASE
from service.domain.errors import ChainBroken, DatabaseDown, JsjbError
from service.domain.outside import NotTaken
from service.ops.beating import BEAT, LOOK_EVERY_S
from service.ops.keys import keep_key
from service.ops.settings import MEBIBYTE, Settings
from service.ops.wiring import FONTS
from service.store.anchors import AnchorFile, records_after
from service.store.held import held
from service.store.migrate import AHEAD, BEHIND, CLOSING, EMPTY, PREPARED, RESTORING, RUNS, standing
from service.store.outbox import SqlOutbox
from service.store.reads.timers import lateness, open_incidents
from service.store.routines import NEVER
from service.store.store import SqlStore, open_store
from service.store.trust import case_recorded_last, database_now, last_seen_running, newest_record_at
from service.usecases.house import Catalogue
from service.usecases.note_running import TIMERS
from service.usecases.relay import SWEEP, SWEEP_EVERY, SWEEP_WITHIN
from timers.clock import SystemClock
from timers.shown import show_at

WELL, WARNING, WRONG = "ok", "warning", "error"
MOST_APART = timedelta(seconds=5)
LATE_AFTER = timedelta(minutes=1)
QUEUE_WAITS_S = 2.0
SCHEMA = {
    EMPTY: "还没有表，请运行 jsjb init",
    BEHIND: "表结构是旧版，请运行 jsjb init 升级，数据都会保留",
    CLOSING: "升级还差收尾；旧版程序都停了以后，请运行 jsjb migrate --post",
    PREPARED: "表结构已为更新的版本作好准备；这里的程序还能用，请尽快升级",
    AHEAD: "表结构比程序新，请升级程序",
    RESTORING: "上一次恢复没有做完，各进程都不能启动；请再运行一次 jsjb restore，会从头做完",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one part."""

    part: str
    state: str  # ok | warning | error
    told: str


class Ailing(Exception):
    """A part that does not do what it should: what is wrong, and what to do."""

    def __init__(self, told: str, state: str = WRONG) -> None:
        super().__init__(told)
        self.told = told
        self.state = state


Look = Callable[[], str]


def examine(settings: Settings) -> Iterator[Found]:
    """Look at every part; what can only be asked of a database that is there is left out where none is."""
    yield looked_at("密钥", lambda: keys(settings))
    yield looked_at("附件目录", lambda: room(settings))
    yield looked_at("网页文件", front_end)
    yield looked_at("消息队列", lambda: queue(settings))
    yield looked_at("作业", lambda: workers(settings))
    yield looked_at("电子邮件", lambda: mail(settings))
    yield looked_at("短信", lambda: messages(settings))
    file = settings.database_file
    if file is not None and not file.exists():
        yield Found("数据库", WRONG, SCHEMA[EMPTY])
        return
    store = open_store(settings.database_url)
    try:
        found = looked_at("数据库", lambda: database(store))
        yield found
        if found.state != WRONG:
            yield looked_at("内容", lambda: content(store))
            yield looked_at("时钟", lambda: clock(store))
            yield looked_at("计时", lambda: timers(store))
            yield looked_at("例行作业", lambda: routines(settings, store))
            yield looked_at("封印", lambda: seal(settings, store))
            yield looked_at("锚定", lambda: anchors(settings, store))
            yield looked_at("发件箱", lambda: outbox(store))
            yield looked_at("事件", lambda: incidents(store))
    finally:
        store.close()


def looked_at(part: str, look: Look) -> Found:
    """What one look finds."""
    try:
        return Found(part, WELL, look())
    except Ailing as ailing:
        return Found(part, ailing.state, ailing.told)
    except JsjbError as error:
        return Found(part, WRONG, error.message)
    except OSError as error:
        return Found(part, WRONG, f"无法读写：{error}；请检查目录的属主、权限和磁盘")


def keys(settings: Settings) -> str:
    """The keys of this installation can be read, and by nobody else."""
    if not (settings.keys_dir / "audit.key").exists():
        raise Ailing(
            f"{settings.keys_dir} 里没有密钥；新装请运行 jsjb init，已有数据的请取回原来的 audit.key，多台机器须用同一份"
        )
    for name in ("audit", "session"):
        keep_key(settings.keys_dir, name)
    return "可读，且只有本用户可读"


def room(settings: Settings) -> str:
    """There is a place for attachments with enough room."""
    folder = settings.attachments_dir if settings.attachments_dir.exists() else settings.var_dir
    if not folder.exists():
        raise Ailing(f"没有 {folder}，请运行 jsjb init")
    free = shutil.disk_usage(folder).free
    if free < settings.disk_floor_bytes:
        raise Ailing(
            f"只剩 {free // MEBIBYTE} MB，低于下限 {settings.disk_floor_bytes // MEBIBYTE} MB，上传已停，请腾出空间"
        )
    with TemporaryFile(dir=folder):
        return f"可写，剩余 {free // MEBIBYTE} MB"


def front_end() -> str:
    """The scripts and styles of the pages were built."""
    dist = FONTS.parent
    if not (dist / "app.css").exists():
        raise Ailing("网页的脚本和样式还没有生成，请运行 make setup-run")
    if not any(FONTS.glob("*.otf")):
        raise Ailing(f"{FONTS} 里没有字体，排不出报送件等文书，请运行 make setup-run")
    return "已生成"


def queue(settings: Settings) -> str:
    """Redis answers, where there is one, and throws nothing away when it is full."""
    if settings.redis_url is None:
        if settings.is_embedded:
            return "未设置，通知由本进程送达"
        raise Ailing("未设置 JSJB_REDIS_URL，通知由转发进程直接送达", WARNING)
    import redis

    client = redis.Redis.from_url(
        settings.redis_url, socket_timeout=QUEUE_WAITS_S, socket_connect_timeout=QUEUE_WAITS_S
    )
    try:
        policy = client.config_get("maxmemory-policy").get("maxmemory-policy", "noeviction")
    except redis.AuthenticationError as error:
        raise Ailing("Redis 不认口令，请检查 JSJB_REDIS_URL；不会丢通知，但送不出去") from error
    except redis.ResponseError:
        return "应答正常；不许查看 maxmemory-policy，请确认它是 noeviction"
    except redis.RedisError as error:
        raise Ailing(
            f"Redis 不应答（{type(error).__name__}）；不会丢通知，但会送得慢，请检查 Redis"
        ) from error
    finally:
        client.close()
    if policy != "noeviction":
        raise Ailing(f"Redis 的 maxmemory-policy 是 {policy}，请改为 noeviction", WARNING)
    return "应答正常"


def workers(settings: Settings) -> str:
    """Somebody takes what is put into the queue."""
    if settings.redis_url is None:
        return "未设置 JSJB_REDIS_URL，不需要作业进程"
    from service.jobs.queue import workers_listening

    try:
        count = workers_listening(settings.redis_url)
    except Exception as error:  # whatever Celery raises
        raise Ailing("Redis 不应答，问不到作业进程", WARNING) from error
    if not count:
        raise Ailing("没有作业进程应答，邮件、短信和下载都在等；请启动 jsjb worker", WARNING)
    return f"{count} 个应答"


def mail(settings: Settings) -> str:
    """The mail server lets us in, where there is one. Nothing is sent."""
    if settings.smtp_url is None or settings.mail_from is None:
        return "未设置 JSJB_SMTP_URL，通知不发邮件"
    from service.jobs.mail import SmtpMail

    try:
        SmtpMail(settings.smtp_url, settings.mail_from).look()
    except NotTaken as error:
        raise Ailing(
            f"邮件服务器没有接纳（{why(error)}）；系统内的通知不受影响，邮件会补发，请检查 JSJB_SMTP_URL"
        ) from error
    return f"可以登录，发件人 {settings.mail_from}"


def messages(settings: Settings) -> str:
    """The gateway answers, where there is one, and does not turn our token away. Nothing is sent."""
    if settings.sms_url is None or settings.sms_token is None:
        return "未设置 JSJB_SMS_URL，通知不发短信"
    from service.jobs.sms import SmsGateway

    try:
        status = SmsGateway(settings.sms_url, settings.sms_token).look()
    except NotTaken as error:
        raise Ailing(
            f"短信网关不应答（{why(error)}）；系统内的通知不受影响，短信会补发，请检查 JSJB_SMS_URL"
        ) from error
    if status in (401, 403):
        raise Ailing(f"短信网关不认令牌（{status}），请检查 JSJB_SMS_TOKEN")
    if status >= 500 or 300 <= status < 400:
        raise Ailing(f"短信网关应答 {status}，请检查 JSJB_SMS_URL")
    return "应答正常"


def why(error: NotTaken) -> str:
    """What a server said, or what went wrong on the way to it."""
    return "、".join(f"{name} {value}" for name, value in error.details.items())


def database(store: SqlStore) -> str:
    """The database is there and has the tables of this code."""
    try:
        found = standing(store.engine)
    except DatabaseDown as down:
        raise Ailing(f"连不上（{cause_of(down)}）；请检查数据库服务和 JSJB_DATABASE_URL") from down
    if wrong := SCHEMA.get(found):
        raise Ailing(wrong, WARNING if found in RUNS else WRONG)
    return f"{store.engine.dialect.name}，表结构是最新的"


def cause_of(error: BaseException) -> str:
    """What the driver said at the bottom of it: no password stands in that."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def content(store: SqlStore) -> str:
    """A release is in force, and can be read."""
    release = Catalogue(store).current(SystemClock().now())
    return f"第 {release.row.no} 版有效"


def clock(store: SqlStore) -> str:
    """This machine's clock agrees with the database's, and is not behind what was recorded."""
    now = SystemClock().now()
    newest = newest_record_at(store)
    if newest is not None and newest - now > MOST_APART:
        raise Ailing(f"本机时钟比最新的记录早 {newest - now}，计时已停，请校时")
    reference = database_now(store)
    if reference is not None and abs(reference - SystemClock().now()) > MOST_APART:
        raise Ailing(f"本机时钟与数据库相差 {abs(reference - now)}，请校时")
    return "一致"


def timers(store: SqlStore) -> str:
    """Nothing that should have fired waits, and nothing was given up."""
    now = SystemClock().now()
    with store.reading() as connection:
        found = lateness(connection, now)
    if parked := found.by_state.get("parked"):
        raise Ailing(f"{parked} 个计时已停放，请系统管理员在“计时器”页处理")
    if found.oldest_fires_at is not None and now - found.oldest_fires_at > LATE_AFTER:
        raise Ailing(f"{found.overdue} 个到时的计时没有触发，请检查计时进程（jsjb timers）是否在运行")
    waiting = f"{found.by_state.get('waiting', 0)} 个等待，没有误时的"
    seen_at = last_seen_running(store, TIMERS)
    if seen_at is None:
        return f"{waiting}；计时进程还没有运行过"
    if now - seen_at > LATE_AFTER:
        raise Ailing(
            f"{waiting}，但计时进程没有在运行，最后一次是 {show_at(seen_at)}；请启动 jsjb timers", WARNING
        )
    return waiting


def routines(settings: Settings, store: SqlStore) -> str:
    """Somebody does the routine jobs, and gets them done."""
    if settings.redis_url is None:
        return "由本进程或转发进程就地做"
    seen_at = last_seen_running(store, BEAT)
    if seen_at is None or SystemClock().now() - seen_at > LATE_AFTER + timedelta(seconds=LOOK_EVERY_S):
        since = "没有运行过" if seen_at is None else f"没有在运行，最后一次是 {show_at(seen_at)}"
        raise Ailing(f"例行作业进程{since}，过期的下载不会清理；请启动 jsjb beat", WARNING)
    done_at = last_seen_running(store, SWEEP)
    if done_at is None or abs(SystemClock().now() - done_at) > SWEEP_EVERY + SWEEP_WITHIN + LATE_AFTER:
        last = f"最近一次做完是 {show_at(done_at)}" if done_at and done_at != NEVER else "还没有做完过一次"
        raise Ailing(
            f"例行作业进程在运行，但清理{last}，过期的下载等还在；若不是刚启动，请看 jsjb beat 的日志",
            WARNING,
        )
    return f"有进程在做，最近一次做完是 {show_at(done_at)}"


def seal(settings: Settings, store: SqlStore) -> str:
    """The newest record was sealed with the key that lies here."""
    case = case_recorded_last(store)
    if case is None:
        return "还没有记录"
    if not (settings.keys_dir / "audit.key").exists():  # nothing is made here
        raise Ailing(f"没有 {settings.keys_dir / 'audit.key'}，无从核对；请取回原来的那一份")
    with store.begin(reading=True) as uow:
        chain, entries = uow.chain(OF_CASE, case)
    try:
        audit.verify(keep_key(settings.keys_dir, "audit"), entries, chain.head)
    except ChainBroken as broken:
        raise Ailing(
            f"最新的记录与 {settings.keys_dir / 'audit.key'} 不符：不是原来的密钥，或者记录被改动过；"
            "请停下各进程，取回原来的密钥，再运行 jsjb audit verify"
        ) from broken
    return "最新的记录与密钥相符"


def anchors(settings: Settings, store: SqlStore) -> str:
    """Where the audit chains end was written outside the database not long ago, if anything was recorded since."""
    try:
        last = AnchorFile(settings.anchors_file).last()
    except AnchorsBroken as broken:
        raise Ailing(
            f"{settings.anchors_file} 读不懂：{broken.message}请运行 jsjb audit verify 核对"
        ) from broken
    count, first = records_after(store, last.at if last else None)
    if first is not None and SystemClock().now() - first > 2 * settings.anchor_every:
        since = f"第 {last.no} 号以后" if last else "还没有锚定过，"
        raise Ailing(
            f"{since}有 {count} 条审计记录没有锚定，请检查计时进程（jsjb timers）能否写 {settings.anchors_dir}",
            WARNING,
        )
    return f"第 {last.no} 号，其后 {count} 条记录" if last else "还没有可锚定的记录"


def outbox(store: SqlStore) -> str:
    """What was written is handed on."""
    count, oldest = SqlOutbox(store).backlog()
    if oldest is not None and SystemClock().now() - oldest > LATE_AFTER:
        raise Ailing(f"{count} 条通知还没有送出，请检查转发进程（jsjb relay）和作业进程（jsjb worker）")
    if kept := held(store):
        raise Ailing(
            f"{sum(one.count for one in kept)} 条通知在恢复后暂缓，请运行 jsjb notices 查看，再决定送或不送",
            WARNING,
        )
    return f"{count} 条待送"


def incidents(store: SqlStore) -> str:
    """Nothing waits for a person."""
    with store.reading() as connection:
        count = open_incidents(connection)
    if count:
        raise Ailing(f"{count} 件事件待处理，请系统管理员在“故障”页查看", WARNING)
    return "没有待处理的"
