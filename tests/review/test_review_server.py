"""The server without a browser: who is let in, what is saved, and that it outlives kills."""

from __future__ import annotations

import http.client
import json
import socket
import time

import pandas as pd
import pytest
from review_folders import lines, make_folder, trail_frame
from review_server import start_server
from review_tables import SITES, verdict_of

from emgdetect.curation import read_trail, reviewed_events
from emgdetect.review.casebook import Casebook


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A folder and its server, for tests that decide nothing."""
    made = make_folder(tmp_path_factory.mktemp("r"), sites=SITES, duration_s=20, n_events=30)
    with start_server(made.out) as server:
        yield made, server


@pytest.fixture
def made(tmp_path):
    return make_folder(tmp_path, sites=SITES, duration_s=20, n_events=30)


# ---- who is let in ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "api/desk", "main.js", "api/0/tables", "nothing"])
@pytest.mark.parametrize("token", ["", "x", "A" * 32, "..", "%2e%2e"])
def test_a_wrong_token_is_refused(shared, path, token):
    _, server = shared
    status, _, content = server.ask(path, token=token)
    assert status == 403 and b"<" not in content


@pytest.mark.parametrize("path", ["/", "/api/desk", "/index.html", "//", "*"])
def test_no_token_is_refused(shared, path):
    _, server = shared
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    link.request("GET", path)
    assert link.getresponse().status in (400, 403)
    link.close()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""]
)
def test_a_wrong_host_is_refused(shared, host):
    _, server = shared
    status, *_ = server.ask("api/desk", headers={"Host": host.format(port=server.port)})
    assert status in (400, 403)


def test_the_right_names_are_let_in(shared):
    _, server = shared
    for host in ("127.0.0.1", "localhost"):
        assert server.ask("api/desk", headers={"Host": f"{host}:{server.port}"})[0] == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site"}],
)  # fmt: skip
def test_other_pages_are_refused(shared, headers):
    made, server = shared
    assert server.ask("api/desk", headers=headers)[0] == 403
    assert server.ask("api/0/decide", body={"what": "undo"}, headers=headers)[0] == 403
    assert not (made.folder / "reviewed.tsv").exists()


def test_it_listens_on_this_machine_only(shared):
    _, server = shared
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None)}
    for address in others - {"127.0.0.1", "::1"}:
        with pytest.raises(OSError), socket.create_connection((address, server.port), timeout=2):
            pass


@pytest.mark.parametrize("path", ["", "main.js", "api/desk", "nothing", "vendor/uPlot.iife.min.js"])
def test_every_answer_forbids_loading_from_elsewhere(shared, path):
    _, headers, _ = shared[1].ask(path)
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "http" not in policy and "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_no_file_outside_the_page_is_given(shared):
    for path in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "vendor/../../app.py"):
        assert shared[1].ask(path)[0] in (403, 404)


# ---- what it tells ----------------------------------------------------------------------------


def test_the_tables_are_those_of_the_folder(shared):
    made, server = shared
    tables = server.json("api/0/tables")
    on_disk = reviewed_events(made.folder)
    assert tables["events"]["peak_s"] == on_disk["peak_s"].tolist()
    assert tables["events"]["verdict"] == on_disk["verdict"].tolist()
    assert tables["summary"]["site"] == list(SITES)
    assert tables["agreement"]["n"] == 0 and tables["n_decisions"] == 0


@pytest.mark.parametrize(
    "query",
    ["", "site=VL", "site=VL&start=1&stop=1&at=1&channels=8&low=10&columns=900",
     "site=VL&start=0&stop=1e9&at=1&channels=8&low=10&columns=900",
     "site=VL&start=nan&stop=2&at=1&channels=8&low=10&columns=900",
     "site=VL&start=a&stop=2&at=1&channels=8&low=10&columns=900"],
)  # fmt: skip
def test_a_senseless_question_gets_a_sentence(shared, query):
    status, _, content = shared[1].ask(f"api/0/signal?{query}")
    assert status == 400 and json.loads(content)["message"]


def test_an_unknown_recording_or_site_is_not_found(shared):
    assert shared[1].ask("api/7/tables")[0] == 404
    ask = "api/0/signal?site=X&start=1&stop=2&at=1&channels=8&low=10&columns=900"
    assert shared[1].ask(ask)[0] == 404


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"what": "drop"}, {"what": "verdict"},
     {"what": "verdict", "site": "VL", "peak_s": "1", "was": "", "now": "pop"},
     {"what": "verdict", "site": "nowhere", "peak_s": 1, "was": "pop", "now": "pop"},
     {"what": "verdict", "site": "VL", "peak_s": 1, "was": "pop", "now": "ALS"},
     {"what": "unit", "site": "VL", "peak_s": 1, "was": "", "now": "-3"},
     {"what": "exclude", "site": "VL", "onset": 3, "duration": 0, "now": "noise"},
     {"what": "exclude", "site": "VL", "onset": 3, "duration": 1, "now": "boredom"},
     {"what": "undo"}, {"what": "redo"}, {"what": "x" * 100_000}],
)  # fmt: skip
def test_a_senseless_decision_is_refused_and_nothing_is_written(shared, body):
    made, server = shared
    status, _, content = server.ask("api/0/decide", body=body, method="POST")
    assert status == 400 and json.loads(content)["message"]
    assert read_trail(made.folder / "reviewed.tsv").decisions == ()


# ---- what it saves ----------------------------------------------------------------------------


def wait_for_summary(made) -> None:
    """Wait until the summary has followed the last decision, as it does within a second."""
    time.sleep(0.5)
    for _ in range(100):
        if not Casebook(made.folder, "Ada").is_behind:
            return
        time.sleep(0.05)
    pytest.fail("the summary did not follow")


def test_decisions_are_appended_at_once_and_the_summary_follows(made):
    before = {p.name: p.read_bytes() for p in made.folder.iterdir()}
    with start_server(made.out) as server:
        tables = server.json("api/0/tables")
        server.json("api/0/decide", verdict_of(tables, 0, "pop"))
        first = (made.folder / "reviewed.tsv").read_bytes()
        server.json("api/0/decide", verdict_of(tables, 1, "fasciculation"))
        second = (made.folder / "reviewed.tsv").read_bytes()
        assert second.startswith(first) and len(second) > len(first)
        server.json("api/0/decide", {"what": "undo"})
        assert (made.folder / "reviewed.tsv").read_bytes().startswith(second)
        numbers = server.json("api/0/numbers")
        wait_for_summary(made)
    frame = trail_frame(made)
    assert frame["what"].tolist() == ["verdict", "verdict", "undo"]
    assert frame["who"].unique().tolist() == ["Ada"]
    assert frame["is"].tolist()[:2] == ["pop", "fasciculation"]
    assert {p: (made.folder / p).read_bytes() for p in before} == before  # as detected
    summary = pd.read_csv(made.folder / "summary_reviewed.tsv", sep="\t", na_values="n/a")
    counted = reviewed_events(made.folder).query("verdict == 'fasciculation'")
    assert summary["n_fasciculations"].tolist() == [(counted["site"] == s).sum() for s in SITES]
    assert numbers["summary"]["n_judged"] == summary["n_judged"].tolist()


def test_a_killed_server_loses_nothing_that_was_answered(made):
    decided = 0
    for _ in range(2):
        with start_server(made.out) as server:
            tables = server.json("api/0/tables")
            assert tables["n_decisions"] == decided
            for i in range(decided, decided + 3):
                server.json("api/0/decide", verdict_of(tables, i, "motion"))
                decided += 1
            server.kill()
    trail = read_trail(made.folder / "reviewed.tsv")
    assert [d.number for d in trail.decisions] == list(range(1, 7)) and trail.n_damaged == 0


def test_it_goes_on_after_a_torn_line(made):
    with start_server(made.out) as server:
        tables = server.json("api/0/tables")
        server.json("api/0/decide", verdict_of(tables, 0, "pop"))
    path = made.folder / "reviewed.tsv"
    torn = path.read_bytes() + path.read_bytes().splitlines()[-1][:40]
    path.write_bytes(torn)
    with start_server(made.out) as server:
        assert server.json("api/0/tables")["n_damaged"] == 1
        server.json("api/0/decide", verdict_of(tables, 1, "pop"))
    assert path.read_bytes().startswith(torn)
    trail = read_trail(path)
    assert [d.number for d in trail.decisions] == [1, 2] and trail.n_damaged == 1


def test_two_servers_on_one_folder_do_not_mix_up_their_lines(made):
    with start_server(made.out) as one, start_server(made.out) as other:
        tables = one.json("api/0/tables")
        other.json("api/0/tables")
        for i in range(4):
            (one if i % 2 else other).json("api/0/decide", verdict_of(tables, i, "hum"))
        status, _, content = one.ask("api/0/decide", body=verdict_of(tables, 0, "pop"))
        assert status == 409  # decided by the other one meanwhile
        assert json.loads(content)["events"]["verdict"][0] == "hum"
    assert [d.number for d in read_trail(made.folder / "reviewed.tsv").decisions] == [1, 2, 3, 4]


def test_add_exclude_redo_and_their_numbers(made):
    with start_server(made.out) as server:
        tables = server.json("api/0/tables")
        e = tables["events"]
        at = next(i for i, s in enumerate(e["site"]) if s == "VL")
        status, _, content = server.ask(
            "api/0/decide", body={"what": "add", "site": "VL", "time_s": e["peak_s"][at] + 0.004}
        )
        assert status == 409 and json.loads(content)["peak_s"] == e["peak_s"][at]
        added = server.json("api/0/decide", {"what": "add", "site": "VL", "time_s": 19.5})
        assert added["events"]["added"].count(True) == 1
        span = {"what": "exclude", "site": "", "onset": 5.0, "duration": 2.5, "now": "tremor"}
        excluded = server.json("api/0/decide", span)
        assert excluded["excluded"]["by"].count("reviewer") == len(SITES)
        analysed = server.json("api/0/numbers")["summary"]["analysed_s"]
        assert analysed == pytest.approx([20 - 0.25 - 2.5] * 2)
        server.json("api/0/decide", {"what": "undo"})
        server.json("api/0/decide", {"what": "undo"})
        assert server.json("api/0/numbers")["summary"]["analysed_s"] == pytest.approx([19.75] * 2)
        assert server.json("api/0/decide", {"what": "redo"})["events"]["added"].count(True) == 1
        server.json("api/0/decide", {"what": "redo"})
        assert server.ask("api/0/decide", body={"what": "redo"})[0] == 400
        wait_for_summary(made)
    assert lines(made.folder / "summary_reviewed.tsv")
    assert trail_frame(made)["what"].tolist() == [
        "add", "exclude", "undo", "undo", "add", "exclude",
    ]  # fmt: skip
