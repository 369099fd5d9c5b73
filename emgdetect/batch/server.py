"""A server that has everything loaded and forks one process per recording.

Run as ``python -m emgdetect.batch.server PARENT``. It reads lines ``["start", STAGING]`` and
``["stop", STAGING]`` and writes lines with ``staging`` and ``pid`` or ``exit``. A process that dies
takes nothing with it; all of them die with the server, and the server with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any

from emgdetect.batch.preload import preload
from emgdetect.batch.task import LOG

REPORT = "EMGDETECT_PRELOAD_REPORT"
_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int) -> None:
    """Have this process killed as soon as its parent ends (Linux; elsewhere it does nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


class Server:
    """The children at work, and the two pipes to the supervisor."""

    def __init__(self, reports: int) -> None:
        self.reports = reports
        self.children: dict[int, str] = {}

    def tell(self, **content: Any) -> None:
        """Write one line to the supervisor."""
        os.write(self.reports, (json.dumps(content) + "\n").encode())

    def start(self, staging: str) -> None:
        """Fork a process for the request in a staging folder."""
        server = os.getpid()
        child = os.fork()
        if child == 0:
            _work(staging, server)
        self.children[child] = staging
        self.tell(staging=staging, pid=child)

    def stop(self, staging: str) -> None:
        """Kill the process at work in a staging folder."""
        for child, folder in self.children.items():
            if folder == staging:
                os.kill(child, signal.SIGKILL)

    def collect(self) -> None:
        """Report every child that has ended."""
        while self.children:
            child, status, usage = os.wait4(-1, os.WNOHANG)
            if child == 0:
                return
            staging = self.children.pop(child)
            code = os.waitstatus_to_exitcode(status)
            self.tell(staging=staging, exit=code, peak_kb=usage.ru_maxrss)


def _work(staging: str, server: int) -> None:
    """Life of a child: do the work, leave the response, end without cleaning up."""
    status = 1
    try:
        die_with_parent(server)
        _be_first_to_go()
        faulthandler.enable()
        log = os.open(Path(staging, LOG), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(log, stream)
        from emgdetect.batch.work import answer

        answer(Path(staging))
        status = 0
    finally:
        os._exit(status)


def _be_first_to_go() -> None:
    """Ask the kernel, when memory runs out, to take this process before all others."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800", encoding="ascii")


def serve_once(staging: str, parent: int) -> None:
    """Do one request in this very process, without a server."""
    die_with_parent(parent)
    _be_first_to_go()
    faulthandler.enable()
    from emgdetect.batch.work import answer

    answer(Path(staging))


def serve(parent: int) -> None:
    """Answer the supervisor until it closes the pipe or ends."""
    die_with_parent(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = Server(os.dup(1))
    os.dup2(2, 1)
    preload(with_report=bool(os.environ.get(REPORT)))
    gc.freeze()  # What is loaded stays: no child looks through it again, or copies its pages.
    wake, poke = os.pipe()
    os.set_blocking(poke, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(poke, warn_on_full_buffer=False)
    _listen(server, wake)


def _listen(server: Server, wake: int) -> None:
    rest = b""
    while True:
        ready, _, _ = select.select([0, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            server.collect()
        if 0 in ready:
            received = os.read(0, 65536)
            if not received:
                for staging in server.children.values():
                    server.stop(staging)
                return
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                order, staging = json.loads(line)
                {"start": server.start, "stop": server.stop}[order](staging)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        serve_once(sys.argv[2], int(sys.argv[1]))
    else:
        serve(int(sys.argv[1]))
