"""Output folders made by hand: tables beside a synthetic recording whose potentials are known."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import edfio
import numpy as np
import pandas as pd

from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, table
from emgdetect.writers.tables import write_table

VERDICTS = ("fasciculation", "fasciculation", "fasciculation", "train", "ecg", "pop", "crosstalk")


@dataclass(frozen=True)
class Made:
    """A folder to review, its one recording and where its input lies."""

    out: Path
    name: str
    input: Path

    @property
    def folder(self) -> Path:
        return self.out / self.name


def make_folder(
    where: Path,
    *,
    sites: dict[str, int],
    duration_s: int,
    sampling_hz: int = 1000,
    n_events: int = 40,
    name: str = "rest",
    seed: int = 1,
    repeats: int = 1,
) -> Made:
    """A recording of these sites (name to number of channels) and its tables.

    It is `repeats` times as long, the same again and again: a long one in little time.
    """
    rng = np.random.default_rng(seed)
    out = where / "out"
    (out / name).mkdir(parents=True)
    events = _events(rng, sites, duration_s, n_events)
    path = where / "inputs" / f"{name}.edf"
    path.parent.mkdir(exist_ok=True)
    _write_edf(path, rng, sites, duration_s, sampling_hz, events)
    _repeat_edf(path, repeats)
    events = [_later(row, k * duration_s) for k in range(repeats) for row in events]
    duration_s *= repeats
    _write_tables(out / name, sites, duration_s, sampling_hz, events)
    _write_provenance(out / name, path, sites, duration_s)
    with (out / "status.tsv").open("a", encoding="utf-8") as file:
        if file.tell() == 0:
            file.write("input\trecording\tstatus\tcode\tmessage\tseconds\n")
        file.write(f"{path}\t{name}\tdone\tok\tfine\t1.0\n")
    return Made(out, name, path)


def channel_names(site: str, n: int) -> list[str]:
    return [f"EMG {site}"] if n == 1 else [f"EMG {site} {i + 1:02d}" for i in range(n)]


def potential(sampling_hz: float) -> np.ndarray:
    """A triphasic wave of 10 ms, peak 1, at its middle sample."""
    t = np.arange(-round(0.008 * sampling_hz), round(0.008 * sampling_hz) + 1) / sampling_hz
    x = t / 0.002
    return (1 - x**2) * np.exp(-(x**2) / 2)


def _events(rng, sites, duration_s, n_events) -> list[dict[str, object]]:
    peaks = np.sort(rng.choice(np.arange(1, 20 * duration_s - 20), n_events, replace=False)) / 20.0
    rows = []
    for i, peak in enumerate(peaks.tolist()):
        site = list(sites)[i % len(sites)]
        channels = channel_names(site, sites[site])
        score = 4.8 * float(1 + rng.exponential(0.8))
        rows.append(
            {
                "onset": peak - 0.005,
                "duration": 0.01,
                "site": site,
                "channel": channels[(7 * i) % len(channels)],
                "verdict": VERDICTS[i % len(VERDICTS)],
                "peak_s": peak,
                "amplitude_uv": float(np.round(30 + 12 * score, 3)),
                "amplitude_fit_uv": 40.0,
                "snr": score,
                "unit": 1 + i % 3 if i % 5 else None,
                "score": score,
                "threshold": 4.8,
                "noise_uv": 5.0,
                "phases": 3,
                "match": 0.9,
                "n_channels_seen": 1,
                "why": "isolated",
            }
        )
    return rows


def _write_edf(path, rng, sites, duration_s, sampling_hz, events) -> None:
    shape, signals = potential(sampling_hz), []
    for site, n in sites.items():
        names = channel_names(site, n)
        for k, label in enumerate(names):
            data = rng.normal(0, 5, duration_s * sampling_hz)
            for row in (row for row in events if row["site"] == site):
                away = min(abs(k - names.index(row["channel"])), 12)
                at = round(row["peak_s"] * sampling_hz) - len(shape) // 2
                data[at : at + len(shape)] += shape * row["amplitude_uv"] * 0.7 * 0.7**away
            signals.append(
                edfio.EdfSignal(
                    data,
                    sampling_hz,
                    label=label,
                    physical_dimension="uV",
                    physical_range=(-3000, 3000),
                )
            )
    edfio.Edf(signals).write(path)


def _repeat_edf(path, repeats) -> None:
    content = path.read_bytes()
    n_records, n_header = int(content[236:244]), int(content[184:192])
    with path.open("wb") as file:
        file.write(content[:236] + str(repeats * n_records).ljust(8).encode() + content[244:])
        for _ in range(repeats - 1):
            file.write(content[n_header:])


def _later(row, seconds) -> dict[str, object]:
    return row | {name: row[name] + seconds for name in ("onset", "peak_s")}


def _write_tables(folder, sites, duration_s, sampling_hz, events) -> None:
    excluded = [
        {"onset": 0.0, "duration": 0.25, "site": site, "reason": "motion"} for site in sites
    ]
    rows = []
    for site, n in sites.items():
        counted = sum(r["site"] == site and r["verdict"] == "fasciculation" for r in events)
        analysed = duration_s - 0.25
        rows.append(
            {
                "site": site,
                "n_channels": n,
                "sampling_hz": float(sampling_hz),
                "recorded_s": float(duration_s),
                "analysed_s": analysed,
                "n_fasciculations": counted,
                "rate_per_min": 60 * counted / analysed,
                "noise_uv": 5.0,
                "threshold": 4.8,
                "detectable_uv": 20.0,
            }
        )
    write_table(folder / "events.tsv", table(events, EVENTS), EVENTS)
    write_table(folder / "excluded.tsv", table(excluded, EXCLUDED), EXCLUDED)
    write_table(folder / "summary.tsv", table(rows, SUMMARY), SUMMARY)


def _write_provenance(folder, path, sites, duration_s) -> None:
    content = {
        "input": {
            "path": str(path),
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        },
        "options": {"assume_unit": ""},
        "recording": {
            "segments": [{"start_s": 0.0, "duration_s": float(duration_s)}],
            "sites": {
                site: [{"name": label} for label in channel_names(site, n)]
                for site, n in sites.items()
            },
        },
    }
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")


def lines(path: Path) -> list[list[str]]:
    """Cells of a table's lines, the header left out."""
    text = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in text[1:]]


def trail_frame(made: Made) -> pd.DataFrame:
    return pd.read_csv(made.folder / "reviewed.tsv", sep="\t", keep_default_na=False, dtype=str)
