"""The detector on real recordings: labelled potentials, and rest (`benchmarks/resting.py`).

No open surface recording of fasciculations with marks by an expert was found. So the labelled ones
say whether potentials are found, whatever they are called. The data stay where they are
(`EMGDETECT_DATA`, or `shared/data` beside the checkout); without them this part is skipped.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import emgdetect as emg
from benchmarks.resting import Rows, at_rest, bar
from benchmarks.stretches import resting
from emgdetect.simulation.amplifier import measured

Floats = NDArray[np.float64]

NEEDLE_BAR = 0.90


def data_folder() -> Path | None:
    """Where the real recordings are, or None."""
    own = os.environ.get("EMGDETECT_DATA")
    folder = Path(own) if own else Path(__file__).parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def report(config: emg.Config) -> Rows:
    """Print and tabulate everything on real recordings; nothing where they are absent."""
    folder = data_folder()
    if folder is None:
        print("real recordings: skipped, no data folder (set EMGDETECT_DATA)")
        return []
    rows = [needle(folder, config), *grid(folder, config)]
    for real in resting(folder):
        rows += at_rest(real, config)
    return rows


def needle(folder: Path, config: emg.Config) -> dict[str, object]:
    """Lone expert spikes above 6 × noise of a needle recording, found within 3 ms or not."""
    recording = emg.read_recording(folder / "edf_real" / "needle_r00108.edf")
    spikes = pd.read_csv(folder / "edf_real" / "needle_r00108.spikes.tsv", sep="\t")
    hz = recording.channels[0].sampling_hz
    signal = measured(recording.read([0], 0).astype(float), sampling_hz=hz)[0]
    spikes["peak_s"] = aligned(spikes, signal, hz)
    height, noise = heights(spikes["peak_s"].to_numpy(), signal, hz)
    times = spikes["peak_s"].to_numpy()
    order = np.sort(times)
    gaps = np.diff(np.concatenate([[-np.inf], order, [np.inf]]))
    lone = dict(zip(order, np.minimum(gaps[:-1], gaps[1:]) > 0.010, strict=True))
    owed = times[(height > 6 * noise) & np.array([lone[t] for t in times])]
    events = emg.detect(recording, config).events["peak_s"].to_numpy(float)
    result = emg.score(owed, events, tolerance_s=0.003)
    whole = emg.score(times, events, tolerance_s=0.003)
    print(
        f"needle_r00108: {result.matched} of {len(owed)} lone spikes within 3 ms "
        f"(recall {result.recall:.3f}); {len(events)} events, precision {whole.precision:.3f} "
        f"{bar(result.recall, NEEDLE_BAR)}"
    )
    return {"version": emg.__version__, "set": "real", "phenomenon": "needle_r00108",
            "recording": "needle_r00108", "detector": "emgdetect", "tolerance_s": 0.003,
            "matched": result.matched, "missed": result.missed, "extra": whole.extra,
            "seen": len(events), "minutes": recording.recorded_s / 60}  # fmt: skip


def aligned(spikes: pd.DataFrame, signal: Floats, sampling_hz: float) -> Floats:
    """Peaks of the spikes: each unit's listed times plus the constant by which its average lags."""
    reach = round(0.003 * sampling_hz)
    out = spikes["onset"].to_numpy(float).copy()
    for unit in spikes["unit"].unique():
        rows = (spikes["unit"] == unit).to_numpy()
        at = np.rint(out[rows] * sampling_hz).astype(int)
        at = at[(at > reach) & (at < len(signal) - reach)]
        average = np.mean([signal[i - reach : i + reach + 1] for i in at], axis=0)
        out[rows] += (int(np.argmax(np.abs(average))) - reach) / sampling_hz
    return out


def heights(times_s: Floats, signal: Floats, sampling_hz: float) -> tuple[Floats, float]:
    """Peak-to-peak height within 3 ms of each time, and the RMS more than 6 ms from any."""
    reach = round(0.003 * sampling_hz)
    at = np.clip(np.rint(times_s * sampling_hz).astype(int), reach, len(signal) - reach - 1)
    height = np.array([np.ptp(signal[i - reach : i + reach + 1]) for i in at])
    silent = np.ones(len(signal), dtype=bool)
    for i in at:
        silent[max(0, i - 2 * reach) : i + 2 * reach] = False
    return height, float(np.sqrt(np.mean(signal[silent] ** 2)))


def grid(folder: Path, config: emg.Config) -> Rows:
    """Isolated potentials before and after the contraction of a 64-channel grid."""
    recording = emg.read_recording(folder / "edf_real" / "vastus_lateralis_64.edf")
    table = pd.read_csv(folder / "edf_real" / "vastus_lateralis_64.firings.tsv", sep="\t")
    found = emg.detect(recording, config)
    excluded = np.zeros(int(recording.recorded_s * 100), dtype=bool)
    for onset, duration in zip(found.excluded["onset"], found.excluded["duration"], strict=True):
        excluded[int(onset * 100) : int((onset + duration) * 100)] = True
    share = float(excluded[300:2900].mean())
    counted = found.fasciculations["peak_s"].to_numpy(float)
    events = found.events["peak_s"].to_numpy(float)
    rows: Rows = []
    for start, stop in ((1.0, 2.2), (30.0, 31.3)):
        listed = table["onset"].to_numpy()
        listed = listed[(listed >= start) & (listed <= stop)]
        own = events[(events >= start) & (events <= stop)]
        n_counted = int(((counted >= start) & (counted <= stop)).sum())
        near = emg.score(listed, own, tolerance_s=0.020).matched
        left_out = int(excluded[(listed * 100).astype(int)].sum())
        print(
            f"openhdemg_vl {start}–{stop} s: {len(own)} potentials ({n_counted} counted), "
            f"{near} of {len(listed)} listed firings; contraction 3–29 s excluded {share:.3f}"
        )
        rows.append({"version": emg.__version__, "set": "real", "phenomenon": "openhdemg_vl",
                     "recording": f"{start}-{stop} s", "detector": "emgdetect",
                     "tolerance_s": 0.020, "matched": near, "missed": len(listed) - near,
                     "seen": len(own), "count": n_counted, "excluded_share": share,
                     "listed_excluded": left_out,
                     "minutes": (stop - start) / 60})  # fmt: skip
    return rows
