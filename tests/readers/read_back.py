"""A right recording to spoil, and what comes back when a file is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from craft_edf import Sig, noise

from emgdetect.recording import Recording

COUNTS = noise(3, 1000)
RIGHT_UV = (COUNTS.reshape(-1) * 0.1).astype(np.float32)
GOOD = Sig(counts=COUNTS)
OTHER = Sig(label="EMG TRICEPS L", counts=noise(3, 1000, seed=1))


def save(folder: Path, content: bytes, name: str = "x.edf") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def codes(recording: Recording) -> set[str]:
    return {found.code for found in recording.findings}


def first_channel(recording: Recording) -> np.ndarray:
    parts = [recording.read([0], k)[0] for k in range(len(recording.segments))]
    return np.concatenate(parts)


def spans(recording: Recording) -> list[tuple[float, float]]:
    return [(segment.start_s, segment.stop_s) for segment in recording.segments]
