"""Recordings as EDF files: data records that hold them to the sample, or a sentence why not."""

from __future__ import annotations

from pathlib import Path

import edfio
import numpy as np
import pytest

import emgdetect as emg
from emgdetect.writers import expect_whole_records, write_edf


def written(path: Path, duration_s: float, *rates_hz: float) -> edfio.Edf:
    """Noise of that length at each rate, as a file; what is read back is compared with it."""
    rng = np.random.default_rng(1)
    for rate_hz in rates_hz:
        noise_uv = rng.normal(0, 3, (2, round(duration_s * rate_hz)))
        write_edf(path, emg.Recording.from_array(noise_uv, rate_hz, names=["EMG A", "EMG B"]))
        read = emg.read_recording(path)
        assert [channel.sampling_hz for channel in read.channels] == [rate_hz] * 2
        np.testing.assert_allclose(read.read([0, 1], 0), noise_uv, atol=1e-3)
    return edfio.read_edf(path)


@pytest.mark.parametrize(
    ("duration_s", "rate_hz", "record_s"),
    [(12, 2000, 1.0), (20, 400.5, 2.0), (7.5, 2000, 0.9375), (1.3, 2000, 1.3), (7.507, 1000, 7.507),
     (59.9375, 2048, 2.140625), (60.96, 512.5, 0.48), (4, 1000.5, 2.0), (10, 1000.1, 10.0)],
)  # fmt: skip
def test_records_of_about_a_second_hold_every_sample(
    duration_s: float, rate_hz: float, record_s: float, tmp_path: Path
) -> None:
    expect_whole_records(duration_s, rate_hz)
    edf = written(tmp_path / "made.edf", duration_s, rate_hz)
    assert edf.data_record_duration == record_s
    assert edf.duration == pytest.approx(duration_s)


def test_a_record_keeps_the_limit_of_the_standard_where_it_can(tmp_path: Path) -> None:
    edf = written(tmp_path / "prime.edf", 60.013, 1000)
    assert edf.data_record_duration == 0.001


@pytest.mark.parametrize(
    ("duration_s", "rate_hz", "nearest"),
    [(59.94, 2048, "is 59.9375 s"), (61, 512.5, "is 60.96 s"), (3, 1000.5, "is 4 s"),
     (1.0001, 2000, "is 1 s"), (1.0001, 1000.5, "is 2 s"),
     (86_399, 1000.0003125, "is 86400 s"),
     (5, 1000.1234567, "another sampling rate is needed")],
)  # fmt: skip
def test_what_fits_no_records_is_refused_with_the_nearest_duration(
    duration_s: float, rate_hz: float, nearest: str
) -> None:
    with pytest.raises(ValueError, match=rf"^EDF cannot hold {duration_s} s at .* Hz.*{nearest}"):
        expect_whole_records(duration_s, rate_hz)


def test_channels_of_several_rates_share_their_records(tmp_path: Path) -> None:
    def samples(channels: list[int], segment: int, start: int, stop: int) -> np.ndarray:
        assert segment == 0
        return np.zeros((len(channels), stop - start), np.float32)

    channels = (emg.recording.Channel(name="EMG A", sampling_hz=2000.0),
                emg.recording.Channel(name="ACC X", sampling_hz=148.0, kind="ACC"))  # fmt: skip
    recording = emg.Recording(channels, (emg.recording.Segment(0.0, 7.5),), samples)
    write_edf(tmp_path / "mixed.edf", recording)
    edf = edfio.read_edf(tmp_path / "mixed.edf")
    assert (edf.duration, edf.data_record_duration) == (7.5, 1.25)
    assert [len(signal.data) for signal in edf.signals] == [15_000, 1_110]


def test_a_recording_without_samples_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only a recording of one segment with channels"):
        write_edf(tmp_path / "none.edf", emg.Recording.from_array(np.zeros((0, 0)), 1000))
    assert not list(tmp_path.iterdir())
