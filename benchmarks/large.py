"""Recordings too large to hold in memory, written block by block: noise, mains and potentials."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

BLOCK_S = 20
UV_PER_BIT = 0.1
NOISE_UV = 5.0
N_UNITS = 5
POTENTIALS_PER_MIN = 30


def write_large(
    path: Path, *, minutes: float, n_channels: int, sampling_hz: int, seed: int = 1
) -> Path:
    """Write an EDF of one site with fasciculations at known rates, if it is not there already.

    Parameters
    ----------
    path : Path
    minutes : float
        A whole number of seconds.
    n_channels : int
        Channels ``EMG VL 01``, ``EMG VL 02``, … of one grid.
    sampling_hz : int
    seed : int

    Returns
    -------
    Path
        `path`.
    """
    n_seconds = round(minutes * 60)
    size = 256 * (n_channels + 1) + 2 * n_seconds * n_channels * sampling_hz
    if path.exists() and path.stat().st_size == size:
        return path
    rng = np.random.default_rng(seed)
    shapes = _shapes(rng, n_channels, sampling_hz)
    with path.open("wb") as file:
        file.write(_header(n_seconds, n_channels, sampling_hz))
        for start in range(0, n_seconds, BLOCK_S):
            n = min(BLOCK_S, n_seconds - start)
            file.write(_records(_block(rng, shapes, n, sampling_hz), n))
    return path


def _header(n_seconds: int, n_channels: int, sampling_hz: int) -> bytes:
    def field(value: object, width: int) -> str:
        return str(value)[:width].ljust(width)

    reach = 32767 * UV_PER_BIT
    main: list[tuple[object, int]] = [
        (0, 8), ("X X X X", 80), ("Startdate X X X X", 80), ("01.01.85", 8), ("00.00.00", 8),
        (256 * (n_channels + 1), 8), ("", 44), (n_seconds, 8), (1, 8), (n_channels, 4),
    ]  # fmt: skip
    each: list[tuple[list[object], int]] = [
        ([f"EMG VL {i + 1:02}" for i in range(n_channels)], 16), ([""] * n_channels, 80),
        (["uV"] * n_channels, 8), ([f"{-reach:.1f}"] * n_channels, 8),
        ([f"{reach:.1f}"] * n_channels, 8), ([-32767] * n_channels, 8), ([32767] * n_channels, 8),
        (["HP:10Hz LP:900Hz"] * n_channels, 80), ([sampling_hz] * n_channels, 8),
        ([""] * n_channels, 32),
    ]  # fmt: skip
    text = "".join(field(value, width) for value, width in main)
    text += "".join(field(value, width) for values, width in each for value in values)
    return text.encode("ascii")


def _shapes(
    rng: np.random.Generator, n_channels: int, sampling_hz: int
) -> list[NDArray[np.float32]]:
    """One potential per unit, shape (n_channels, n_times): biphasic, largest at one electrode."""
    times_s = np.arange(-0.01, 0.01, 1 / sampling_hz)
    units = []
    for _ in range(N_UNITS):
        width_s, centre = rng.uniform(0.001, 0.003), rng.uniform(0, n_channels)
        spread = np.exp(-0.5 * ((np.arange(n_channels) - centre) / max(1.0, n_channels / 8)) ** 2)
        wave = -times_s / width_s * np.exp(0.5 - 0.5 * (times_s / width_s) ** 2)
        units.append((rng.uniform(20, 80) * spread[:, None] * wave).astype(np.float32))
    return units


def _block(
    rng: np.random.Generator, shapes: list[NDArray[np.float32]], n_seconds: int, sampling_hz: int
) -> NDArray[np.float32]:
    n_channels, n_times = shapes[0].shape
    n = n_seconds * sampling_hz
    data = NOISE_UV * rng.standard_normal((n_channels, n), dtype=np.float32)
    data += 3 * np.sin(2 * np.pi * 50 * np.arange(n) / sampling_hz, dtype=np.float32)
    for start in rng.integers(0, n - n_times, rng.poisson(POTENTIALS_PER_MIN * n_seconds / 60)):
        data[:, start : start + n_times] += shapes[rng.integers(N_UNITS)]
    return data


def _records(data: NDArray[np.float32], n_seconds: int) -> bytes:
    digital = np.clip(np.rint(data / UV_PER_BIT), -32767, 32767).astype("<i2")
    return digital.reshape(len(data), n_seconds, -1).transpose(1, 0, 2).tobytes()
