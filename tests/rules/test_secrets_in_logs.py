"""No secret reaches a log: neither what holds one tells it, nor does a traceback tell what its frames held."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
TOLD = {"Picture.tokens"}  # marks on a diagram
SECRET = re.compile(r"password|secret|token|audit_key|(database|redis|smtp)_url")


def fields() -> Iterator[tuple[str, str]]:
    """Fields of dataclasses that are named as secrets are, and how each is written."""
    for file in sorted((PROJECT / "service").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and "dataclass" in " ".join(
                map(ast.unparse, node.decorator_list)
            ):
                for one in node.body:
                    if isinstance(one, ast.AnnAssign) and SECRET.search(ast.unparse(one.target)):
                        yield f"{node.name}.{ast.unparse(one.target)}", ast.unparse(one)


def test_what_holds_a_secret_does_not_tell_it() -> None:
    assert {name for name, written in fields() if "repr=False" not in written} == TOLD
    assert len(list(fields())) > len(TOLD) + 5


FAILS = """
import sys
import structlog
from service.ops.settings import Settings
from service.ops.wiring import build_house

house = build_house(Settings.from_environment({"JSJB_VAR": sys.argv[1]}))

def fail(key):
    secret_of_this_frame = "geheim"
    raise ValueError("what went wrong")

try:
    fail(house.audit_key)
except ValueError:
    structlog.get_logger("jsjb.test").exception("not_done", house=house)
"""


def test_a_traceback_in_the_log_tells_nothing_that_its_frames_held(tmp_path: Path) -> None:
    assert find_spec("rich")  # with it structlog would tell the locals of each frame
    done = subprocess.run(
        [sys.executable, "-c", FAILS, str(tmp_path / "var")],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    key = (tmp_path / "var" / "keys" / "audit.key").read_bytes()

    assert "ValueError: what went wrong" in done.stdout
    assert "in fail" in done.stdout
    assert str(key)[2:12] not in done.stdout
    assert "geheim" not in done.stdout
    assert "audit_key=" not in done.stdout
