"""What a process of its own costs each recording: ``python -m benchmarks.overhead``.

Prints the time per empty task handed to the pre-loaded server, by the clock and of processors.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from emgdetect.batch.local import Supervisor
from emgdetect.batch.options import Stop
from emgdetect.batch.task import Settings, Task

N_TASKS = 200


def empty_tasks(folder: Path, n: int) -> list[Task]:
    """Tasks that check no result at all."""
    return [
        Task(do="check", inputs=(), names=(), out=str(folder), staging=str(folder / f"task{i}"),
             settings=Settings(config={}))
        for i in range(n)
    ]  # fmt: skip


def processors_s() -> float:
    """Seconds of processors used so far, ended children included."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(folder: Path, n: int) -> tuple[float, float]:
    """Seconds by the clock for n tasks after the server has started, and of processors in all."""
    supervisor = Supervisor(jobs=1, timeout_s=None, stop=Stop())
    before = processors_s()
    list(supervisor.run(empty_tasks(folder, 1)))
    began = time.perf_counter()
    list(supervisor.run(empty_tasks(folder, n)))
    seconds = time.perf_counter() - began
    supervisor.close()
    return seconds, processors_s() - before


def main() -> None:
    """Entry point."""
    with tempfile.TemporaryDirectory() as temporary:
        start_s = measure(Path(temporary), 1)[1]
        wall_s, cpu_s = measure(Path(temporary), N_TASKS)
    print(f"load {os.getloadavg()[0]:.1f}: {1000 * wall_s / N_TASKS:.1f} ms by the clock,"
          f" {1000 * (cpu_s - start_s) / N_TASKS:.1f} ms of processors per recording;"
          f" the server once {start_s:.1f} s of processors")  # fmt: skip


if __name__ == "__main__":
    main()
