"""Rows into a PDF. The template gets values, never source: what people typed is text, whatever it looks like."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from service.domain.errors import Broken

TEMPLATE = Path(__file__).with_name("paper.typ")
# The one that is shipped with the pages; beside it what a machine without them has.
FONTS = ("Noto Sans Hans", "Noto Sans CJK SC")


def typeset(
    title: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    case_no: str,
    subtitle: str,
    footer: str,
    fonts: Path | None,
) -> bytes:
    """The PDF. The same values give the same bytes: it holds no time of its own. Raises: Broken."""
    import typst  # noqa: PLC0415 - heavy, and needed only here

    paper = {
        "title": title,
        "case_no": case_no,
        "subtitle": subtitle,
        "footer": footer,
        "rows": rows,
        "fonts": FONTS,
    }
    try:
        made: bytes = typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=[fonts] if fonts is not None and fonts.is_dir() else [],
            ignore_system_fonts=False,
            sys_inputs={"paper": json.dumps(paper, ensure_ascii=False)},
            timestamp=0,
        )
    except typst.TypstError as error:
        raise Broken(f"“{title}”没有排成：{error}", code="paper.failed") from error
    return made
