"""The embedded server while many wait: it still says that it lives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Event, Thread
from urllib.request import urlopen

import pytest
from flask import Flask

from service.ops.health import blueprint
from service.ops.listening import listen
from service.ops.settings import Settings
from service.store.files import COMING

WAITING = 12  # more than a small pool of threads


def test_it_says_that_it_lives_while_others_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", None)  # the server sets it; this puts it back
    settings = Settings.from_environment({"JSJB_VAR": str(tmp_path)})
    (settings.attachments_dir / COMING).mkdir(parents=True)
    app = Flask("waiting")
    app.config["MAX_CONTENT_LENGTH"] = 1000
    app.register_blueprint(blueprint)
    all_wait, go_on = Barrier(WAITING + 1, timeout=60), Event()

    @app.get("/wait")
    def wait() -> str:
        all_wait.wait()
        go_on.wait(60)
        return "done"

    server = listen(app, settings, 0)

    def serve() -> None:
        with suppress(OSError, ValueError):  # its socket is closed under it at the end
            server.run()

    serving = Thread(target=serve, daemon=True)
    serving.start()
    url = f"http://127.0.0.1:{server.effective_port}"
    with ThreadPoolExecutor(WAITING) as people:
        answers = [people.submit(lambda: urlopen(f"{url}/wait", timeout=60).read()) for _ in range(WAITING)]
        try:
            all_wait.wait()

            assert urlopen(f"{url}/livez", timeout=60).read() == b"ok\n"
            assert not any(answer.done() for answer in answers)
        except BaseException:
            all_wait.abort()  # nobody waits for what does not come; once all have met, some may still be on their way on
            raise
        finally:
            go_on.set()
        assert [answer.result() for answer in answers] == [b"done"] * WAITING
    server.close()
    serving.join(60)
