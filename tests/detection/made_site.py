"""A site's potentials by hand: as much of a `SiteSignal` as judging by timing looks at."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from emgdetect.detection.verdicts.judging import Judged


def made_site(name, times_s, units, amplitudes_uv, *, seconds=180.0, width_s=0.004):
    """Potentials with times, units (-1 for none) and amplitudes."""
    times = np.asarray(times_s, dtype=float)
    order = np.argsort(times, kind="stable")

    def column(values, dtype=float):
        return np.broadcast_to(np.asarray(values, dtype=dtype), times.shape)[order].copy()

    times = times[order]
    unit, amplitude = column(units, np.int64), column(amplitudes_uv)
    score = amplitude / 5.0
    spans = {level: np.array([[0.0, seconds]]) for level in ("lenient", "default", "strict")}
    return SimpleNamespace(
        site=SimpleNamespace(name=name, sampling_hz=2000.0),
        front=SimpleNamespace(
            recording=SimpleNamespace(
                segments=(SimpleNamespace(duration_s=seconds),), kind="surface",
            ),
            heart=(), mild_low_hz=10.0, unmixing=None, noise_freqs_hz=np.linspace(0, 1000, 251),
            density=np.ones(251), high_hz=500.0,
        ),
        found=SimpleNamespace(
            time_s=times, template=unit, score=score, scale=np.ones(len(times)),
            by_channel=score[:, None].astype(np.float32), reached=np.full(len(times), np.inf),
            needed=np.ones(len(times)), left=np.ones(len(times)),
        ),
        measured=SimpleNamespace(
            peak_s=times, amplitude_uv=amplitude, width_s=column(width_s),
            noise_uv=np.full(len(times), 5.0),
            snippet_uv=np.zeros((len(times), 201), dtype=np.float32),
        ),
        channel=np.zeros(len(times), dtype=np.int64), analysed_s=spans,
        counted_s=spans["default"], recorded_s=spans["default"], excluded={},
        known=SimpleNamespace(threshold=5.0),
        beat=np.zeros(len(times), dtype=bool),
    )  # fmt: skip


def all_counted(site):
    n = len(site.found.time_s)
    return Judged(np.full(n, "fasciculation", object), np.full(n, "isolated", object))
