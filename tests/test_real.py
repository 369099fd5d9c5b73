"""Real recordings: smoke tests and ratchets (a figure may get better, never worse).

None of them holds marked fasciculations; what is known of each stands in its test.
"""

import os
from pathlib import Path

import numpy as np
import pytest

import emgdetect as emg

DATA = Path(os.environ.get("EMGDETECT_DATA", Path(__file__).parents[2] / "shared" / "data"))
pytestmark = pytest.mark.skipif(
    not (DATA / "edf_real").is_dir(), reason="the folder of real recordings is absent"
)


def part(name, start_s, stop_s):
    """A stretch of a real recording as a recording of its own."""
    whole = emg.read_recording(DATA / "edf_real" / name)
    rate = whole.channels[0].sampling_hz
    block = whole.read(range(len(whole.channels)), 0, round(start_s * rate), round(stop_s * rate))
    return emg.Recording.from_array(
        block, rate, names=[c.name for c in whole.channels], sites=[c.site for c in whole.channels],
        kind=whole.kind,
    )  # fmt: skip


@pytest.fixture(scope="module")
def grid():
    recording = emg.read_recording(DATA / "edf_real" / "vastus_lateralis_64.edf")
    return recording, emg.detect(recording)


def test_a_grid_is_one_site_of_64_channels(grid):
    recording, found = grid
    assert [(s.name, len(s.channels)) for s in recording.sites] == [("VL", 64)]
    assert found.summary[["site", "n_channels"]].to_numpy().tolist() == [["VL", 64]]


def test_potentials_before_and_after_the_contraction_and_none_within(grid):
    _, found = grid
    peaks = found.events.peak_s.to_numpy()
    assert ((peaks >= 1.0) & (peaks < 2.2)).sum() >= 3
    assert (peaks > 30.0).sum() >= 3
    # The trapezoid takes from about 3 to 29 s; its ramps hold single potentials of the first units.
    assert not ((peaks > 3.5) & (peaks < 28.5)).any()
    spans = found.excluded[found.excluded.reason == "contraction"]
    longest = spans.loc[spans.duration.idxmax()]
    assert longest.onset < 4.0
    assert longest.onset + longest.duration > 28.0


def test_one_potential_of_a_grid_is_one_row(grid):
    _, found = grid
    peaks = np.sort(found.events.peak_s.to_numpy())
    assert np.diff(peaks).min() > 0.003
    assert (found.events.n_channels_seen >= 3).mean() > 0.8


def test_one_giant_unit_under_voluntary_drive_is_not_fasciculating():
    found = emg.detect(part("needle_neuropathy.edf", 0.0, 12.0))
    assert len(found.events) >= 100
    counted = found.events.verdict == "fasciculation"
    assert counted.mean() <= 0.02
    assert any(f.code == "needle-recording" for f in found.findings)


def test_an_ecg_alone_is_refused_with_the_way_out():
    with pytest.raises(emg.EdfError, match=r"No EMG channel.*--write-sites"):
        emg.read_recording(DATA / "plux_bsnb" / "supine_1min.edf")


def test_an_ecg_called_emg_hardly_fasciculates(tmp_path):
    table = tmp_path / "sites.tsv"
    table.write_text("name\ttarget_muscle\ttype\nECG\tCHEST\tEMG\n", encoding="utf-8")
    recording = emg.read_recording(DATA / "plux_bsnb" / "supine_1min.edf", sites=table)
    found = emg.detect(recording)
    assert list(found.summary.site) == ["CHEST"]
    assert (found.events.verdict == "fasciculation").sum() <= 2
    assert (found.events.verdict == "ecg").sum() >= 55


def test_expert_spikes_of_a_needle_recording_are_found():
    """A ratchet: of the spikes that stand alone (10 ms) and are large, so many within 3 ms."""
    import pandas as pd

    recording = part("needle_r00108.edf", 0.0, 4.0)
    found = emg.detect(recording)
    spikes = pd.read_csv(DATA / "edf_real" / "needle_r00108.spikes.tsv", sep="\t")
    times = np.sort(spikes["onset"].to_numpy() if "onset" in spikes else spikes.iloc[:, 0])
    apart = np.minimum(np.diff(times, prepend=-1.0), np.diff(times, append=99.0)) > 0.010
    rate = recording.channels[0].sampling_hz
    trace = recording.read([0], 0)[0]
    trace = trace - np.median(trace)
    rms = np.median(np.abs(trace)) / 0.6745
    at = np.rint(times * rate).astype(int)
    reach = round(0.003 * rate)
    size = np.array([np.ptp(trace[max(0, i - reach) : i + reach + 1]) if i < len(trace) else 0.0
                     for i in at])  # fmt: skip
    owed = times[apart & (size > 6 * rms) & (times > 0.05) & (times < 3.95)]
    assert len(owed) > 30
    agreement = emg.score(owed, found.events.peak_s, tolerance_s=0.003)
    assert agreement.recall >= 0.9


@pytest.mark.parametrize(
    "name", ["thigh_sitting.edf", "vastus_lateralis_bipolar.edf", "bursts.edf"]
)
def test_every_real_recording_is_analysed(name):
    recording = emg.read_recording(DATA / "edf_real" / name)
    found = emg.detect(recording)
    assert list(found.summary.site) == [s.name for s in recording.sites]
    assert (found.summary.analysed_s <= found.summary.recorded_s + 1e-6).all()
    assert np.isfinite(found.events[["onset", "peak_s", "amplitude_uv"]].to_numpy(float)).all()
    if name == "vastus_lateralis_bipolar.edf":
        assert not ((found.events.peak_s > 4.0) & (found.events.peak_s < 28.0)).any()
