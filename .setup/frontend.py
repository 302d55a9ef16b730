"""The browser parts, built from `package-lock.json` into `service/web/static/dist/`."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from steps import BIN, ROOT, Stopped, attempt, fingerprint, put_stamp, run, say, stamped

FRONTEND = ROOT / "service" / "web" / "frontend"
MODULES = FRONTEND / "node_modules"
DIST = ROOT / "service" / "web" / "static" / "dist"
NODE_LOCK = ROOT / ".setup" / "node.lock"
OLDEST_NODE = 18


def ensure() -> bool:
    """Bundle the sources. Safe to repeat: skipped while sources, build file and lock are unchanged."""
    locked = [FRONTEND / "package.json", FRONTEND / "package-lock.json", FRONTEND / ".npmrc"]
    sources = [file for file in (FRONTEND / "src").rglob("*") if file.is_file()]
    modules_mark = fingerprint(locked)
    built_mark = fingerprint([*locked, *sources, FRONTEND / "build.mjs"])
    if stamped(DIST / ".stamp", built_mark) and is_whole():
        return False
    path = _path_with_node()
    if not stamped(MODULES / ".stamp", modules_mark):
        say("installing the packages of the front end")
        run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=FRONTEND,
            environment=path,
            otherwise="the locked npm packages could not be installed; is the npm registry reachable, "
            "as npm is configured here?",
        )
        put_stamp(MODULES / ".stamp", modules_mark)
    say("building the front end")
    run(
        ["node", "build.mjs"],
        cwd=FRONTEND,
        environment=path,
        otherwise="the front end could not be built; the lines above say where.",
    )
    put_stamp(DIST / ".stamp", built_mark)
    return True


def is_whole() -> bool:
    """Whether every file of the manifest is there as it was built: two set-ups at once may have taken some away."""
    try:
        listed = json.loads((DIST / "manifest.json").read_bytes())
        return all(
            hashlib.sha256((DIST / name).read_bytes()).hexdigest() == built["sha256"]
            for name, built in listed.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _path_with_node() -> dict[str, str]:
    """The PATH on which node and npm are found: the machine's own, or those of a wheel put into `.venv`."""
    here = os.environ.get("PATH", "")
    if _new_enough("node", here) and shutil.which("npm", path=here):
        return {"PATH": here}
    ours = f"{BIN}{os.pathsep}{here}"
    if not _new_enough("node", str(BIN)):
        _install_node()
    if not _new_enough("node", str(BIN)):
        raise Stopped(
            f"no Node.js {OLDEST_NODE} or newer on the PATH, and the one of the wheel does not start; "
            "please install nodejs and npm."
        )
    return {"PATH": ours}


def _new_enough(program: str, path: str) -> bool:
    found = shutil.which(program, path=path)
    if found is None:
        return False
    shown = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", shown)
    return version is not None and int(version[1]) >= OLDEST_NODE


def _install_node() -> None:
    say("no Node.js on this machine: installing one into .venv")
    lock: list[str | Path] = ["--require-hashes", "--requirement", NODE_LOCK]
    if attempt([BIN / "uv", "pip", "install", "--python", BIN / "python", *lock]):
        return
    run(
        [BIN / "python", "-m", "pip", "--disable-pip-version-check", "--quiet", "install", *lock],
        otherwise="no Node.js on this machine, and none could be installed from the Python packages.",
    )
