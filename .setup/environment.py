"""The Python environment in `.venv`, exactly as locked."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from pathlib import Path

from steps import BIN, ROOT, VENV, Stopped, apt_install, attempt, fingerprint, put_stamp, run, say, stamped

RUN_LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-dev.lock"
INSTALLER_LOCK = ROOT / ".setup" / "installer.lock"
PYTHON = BIN / "python"
LOCKED_OUT = "the locked Python packages could not be installed; is the package index reachable, as pip is configured here?"


def ensure(*, with_tests: bool) -> bool:
    """Make `.venv` hold what the lock file says. Safe to repeat: does nothing while the lock is unchanged."""
    lock = TEST_LOCK if with_tests else RUN_LOCK
    stamp = VENV / f".stamp-{lock.stem}"
    mark = fingerprint([lock, INSTALLER_LOCK, ROOT / "pyproject.toml"], platform.python_version(), str(ROOT))
    if stamped(stamp, mark):
        return False
    _make(mark)
    say(f"installing the packages of {lock.name}")
    _install(lock)
    _install_ourselves()
    put_stamp(stamp, mark)
    if with_tests:  # the development lock holds all of the other one
        put_stamp(VENV / f".stamp-{RUN_LOCK.stem}", _mark_for_running())
    return True


def _mark_for_running() -> str:
    return fingerprint(
        [RUN_LOCK, INSTALLER_LOCK, ROOT / "pyproject.toml"], platform.python_version(), str(ROOT)
    )


def _make(mark: str) -> None:
    if PYTHON.exists() and attempt([PYTHON, "-c", "import pip"]):
        return
    say("making the Python environment in .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        # Debian keeps these two in a package of their own
        apt_install([f"python3.{sys.version_info.minor}-venv"], needed_for="making a Python environment")
    run(
        [sys.executable, "-m", "venv", VENV],
        otherwise=f"a Python environment could not be made with {sys.executable} -m venv.",
    )


def _install(lock: Path) -> None:
    """Install by uv, which is quick, and by pip where uv cannot be had or does not get through."""
    hashed = ["--require-hashes", "--requirement"]
    pip: list[str | Path] = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    if attempt([*pip, *hashed, INSTALLER_LOCK]):
        uv: list[str | Path] = [BIN / "uv", "pip", "install", "--python", PYTHON, "--compile-bytecode"]
        if attempt([*uv, *hashed, lock]):
            return
        say("uv did not get through; trying pip, which takes a minute longer")
    run([*pip, *hashed, lock], otherwise=LOCKED_OUT)


def _install_ourselves() -> None:
    """Install this package in place: the command `jsjb` and the path to the sources."""
    run(
        [
            *(PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"),
            *("--no-deps", "--no-index", "--no-build-isolation"),
            *("--config-settings", "editable_mode=compat", "--editable", ROOT),
        ],
        otherwise="this package itself could not be installed into .venv.",
    )
    if not (BIN / "jsjb").exists() and not (BIN / "jsjb.exe").exists():
        raise Stopped("the command jsjb is missing from .venv after the installation.")
