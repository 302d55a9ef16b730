"""No page of a half restored installation is served, however the process that serves it was started."""

from __future__ import annotations

from threading import Lock

from flask import Flask, Response, jsonify, request

from service.store.store import SqlStore
from service.store.unfinished import RestoreUnfinished, is_unfinished
from service.web.errors import wants_problem
from timers.clock import steady_s

LOOKS_AGAIN_S = 3.0
OPEN_ALWAYS = frozenset({"static", "health.livez", "health.readyz"})
_TITLE = "系统正在由备份恢复"
_PAGE = f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{_TITLE}</title></head>
<body><h1>{_TITLE}</h1>
<p>恢复做完以前不能办理，也没有记入任何内容；请稍后再打开。</p>
<p>系统管理员：恢复若已中断，{RestoreUnfinished().message.partition("：")[2]}</p></body></html>
"""


class Gate:
    """Shut from the first request of a process until it saw that no restore is unfinished; open ever after."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._is_open = False
        self._found_shut_s = float("-inf")
        self._looking = Lock()

    def put_before(self, app: Flask) -> None:
        """It stands before whatever else looks at a request, and so before whatever asks the database."""
        app.before_request_funcs[None].insert(0, self.refuse)

    def refuse(self) -> Response | None:
        """The answer to a request that may not come in. Raises: DatabaseDown where it cannot be told."""
        if self._is_open or request.endpoint in OPEN_ALWAYS or self._opens():
            return None
        if wants_problem():
            answer = jsonify(type="about:blank", title=_TITLE, status=503, code=RestoreUnfinished.code)
            answer.mimetype = "application/problem+json"
        else:
            answer = Response(_PAGE, mimetype="text/html")
        answer.status_code = 503
        answer.headers["Retry-After"] = "60"
        return answer

    def _opens(self) -> bool:
        with self._looking:  # one looks for all who wait
            if not self._is_open and steady_s() - self._found_shut_s >= LOOKS_AGAIN_S:
                self._store.close()  # a restore puts another file in the place of an SQLite database
                self._is_open = not is_unfinished(self._store.engine)
                if not self._is_open:
                    self._found_shut_s = steady_s()
            return self._is_open
