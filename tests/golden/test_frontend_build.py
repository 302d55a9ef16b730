"""The browser parts come out the same wherever they are built, and reach for no other host."""

from __future__ import annotations

import gzip
import hashlib
import importlib
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


@pytest.mark.parametrize("harm", ["none", "gone", "changed", "no manifest"])
def test_a_build_that_lost_some_of_its_files_does_not_count_as_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str
):
    monkeypatch.syspath_prepend(str(FRONTEND.parents[2] / ".setup"))
    setting_up = importlib.import_module("frontend")
    content = b"built"
    (tmp_path / "app.js").write_bytes(b"" if harm == "changed" else content)
    if harm == "gone":
        (tmp_path / "app.js").unlink()
    listed = {"app.js": {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}}
    if harm != "no manifest":
        (tmp_path / "manifest.json").write_text(json.dumps(listed))
    monkeypatch.setattr(setting_up, "DIST", tmp_path)

    assert setting_up.is_whole() is (harm == "none")
