"""The routes of the page: thin, from a request to a call and its answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgdetect.columns import FAILED, REASONS, REVIEW_VERDICTS
from emgdetect.review import payloads
from emgdetect.review.casebook import Stale
from emgdetect.review.shapes import REACH_S, spread
from emgdetect.review.wishes import AlreadyListedError, parse_wish

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from emgdetect.review.desk import Case, Desk

STATIC = Path(__file__).parent / "static"
MOST_SECONDS = 600.0
MOST_BYTES = 1 << 16
EARLIER = "The newest attempt at this recording failed: these are the results of an earlier run."
"""Said where a run left a note of its failure beside the results."""


def make_app(desk: Desk) -> Starlette:
    """The application behind the guard."""
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route
    from starlette.staticfiles import StaticFiles

    def get(path: str, answer: Callable[[Request, Case], Response]) -> Route:
        def endpoint(request: Request) -> Response:
            return _answered(desk, request, lambda case: answer(request, case))

        return Route(f"/api/{{index:int}}/{path}", endpoint)

    async def post_decision(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        body = await _json_body(request)
        return await run_in_threadpool(_answered, desk, request, lambda case: decide(body, case))

    return Starlette(
        routes=[
            Route("/api/desk", lambda _: as_json(home(desk))),
            get("tables", tables),
            get("numbers", numbers),
            get("input", located),
            get("signal", signal),
            get("shapes", shapes),
            get("overview", overview),
            Route("/api/{index:int}/decide", post_decision, methods=["POST"]),
            Mount("/", StaticFiles(directory=STATIC, html=True)),
        ]
    )


def as_json(content: Any, status: int = 200) -> Response:
    """An answer in strict JSON (no NaN)."""
    from starlette.responses import Response

    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return Response(text, status, media_type="application/json")


def home(desk: Desk) -> dict[str, Any]:
    """What the page needs to start."""
    return {
        "folder": desk.folder.name,
        "reviewer": desk.reviewer,
        "recordings": desk.listing(),
        "verdicts": REVIEW_VERDICTS,
        "reasons": [reason for reason in REASONS if reason not in ("gap", "missing")],
    }


def tables(_: Request, case: Case) -> Response:
    """Everything the page lists of a recording."""
    counted = payloads.numbers(case.book)  # not under the lock, see `Casebook`
    with case.book.lock:
        return as_json({"name": case.name, **counted, **payloads.tables(case.book)})


def numbers(_: Request, case: Case) -> Response:
    """Summary and agreement after the last decision."""
    return as_json(payloads.numbers(case.book))


def located(_: Request, case: Case) -> Response:
    """Whether the signal is there, and what is to be known of it; finds it at the first call."""
    found, recording = case.signal.located(), case.signal.recording
    segments = recording.segments if recording else ()
    earlier = EARLIER if (case.book.folder / FAILED).is_file() else ""
    return as_json(
        {
            "ok": found.path is not None,
            "message": f"{found.message} {earlier}".strip(),
            "segments": [[s.start_s, s.stop_s] for s in segments],
        }
    )


def signal(request: Request, case: Case) -> Response:
    """A stretch of signal, see `payloads.signal_bytes`; 404 without signal."""
    from starlette.responses import Response

    query = request.query_params
    start_s, stop_s = float(query["start"]), float(query["stop"])
    if not 0 < stop_s - start_s <= MOST_SECONDS:
        raise ValueError(f"Up to {MOST_SECONDS:g} s can be shown at once.")
    shown = case.signal.view(
        query["site"], query.get("channel", ""), start_s=start_s, stop_s=stop_s,
        at_s=float(query["at"]), n_channels=max(1, int(query["channels"])),
        low_hz=_between(float(query["low"]), 1, 200),
        n_columns=int(_between(float(query["columns"]), 100, 20_000)), ahead="ahead" in query,
    )  # fmt: skip
    if shown is None or case.signal.recording is None:
        return refusal(case.signal.located().message or "This site has no signal.", 404)
    mains = case.signal.mains(query["site"])
    body = payloads.signal_bytes(shown, case.signal.recording, mains)
    return Response(body, media_type="application/octet-stream")


def shapes(request: Request, case: Case) -> Response:
    """A potential and others of its unit on its channel, aligned; 404 without signal."""
    query = request.query_params
    site, unit, at_s = query["site"], query["unit"], float(query["at"])
    rows = case.book.events
    rows = rows[(rows["site"] == site) & (rows["unit"].astype(str) == unit)]
    others = spread([peak for peak in rows["peak_s"].tolist() if abs(peak - at_s) > 1e-9])
    low_hz = _between(float(query["low"]), 1, 200)
    found = case.signal.shapes(site, query["channel"], peaks_s=[at_s, *others], low_hz=low_hz)
    if found is None:
        return refusal(case.signal.located().message or "This site has no signal.", 404)
    traces = [[payloads.plain(round(float(v), 2)) for v in trace] for trace in found]
    return as_json({"reach_s": REACH_S, "own": traces[0], "others": traces[1:]})


def overview(request: Request, case: Case) -> Response:
    """Size of the signal over the whole recording, as far as it is read; 404 without signal."""
    query = request.query_params
    envelope = case.signal.envelope(query["site"], query.get("channel", ""))
    if envelope is None:
        return refusal(case.signal.located().message or "This site has no signal.", 404)
    return as_json(envelope.content())


def decide(body: Any, case: Case) -> Response:
    """Take a decision; the answer comes when it is on the disk, the summary after that."""
    from starlette.background import BackgroundTask

    with case.book.lock:
        try:
            decision = case.book.decide(parse_wish(body, case.book, case.signal))
        except AlreadyListedError as error:
            return as_json({"message": str(error), "peak_s": error.peak_s}, 409)
        except Stale as error:
            return as_json({"message": str(error), **payloads.tables(case.book)}, 409)
        answer = as_json(payloads.after(case.book, decision))
    answer.background = BackgroundTask(case.book.settle_soon)
    return answer


def refusal(sentence: str, status: int) -> Response:
    """An answer that says in one sentence why not."""
    return as_json({"message": sentence}, status)


def _answered(desk: Desk, request: Request, answer: Callable[[Case], Response]) -> Response:
    """The answer for the recording of the address; errors of the caller as one sentence."""
    index = int(request.path_params["index"])
    if index >= len(desk.cases):
        return refusal("There is no such recording.", 404)
    try:
        return answer(desk.cases[index])
    except KeyError as error:
        return refusal(f"{error.args[0]} is missing.", 400)
    except (ValueError, OverflowError) as error:
        return refusal(str(error), 400)
    except OSError as error:
        return refusal(f"The disk says: {error.strerror or error}. Nothing was changed.", 507)


async def _json_body(request: Request) -> Any:
    """The body as JSON; None if it is too long or none, which no decision is."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _between(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
