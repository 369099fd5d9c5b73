"""The server: a socket on this machine only, a random token, and the page behind them."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import sys
import threading
from pathlib import Path

from emgdetect.one_thread import ONE_THREAD

INSTALL = 'pip install ".[review]"'
"""What installs the libraries of the page, as the README has it."""


def serve(
    folder: Path,
    *,
    input_root: Path | None = None,
    port: int = 0,
    open_browser: bool = True,
    reviewer: str | None = None,
) -> None:
    """Serve the review page of an output folder until interrupted.

    Parameters
    ----------
    folder : Path
        Output folder of `emgdetect run`.
    input_root : Path, optional
        Where to look for inputs that are no longer where they were, by their content.
    port : int
        On 127.0.0.1; 0 takes a free one.
    open_browser : bool
        Whether to open the page; its address is printed to standard error in any case.
    reviewer : str, optional
        Who decides, as written into ``reviewed.tsv``; the login name by default.

    Raises
    ------
    ValueError
        If there is nothing to review, no folder `input_root`, the port is taken or a needed
        package is missing.
    """
    for name, n_threads in ONE_THREAD.items():
        os.environ.setdefault(name, n_threads)
    from emgdetect.review.casebook import login_name
    from emgdetect.review.desk import open_desk
    from emgdetect.writers.cells import safe_cell

    _require_libraries()
    if input_root is not None and not input_root.is_dir():
        raise ValueError(f"There is no folder {input_root} to look for recordings in.")
    who = safe_cell((reviewer or "").strip() or login_name())
    desk = open_desk(Path(folder), input_root=input_root, reviewer=who)
    listener = _listen(port)
    token = secrets.token_urlsafe(24)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/{token}/"
    print(f"Review page: {address}", file=sys.stderr)
    print("Every decision is saved at once. Ctrl-C ends the server.", file=sys.stderr, flush=True)
    if open_browser:
        _open_soon(address)
    from emgdetect.review.app import make_app

    threading.Thread(target=desk.catch_up, name="catch up", daemon=True).start()
    _run(make_app(desk), listener, token)


def _run(app: object, listener: socket.socket, token: str) -> None:
    import uvicorn

    from emgdetect.review.guard import Guard

    guard = Guard(app, token, listener.getsockname()[1])  # type: ignore[arg-type]
    config = uvicorn.Config(
        guard, log_level="warning", access_log=False, lifespan="off", ws="none",
        server_header=False, timeout_graceful_shutdown=2,
    )  # fmt: skip
    with listener, contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    """A socket that takes calls at once: they wait until the server, still loading, answers."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        raise ValueError(f"Port {port} cannot be used: {error}. Leave --port out.") from None
    return listener


def _open_soon(address: str) -> None:
    """Open the browser from a thread: some systems wait until it is closed."""
    import webbrowser

    threading.Timer(0.3, webbrowser.open, [address]).start()


def _require_libraries() -> None:
    import importlib.util

    missing = [name for name in ("starlette", "uvicorn") if not importlib.util.find_spec(name)]
    if missing:
        raise ValueError(
            f"The review page needs {' and '.join(missing)}; in the checkout of emgdetect: "
            f"{INSTALL}"
        )
