"""The house is in order: what lies at the top, how long a file is, what the papers say."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from service.ops.cli import make_group
from service.ops.pulse import PARTS

PROJECT = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    "bpmn",
    "service",
    "forms",
    "timers",
    "tests",
    "docker-compose.yml",
    "pyproject.toml",
    "README.md",
    "Makefile",
    "Dockerfile",
    "requirements.lock",
    "requirements-dev.lock",
    "LICENSE",
    "CHANGELOG.md",
}
LONGEST_FILE = 400
LONGEST_README = 150
# a path that holds on one machine only; written in pieces, so that this file does not name one itself
MACHINE_PATH = re.compile(r"(?<![\w.])/" + r"(?:home|root|work|Users)/[\w.-]+")
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".mjs",
    ".js",
    ".css",
    ".json",
    ".html",
    ".bpmn",
    ".dmn",
    ".form",
}
TEXT_NAMES = {"Makefile", "Dockerfile", "run", ".npmrc", ".gitignore"}


def tracked() -> list[Path]:
    listed = subprocess.run(
        [
            "git",
            "-c",
            f"safe.directory={PROJECT}",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [Path(name) for name in listed.split("\0") if name and (PROJECT / name).is_file()]


def is_text(file: Path) -> bool:
    return file.suffix in TEXT or file.suffix == ".lock" or file.name in TEXT_NAMES


def test_the_top_level_holds_only_what_belongs_there():
    entries = {file.parts[0] for file in tracked()}

    assert {entry for entry in entries if not entry.startswith(".")} <= TOP_LEVEL


def test_no_file_names_the_path_of_a_machine():
    found = {
        f"{file}: {match[0]}"
        for file in tracked()
        if is_text(file)
        for match in MACHINE_PATH.finditer((PROJECT / file).read_text(encoding="utf-8", errors="replace"))
    }

    assert found == set()


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "service/web/frontend/package-lock.json"]
)
def test_a_lock_file_names_no_address_of_a_registry(lock: str):
    text = (PROJECT / lock).read_text()

    assert "--index-url" not in text
    assert "--find-links" not in text
    assert '"resolved"' not in text
    if lock.endswith(".lock"):
        assert "://" not in text
        assert "--hash=sha256:" in text


def test_the_development_lock_holds_all_that_the_other_one_holds():
    def pinned(name: str) -> set[str]:
        return set(re.findall(r"^[\w.\[\]-]+==[^ ;\\]+", (PROJECT / name).read_text(), re.MULTILINE))

    assert pinned("requirements.lock")
    assert pinned("requirements.lock") <= pinned("requirements-dev.lock")


def test_no_python_file_is_too_long():
    lengths = {
        str(file): len((PROJECT / file).read_text(encoding="utf-8").splitlines())
        for file in tracked()
        if file.suffix == ".py"
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nothing_that_is_built_is_tracked():
    assert [file for file in tracked() if "node_modules" in file.parts or "dist" in file.parts] == []


def test_the_readme_is_short_and_its_two_commands_come_first():
    lines = (PROJECT / "README.md").read_text(encoding="utf-8").splitlines()
    makefile = (PROJECT / "Makefile").read_text()

    first_block = "\n".join(lines).split("```")[1]

    assert len(lines) < LONGEST_README
    for target in ("run", "test"):
        assert re.search(rf"^make {target}\b", first_block, re.MULTILINE)
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)


def test_ci_runs_the_readmes_test_command_and_hides_nothing():
    script = (PROJECT / ".ci" / "run").read_text()

    assert "set -euo pipefail" in script
    assert script.rstrip().splitlines()[-1] == "exec make test"
    assert "||" not in script


def test_the_changelog_has_its_headings():
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")

    newest = text.split("\n## ")[1]

    assert re.findall(r"^### (\w+)", newest, re.MULTILINE) == [
        "Rules",
        "Security",
        "Added",
        "Changed",
        "Fixed",
    ]


# ------------------------------------------------------------------ where it runs


def compose() -> dict:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


OURS = {"migrate", "web", "timers-1", "timers-2", "relay", "worker-1", "worker-2", "beat"}


def test_compose_has_every_part():
    assert set(compose()["services"]) == OURS | {"postgres", "redis"}


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_parts_run_without_rights_they_do_not_need(name: str):
    part = compose()["services"][name]

    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in part["security_opt"]
    assert part["deploy"]["resources"]["limits"]["memory"]
    program, *rest = part["command"]
    assert program in {"jsjb", "gunicorn"}
    assert program == "gunicorn" or rest[0] in make_group().commands, f"jsjb has no command {rest[0]}"


@pytest.mark.parametrize("name", sorted(OURS - {"migrate"}))
def test_our_parts_start_after_the_database_is_set_up(name: str):
    part = compose()["services"][name]

    assert part["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert part["restart"] == "unless-stopped"


def test_compose_takes_each_password_from_the_environment():
    text = (PROJECT / "docker-compose.yml").read_text()

    uses = re.findall(r"\$\{(\w*PASSWORD\w*)(.*?)\}", text)

    assert {name for name, _ in uses} == {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}
    assert all(rest.startswith(":?") for _, rest in uses), "no default password"


def test_the_parts_that_others_wait_for_have_a_health_check():
    services = compose()["services"]
    waited_for = {
        dependency
        for part in services.values()
        for dependency, how in part.get("depends_on", {}).items()
        if how["condition"] == "service_healthy"
    }

    assert waited_for == {"postgres"}
    assert all("healthcheck" in services[name] for name in waited_for | {"web", "redis"})


@pytest.mark.parametrize("name", sorted(OURS - {"migrate", "web"}))
def test_each_part_is_looked_at_by_its_own_loop(name: str):
    part = compose()["services"][name]

    assert part["healthcheck"]["test"] == ["CMD", "jsjb", "alive", part["command"][1]]
    assert part["command"][1] in PARTS
    assert {"interval", "timeout", "retries", "start_period"} <= set(part["healthcheck"])


def test_the_image_is_not_run_by_root():
    lines = (PROJECT / "Dockerfile").read_text().splitlines()

    users = [line.split()[1] for line in lines if line.startswith("USER ")]

    assert users
    assert users[-1] != "root"
    assert "--require-hashes" in "\n".join(lines)
