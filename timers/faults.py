"""Named points at which a test may break a process. Nothing happens there unless a test has armed them."""

from collections.abc import Callable

# where a process may die or sleep, and nothing be lost or done twice for it
AFTER_CLAIM = "after_claim"  # timers are held, and nothing is done yet
BEFORE_ACKNOWLEDGE = "before_acknowledge"  # the turn of one of them has come
AFTER_ACKNOWLEDGE = "after_acknowledge"  # it counts as fired in a transaction that has done nothing else
BEFORE_COMMIT = "before_commit"  # all is written, and nothing lasts yet
AFTER_COMMIT = "after_commit"  # it lasts, and nobody has been told
AFTER_TAKE = "after_take"  # entries of the outbox are taken, and none is published
AFTER_PUBLISH = "after_publish"  # one is published
IN_HAND = "in_hand"  # a worker has one in hand, and nothing of it is done
AFTER_SEND = "after_send"  # a person was told by one way, and it is not noted
BEFORE_DONE = "before_done"  # people were told, and it is not noted
AFTER_WRITE = "after_write"  # a content is written, and lies nowhere yet
BEFORE_READY = "before_ready"  # a download is made, and nobody may fetch it yet
# where a restore may die
AFTER_MARK = "after_mark"  # the place is marked as unfinished, and nothing is in it
AFTER_FILES = "after_files"  # the files are back, and nothing of the database is
AFTER_CLEAR = "after_clear"  # what an earlier restore left goes away, and nothing is in its place
AFTER_LOAD = "after_load"  # all rows are there, and what waited to be sent could go out
AFTER_HOLD = "after_hold"  # what waited is held, and nothing was looked through
BEFORE_UNMARK = "before_unmark"  # all is done, and nothing may start yet
POINTS = (
    AFTER_CLAIM,
    BEFORE_ACKNOWLEDGE,
    AFTER_ACKNOWLEDGE,
    BEFORE_COMMIT,
    AFTER_COMMIT,
    AFTER_TAKE,
    AFTER_PUBLISH,
    IN_HAND,
    AFTER_SEND,
    BEFORE_DONE,
    AFTER_WRITE,
    BEFORE_READY,
)
OF_RESTORE = (AFTER_MARK, AFTER_FILES, AFTER_CLEAR, AFTER_LOAD, AFTER_HOLD, BEFORE_UNMARK)

Break = Callable[[str], None]
_armed: list[Break] = []


def here(point: str) -> None:
    """The process is at a point."""
    for breaks in _armed:
        breaks(point)


def arm(breaks: Break) -> None:
    """Have a test's function called at every point from now on. Only tests do this."""
    _armed.append(breaks)
