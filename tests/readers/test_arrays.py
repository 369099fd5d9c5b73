"""Arrays in memory: what is said of their signal, and what becomes of their channels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import mne
import numpy as np
import pandas as pd
import pytest
from read_back import codes

from emgdetect.readers.arrays import ArraySamples
from emgdetect.recording import Recording

RATE = 2000.0
NOISE_UV = 5 * np.random.default_rng(8).standard_normal((3, 20_000))
RECTIFIED = np.abs(NOISE_UV[:1])
HELD = np.repeat(NOISE_UV[:1, :4000], 5, axis=1)
TWICE = NOISE_UV[[0, 1, 0]]
WRONG = [(RECTIFIED, "rectified"), (TWICE, "signal-duplicate"), (HELD, "signal-held")]


@pytest.mark.parametrize(("data_uv", "code"), WRONG)
def test_what_is_no_raw_emg_is_told_and_kept(data_uv: np.ndarray, code: str) -> None:
    with pytest.warns(UserWarning) as caught:
        recording = Recording.from_array(data_uv, RATE)
    assert len(caught) == 1 and caught[0].filename == __file__
    (found,) = recording.findings
    assert (found.code, found.severity) == (code, "warning")
    assert str(caught[0].message) == f"{found.message} {found.hint}"
    assert len(recording.sites) == len(data_uv)


@pytest.mark.parametrize(("data_uv", "code"), WRONG)
def test_mne_and_arrays_are_told_alike(data_uv: np.ndarray, code: str) -> None:
    beside = np.vstack([data_uv, NOISE_UV[2:]])  # so that a channel of EMG is left there
    info = mne.create_info(len(beside), RATE, "emg")
    raw = mne.io.RawArray(1e-6 * beside, info, verbose="error")
    with pytest.warns(UserWarning):
        recording = Recording.from_array(beside, RATE, names=info["ch_names"])
    told = {(found.code, found.message) for found in recording.findings}
    assert told == {(found.code, found.message) for found in Recording.from_mne(raw).findings}
    assert code in codes(recording)


def test_time_without_signal_is_told_without_a_warning() -> None:
    data_uv = NOISE_UV.copy()
    data_uv[0, 100:200], data_uv[1] = np.nan, 3.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recording = Recording.from_array(data_uv, RATE)
    assert [(found.code, found.severity) for found in recording.findings] == [
        ("missing-samples", "note"), ("signal-constant", "warning"),
    ]  # fmt: skip
    assert len(recording.sites) == 3


@pytest.mark.parametrize("n_samples", [20_000, 200_000, 0])
def test_each_piece_is_read_once(n_samples: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[int, ...], int, int]] = []
    plain = ArraySamples.__call__

    def counting(
        self: ArraySamples, channels: Sequence[int], segment: int, start: int, stop: int
    ) -> np.ndarray:
        asked.append((tuple(channels), start, stop))
        return plain(self, channels, segment, start, stop)

    monkeypatch.setattr(ArraySamples, "__call__", counting)
    data_uv = np.random.default_rng(9).standard_normal((2, n_samples))
    assert not Recording.from_array(5 * data_uv, RATE).findings
    every = np.concatenate([np.arange(start, stop) for _, start, stop in asked] or [np.arange(0)])
    assert len(np.unique(every)) == len(every) == min(n_samples, 8 * 2 * RATE)
    assert {channels for channels, _, _ in asked} <= {(0, 1)}


def test_infinite_samples_are_missing_ones() -> None:
    data_uv = NOISE_UV.copy()
    data_uv[1, 500:600] = np.inf
    recording = Recording.from_array(data_uv, RATE)
    assert [(f.code, f.channel) for f in recording.findings] == [("missing-samples", "EMG2")]


def test_many_alike_are_told_and_warned_of_once() -> None:
    with pytest.warns(UserWarning) as caught:
        recording = Recording.from_array(np.tile(NOISE_UV[:1], (70, 1)), RATE)
    assert len(caught) == 1
    (found,) = recording.findings
    assert found.message.endswith("The same holds 68 times more.")


def test_an_array_of_float32_is_shared_and_what_is_read_is_not() -> None:
    data_uv = NOISE_UV.astype(np.float32)
    recording = Recording.from_array(data_uv, RATE)
    block = recording.read([0, 1, 2], 0)
    assert not np.shares_memory(block, data_uv)
    data_uv[0, 0] = 77.0
    assert recording.read([0], 0, 0, 1)[0, 0] == 77.0


def test_what_is_masked_is_missing() -> None:
    data = np.ma.masked_array(NOISE_UV.astype(np.float32), mask=False)
    data[0, 500:700] = 3000.0
    data[0, 500:700] = np.ma.masked
    block = Recording.from_array(data, RATE).read([0, 1], 0)
    assert np.flatnonzero(np.isnan(block[0])).tolist() == list(range(500, 700))
    assert np.isfinite(block[1]).all()
    whole = np.ma.masked_array(np.arange(20), mask=np.arange(20) == 3)
    assert np.isnan(Recording.from_array(whole, RATE).read([0], 0)[0, 3])


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"names": pd.RangeIndex(3)}, "names must be of text, got a value of type int"),
     ({"sites": [1, 2, 3]}, "sites must be of text, got a value of type int"),
     ({"name": 3}, "name must be a str, got a value of type int")],
)  # fmt: skip
def test_names_that_are_no_text_are_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        Recording.from_array(NOISE_UV, RATE, **wrong)


def test_names_of_numpy_become_plain_ones() -> None:
    recording = Recording.from_array(NOISE_UV, RATE, names=np.array(["a", "b", "c"]))
    assert [type(channel.name) for channel in recording.channels] == [str] * 3
    assert [type(site.name) for site in recording.sites] == [str] * 3
    left_out = Recording.from_array(NOISE_UV, RATE, sites=["A", None, ""])
    assert [site.name for site in left_out.sites] == ["A"]
