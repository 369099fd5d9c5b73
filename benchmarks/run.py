"""Running detectors on cases, resumably: what is known and unchanged is not computed again."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.cases import Case
from benchmarks.detectors import Detector, Found
from benchmarks.worker import Outcome, Worker
from emgdetect.simulation import Simulated

LIMIT_S_PER_MIN = 30.0
"""Processor time a detector may take for each minute of a recording, of four sites as a rule."""

PATIENCE = 1
"""Recordings on which a detector may run out of time before the others are not tried."""


@dataclass(frozen=True)
class Result:
    """One detector on one recording.

    Attributes
    ----------
    times_s, analysed_s : mapping by site
        Empty if there is no result.
    seconds, peak_mb : float
        NaN if there is no result.
    trouble : str
        Why there is none; empty if there is.
    """

    times_s: dict[str, list[float]]
    analysed_s: dict[str, float]
    seconds: float
    peak_mb: float
    trouble: str


def run_case(
    case: Case,
    detectors: Sequence[Detector],
    workers: dict[str, Worker],
    cache: Path,
    tally: dict[str, int],
) -> tuple[Simulated, dict[str, Result]]:
    """Make a recording and let every detector have it.

    Parameters
    ----------
    case : Case
    detectors : sequence of Detector
    workers : dict
        A worker for each function, by its name.
    cache : Path
        Folder of earlier results.
    tally : dict
        How often each detector has run out of time, updated.
    """
    simulated = case.make()
    signal = _signal(simulated)
    results = {}
    for detector in detectors:
        path = cache / detector.name.replace(" ", "-") / f"{_key(detector, signal, simulated)}.json"
        known = _load(path)
        if known is None:
            known = _compute(detector, simulated, workers, tally)
            _save(path, known)
        if known.trouble.startswith("timeout"):
            tally[detector.name] = tally.get(detector.name, 0) + 1
        results[detector.name] = known
    return simulated, results


def run_all(
    cases: Sequence[Case],
    detectors: Sequence[Detector],
    cache: Path,
    *,
    take: Callable[[Case, Simulated, dict[str, Result]], None],
    limit_s: float = LIMIT_S_PER_MIN,
    quiet: bool = False,
) -> None:
    """Run all detectors on all cases; `take` is given each case as it is done."""
    workers = {d.find.__name__: Worker(d.find, limit_s) for d in detectors}
    tally: dict[str, int] = {}
    try:
        for number, case in enumerate(cases, start=1):
            simulated, results = run_case(case, detectors, workers, cache, tally)
            take(case, simulated, results)
            if not quiet:
                print(f"[{number}/{len(cases)}] {case.recording}", file=sys.stderr, flush=True)
    finally:
        for worker in workers.values():
            worker.close()


def _compute(
    detector: Detector, simulated: Simulated, workers: dict[str, Worker], tally: dict[str, int]
) -> Result:
    """One detector on one recording, in its own process."""
    if tally.get(detector.name, 0) >= PATIENCE:
        return _failed("not tried: out of time on another recording")
    given = simulated if detector.knows else simulated.recording
    outcome = workers[detector.find.__name__].run(given, *detector.argument)
    return _result(outcome)


def _result(outcome: Outcome) -> Result:
    if outcome.trouble or not isinstance(outcome.value, Found):
        return _failed(outcome.trouble or "no result")
    found = outcome.value
    return Result(found.times_s, found.analysed_s, found.seconds, outcome.peak_mb, "")


def _failed(trouble: str) -> Result:
    return Result({}, {}, float("nan"), float("nan"), trouble)


def _signal(simulated: Simulated) -> str:
    """Digest of the recording as a detector sees it."""
    digest = hashlib.sha256()
    for index, channel in enumerate(simulated.recording.channels):
        digest.update(f"{channel.name}|{channel.site}|{channel.sampling_hz}".encode())
        digest.update(np.ascontiguousarray(simulated.recording.read([index], 0)).tobytes())
    return digest.hexdigest()


def _key(detector: Detector, signal: str, simulated: Simulated) -> str:
    """Name of a result in the cache; the truth counts where the detector knows it."""
    truth = simulated.truth.to_csv() if detector.knows else ""
    return hashlib.sha256(f"{detector.fingerprint}|{signal}|{truth}".encode()).hexdigest()[:32]


def _load(path: Path) -> Result | None:
    """An earlier result, or None if there is none; results that were not tried are tried again."""
    try:
        result = Result(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return None if result.trouble.startswith("not tried") else result


def _save(path: Path, result: Result) -> None:
    """Keep a result; never half-written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(asdict(result)), encoding="utf-8")
    part.replace(path)
