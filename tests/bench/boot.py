"""From nothing to the first answer: a new process imports the service, opens a database and shows a page.

python -m tests.bench.boot [TIMES]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from tests.bench.measure import percentile, tell

FIRST_ANSWER = """
import resource, time
from service import create_app
answer = create_app().test_client().get("/login")
assert answer.status_code == 200, answer.status
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def measure(times: int) -> None:
    """Boot several times; the first one, which may compile, is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "JSJB_VAR": folder}
        jsjb = [sys.executable, "-m", "service.ops.cli"]
        subprocess.run([*jsjb, "init"], env=environment, check=True, stdout=subprocess.DEVNULL)
        wall, cpu, memory = [], [], []
        for _ in range(times + 1):
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", FIRST_ANSWER],
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
            wall.append(time.perf_counter() - began)
            cpu_s, kibibytes = done.stdout.split()
            cpu.append(float(cpu_s))
            memory.append(int(kibibytes) / 1024)
    tell(
        "boot_to_first_answer",
        n=times,
        cpu_s_p50=round(percentile(cpu[1:], 50), 2),
        wall_s_p50=round(percentile(wall[1:], 50), 2),
        wall_s_p95=round(percentile(wall[1:], 95), 2),
        memory_mb=round(max(memory[1:])),
    )


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
