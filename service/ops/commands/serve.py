"""`jsjb init`, `jsjb serve`, `jsjb timers`, `relay`, `worker`, `beat`: set up, and run the parts; `jsjb alive`: look at one."""

from __future__ import annotations

import click


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    for command in (init, serve, timers, relay, worker, beat, alive):
        group.add_command(command)


@click.command()
@click.option("--demo", is_flag=True, help="另建演示部门、人员与诉求件。")
@click.option("--fresh", is_flag=True, help="先删去内嵌数据库与附件，从头再来。")
def init(demo: bool, fresh: bool) -> None:
    """建立数据库、发布第 1 版内容；可重复运行。"""
    from service.ops.first_start import prepare, start_anew
    from service.ops.settings import Settings

    settings = Settings.from_environment()
    if fresh:
        start_anew(settings)
    prepare(settings, demo=demo, say=click.echo)


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="端口；缺省取环境变量 PORT 或 8000。")
def serve(port: int | None) -> None:
    """运行内嵌服务：网页、计时、通知转发，同在一个进程。"""
    from service.ops.embedded import serve_embedded
    from service.ops.settings import Settings

    settings = Settings.from_environment()
    serve_embedded(settings, port or settings.port, say=click.echo)


@click.command()
def timers() -> None:
    """只运行计时进程；可同时运行多个。"""
    from service.ops.alone import run_timers
    from service.ops.settings import Settings

    run_timers(Settings.from_environment(), say=click.echo)


@click.command()
def relay() -> None:
    """只运行通知转发进程；可同时运行多个。"""
    from service.ops.alone import run_relay
    from service.ops.settings import Settings

    run_relay(Settings.from_environment(), say=click.echo)


@click.command()
@click.option("--processes", type=click.IntRange(1, 64), default=2, show_default=True, help="几个子进程。")
@click.option("--notices-only", is_flag=True, help="只送通知，不制作下载：紧急通知不会排在大件后面。")
def worker(processes: int, notices_only: bool) -> None:
    """运行作业进程（需要 JSJB_REDIS_URL）：送通知、制作下载；可在多台机器上同时运行。"""
    from service.ops.settings import Settings
    from service.ops.working import run_worker

    settings = Settings.from_environment()
    run_worker(settings, processes=processes, notices_only=notices_only, say=click.echo)


@click.command()
def beat() -> None:
    """运行例行作业进程：按时清理过期的下载等；不需要 JSJB_REDIS_URL，多开几个也不会重复。"""
    from service.ops.alone import run_beat
    from service.ops.settings import Settings

    run_beat(Settings.from_environment(), say=click.echo)


@click.command()
@click.argument("part", type=click.Choice(["timers", "relay", "worker", "beat"]))
@click.option(
    "--within", type=click.FloatRange(min=0), metavar="秒", help="多久没有动静算卡住；缺省因进程而异。"
)
@click.pass_context
def alive(ctx: click.Context, part: str, within: float | None) -> None:
    """这台机器上的某种进程是否在运行、没有卡住；不问数据库和 Redis，它们停了进程会等。不在或卡住时退出码为 1。"""
    from service.ops.pulse import PARTS, is_alive
    from service.ops.settings import Settings

    folder = Settings.from_environment().pulse_dir
    well, told = is_alive(part, folder, PARTS[part] if within is None else within)
    click.echo(told)
    ctx.exit(0 if well else 1)
