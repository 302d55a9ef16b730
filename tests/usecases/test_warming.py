"""A process that has warmed up keeps one heap for all its threads."""

from __future__ import annotations

import subprocess
import sys

THREADS_THAT_HOLD_MEMORY = """
import ctypes
from threading import Barrier, Thread
from service.ops.warming import settle_memory
if {settled}:
    settle_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = Barrier(8)
def hold():
    libc.malloc(5000)
    together.wait()
threads = [Thread(target=hold) for _ in range(8)]
for one in threads: one.start()
for one in threads: one.join()
libc.malloc_stats()
"""


def heaps(*, settled: bool) -> int:
    """How many heaps the C library says that a process has."""
    script = THREADS_THAT_HOLD_MEMORY.format(settled=settled)
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return told.stderr.count("Arena ")


def test_all_threads_share_one_heap():
    assert heaps(settled=False) > 1
    assert heaps(settled=True) == 1
