"""What the page asks to decide, checked before anything is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from emgdetect.columns import REASONS, REVIEW_VERDICTS
from emgdetect.curation import KEY_TOLERANCE_S
from emgdetect.review.casebook import Casebook
from emgdetect.review.opened import Signal
from emgdetect.review.rows import row_of
from emgdetect.signal.spans import covers
from emgdetect.stats.reviewed import recorded_spans

if TYPE_CHECKING:
    import pandas as pd

Wish = dict[str, Any]
DEFAULT_LOW_HZ = 10.0
_KEPT = ("onset", "duration", "channel", "amplitude_uv", "noise_uv")


class AlreadyListedError(ValueError):
    """A potential to add that is in the list; `peak_s` says which."""

    def __init__(self, verdict: str, peak_s: float) -> None:
        super().__init__(f"A potential is already listed there ({verdict}); it is selected now.")
        self.peak_s = peak_s


def parse_wish(body: Any, book: Casebook, signal: Signal) -> Wish:
    """Fields of the decision that the page asks for.

    Parameters
    ----------
    body : JSON value
        As the page sent it.
    book : Casebook
    signal : Signal
        To measure a potential that is to be added.

    Returns
    -------
    dict
        For `Casebook.decide`.

    Raises
    ------
    ValueError
        If a field is missing or has no sense.
    """
    if not isinstance(body, dict):
        raise ValueError("A decision is a JSON object.")
    what = body.get("what")
    if what in ("undo", "redo"):
        return {"what": what}
    if what in ("verdict", "unit"):
        return _on_event(body, book)
    if what == "add":
        return _addition(body, book, signal)
    if what in ("exclude", "include"):
        return _span(body, book)
    raise ValueError(f"There is no decision {what!r}.")


def _on_event(body: Mapping[str, Any], book: Casebook) -> Wish:
    import pandas as pd

    what, now = body["what"], _text(body, "now")
    if what == "verdict":
        _one_of(now, REVIEW_VERDICTS, "verdict")
    elif now and not (now.isdecimal() and 0 < int(now) < 10_000):
        raise ValueError(f"A unit is a whole number from 1, not {now!r}.")
    site, peak_s = _site(body, book), _number(body, "peak_s")
    row, events = row_of(book.events, site, peak_s), book.events
    known = {} if row is None else {n: events[n].iloc[row] for n in _KEPT if n in events}
    facts = {name: value for name, value in known.items() if not pd.isna(value)}
    if now and what == "unit":
        now = str(int(now))  # whatever digits of this world it was typed in
    return {"what": what, "site": site, "peak_s": peak_s, "was": _text(body, "was"), "now": now,
            **facts}  # fmt: skip


def _addition(body: Mapping[str, Any], book: Casebook, signal: Signal) -> Wish:
    site, time_s = _site(body, book), _number(body, "time_s")
    spans = recorded_spans(book.provenance)
    if len(spans) and not covers(spans, time_s):
        raise ValueError("Nothing was recorded there.")
    found = signal.measure(site, at_s=time_s, low_hz=DEFAULT_LOW_HZ)
    wish: Wish = {"what": "add", "site": site, "now": "fasciculation"}
    if found is None or signal.recording is None:
        wish |= {"peak_s": time_s, "onset": time_s, "duration": 0.0}
    else:
        wish |= {
            "peak_s": round(found.peak_s, 6), "onset": round(found.onset, 6),
            "duration": round(found.duration, 6), "amplitude_uv": round(found.amplitude_uv, 3),
            "noise_uv": round(found.noise_uv, 3),
            "channel": signal.recording.channels[found.channel].name,
        }  # fmt: skip
    _check_not_listed(book.events, site, wish["peak_s"])
    return wish


def _check_not_listed(events: pd.DataFrame, site: str, peak_s: float) -> None:
    rows = events[events["site"] == site]
    distance = (rows["peak_s"] - peak_s).abs().to_numpy()
    if len(rows) and distance.min() <= KEY_TOLERANCE_S:
        nearest = rows.iloc[int(distance.argmin())]
        raise AlreadyListedError(str(nearest["verdict"]), float(nearest["peak_s"]))


def _span(body: Mapping[str, Any], book: Casebook) -> Wish:
    site = _site(body, book) if body.get("site") else ""
    onset, duration = _number(body, "onset"), _number(body, "duration")
    if duration <= 0 or onset + duration <= 0:
        raise ValueError("The span is empty.")
    if body["what"] == "include":
        return {"what": "include", "site": site, "onset": onset, "duration": duration,
                "was": _text(body, "was")}  # fmt: skip
    reason = _text(body, "now")
    _one_of(reason, REASONS, "reason")
    start, stop = max(0.0, round(onset, 6)), min(onset + duration, book.stop_s)
    if stop <= start:
        raise ValueError("The span lies outside the recording.")
    return {"what": "exclude", "site": site, "onset": start,
            "duration": round(stop - start, 6), "now": reason}  # fmt: skip


def _site(body: Mapping[str, Any], book: Casebook) -> str:
    site = _text(body, "site")
    if site not in book.sites:
        raise ValueError(f"There is no site {site!r}.")
    return site


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} must be text.")
    return value


def _number(body: Mapping[str, Any], name: str) -> float:
    value = body.get(name)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        pass
    raise ValueError(f"{name} must be a number.")


def _one_of(value: str, allowed: tuple[str, ...], what: str) -> None:
    if value not in allowed:
        raise ValueError(f"There is no {what} {value!r}; there are: {', '.join(allowed)}.")
