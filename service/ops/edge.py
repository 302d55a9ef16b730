"""The one edge of the commands: whatever goes wrong inside ends as a sentence with its code, never as a traceback."""

from __future__ import annotations

import errno
import os
import secrets
import tempfile
import traceback
from pathlib import Path

import click

from service.domain.errors import Broken, FormInvalid, JsjbError

REASONS = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许这样做",
    errno.EROFS: "这里只能读，不能写",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.EISDIR: "这是文件夹，不是文件",
    errno.EEXIST: "已经存在",
    errno.ENAMETOOLONG: "名称太长",
    errno.EMFILE: "打开的文件太多",
    errno.EADDRINUSE: "端口已被占用",
    errno.ECONNREFUSED: "对方拒绝连接",
}


def sentence(error: Exception) -> click.ClickException:
    """What the person at the terminal is told about an error, with its code and, for ours, where it is written."""
    if isinstance(error, OSError):
        where = f"{error.filename}：" if error.filename else ""
        reason = REASONS.get(error.errno or 0) or error.strerror or str(error)
        return click.ClickException(
            f"{where}{reason}。 [os.{errno.errorcode.get(error.errno or 0, 'error')}]"
        )
    if isinstance(error, JsjbError) and not isinstance(error, Broken):
        return click.ClickException(f"{said(error)} [{error.code}]")
    known = error if isinstance(error, Broken) else Broken("系统出错，请联系管理员。")
    incident = secrets.token_hex(4)
    path = written(error, incident)
    place = f"详情写在 {path}" if path else "详情没有地方可写"
    return click.ClickException(f"{known.message} [{known.code}] 编号 {incident}，{place}")


def said(error: JsjbError) -> str:
    """The sentence of an error; where it is about fields, what is wrong with each."""
    if isinstance(error, FormInvalid):
        return "；".join(field.message for field in error.fields) or error.message
    return error.message


def written(error: Exception, incident: str) -> Path | None:
    """Write the traceback where only its owner reads it; the file it stands in, if any could be made."""
    text = "".join(traceback.format_exception(error))
    for folder in (logs(), Path(tempfile.gettempdir())):
        path = folder / f"jsjb-{incident}.log"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError:
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        return path
    return None


def logs() -> Path:
    """Where this installation keeps what went wrong; the usual place where its settings cannot be read."""
    from service.ops.settings import PROJECT, Settings

    try:
        return Settings.from_environment().var_dir / "log"
    except JsjbError:
        return PROJECT / "var" / "log"
