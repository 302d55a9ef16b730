"""How a worker waits for a Redis that is away: for as long as it takes, and seen to live."""

from __future__ import annotations

from typing import Any

import structlog
from celery import bootsteps
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown

SIGN_EVERY_S = 5.0
log = structlog.get_logger("jsjb.worker")


class PatientConsumer(Consumer):
    """A consumer that leaves a sign at every look for a Redis that is away."""

    def ensure_connected(self, conn: Any) -> Any:
        """The connection, once there is one."""

        def told(error: Exception, again_in_s: float) -> None:
            log.warning("queue_away", error=type(error).__name__, again_in_s=again_in_s)

        def waits() -> None:
            self.app.leave_sign()
            maybe_shutdown()

        found = conn.ensure_connection(told, None, callback=waits)
        self.first_connection_attempt = False
        return found


class Signs(bootsteps.StartStopStep):
    """Leaves a sign from the loop that takes messages, as often as it comes round to it."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        """The loop begins, with a new connection."""
        self.again = parent.timer.call_repeatedly(SIGN_EVERY_S, parent.app.leave_sign)

    def stop(self, _parent: Any) -> None:
        """The connection is gone."""
        self.again.cancel()
