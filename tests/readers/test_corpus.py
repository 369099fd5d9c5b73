"""Our samples equal those of edfio, pyEDFlib and MNE on real files, where those are right.

Where they are known to differ, it is listed with the reason, and the list is exact: an entry that
no longer differs fails.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import slow_edf
from numpy.typing import NDArray

from emgdetect.readers import inspect_recording
from emgdetect.readers.units import uv_per_unit
from emgdetect.recording import Recording

HOME = Path(os.environ.get("EMGDETECT_DATA", Path(__file__).parents[3] / "shared" / "data"))
FILES = sorted(
    path
    for pattern in ("edf_corpus/*", "edf_real/*", "bids_emg_edf/*/sub-*/emg/*")
    for path in HOME.glob(pattern)
    if path.suffix.lower() in (".edf", ".bdf")
)
SLOW_BYTES = 400_000
"""Files up to this size are also read sample by sample."""

RESAMPLED = "MNE brings all channels to the highest rate, with ringing"
VOLTS = "MNE takes a unit it does not know for volts"
NO_CHANNELS = "annotations only: MNE hands out no data"
REFUSED = "pyEDFlib refuses the file: "
DIFFERENT = {
    ("mne", "edfReader__edfAnnonC.edf"): RESAMPLED,
    ("mne", "edfio__short_psg.bdf"): RESAMPLED,
    ("mne", "edfio__short_psg.edf"): RESAMPLED,
    ("mne", "mnetd__test_reduced.edf"): RESAMPLED,
    ("mne", "pyedflib__test_generator.bdf"): RESAMPLED,
    ("mne", "pyedflib__test_generator_datarec_generator_0_5.bdf"): RESAMPLED,
    ("mne", "pyedflib__test_generator_datarec_generator_2.bdf"): RESAMPLED,
    ("mne", "mne__test.bdf"): VOLTS,
    ("mne", "mnetd__multiple_annotation_chans.bdf"): VOLTS,
    ("mne", "plux__eda_slow_signal.edf"): VOLTS,
    ("mne", "wfdb__test_generator_2.edf"): VOLTS,
    ("mne", "edfio__SC4001EC-Hypnogram.bdf"): NO_CHANNELS,
    ("mne", "edfio__SC4001EC-Hypnogram.edf"): NO_CHANNELS,
    ("mne", "wfdb__test_edfann.edf"): NO_CHANNELS,
    ("pyedflib", "edfjl__bdf_test.edf"): REFUSED + "EDF+C without annotation signal",
    ("pyedflib", "mne__test.bdf"): REFUSED + "version of BioSemi's own BDF",
    ("pyedflib", "mnetd__MB0400FU.EDF"): REFUSED + "flag EDF+D, though there is no gap",
    ("pyedflib", "wfdb__test_generator_2.edf"): REFUSED + "header text is not ASCII",
}

pytestmark = pytest.mark.skipif(not FILES, reason=f"no corpus at {HOME.name}/")


def ours(path: Path) -> tuple[Recording, list[NDArray[np.float32]]]:
    recording = inspect_recording(path)
    segments = range(len(recording.segments))
    return recording, [
        np.concatenate([recording.read([i], k)[0] for k in segments])
        for i in range(len(recording.channels))
    ]


def is_bdf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(1) == b"\xff"


def by_edfio(path: Path) -> list[NDArray[np.float64]]:
    import edfio

    read = edfio.read_bdf if is_bdf(path) else edfio.read_edf
    return [signal.data for signal in read(path).signals]


def by_pyedflib(path: Path) -> list[NDArray[np.float64]]:
    import pyedflib

    with pyedflib.EdfReader(str(path)) as reader:
        return [reader.readSignal(i) for i in range(reader.signals_in_file)]


def by_mne(path: Path) -> list[NDArray[np.float64]]:
    import mne

    read = mne.io.read_raw_bdf if is_bdf(path) else mne.io.read_raw_edf
    raw = read(path, preload=True, stim_channel=None, verbose="error")
    return list(raw.get_data() * 1e6)


READERS = {"edfio": by_edfio, "pyedflib": by_pyedflib, "mne": by_mne}


def difference(path: Path, library: str) -> str:
    """How a library's samples differ from ours; empty if they do not."""
    recording, mine = ours(path)
    factors = [1.0 if library == "mne" else uv_per_unit(c.unit) or 1.0 for c in recording.channels]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            theirs = READERS[library](path)
        except (OSError, ValueError) as error:
            return f"error: {error}"
    if len(mine) != len(theirs):
        return f"{len(theirs)} channels, not {len(mine)}"
    for channel, a, b, factor in zip(recording.channels, mine, theirs, factors, strict=True):
        if len(a) != len(b):
            return f"{channel.name}: {len(b)} samples, not {len(a)}"
        if not np.allclose(a, b * factor, rtol=3e-7, atol=1e-6 * channel.resolution_uv):
            return f"{channel.name}: other values"
    return ""


@pytest.mark.parametrize("library", READERS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_samples_equal_those_of(library: str, path: Path) -> None:
    found = difference(path, library)
    assert bool(found) == ((library, path.name) in DIFFERENT), found


@pytest.mark.parametrize(
    "path", [p for p in FILES if p.stat().st_size < SLOW_BYTES], ids=lambda path: path.name
)
def test_samples_equal_those_of_the_slow_reader(path: Path) -> None:
    recording, mine = ours(path)
    try:
        slow = slow_edf.read(path.read_bytes())
    except slow_edf.NotStandard:
        assert recording.findings
        return
    for channel, a, b in zip(recording.channels, mine, slow.values, strict=True):
        np.testing.assert_allclose(a, b, rtol=3e-7, atol=1e-6 * channel.resolution_uv)
    assert recording.recorded_s == pytest.approx(float(len(slow.onsets) * slow.record_s))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_annotations_equal_those_of_edfio(path: Path) -> None:
    import edfio

    recording = inspect_recording(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = edfio.read_bdf(path) if is_bdf(path) else edfio.read_edf(path)
        theirs = [(a.onset, a.duration or 0.0) for a in file.annotations if a.text.strip()]
    mine = [(note.onset_s, note.duration_s) for note in recording.notes]
    shift = float(file.starttime.microsecond) / 1e6 if hasattr(file, "starttime") else 0.0
    np.testing.assert_allclose(
        np.array(sorted(mine)).reshape(-1, 2), np.array(sorted(theirs)).reshape(-1, 2),
        atol=1e-6, err_msg=f"start at {shift} s",
    )  # fmt: skip
