"""Pins the dependencies of `pyproject.toml`: names and hashes, and no address of where they come from."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from steps import BIN, ROOT, Stopped, run

HERE = ROOT / ".setup"
COMPILE = [
    *(BIN / "uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"),
]
LOCKS: dict[str, list[str | Path]] = {
    "requirements.lock": ["pyproject.toml"],
    "requirements-dev.lock": ["pyproject.toml", "--group", "dev", "--constraint", "requirements.lock"],
    ".setup/installer.lock": [HERE / "installer.in"],
    ".setup/node.lock": [HERE / "node.in"],
}


def main() -> int:
    for lock, source in LOCKS.items():
        try:
            run(
                [*COMPILE, *source, "--output-file", lock],
                otherwise=f"{lock} could not be made; see the lines above.",
            )
        except Stopped as stopped:
            print(f"locking stopped: {stopped}", file=sys.stderr)
            return 1
        print(f"{lock} is up to date")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
