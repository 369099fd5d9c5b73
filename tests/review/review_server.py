"""The server as users run it: a process of its own, that can be killed."""

from __future__ import annotations

import http.client
import json
import os
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = """
import json, sys
from pathlib import Path
from emgdetect.review import serve
out, root = sys.argv[1:3]
serve(Path(out), input_root=Path(root) if root else None, open_browser=False, reviewer="Ada")
"""


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    address: str

    @property
    def port(self) -> int:
        return int(self.address.split(":")[2].split("/")[0])

    @property
    def token(self) -> str:
        return self.address.rstrip("/").rsplit("/", 1)[1]

    def ask(
        self,
        path: str,
        *,
        body: Any = None,
        method: str = "",
        headers: dict[str, str] | None = None,
        token: str | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        data = None if body is None else json.dumps(body).encode()
        prefix = self.token if token is None else token
        link.request(
            method or ("GET" if data is None else "POST"), f"/{prefix}/{path}", data, headers or {}
        )
        answer = link.getresponse()
        content = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        link.close()
        return answer.status, found, content

    def json(self, path: str, body: Any = None) -> Any:
        status, _, content = self.ask(path, body=body)
        assert status == 200, content
        return json.loads(content)

    def kill(self) -> None:
        """End the process at once, without any word to it."""
        self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


def start_server(out: Path, *, input_root: Path | None = None) -> Server:
    """Start a server and wait until it tells its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(out), str(input_root or "")], stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    told = b""
    selector = selectors.DefaultSelector()
    assert process.stderr is not None
    selector.register(process.stderr, selectors.EVENT_READ)
    deadline = time.monotonic() + 60
    while b"Ctrl-C" not in told:
        assert process.poll() is None and time.monotonic() < deadline, told.decode()
        if selector.select(1.0):
            told += os.read(process.stderr.fileno(), 4096)
    address = told.decode().split("Review page: ")[1].split()[0]
    server = Server(process, address)
    _wait_until_it_answers(server, deadline)
    return server


def _wait_until_it_answers(server: Server, deadline: float) -> None:
    while True:
        try:
            server.ask("api/desk")
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
