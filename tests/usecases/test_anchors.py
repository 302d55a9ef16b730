"""Where the chains end is kept outside the database: a cut tail and a deleted case are found out up to the last anchor."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from service.domain import audit
from service.domain.changes import OF_CASE, OF_PERSON
from service.ops.anchoring import LOOK_EVERY, Anchoring, read_anchors
from service.ops.cli import make_group
from service.ops.doctor import Ailing
from service.ops.doctor import anchors as doctors_look
from service.ops.scheduler import fire_until
from service.ops.settings import Settings
from service.store import SqlStore
from service.store.anchors import AnchorFile
from service.usecases.audit_record import append_record, append_without_case
from service.usecases.verify_audit import Verified, verify_audit
from tests.store.test_audit_chain import tamper
from tests.usecases.houses import Played
from timers.clock import SystemClock

RESPONDED = 5
TABLES = ("audit", "submission", "attachment", "clock", "timer", "task", "notice", "outbox", "instance")


class Kept:
    """An installation with a case in it, which anchors into a file of its own."""

    def __init__(self, played: Played, var: Path) -> None:
        self.played = played
        self.house = played.house
        self.store: SqlStore = played.house.store  # type: ignore[assignment]
        url = self.store.engine.url.render_as_string(hide_password=False)
        told = {"JSJB_VAR": str(var), "JSJB_DATABASE_URL": url, "JSJB_ANCHOR_RECORDS": "4"}
        self.settings = Settings.from_environment(told)
        self.anchoring = Anchoring(self.house, self.store, self.settings)
        append_without_case(self.house, "admin", "refused", {"form": "register_case"})

    def verified(self, *collected: str) -> Verified:
        """What `jsjb audit verify` finds."""
        anchors = read_anchors(self.settings, self.house.audit_key, collected)
        found = verify_audit(self.house, anchors.heads)
        found.broken += [("anchors", message) for message in anchors.wrong]
        return found

    def more(self, count: int = 1) -> None:
        """Some records more in the chain of the case."""
        for n in range(count):
            self.played.world.clock.advance(timedelta(seconds=1))
            append_record(self.house, self.played.case_id, "admin", "looked", {"n": n})

    def change(self, *statements: str, table: str = "audit") -> None:
        tamper(self.store, *(one.format(case=self.played.case_id) for one in statements), table=table)

    @property
    def lines(self) -> list[str]:
        return self.settings.anchors_file.read_text().splitlines()


@pytest.fixture
def kept(play: Callable[..., Played], tmp_path: Path) -> Kept:
    return Kept(play("S02").to(RESPONDED), tmp_path / "var")


def resealed(kept: Kept, *, without: int = 0, changed: int | None = None) -> None:
    """The chain of the case as one who has the key would forge it: without its tail, or with another record in it."""
    with kept.store.begin(reading=True) as unit:
        chain, entries = unit.chain(OF_CASE, kept.played.case_id)
    left, before = entries[: len(entries) - without], audit.GENESIS
    with kept.store.begin() as unit:
        run = unit.transaction.execute
        for n, entry in enumerate(left, 1):
            told = replace(entry, actor="forged") if n == changed else entry
            before = audit.seal(kept.house.audit_key, before, audit.body(told))
            values = {"actor": told.actor, "seal": before, "case": chain.subject, "seq": told.seq}
            run(
                text("UPDATE audit SET actor = :actor, seal = :seal WHERE case_id = :case AND seq = :seq"),
                values,
            )
        run(
            text("DELETE FROM audit WHERE case_id = :case AND seq > :seq"),
            {"case": chain.subject, "seq": len(left)},
        )
        head = {"head": before, "seq": len(left), "case": chain.subject}
        run(text("UPDATE case_file SET audit_head = :head, audit_seq = :seq WHERE id = :case"), head)
        unit.commit()


def whole_case_gone(kept: Kept) -> None:
    kept.change(table="submission")  # the triggers out of the way
    kept.change(
        "UPDATE attachment SET submission_id = NULL, case_id = NULL WHERE case_id = '{case}'",
        *(f"DELETE FROM {name} WHERE case_id = '{{case}}'" for name in TABLES if name != "attachment"),
        "DELETE FROM case_file WHERE id = '{case}'",
    )


def cut(kept: Kept, count: int) -> None:
    kept.change()  # the triggers out of the way
    resealed(kept, without=count)


def rewrite(kept: Kept) -> None:
    kept.change()
    resealed(kept, changed=2)


MOVE = "UPDATE audit SET seq = {1} WHERE seq = {0} AND case_id = '{{case}}'"
TAMPERINGS: dict[str, Callable[[Kept], None]] = {
    "edit": lambda k: k.change("UPDATE audit SET actor = 'x' WHERE seq = 3 AND case_id = '{case}'"),
    "drop": lambda k: k.change("DELETE FROM audit WHERE seq = 3 AND case_id = '{case}'"),
    "swap": lambda k: k.change(MOVE.format(2, 99), MOVE.format(3, 2), MOVE.format(99, 3)),
    "insert": lambda k: k.change(
        'INSERT INTO audit (case_id, seq, "at", actor, kind, payload, seal)'
        ' SELECT case_id, 99, "at", actor, kind, payload, seal FROM audit WHERE seq = 3'
    ),
    "rewrite with the key": rewrite,
    "cut tail with the head": lambda k: cut(k, 2),
    "cut tail and go on": lambda k: (cut(k, 2), k.more(3))[0],
    "a whole case": whole_case_gone,
    "a whole chain of a person": lambda k: k.change(
        "DELETE FROM person_audit", "DELETE FROM person_chain", table="person_audit"
    ),
}


@pytest.mark.parametrize("tampering", TAMPERINGS.values(), ids=TAMPERINGS)
def test_what_was_anchored_cannot_be_changed_unseen(kept: Kept, tampering: Callable[[Kept], None]) -> None:
    kept.anchoring.anchor()
    assert kept.verified().broken == []

    tampering(kept)

    assert kept.verified().broken != []


@pytest.mark.parametrize(
    "tampering", [rewrite, lambda k: cut(k, 2), whole_case_gone], ids=["rewrite", "cut", "case"]
)
def test_only_the_anchors_tell_of_what_is_forged_with_care(
    kept: Kept, tampering: Callable[[Kept], None]
) -> None:
    kept.anchoring.anchor()

    tampering(kept)

    assert [text for _, text in verify_audit(kept.house).broken if "锚定" in text or "审计链" in text] == []
    assert any("锚定" in text for _, text in kept.verified().broken)


def test_what_came_after_the_last_anchor_is_the_open_end_and_said_to_be(kept: Kept) -> None:
    kept.anchoring.anchor()
    kept.more(3)

    assert kept.verified().open_end == 3
    cut(kept, 3)
    assert kept.verified().broken == []  # that is the window
    cut(kept, 1)
    assert kept.verified().broken != []


def test_an_anchor_is_made_after_so_many_records_or_so_long_and_holds_what_changed(kept: Kept) -> None:
    first = kept.anchoring.anchor()
    assert first is not None
    assert {head.about for head in first.heads} == {OF_CASE, OF_PERSON}
    clock = kept.played.world.clock
    clock.advance(timedelta(minutes=6))
    assert kept.anchoring.anchor() is None  # nothing is new
    kept.more()
    assert kept.anchoring.anchor() is None  # little is, and not for long
    kept.more(3)
    second = kept.anchoring.anchor()
    assert second is not None
    assert [(head.about, head.shown) for head in second.heads] == [
        (OF_CASE, kept.played.loaded().case.case_no)
    ]
    clock.advance(timedelta(seconds=1))
    kept.more()
    clock.advance(kept.settings.anchor_every)
    third = kept.anchoring.anchor()

    assert third is not None
    assert [one.no for one in (first, second, third)] == [1, 2, 3]
    assert (kept.verified().open_end, len(kept.lines)) == (0, 3)


def test_what_is_stamped_before_an_anchor_and_committed_after_it_is_in_the_next(kept: Kept) -> None:
    clock = kept.played.world.clock
    late = replace(kept.house, clock=type(clock)(clock.now() + timedelta(minutes=2)))
    clock.advance(timedelta(minutes=3))
    kept.anchoring.anchor()
    append_record(
        late, kept.played.case_id, "admin", "looked", {}
    )  # its instant is a minute before the anchor's
    clock.advance(timedelta(minutes=11))
    append_without_case(kept.house, "admin", "refused", {})

    anchor = kept.anchoring.anchor()

    assert anchor is not None
    assert {head.about for head in anchor.heads} == {OF_CASE, OF_PERSON}
    assert kept.verified().open_end == 0


FILE_TAMPERINGS: dict[str, Callable[[list[str]], list[str]]] = {
    "a line gone": lambda lines: lines[1:],
    "a line in the middle gone": lambda lines: [lines[0], *lines[2:]],
    "swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
    "edited": lambda lines: [lines[0].replace('"restored":false', '"restored":true'), *lines[1:]],
    "a head taken out": lambda lines: [json.dumps(json.loads(lines[0]) | {"heads": []}), *lines[1:]],
    "no anchor": lambda lines: [*lines, "{}"],
}


@pytest.mark.parametrize("change", FILE_TAMPERINGS.values(), ids=FILE_TAMPERINGS)
def test_a_file_of_anchors_that_was_changed_is_found_out(
    kept: Kept, change: Callable[[list[str]], list[str]]
) -> None:
    for _ in range(3):
        kept.anchoring.anchor()
        kept.more(4)
        kept.played.world.clock.advance(LOOK_EVERY)
    assert kept.verified().broken == []

    kept.settings.anchors_file.write_text("".join(f"{line}\n" for line in change(kept.lines)))

    assert [whose for whose, _ in kept.verified().broken] == ["anchors"]


def test_a_file_that_was_cut_is_found_out_by_what_the_log_collected(kept: Kept) -> None:
    kept.anchoring.anchor()
    kept.more(4)
    last = kept.anchoring.anchor()
    assert last is not None
    collected = f"{last.no}:{last.seal}"
    assert kept.verified(collected).broken == []

    kept.settings.anchors_file.write_text(f"{kept.lines[0]}\n")

    assert kept.verified().broken == []
    assert any("第 2 号" in text for _, text in kept.verified(collected).broken)


def test_lines_of_two_histories_do_not_make_one(kept: Kept) -> None:
    for _ in range(3):
        kept.anchoring.anchor()
        kept.more(4)
    first = kept.lines
    kept.settings.anchors_file.write_text(f"{first[0]}\n")
    for _ in range(2):
        kept.anchoring.anchor()
        kept.more(4)
    second = kept.lines
    assert kept.verified().broken == []

    kept.settings.anchors_file.write_text("".join(f"{line}\n" for line in (*second[:2], first[2])))

    assert [whose for whose, _ in kept.verified().broken] == ["anchors"]


def test_a_line_torn_by_a_power_cut_is_no_anchor_and_spoils_none(kept: Kept) -> None:
    kept.anchoring.anchor()
    with kept.settings.anchors_file.open("a") as file:
        file.write('{"at":"2024-')
    kept.more(4)
    assert kept.verified().broken == []

    kept.anchoring.anchor()

    assert (len(kept.lines), kept.verified().broken, kept.verified().open_end) == (2, [], 0)


# the database's own clock is years away from that of the case, and nothing fires by a clock that is not believed
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_firing_loop_anchors_and_goes_on_where_it_cannot(
    kept: Kept, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[Any] = []
    fire_until(kept.house, kept.store, lambda _: True, told.append, kept.anchoring)
    assert len(kept.lines) == 1
    assert "audit_anchored" in capsys.readouterr().out

    kept.settings.anchors_file.write_text("no anchor\n")
    kept.played.world.clock.advance(LOOK_EVERY)
    kept.more(4)
    fire_until(kept.house, kept.store, lambda _: True, told.append, kept.anchoring)

    assert "not_anchored" in capsys.readouterr().out
    assert told == []


def append_many(path: Path, count: int) -> None:
    from service.domain.anchors import next_anchor
    from timers.clock import SystemClock

    for _ in range(count):
        AnchorFile(path).append(
            lambda before: next_anchor(b"k" * 32, before, at=SystemClock().now(), heads=())
        )


def test_several_processes_append_one_after_the_other(tmp_path: Path) -> None:
    from service.domain.anchors import verify_anchors

    path = tmp_path / "anchors" / "audit.jsonl"
    started = [get_context("fork").Process(target=append_many, args=(path, 25)) for _ in range(4)]
    for process in started:
        process.start()
    for process in started:
        process.join()

    anchors = AnchorFile(path).read()
    assert len(anchors) == 100
    verify_anchors(b"k" * 32, anchors)
    assert path.stat().st_mode & 0o077 == 0


def test_the_doctor_says_when_nothing_was_anchored_for_long(kept: Kept) -> None:
    with pytest.raises(Ailing, match="jsjb timers"):
        doctors_look(kept.settings, kept.store)  # its records are of 2024

    anchor = Anchoring(replace(kept.house, clock=SystemClock()), kept.store, kept.settings).anchor_all()

    assert anchor is not None
    assert f"第 {anchor.no} 号" in doctors_look(kept.settings, kept.store)
    kept.settings.anchors_file.write_text("no anchor\n")
    with pytest.raises(Ailing, match="jsjb audit verify"):
        doctors_look(kept.settings, kept.store)


def test_the_command_tells_how_far_the_anchors_reach(kept: Kept) -> None:
    (kept.settings.keys_dir).mkdir(parents=True, mode=0o700)
    key = kept.settings.keys_dir / "audit.key"
    key.write_bytes(kept.house.audit_key)
    key.chmod(0o600)

    def run(*arguments: str) -> tuple[int, str]:
        told = {"JSJB_VAR": str(kept.settings.var_dir), "JSJB_DATABASE_URL": kept.settings.database_url}
        done = CliRunner().invoke(make_group(), ["audit", *arguments], env={**os.environ, **told})
        return done.exit_code, done.output

    assert "还没有锚定" in run("verify")[1]
    made = run("anchor")
    collected = made[1].split("：")[1].strip()
    kept.more(2)
    code, said = run("verify", "--anchor", collected)
    assert (made[0], code) == (0, 0)
    assert "锚定到第 1 号" in said
    assert "其后 2 条记录" in said
    cut(kept, 3)
    code, said = run("verify")
    assert code == 1
    assert "末尾被截去" in said
    assert run("verify", "--anchor", "7:abc")[0] == 1
