"""One recording under review: its tables, its trail and the decisions as they come in."""

from __future__ import annotations

import getpass
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgdetect import curation
from emgdetect.columns import EVENTS, EXCLUDED, REVIEWED, SUMMARY, empty
from emgdetect.curation import Decision, Trail
from emgdetect.review.inputs import read_provenance
from emgdetect.review.rows import entered, row_of
from emgdetect.review.trailfile import Known, append_decision
from emgdetect.stats.reviewed import recorded_spans, reviewed_summary
from emgdetect.writers.tables import write_table

if TYPE_CHECKING:
    import pandas as pd


SETTLE_AFTER_S = 0.15

_OF_RESULT = ("detected", "excluded_detected", "summary_detected", "provenance", "events",
              "excluded")  # fmt: skip
"""What rests on the tables of a run."""


class Stale(Exception):
    """The page showed something else than what stands: it must load again first."""


def login_name() -> str:
    """Name of whoever is logged in; ``reviewer`` where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "reviewer"


@dataclass
class Casebook:
    """The review of one recording; safe to use from several threads.

    Whoever settles takes the lock meanwhile, so nobody who holds the lock may wait for the summary
    (`summary`, `settle`): two threads would wait for each other for ever.

    Attributes
    ----------
    folder : Path
        Of the recording, with ``events.tsv``.
    reviewer : str
    """

    folder: Path
    reviewer: str
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _settling: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _settled: tuple[int, pd.DataFrame] | None = field(default=None, repr=False)
    _written: int | None = field(default=None, repr=False)
    _run: tuple[int, int] | None = field(default=None, repr=False)
    _known: Known | None = field(default=None, repr=False)
    _undone: list[Decision] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        self._renew()

    @property
    def trail_path(self) -> Path:
        """Where the decisions stand."""
        return self.folder / curation.trail.FILE_NAME

    @cached_property
    def detected(self) -> pd.DataFrame:
        """``events.tsv`` as detected."""
        return curation.read_table(self.folder / "events.tsv", EVENTS)

    @cached_property
    def excluded_detected(self) -> pd.DataFrame:
        """``excluded.tsv`` as detected."""
        path = self.folder / "excluded.tsv"
        return curation.read_table(path, EXCLUDED) if path.exists() else empty(EXCLUDED)

    @cached_property
    def summary_detected(self) -> pd.DataFrame:
        """``summary.tsv`` as detected."""
        return curation.read_summary(self.folder / "summary.tsv")

    @cached_property
    def provenance(self) -> dict[str, Any]:
        """``run.json``; empty if there is none."""
        return read_provenance(self.folder)

    @property
    def sites(self) -> list[str]:
        """Names of the sites, in the order of ``summary.tsv``."""
        return [str(site) for site in self.summary_detected["site"]]

    @cached_property
    def trail(self) -> Trail:
        """The decisions so far."""
        return curation.read_trail(self.trail_path)

    @cached_property
    def events(self) -> pd.DataFrame:
        """All events as reviewed, those in time excluded by the reviewer included."""
        return curation.replay(self.detected, self.trail.decisions)

    @cached_property
    def excluded(self) -> pd.DataFrame:
        """Excluded spans as reviewed."""
        return curation.replay_excluded(
            self.excluded_detected, self.trail.decisions, sites=self.sites
        )

    def settle_soon(self) -> None:
        """Settle when the page had time to show what comes next."""
        time.sleep(SETTLE_AFTER_S)
        self.settle()

    def settle(self) -> pd.DataFrame:
        """Bring ``summary_reviewed.tsv`` up to the trail, and return what it holds.

        Takes longer than a decision, so decisions do not wait for it; of several that came
        meanwhile only the last is computed.
        """
        with self._settling:
            n, summary = self._summed()
            if self._written != n:
                write_table(self.folder / REVIEWED, summary, SUMMARY)
                self._written = n
            return summary

    def summary(self) -> pd.DataFrame:
        """What ``summary_reviewed.tsv`` holds, or will hold; nothing is written."""
        with self._settling:
            return self._summed()[1]

    @property
    def is_behind(self) -> bool:
        """Whether there are decisions newer than ``summary_reviewed.tsv``: a kill came between."""
        try:
            decided = self.trail_path.stat().st_mtime_ns
            return (self.folder / REVIEWED).stat().st_mtime_ns < decided
        except OSError:
            return bool(self.trail.decisions)

    def _summed(self) -> tuple[int, pd.DataFrame]:
        """The reviewed summary, and the number of decisions that went into it."""
        with self.lock:
            self._renew()
            events, excluded, n = self.events, self.excluded, len(self.trail.decisions)
        if self._settled is None or self._settled[0] != n:
            kept = events[~events["outside"].astype(bool)]
            segments = recorded_spans(self.provenance)
            self._settled = (n, reviewed_summary(kept, excluded, self.summary_detected, segments))
        return self._settled

    def _renew(self) -> None:
        """Forget the tables if another run has put its result in their place."""
        try:
            status = (self.folder / "run.json").stat()
        except OSError:
            return  # None, or one is about to come.
        run = (status.st_mtime_ns, status.st_size)
        if run != self._run:
            for name in _OF_RESULT:
                self.__dict__.pop(name, None)
            self._settled = self._written = None
        self._run = run

    @property
    def stop_s(self) -> float:
        """End of the recording; infinite if ``run.json`` does not tell."""
        segments = recorded_spans(self.provenance)
        return float(segments[-1, 1]) if len(segments) else float("inf")

    def decide(self, wish: Mapping[str, Any]) -> Decision:
        """Append a decision; when this returns it is on the disk.

        The events and excluded spans have followed, the summary does with `settle`.

        Parameters
        ----------
        wish : mapping
            Fields of a `Decision` except number, when and who; `what` may also be ``redo``.

        Returns
        -------
        Decision

        Raises
        ------
        Stale
            If `was` is not what stands.
        ValueError
            If there is nothing to undo or redo.
        OSError
            If the trail cannot be written; then nothing was decided.
        """
        with self.lock:
            self._renew()
            what = wish["what"]
            again = self._undone[-1] if what == "redo" and self._undone else None
            if what == "redo" and again is None:
                raise ValueError("There is nothing to redo.")
            self._known, decision = append_decision(
                self.trail_path, self._known, lambda found: self._next(found, wish, again)
            )
            self._follow(self._known.trail, decision)
            self._remember(what, decision)
            return decision

    def _next(self, trail: Trail, wish: Mapping[str, Any], again: Decision | None) -> Decision:
        if trail is not self.trail and trail != self.trail:
            self._follow(trail)  # another server wrote meanwhile
        signed: dict[str, Any] = {
            "number": trail.next_number,
            "when": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": self.reviewer,
        }
        if again is not None:
            return replace(again, **signed)
        if wish["what"] == "undo":
            last = undoable(trail)
            undoing = replace(last, **signed, what="undo", undoes=last.number)
            return replace(undoing, was=last.now, now=last.was)
        self._check_fresh(wish)
        return Decision(**signed, **wish)

    def _check_fresh(self, wish: Mapping[str, Any]) -> None:
        """Refuse a decision on something that is no longer as the page showed it."""
        import pandas as pd

        if wish["what"] not in ("verdict", "unit"):
            return
        row = row_of(self.events, wish["site"], wish["peak_s"])
        if row is None:
            raise Stale("This potential is no longer in the list.")
        value = self.events[wish["what"]].iloc[row]
        if ("" if pd.isna(value) else str(value)) != wish["was"]:
            raise Stale("This potential was decided in another window.")

    def _follow(self, trail: Trail, decision: Decision | None = None) -> None:
        """Take over a trail; what is derived from it is computed anew when asked for.

        A `decision` on one row that is its only news is entered there instead: the same result
        as a replay, at once.
        """
        events = self.__dict__.pop("events", None)
        self.__dict__.pop("excluded", None)
        self.__dict__["trail"] = trail
        if decision is not None and events is not None and decision.what in ("verdict", "unit"):
            row = row_of(events, decision.site, decision.peak_s)
            if row is not None:
                self.__dict__["events"] = entered(events, row, decision)

    def _remember(self, what: str, decision: Decision) -> None:
        """Keep what was undone, for a redo, until something else is decided."""
        if what == "undo":
            undone = next(d for d in self.trail.decisions if d.number == decision.undoes)
            self._undone.append(undone)
        elif what == "redo":
            self._undone.pop()
        else:
            self._undone.clear()


def undoable(trail: Trail) -> Decision:
    """The last decision that still stands.

    Raises
    ------
    ValueError
        If none does.
    """
    left = curation.standing(trail.decisions)
    if not left:
        raise ValueError("There is nothing to undo.")
    return left[-1]
