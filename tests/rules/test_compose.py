"""docker-compose.yml and Dockerfile name what there is: known keys once each, parts, volumes, settings, files."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
# of the Compose Specification, as far as it is used here
TOP = {"name", "services", "networks", "volumes"}
OF_A_SERVICE = {
    "image", "build", "init", "restart", "read_only", "tmpfs", "cap_drop", "security_opt", "stop_grace_period", "networks",
    "volumes", "environment", "depends_on", "deploy", "logging", "command", "healthcheck", "ports", "shm_size",
}  # fmt: skip
OF_A_HEALTH_CHECK = {"test", "interval", "timeout", "retries", "start_period"}
CONDITIONS = {"service_completed_successfully", "service_healthy", "service_started"}
DURATION = re.compile(r"(\d+)s")


class OnceEach(yaml.SafeLoader):
    """Refuses a key that stands twice in one place: of two, the parser takes the last and says nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"twice in {node.start_mark}: {keys}"
        return super().construct_mapping(node, deep)


COMPOSE: dict[str, Any] = yaml.load((PROJECT / "docker-compose.yml").read_text(), OnceEach)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def test_only_what_compose_knows_stands_at_the_top() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == TOP


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_says_only_what_compose_knows_and_names_what_there_is(name: str) -> None:
    one = SERVICES[name]

    assert set(one) <= OF_A_SERVICE
    assert set(one.get("networks", [])) <= set(COMPOSE["networks"])
    named = {place.partition(":")[0] for place in one.get("volumes", [])}
    assert named <= set(COMPOSE["volumes"])
    for other, how in one.get("depends_on", {}).items():
        assert other in SERVICES
        assert how["condition"] in CONDITIONS
        assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", sorted(name for name, one in SERVICES.items() if "healthcheck" in one))
def test_a_health_check_asks_now_and_then_and_has_time_to_answer(name: str) -> None:
    check = SERVICES[name]["healthcheck"]

    assert set(check) <= OF_A_HEALTH_CHECK
    assert check["test"][0] in ("CMD", "CMD-SHELL")
    assert seconds(check["timeout"]) <= seconds(check["interval"])


def seconds(duration: str) -> int:
    found = DURATION.fullmatch(duration)
    assert found
    return int(found[1])


def test_every_variable_that_a_part_is_given_is_read() -> None:
    given = {name for one in SERVICES.values() if "build" in one for name in one["environment"]} - {"TZ"}
    read = (PROJECT / "service" / "ops" / "settings.py").read_text()

    assert {name for name in given if f'"{name}"' not in read} == set()


def test_whoever_shows_replays_and_whoever_does_them_count_the_same_cases() -> None:
    given = [SERVICES[name]["environment"]["JSJB_REPLAYS_COUNT_OTHERS"] for name in ("web", "worker-2")]

    assert given == 2 * ["${JSJB_REPLAYS_COUNT_OTHERS:-0}"]
    assert "JSJB_REPLAYS_COUNT_OTHERS" in (PROJECT / "README.md").read_text()


def test_the_ports_of_the_pages_are_open_to_this_machine_alone() -> None:
    assert {name for name, one in SERVICES.items() if "ports" in one} == {"web"}
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["web"]["ports"])


def copied() -> Iterator[str]:
    """What the Dockerfile takes from the clone."""
    for line in (PROJECT / "Dockerfile").read_text().splitlines():
        words = line.split()
        if words[:1] == ["COPY"] and not words[1].startswith("--from="):
            yield from words[1:-1]


def test_the_image_takes_only_files_that_there_are_and_that_docker_is_shown() -> None:
    rules = [line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line]
    shown = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}

    assert rules[0] == "*"
    assert list(copied())
    for name in copied():
        assert (PROJECT / name).exists(), name
        assert name.split("/")[0] in shown, name
