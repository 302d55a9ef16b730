"""Jobs on other machines: Celery carries the numbers of rows, and the rows hold every fact.

Redis may lose, repeat or delay what it is given; nothing depends on it but how soon something is done.
"""

from service.jobs.queue import DELIVER, WORKER_WAITS_S, Queue, TooFarAhead, publisher, queue_for_workers
from service.jobs.tasks import Workshop, with_tasks

__all__ = [
    "DELIVER",
    "WORKER_WAITS_S",
    "Queue",
    "TooFarAhead",
    "Workshop",
    "publisher",
    "queue_for_workers",
    "with_tasks",
]
