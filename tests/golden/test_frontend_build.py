"""The browser parts come out the same wherever they are built, and reach for no other host."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "service" / "web" / "frontend"


def a_frontend(folder: Path) -> Path:
    """A copy of the sources in a folder of its own, with the installed packages of the original."""
    shutil.copytree(FRONTEND / "src", folder / "src")
    for name in ("build.mjs", "package.json"):
        shutil.copyfile(FRONTEND / name, folder / name)
    (folder / "node_modules").symlink_to(FRONTEND / "node_modules", target_is_directory=True)
    return folder


def built(folder: Path) -> subprocess.CompletedProcess[str]:
    # the machine's node, or the one that the set-up put beside this Python
    path = os.pathsep.join([os.environ["PATH"], str(Path(sys.executable).parent)])
    return subprocess.run(
        [shutil.which("node", path=path), "build.mjs"],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def files_of(frontend: Path) -> dict[str, bytes]:
    dist = frontend.parent / "static" / "dist"
    return {
        file.relative_to(dist).as_posix(): file.read_bytes() for file in dist.rglob("*") if file.is_file()
    }


def test_two_builds_in_different_folders_are_the_same_bytes(tmp_path: Path):
    here = a_frontend(tmp_path / "here" / "frontend")
    there = a_frontend(tmp_path / "there" / "much" / "deeper" / "frontend")

    first, second = built(here), built(there)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert files_of(here) == files_of(there)
    assert {"app.js", "app.css", "manifest.json"} <= set(files_of(here))
    names = set(files_of(here))
    compressed = {name for name in names if name.endswith((".br", ".gz"))}
    assert set(json.loads(files_of(here)["manifest.json"])) == names - compressed - {"manifest.json"}
    assert {"app.js.br", "app.js.gz", "app.css.br", "app.css.gz"} <= compressed
    assert gzip.decompress(files_of(here)["app.js.gz"]) == files_of(here)["app.js"]


@pytest.mark.parametrize(
    "rule",
    ['@import "https://fonts.example/a.css";', "p { background: url(//cdn.example/a.png) }"],
)
def test_a_style_that_reaches_for_another_host_stops_the_build(tmp_path: Path, rule: str):
    frontend = a_frontend(tmp_path / "frontend")
    (frontend / "src" / "app.css").write_text(rule)

    result = built(frontend)

    assert result.returncode != 0
    assert "another host" in result.stderr
    assert not files_of(frontend)
