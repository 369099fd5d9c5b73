"""A process of its own that measures the detector with one number changed.

It starts with the libraries loaded and the package not (`multiprocessing`'s fork server), so that
every change costs the time of detection and little else.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.changing import Change, install

LIBRARIES = (
    "numpy", "pandas", "pydantic", "scipy.fft", "scipy.ndimage", "scipy.optimize", "scipy.signal",
    "scipy.stats", "benchmarks.sensitivity_worker",
)  # fmt: skip
MOST_CPU_S = 120
UNREAD = ("potentials_uv", "voluntary_uv", "noise_uv", "disturbance_uv", "noise_rms_uv")
"""Parts of a simulated recording that neither the detector nor the judge reads."""


@dataclass(frozen=True)
class Piece:
    """One recording of the set: scenario of `emgdetect.simulation`, tuning seed, length, sites.

    `n_channels` makes a grid smaller, of the sampling rate of the others, so that what the detector
    learns once per rate is learnt once; 0 leaves the scenario's electrodes.
    """

    scenario: str
    seed: int
    seconds: float
    n_sites: int
    n_channels: int = 0


@dataclass(frozen=True)
class Count:
    """What the detector did on one recording.

    Attributes
    ----------
    matched, missed, extra : int
        As `benchmarks.judging` counts them, over all sites.
    minutes : float
        Analysed, over all sites.
    digest : str
        Of all tables, numbers to six digits: equal if every event, span and summary is.
    """

    matched: int
    missed: int
    extra: int
    minutes: float
    digest: str


def make(pieces: tuple[Piece, ...], path: Path) -> None:
    """Simulate the recordings into one file."""
    from dataclasses import replace

    import numpy as np

    from benchmarks.plans import TUNING, plan
    from emgdetect.simulation import simulate
    from emgdetect.simulation.electrodes import grid

    simulated, nothing = [], np.zeros((0, 0), dtype=np.float32)
    unread: dict[str, Any] = dict.fromkeys(UNREAD, nothing) | {"units": {}, "noise_spectra": {}}
    for piece in pieces:
        scenario = plan(piece.scenario, piece.seed, TUNING)
        scenario = replace(scenario, sites=scenario.sites[: piece.n_sites])
        if piece.n_channels:
            electrodes = grid(n_channels=piece.n_channels, n_rows=piece.n_channels // 2)
            scenario = replace(scenario, electrodes=electrodes, sampling_hz=2000.0)
        whole = simulate(duration_s=piece.seconds, seed=piece.seed, scenario=scenario)
        simulated.append(replace(whole, **unread))
    path.write_bytes(pickle.dumps(simulated))


def measure(path: Path, setting: dict[str, float]) -> list[Count]:
    """Run the detector on the recordings of a file and judge what it finds."""
    import emgdetect as emg

    config = emg.Config(**setting)
    simulated = pickle.loads(path.read_bytes())
    return [_count(one, emg.detect(one.recording, config, n_threads=1)) for one in simulated]


def _count(simulated: Any, found: Any) -> Count:
    import numpy as np

    from benchmarks.judging import judge

    counted = found.events[found.events["verdict"] == "fasciculation"]
    matched = missed = extra = 0
    for site in simulated.recording.sites:
        times_s = counted.loc[counted["site"] == site.name, "peak_s"].to_numpy(dtype=np.float64)
        verdict = judge(simulated, site.name, times_s)
        matched += len(verdict.matched)
        missed += len(verdict.missed)
        extra += len(verdict.extra_s)
    tables = (found.events, found.excluded, found.summary)
    text = "".join(table.to_csv(index=False, float_format="%.6g") for table in tables)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Count(
        matched, missed, extra, round(float(found.summary["analysed_s"].sum()) / 60, 4), digest
    )


def prepare(pieces: tuple[Piece, ...], path: Path) -> None:
    """Simulate the recordings, in a process of its own.

    Raises
    ------
    RuntimeError
        If that failed.
    """
    state, _ = _apart(make, (pieces, path), None)
    if state:
        raise RuntimeError(state)


def counts(path: Path, change: Change | None) -> tuple[str, list[Count], float]:
    """Counts of the recordings of a file with a number changed, or with none.

    Returns
    -------
    state : str
        Empty if all went well, otherwise what happened, in one line.
    counts : list of Count
        Empty then.
    seconds : float
        Processor time.
    """
    setting: dict[str, float] = {}
    if change is not None and change.module == "config":
        setting, change = {change.name: float(change.changed)}, None
    state, answer = _apart(measure, (path, setting), change)
    values, seconds = answer if answer else ([], 0.0)
    return state, [Count(**value) for value in values or ()], seconds


def _apart(
    job: Callable[..., Any], arguments: tuple[Any, ...], change: Change | None
) -> tuple[str, Any]:
    """Run a job in a process that has not imported the package yet."""
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    kind = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
    context = get_context(kind)
    if kind == "forkserver":
        context.set_forkserver_preload(list(LIBRARIES))
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, job.__name__, arguments, change))
    process.start()
    theirs.close()
    try:
        state, answer = ours.recv()
    except EOFError:
        state, answer = "out of time or killed", None
    process.join()
    return state, answer


def _work(pipe: Connection, job: str, arguments: tuple[Any, ...], change: Change | None) -> None:
    """What the process does: its job, in the package as changed; then it sends what came of it."""
    warnings.simplefilter("ignore")
    start = time.process_time()
    try:
        _limit()
        if change is not None:
            install(change)
        answer = {"make": make, "measure": measure}[job](*arguments)
        if isinstance(answer, list):
            answer = [asdict(count) for count in answer]
        pipe.send(("", (answer, time.process_time() - start)))
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.name}"
        pipe.send((f"{type(error).__name__} in {where}: {error}".splitlines()[0], None))


def _limit() -> None:
    """No change may take for ever; where the system knows no limit there is none."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_S, MOST_CPU_S))
