"""The call of the review, and where it finds the signal: one sentence where it cannot go on."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from review_folders import trail_frame
from review_server import start_server
from review_tables import verdict_of

from emgdetect.columns import FAILED
from emgdetect.review import serve
from emgdetect.review.app import _json_body
from emgdetect.review.server import _listen

# ---- where the signal is ----------------------------------------------------------------------


def test_a_moved_input_is_found_by_content_and_another_of_its_name_is_not(made, tmp_path):
    moved = tmp_path / "archive" / "2026" / "renamed.edf"
    moved.parent.mkdir(parents=True)
    shutil.move(made.input, moved)
    decoy = tmp_path / "archive" / made.input.name
    decoy.write_bytes(moved.read_bytes()[:-2] + b"zz")
    with start_server(made.out) as server:
        found = server.json("api/0/input")
        assert not found["ok"] and "--input-root" in found["message"]
        tables = server.json("api/0/tables")
        server.json("api/0/decide", verdict_of(tables, 0, "pop"))  # reviewable without signal
    with start_server(made.out, input_root=tmp_path / "archive") as server:
        assert server.json("api/0/input")["ok"]
        ask = "api/0/signal?site=VL&start=1&stop=2&at=1.5&channels=8&low=10&columns=900"
        assert server.ask(ask)[0] == 200


def test_a_changed_input_is_not_shown(made):
    data = bytearray(made.input.read_bytes())
    data[-1] ^= 1
    made.input.write_bytes(data)
    with start_server(made.out) as server:
        found = server.json("api/0/input")
    assert not found["ok"] and "content differs" in found["message"]


def test_results_of_an_earlier_run_are_told(made):
    with start_server(made.out) as server:
        assert server.json("api/0/input")["message"] == ""
        (made.folder / FAILED).write_text("{}", encoding="utf-8")
        found = server.json("api/0/input")
    assert found["ok"] and "newest attempt" in found["message"]


# ---- the call itself --------------------------------------------------------------------------


def test_nothing_to_review_is_one_sentence(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(ValueError, match=r"^[^\n]+$"):
            serve(folder, open_browser=False)


def test_a_root_that_is_no_folder_is_told(made, tmp_path):
    for root in (tmp_path / "nosuch", made.input):
        with pytest.raises(ValueError, match="There is no folder"):
            serve(made.out, input_root=root, open_browser=False)


def test_the_libraries_of_numpy_start_no_threads_that_wait_for_each_other(made):
    """Set before numpy is loaded, which reads it then only; what a person set stands."""
    script = (
        "import os, sys; from emgdetect.review.server import serve\n"
        "from emgdetect.one_thread import ONE_THREAD\n"
        "assert 'numpy' not in sys.modules\n"
        "os.environ['OMP_NUM_THREADS'] = '3'\n"
        "try: serve(__import__('pathlib').Path(sys.argv[1]), port=1, open_browser=False)\n"
        "except ValueError: pass\n"
        "print([os.environ[name] for name in ONE_THREAD])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(made.out / "nowhere")],
        capture_output=True, text=True, check=True,
        env={k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")},
    )  # fmt: skip
    assert done.stdout.split() == ["['1',", "'3',", "'1',", "'1']"]


def test_libraries_that_lack_are_installed_as_the_readme_says(monkeypatch, made):
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(ValueError, match="needs starlette and uvicorn") as caught:
        serve(made.out, open_browser=False)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    command = str(caught.value).partition("emgdetect: ")[2]
    assert command.startswith("pip install") and f"`{command}`" in readme


def test_a_port_in_use_is_one_sentence(made):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ValueError, match="cannot be used"):
            serve(made.out, port=taken.getsockname()[1], open_browser=False)


def test_whoever_follows_the_address_at_once_is_not_refused():
    """A browser that was opened may be quicker than the server that still loads."""
    with _listen(0) as listener, socket.socket() as caller:
        caller.connect(listener.getsockname())


# ---- what a page may ask ----------------------------------------------------------------------


@pytest.mark.parametrize("time_s", [-0.5, 30.0, 1e9, 10**400])
def test_a_potential_is_added_only_where_something_was_recorded(made, time_s):
    with start_server(made.out) as server:
        body = {"what": "add", "site": "VL", "time_s": time_s}
        status, _, content = server.ask("api/0/decide", body=body)
    assert status == 400 and json.loads(content)["message"]
    assert not (made.folder / "reviewed.tsv").exists()


def test_an_infinite_time_gets_a_sentence(made):
    question = "api/0/shapes?site=VL&unit=1&at=inf&low=10&channel=EMG%20VL"
    with start_server(made.out) as server:
        status, _, content = server.ask(question)
    assert status == 400 and json.loads(content)["message"]


def test_brackets_without_end_are_no_decision():
    class Request:
        async def stream(self):
            yield b"[" * 30_000

    assert asyncio.run(_json_body(Request())) is None


def test_a_unit_in_other_digits_is_kept_in_plain_ones(made):
    with start_server(made.out) as server:
        events = server.json("api/0/tables")["events"]
        at = next(i for i, unit in enumerate(events["unit"]) if unit is not None)
        body = {"what": "unit", "site": events["site"][at], "peak_s": events["peak_s"][at],
                "was": str(events["unit"][at]), "now": "\u0660\u0667"}  # fmt: skip
        server.json("api/0/decide", body)
    assert trail_frame(made)["is"].tolist() == ["7"]
