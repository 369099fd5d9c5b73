"""The detector on real recordings: labelled potentials, counts at rest, potentials added to rest.

No open surface recording of fasciculations with marks by an expert was found. So the labelled ones
say whether potentials are found, whatever they are called; the counts at rest are counts, not
errors, since nobody can say what those stretches contain; and recall at rest is that of simulated
potentials added at known times. The data stay where they are (`EMGDETECT_DATA`, or `shared/data`
beside the checkout); without them this part is skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

import emgdetect as emg
from benchmarks.sources import opensignals, uci_thigh
from emgdetect.simulation.amplifier import measured
from emgdetect.simulation.electrodes import bipolar
from emgdetect.simulation.model import discharges, joined
from emgdetect.simulation.render import Variability, draw, vary
from emgdetect.simulation.scenarios import SCENARIOS
from emgdetect.simulation.units import Ground, draw_units

Floats = NDArray[np.float64]
Spans = list[tuple[float, float]]
Rows = list[dict[str, object]]

QUIET_FACTOR = 2.0
QUIET_UV = 8.0
WINDOW_S = 0.25
LEAST_S = 1.5
RECALL_BAR, NEEDLE_BAR = 0.85, 0.90
LEAST_ADDED, MOST_SEEDS = 60, 25
PER_MIN = 30.0
SNR = (6.0, 20.0)
APART_S = 0.2


@dataclass(frozen=True)
class Real:
    """One channel of a real recording, in µV."""

    name: str
    signal_uv: Floats
    sampling_hz: float

    def recording(self, signal_uv: Floats | None = None) -> emg.Recording:
        """The channel, or another signal in its place, as a recording of one site."""
        data = self.signal_uv if signal_uv is None else signal_uv
        return emg.Recording.from_array(data, self.sampling_hz, names=[self.name], name=self.name)


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


def resting(folder: Path) -> Iterator[Real]:
    """All real surface recordings of the folder that may contain rest, channel by channel."""
    for path in sorted((folder / "plux_bsnb").glob("emg_*.h5")):
        signal, hz = opensignals(path.parent, path.name)
        yield Real(path.stem, signal, hz)
    for path in sorted((folder / "uci_lower_limb").glob("uci*__[35]*.txt")):
        signals, hz = uci_thigh(path.parent, path.name)
        for index, signal in enumerate(signals):
            yield Real(f"{path.stem.split('__')[-1]} {index}", signal, hz)
    for path in sorted((folder / "emgflow_facial").glob("*.csv")):
        table = pd.read_csv(path, encoding="utf-8-sig")
        for name in table.columns[1:]:
            # The file states no unit; millivolts give a plausible hum.
            yield Real(f"{path.stem} {name}", table[name].to_numpy() * 1000.0, 2000.0)


def searched(signal: Floats, sampling_hz: float, low_hz: float = 20.0) -> Floats:
    """Band-passed, without multiples of 50 Hz, gaps filled with zeros."""
    data = np.nan_to_num(signal - np.nanmedian(signal))
    high = min(450.0, 0.45 * sampling_hz)
    band = sosfiltfilt(butter(2, [low_hz, high], "bandpass", fs=sampling_hz, output="sos"), data)
    spectrum = np.fft.rfft(band)
    frequencies = np.fft.rfftfreq(len(band), 1 / sampling_hz)
    spectrum[np.abs(frequencies - 50 * np.rint(frequencies / 50)) < 0.6] = 0
    return np.fft.irfft(spectrum, len(band))


def quiet_spans(real: Real) -> Spans:
    """Stretches of at least 1.5 s in which every quarter second is quiet.

    Quiet is an RMS (20–450 Hz, without hum) below 8 µV and below twice the recording's tenth
    percentile.
    """
    n = round(WINDOW_S * real.sampling_hz)
    power = searched(real.signal_uv, real.sampling_hz) ** 2
    count = len(power) // n
    rms = np.sqrt(power[: count * n].reshape(count, n).mean(axis=1))
    gap = np.isnan(real.signal_uv[: count * n]).reshape(count, n).any(axis=1)
    quiet = (rms < QUIET_FACTOR * np.percentile(rms, 10)) & (rms < QUIET_UV) & ~gap
    edges = np.flatnonzero(np.diff(np.concatenate([[0], quiet.astype(int), [0]])))
    spans = [(a * WINDOW_S, b * WINDOW_S) for a, b in edges.reshape(-1, 2)]
    return [span for span in spans if span[1] - span[0] >= LEAST_S]


def at_rest(real: Real, config: emg.Config) -> Rows:
    """Counts in the quiet stretches of one channel, and recall of potentials added to them."""
    spans = quiet_spans(real)
    if not spans:
        return []
    seconds = sum(b - a for a, b in spans)
    found = emg.detect(real.recording(), config)
    counted = found.fasciculations["peak_s"].to_numpy(dtype=float)
    count = int(sum(((counted >= a) & (counted < b)).sum() for a, b in spans))
    matched, seen, owed = _recall(real, spans, found.events["peak_s"].to_numpy(float), config)
    print(
        f"rest {real.name:32s} {seconds:5.1f} s quiet  {count:3d} counted "
        f"({60 * count / seconds:5.1f}/min)  added {owed}: recall {matched / max(owed, 1):.3f}, "
        f"of any verdict {seen / max(owed, 1):.3f} {_bar(matched / max(owed, 1), RECALL_BAR)}",
        flush=True,
    )
    common = {"version": emg.__version__, "set": "real", "recording": real.name,
              "detector": "emgdetect", "tolerance_s": 0.015}  # fmt: skip
    return [
        {**common, "phenomenon": "real_rest_count", "count": count, "minutes": seconds / 60},
        {**common, "phenomenon": "real_rest_recall", "matched": matched, "missed": owed - matched,
         "seen": seen, "minutes": seconds / 60},
    ]  # fmt: skip


def _bar(value: float, bar: float) -> str:
    return f"(bar {bar:.2f} {'ok' if value >= bar else 'NOT REACHED'})"


def _recall(real: Real, spans: Spans, occupied_s: Floats, config: emg.Config
            ) -> tuple[int, int, int]:  # fmt: skip
    """Added potentials that were counted, that were seen under any verdict, and all."""
    matched = seen = owed = 0
    for seed in range(MOST_SEEDS):
        if owed >= LEAST_ADDED:
            break
        signal, truth_s = added(real, spans, occupied_s, np.random.default_rng([seed, 77]))
        if not len(truth_s):
            continue
        found = emg.detect(real.recording(signal), config)
        matched += emg.score(truth_s, found.fasciculations["peak_s"].to_numpy(float)).matched
        seen += emg.score(truth_s, found.events["peak_s"].to_numpy(float)).matched
        owed += len(truth_s)
    return matched, seen, owed


def added(real: Real, spans: Spans, occupied_s: Floats, rng: np.random.Generator
          ) -> tuple[Floats, Floats]:  # fmt: skip
    """The signal with potentials of 6–20 × the stretch's own noise RMS added, and their times."""
    signal, truths = real.signal_uv.copy(), [np.zeros(0)]
    clean = searched(real.signal_uv, real.sampling_hz, low_hz=10.0)
    model = SCENARIOS["clean"].models[int(rng.integers(2))]
    for start, stop in spans:
        piece = clean[round(start * real.sampling_hz) : round(stop * real.sampling_hz)]
        amplifier_hz = (5.0, min(500.0, 0.42 * real.sampling_hz))
        ground = Ground(model, bipolar(), np.array([piece.std()]), real.sampling_hz, amplifier_hz)
        units = draw_units(rng, ground, np.exp(rng.uniform(*np.log(SNR), 4)))
        times = _free_times(rng, start + 0.1, stop - 0.1, occupied_s)
        owner = rng.integers(1, 5, len(times))
        found = joined([discharges(times[owner == u], u, "fasciculation", "single")
                        for u in range(1, 5)])  # fmt: skip
        out = np.zeros((1, len(signal)), dtype=np.float32)
        varied = vary(rng, len(found), Variability())
        drawn = draw(out, found, units, varied, sampling_hz=real.sampling_hz)
        signal += out[0]
        truths.append(drawn.peak_s)
    return signal, np.sort(np.concatenate(truths))


def _free_times(rng: np.random.Generator, start: float, stop: float, occupied_s: Floats) -> Floats:
    """About 30 random times per minute, apart from each other and from what is there already."""
    kept: list[float] = []
    for time in rng.uniform(start, stop, max(1, rng.poisson(PER_MIN * (stop - start) / 60))):
        others = np.concatenate([occupied_s, kept])
        if not len(others) or np.abs(others - time).min() > APART_S / 2:
            kept.append(float(time))
    return np.sort(np.array(kept))


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
        f"{_bar(result.recall, NEEDLE_BAR)}"
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
        print(
            f"openhdemg_vl {start}–{stop} s: {len(own)} potentials ({n_counted} counted), "
            f"{near} of {len(listed)} listed firings; contraction 3–29 s excluded {share:.3f}"
        )
        rows.append({"version": emg.__version__, "set": "real", "phenomenon": "openhdemg_vl",
                     "recording": f"{start}-{stop} s", "detector": "emgdetect",
                     "tolerance_s": 0.020, "matched": near, "missed": len(listed) - near,
                     "seen": len(own), "count": n_counted, "excluded_share": share,
                     "minutes": (stop - start) / 60})  # fmt: skip
    return rows
