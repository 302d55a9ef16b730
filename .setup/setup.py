"""Sets up what a command needs: the environment, the front end, and for tests the browser.

    python .setup/setup.py run | test

Uses the standard library only, for it runs before anything is installed. Each step leaves a stamp with the
hash of what it was made from, and is skipped while that hash stays the same.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import browser
import environment
import frontend
from steps import Stopped

PURPOSES = ("run", "test")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in PURPOSES:
        print(f"usage: setup.py {' | '.join(PURPOSES)}", file=sys.stderr)
        return 2
    purpose = arguments[0]
    began = time.monotonic()
    try:
        did = environment.ensure(with_tests=purpose == "test")
        did |= frontend.ensure()
        if purpose == "test":
            did |= browser.ensure()
    except Stopped as stopped:
        print(f"set-up stopped: {stopped}", file=sys.stderr)
        return 1
    if did:
        print(f"set-up done in {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
