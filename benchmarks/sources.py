"""The real recordings behind the semi-synthetic sets, read from the registered files.

Each function takes the folder `emgdetect.datasets.get` returns and gives plain arrays in µV. These
are not readers of the package: they read one known file each.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Labelled:
    """A real recording with the discharges of some of its units.

    Attributes
    ----------
    signal_uv : ndarray, shape (n_channels, n_samples)
    sampling_hz : float
    firings_s : mapping of int to ndarray
        Listed times of each unit, from 1.
    """

    signal_uv: Floats
    sampling_hz: float
    firings_s: dict[int, Floats]


def vastus_lateralis(folder: Path) -> Labelled:
    """`openhdemg_vl`: 64 monopolar surface channels and the firings of 5 units."""
    from scipy.io import loadmat

    content = loadmat(folder / "otb_testfile.mat")
    data = content["Data"][0, 0]
    names = [str(entry[0][0]) for entry in content["Description"]]
    sampling_hz = float(content["SamplingFrequency"][0, 0])
    grid = [i for i, name in enumerate(names) if name.endswith("[uV]")]
    pulses = [
        i for i, name in enumerate(names) if "ecomposition of" in name and "Source" not in name
    ]
    firings = {
        number: np.flatnonzero(data[:, column] > 0) / sampling_hz
        for number, column in enumerate(pulses, start=1)
    }
    return Labelled(np.asarray(data[:, grid].T, dtype=np.float64), sampling_hz, firings)


def needle_r00108(folder: Path) -> Labelled:
    """`emglab_r00108`: one needle channel and an expert's spikes of 8 units."""
    raw = np.fromfile(folder / "R00108.dat", dtype=">i2")
    text = (folder / "R00108.eaf").read_text(encoding="ascii")
    body = text.split("<emglab_spike_events>")[1].split("</emglab_spike_events>")[0]
    rows = np.array([line.split()[:2] for line in body.split("\n") if line.strip()], dtype=float)
    firings = {int(unit): rows[rows[:, 1] == unit, 0] for unit in np.unique(rows[:, 1])}
    return Labelled(raw[None].astype(np.float64) * 2.0, 10_000.0, firings)  # 500 units per mV


def opensignals(folder: Path, name: str) -> tuple[Floats, float]:
    """A `plux_bsnb` file: its 1 kHz EMG channel in µV, shape (n_samples,), and the rate.

    The sensor's transfer function (PLUX EMG data sheet): 3 V range, gain 1000.
    """
    import h5py

    with h5py.File(folder / name) as content:
        device = next(d for d in content.values() if int(d.attrs["sampling rate"]) >= 1000)
        channel = next(key for key in device["raw"] if key.startswith("channel"))
        counts = np.asarray(device["raw"][channel])[:, 0].astype(np.float64)
        bits = int(np.ravel(device.attrs["resolution"])[0])
    return (counts / 2**bits - 0.5) * 3.0 / 1000 * 1e6, 1000.0


def uci_thigh(folder: Path, name: str) -> tuple[Floats, float]:
    """A `uci_lower_limb` file: four thigh muscles in µV, shape (4, n_samples), and the rate."""
    lines = (folder / name).read_text(encoding="latin-1").splitlines()
    numbers = [line.replace(",", ".").split() for line in lines]
    rows = [
        [float(cell) for cell in row[:4]]
        for row in numbers
        if len(row) >= 4 and all(re.fullmatch(r"[-+]?[\d.]+(e[-+]?\d+)?", c, re.I) for c in row[:4])
    ]
    return np.array(rows).T * 1000.0, 1000.0
