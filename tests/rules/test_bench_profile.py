"""A profile by samples tells where the CPU time of what is counted goes, on whatever machine."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench.profile import KINDS, imported, main, top_of_imports
from tests.bench.sampling import Function, Profile, place_of
from tests.usecases.houses import PROJECT

FEEL = Function("service/feel/values.py", "equal")
ENGINE = Function("service/engine/step.py", "complete")
COMMAND = Function("service/usecases/submit_form.py", "submit_form")
DRIVER = Function("psycopg/cursor.py", "Cursor.execute")
BENCH = Function("tests/bench/profile.py", "commands")


def burn(seconds: float) -> None:
    """Use CPU."""
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        sum(range(100))


def test_each_sample_counts_once_for_what_is_under_way_and_for_the_part_that_called() -> None:
    profile = Profile()
    profile.add([FEEL, ENGINE, COMMAND, BENCH])
    profile.add([DRIVER, COMMAND, BENCH])
    profile.add([ENGINE, ENGINE, COMMAND, BENCH])
    profile.add([BENCH])  # the measuring itself is none

    assert profile.taken == 3
    assert profile.own == {FEEL: 1, DRIVER: 1, ENGINE: 1}
    assert profile.under_way == {FEEL: 1, ENGINE: 2, COMMAND: 3, DRIVER: 1}
    assert profile.parts == {"service/feel": 1, "service/usecases": 1, "service/engine": 1}


def test_the_dearest_stands_first() -> None:
    profile = Profile()
    for sample in ([FEEL, COMMAND], [FEEL, COMMAND], [DRIVER, COMMAND], [ENGINE, COMMAND]):
        profile.add(sample)

    text = "\n".join(profile.lines(2))

    assert text.index("50.0 %  service/feel") < text.index("25.0 %  service/engine")
    assert "100.0 %  service/usecases/submit_form.py:submit_form" in text
    assert text.count(" %  ") == 6  # no more than asked for


def test_samples_are_taken_of_what_is_counted_alone() -> None:
    profile = Profile()
    with profile.running():
        burn(0.2)
        assert profile.taken == 0
        with profile.counted():
            work_elsewhere()
    taken = profile.taken
    burn(0.1)

    assert taken == profile.taken > 0
    assert any(one.file.startswith("python/json/") for one in profile.under_way)


def work_elsewhere() -> None:
    """Work outside this file for a while: what stands in tests is left out of a profile."""
    import json

    told = json.dumps([{"n": n, "text": "停车"} for n in range(200)])
    ends = time.process_time() + 0.4
    while time.process_time() < ends:
        json.dumps(json.loads(told), indent=1)


def test_a_place_is_the_same_on_every_machine() -> None:
    assert place_of(str(PROJECT / "service" / "feel" / "values.py")) == "service/feel/values.py"
    assert place_of("/any/where/lib/python3.11/site-packages/psycopg/cursor.py") == "psycopg/cursor.py"
    assert place_of(json_decoder()) == "python/json/decoder.py"
    assert place_of("<frozen runpy>") == "python/<frozen runpy>"


def json_decoder() -> str:
    import json.decoder

    return json.decoder.__file__


def test_what_a_boot_imports_is_told_by_library_and_by_module() -> None:
    line = [sys.executable, "-X", "importtime", "-c", "import json.decoder"]
    told = list(imported(subprocess.run(line, capture_output=True, text=True, check=True).stderr))

    assert "json.decoder" in {name for _, _, name in told}
    assert all(0 <= own <= of_all for own, of_all, _ in told)
    assert "json" in {one.split()[-1] for one in top_of_imports(told)}


def test_every_kind_has_a_profile_that_is_kept_and_names_no_place_of_a_machine() -> None:
    kept = {
        path.stem: path.read_text(encoding="utf-8")
        for path in (PROJECT / "tests/bench/profiles").glob("*.txt")
    }

    assert {name.removesuffix(".before") for name in kept} == set(KINDS)
    assert [
        name for name, text in kept.items() if not text.startswith(f"{name.removesuffix('.before')}: ")
    ] == []
    assert [
        kind for kind, text in kept.items() if str(PROJECT) in text or "/home/" in text or "/tmp/" in text
    ] == []


def test_a_kind_that_there_is_not_is_told_with_those_there_are() -> None:
    assert main(["completion", "nothing"]) == 2
