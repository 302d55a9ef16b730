"""`jsjb lint` and `jsjb articles`: what is wrong with content, and what of the regulation it carries."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from service.content import Content
    from service.domain.errors import Finding
    from service.usecases.coverage import Coverage

PATHS = click.Path(exists=True, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
PARTS = frozenset({"bpmn", "forms"})
SEVERITIES = {"error": "错误", "warning": "提醒"}


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(lint)
    group.add_command(articles)


@click.command()
@click.argument("paths", nargs=-1, required=True, type=PATHS, metavar="PATH…")
@click.option("--json", "as_json", is_flag=True, help="每条发现一个 JSON 对象，合成一个列表。")
@click.pass_context
def lint(ctx: click.Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """检查内容：流程图、表单、时限表、事实和口径。

    PATH 是 bpmn、forms 文件夹，含有它们的文件夹，或其中的文件。同一版本里的其余文件一并读入作对照，
    只列出所给文件的问题。有错误时退出码为 1。
    """
    from service.domain.telling import told

    found = [finding for root, chosen in _chosen(paths).items() for finding in _findings(root, chosen)]
    if as_json:
        click.echo(json.dumps([f.as_data() for f in found], ensure_ascii=False, indent=2))
    else:
        for finding in told(found):
            click.echo(_line(finding))
        errors = sum(f.severity == "error" for f in found)
        click.echo(f"{errors} 个错误，{len(found) - errors} 个提醒")
    ctx.exit(1 if any(f.severity == "error" for f in found) else 0)


def _chosen(paths: Iterable[Path]) -> Mapping[Path | None, list[Path]]:
    """The given paths by the folder of the release they belong to; None for files that belong to none."""
    found: dict[Path | None, list[Path]] = {}
    for path in paths:
        full = path.resolve()
        places = [full, *full.parents]
        root = next((place.parent for place in places if place.name in PARTS), None)
        if root is None and full.is_dir():
            root = full
        found.setdefault(root, []).append(full)
    return found


def _findings(root: Path | None, chosen: list[Path]) -> list[Finding]:
    from dataclasses import replace

    from service.content import read_folder
    from service.usecases.check_content import check_content

    if root is None:
        files = {_loose(path): path for path in chosen}
        found = check_content({name: path.read_bytes() for name, path in files.items()}, complete=False)
        return [replace(f, file=str(files[f.file]) if f.file in files else f.file) for f in found]
    wanted = [path.relative_to(root).as_posix() for path in chosen]
    return [f for f in check_content(read_folder(root)) if _is_wanted(f.file, wanted)]


def _loose(path: Path) -> str:
    """The name under which a file that lies in no release is looked at."""
    return f"forms/{path.name}" if path.suffix == ".form" else f"bpmn/{path.name}"


def _is_wanted(file: str, wanted: list[str]) -> bool:
    return not file or any(one in {".", file} or file.startswith(f"{one}/") for one in wanted)


def _line(finding: Finding) -> str:
    severity = SEVERITIES.get(finding.severity, finding.severity)
    return finding.as_line(f"{severity} [{finding.rule}]")


@click.command()
@click.option(
    "--check",
    is_flag=True,
    help="有约束力的行（E、M）没有落实、没有情景走到，或与所列的行不符时，退出码为 1。",
)
@click.option("--json", "as_json", is_flag=True, help="以 JSON 列出。")
@click.option(
    "--content", "content_dir", type=FOLDER, help="含 bpmn/ 与 forms/ 的文件夹；缺省为本项目的内容。"
)
@click.pass_context
def articles(ctx: click.Context, check: bool, as_json: bool, content_dir: Path | None) -> None:
    """逐条列出办法由哪些元素、规则、字段、时钟和情景落实。

    强制的行（E）须有规则、时钟、网关或任务，里程碑不算；部分强制的行（M）有存证的字段也可以。两者都须有情景走到。
    情景只有读得懂（同 check scenarios）、且有一步交表单或让时间走到的才算；有读不懂的，退出码总为 1。
    """
    from service.content import load, read_folder
    from service.engine import parse
    from service.ops.settings import Settings
    from service.rehearsal.proving_cases import proving_cases
    from service.usecases.coverage import coverage_of, gaps

    content = load(read_folder(content_dir or Settings.from_environment().content_dir))
    definition = parse(content.diagrams)
    proving = proving_cases(content, definition)
    found = coverage_of(content, definition, proving.cases)
    open_rows = gaps(found)
    if as_json:
        click.echo(json.dumps([one.as_data() for one in found], ensure_ascii=False, indent=2))
    else:
        for line in _table(found):
            click.echo(line)
        click.echo(f"{len(found)} 行，{len(open_rows)} 处缺口")
    wrong = [finding.as_line() for finding in proving.findings]
    if check:
        wrong += _not_as_listed(content)
        for one in open_rows:
            row = one.row
            wrong.append(f"缺口：{row.id} {row.citation} {row.title}（{row.binding}）：{one.lacking}")
    for line in wrong:
        click.echo(line, err=True)
    ctx.exit(1 if wrong else 0)


def _not_as_listed(content: Content) -> list[str]:
    """Where the rows are not those that the regulation is known to have, or bind otherwise."""
    from service.content.lint.binding import ROWS, rows_and_binding
    from service.content.lint.vocabulary import vocabulary_of

    if ROWS not in content.files:
        return [f"{ROWS}: 缺少这个文件，行数和强制力无从核对；从版本库里补上。"]
    return [finding.as_line() for finding in rows_and_binding(content, vocabulary_of(content))]


def _table(found: Iterable[Coverage]) -> Iterable[str]:
    """The rows as a table: counts first, then what carries each row, indented below it."""
    yield _columns(["行", "条款", "要求", "力", "元素", "规则", "字段", "时钟", "情景"])
    for one in found:
        parts: dict[str, tuple[Any, ...]] = {
            "元素": one.elements,
            "规则": one.rules,
            "字段": one.fields,
            "时钟": one.clocks,
            "情景": one.cases,
        }
        counts = [str(len(carriers)) for carriers in parts.values()]
        row = one.row
        yield _columns([row.id, row.citation, row.title, row.binding, *counts]) + (
            "  缺口" if one.is_gap else ""
        )
        for name, carriers in parts.items():
            if carriers:
                yield f"    {name}：{'、'.join(carrier.key for carrier in carriers)}"


def _columns(cells: list[str]) -> str:
    widths = (7, 30, 24, 4, 5, 5, 5, 5, 5)
    return "".join(_padded(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _padded(text: str, width: int) -> str:
    """Text filled up to a width in columns; a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(1, width - taken)
