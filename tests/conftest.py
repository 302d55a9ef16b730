"""What holds for every test: no network, a tier by folder, and a closing count of what ran."""

from __future__ import annotations

import ipaddress
import socket
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

TIERS = (
    "rules",
    "engine",
    "store",
    "usecases",
    "web",
    "security",
    "properties",
    "browser",
    "faults",
    "golden",
)
HERE = Path(__file__).parent

# Wall time is never a reason to fail: the machine may be busy with other things.
settings.register_profile("house", deadline=None, print_blob=True, database=None)
settings.load_profile("house")


class NetworkBlockedError(RuntimeError):
    """A test reached for an address outside this machine."""


def _on_this_machine(host: object) -> bool:
    if host in ("localhost", "", None, b"localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _require_this_machine(host: object) -> None:
    if not _on_this_machine(host):
        raise NetworkBlockedError(f"tests may only reach this machine, not {host!r}")


def _block_network(patch: pytest.MonkeyPatch) -> None:
    for name in ("connect", "connect_ex"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, address: Any, real: Any = real) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _require_this_machine(address[0])
            return real(self, address)

        patch.setattr(socket.socket, name, guarded)

    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *rest: Any, **named: Any) -> Any:
        _require_this_machine(host)
        return look_up(host, *rest, **named)

    patch.setattr(socket, "getaddrinfo", guarded_look_up)


@pytest.fixture(autouse=True, scope="session")
def no_network():
    """Nothing a test runs in this process reaches beyond loopback; Unix sockets stay open."""
    with pytest.MonkeyPatch.context() as patch:
        _block_network(patch)
        yield


# ------------------------------------------------------------------ tiers


def _tier_of(path: Path) -> str | None:
    try:
        folder = path.relative_to(HERE).parts[0]
    except ValueError:
        return None
    return folder if folder in TIERS else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--no-skips", action="store_true", help="a skipped test fails the run: no tier goes missing silently"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if tier := _tier_of(item.path):
            item.add_marker(getattr(pytest.mark, tier))


class _Tally:
    """Counts how each test ended, per tier. Under xdist the controller sees every report."""

    def __init__(self) -> None:
        self.ended: Counter[tuple[str, str]] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        parts = Path(report.nodeid.split("::", 1)[0]).parts
        tier = next((part for part in parts if part in TIERS), "other")
        self.ended[tier, report.outcome] += 1

    def of(self, outcome: str) -> int:
        return sum(count for (_, how), count in self.ended.items() if how == outcome)


_tally = pytest.StashKey[_Tally]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_tally] = tally = _Tally()
    config.pluginmanager.register(tally, "tally-by-tier")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    skipped = session.config.stash[_tally].of("skipped")
    if skipped and session.config.getoption("no_skips") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    ended = config.stash[_tally].ended
    tiers = [tier for tier in (*TIERS, "other") if any(key[0] == tier for key in ended)]
    if not tiers:
        return
    counts = []
    for tier in tiers:
        ran = ended[tier, "passed"] + ended[tier, "failed"]
        also = [f"{ended[tier, how]} {how}" for how in ("failed", "skipped") if ended[tier, how]]
        counts.append(f"{tier} {ran}" + (f" ({', '.join(also)})" if also else ""))
    terminalreporter.write_line("tests run by tier: " + ", ".join(counts))
