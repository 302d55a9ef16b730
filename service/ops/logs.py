"""What a process writes to its log: words for who runs it, and no secrets."""

from __future__ import annotations

import sys

import structlog


def plain_tracebacks() -> None:
    """Tracebacks tell where something went wrong, and nothing that was held there: a key, a password, what people wrote.

    Where `rich` is installed, structlog would tell the local variables of each frame.
    """
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(
        colors=sys.stdout is not None and sys.stdout.isatty(),
        exception_formatter=structlog.dev.plain_traceback,
    )
    structlog.configure(processors=[*before, plain])
