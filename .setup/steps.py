"""What the steps of the set-up share: where things are, running a program, stamps."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
TAIL_LINES = 25


class Stopped(Exception):
    """A step failed; the message says in one plain sentence why and what to do."""


def say(sentence: str) -> None:
    print(f"set-up: {sentence}", flush=True)


def run(
    command: list[str | Path],
    *,
    otherwise: str,
    cwd: Path = ROOT,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a program quietly; where it fails, show the end of what it printed and stop with `otherwise`."""
    if not attempt(command, cwd=cwd, environment=environment):
        raise Stopped(otherwise)


def attempt(
    command: list[str | Path], *, cwd: Path = ROOT, environment: Mapping[str, str] | None = None
) -> bool:
    """Run a program quietly and say whether it went well; its last lines are shown where it did not."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as err:
        print(f"  {command[0]}: {err}", file=sys.stderr)
        return False
    if done.returncode != 0:
        for line in done.stdout.splitlines()[-TAIL_LINES:]:
            print(f"  {line}", file=sys.stderr)
    return done.returncode == 0


def fingerprint(files: Iterable[Path], *also: str) -> str:
    """One hash over the names and contents of files, in a fixed order, and over what else counts."""
    digest = hashlib.sha256()
    for word in also:
        digest.update(word.encode() + b"\0")
    for file in sorted(files):
        digest.update(file.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def stamped(stamp: Path, mark: str) -> bool:
    return stamp.is_file() and stamp.read_text().strip() == mark


def put_stamp(stamp: Path, mark: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark + "\n")


def apt_install(packages: list[str], *, needed_for: str) -> None:
    """Install Debian packages where this user may, else stop with the command to run."""
    by_hand = "apt-get update && apt-get install -y --no-install-recommends " + " ".join(packages)
    if shutil.which("apt-get") is None:
        raise Stopped(
            f"{needed_for} needs {', '.join(packages)} (names of Debian packages); please install them."
        )
    if os.name != "posix" or os.geteuid() != 0:
        raise Stopped(f"{needed_for} needs packages of the system; run as root: {by_hand}")
    say(f"installing {', '.join(packages)} from the system's packages")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    failed = f"the system's packages for {needed_for} could not be installed; by hand: {by_hand}"
    run(["apt-get", "update", "-qq"], otherwise=failed, environment=quiet)
    run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
        otherwise=failed,
        environment=quiet,
    )
