"""What the nouns refuse: arrays and settings that would lead to a wrong answer."""

import numpy as np
import pytest

from emgdetect import Config, EdfError, Recording
from emgdetect.readers.examine import require_emg


def test_a_transposed_array_is_refused_with_its_shape() -> None:
    with pytest.raises(ValueError, match=r"got \(30000, 4\); is it transposed\?"):
        Recording.from_array(np.zeros((30000, 4)), 1000)
    assert len(Recording.from_array(np.zeros((4096, 1)), 1000).channels) == 4096


def test_complex_numbers_are_no_signal() -> None:
    with pytest.raises(ValueError, match="must be real"):
        Recording.from_array(np.zeros((1, 10), dtype=complex), 1000)


@pytest.mark.parametrize("mains_hz", ["auto", "none", 50, 60.0])
def test_mains_is_one_of_those_that_exist(mains_hz: str | float) -> None:
    assert Config(mains_hz=mains_hz).mains_hz == mains_hz


@pytest.mark.parametrize("mains_hz", [55, 0, True, "50 Hz", float("nan"), None])
def test_other_mains_is_refused(mains_hz: object) -> None:
    with pytest.raises(ValueError, match="must be auto, none, 50 or 60") as caught:
        Config(mains_hz=mains_hz)
    assert "\n" not in str(caught.value)


def test_an_unknown_setting_is_told_in_a_sentence() -> None:
    with pytest.raises(ValueError, match="Did you mean 'mains_hz'") as caught:
        Config(mains=50)
    assert str(caught.value).startswith("unknown configuration key 'mains'")


def test_a_file_without_signals_is_not_sent_for_a_table_of_sites() -> None:
    with pytest.raises(EdfError, match="no signals") as caught:
        require_emg(Recording.from_array(np.zeros((0, 0)), 1000))
    assert "--write-sites" not in caught.value.hint
    with pytest.raises(EdfError) as caught:
        require_emg(Recording.from_array(np.zeros((1, 9)), 1000, kinds=["EEG"]))
    assert "--write-sites" in caught.value.hint


@pytest.mark.parametrize("sampling_hz", [200.0, 399.9, 200_001.0])
def test_an_array_of_emg_is_sampled_as_emg_is(sampling_hz: float) -> None:
    with pytest.raises(ValueError, match=f"sampling_hz must lie within 400 and .*{sampling_hz:g}"):
        Recording.from_array(np.zeros((1, 10)), sampling_hz)
    assert Recording.from_array(np.zeros((1, 10)), sampling_hz, kinds=["ECG"]).sites == ()


@pytest.mark.parametrize(("per_uv", "unit"), [(1e-6, "V"), (1e-3, "mV"), (1e3, "nV")])
def test_an_array_in_another_unit_is_told(per_uv: float, unit: str) -> None:
    noise_uv = 5 * np.random.default_rng(1).standard_normal((2, 20_000))
    with pytest.warns(UserWarning, match="must be in uV") as caught:
        recording = Recording.from_array(per_uv * noise_uv, 2000)
    assert caught[0].filename == __file__, unit
    assert [found.code for found in recording.findings] == ["unit-implausible"] * 2
    assert Recording.from_array(noise_uv, 2000).findings == ()


def test_a_step_of_the_baseline_says_nothing_of_the_unit() -> None:
    signal_uv = 5 * np.random.default_rng(2).standard_normal(12_000)
    signal_uv[5000:] += 14_000.0
    assert Recording.from_array(signal_uv, 1000).findings == ()


@pytest.mark.parametrize("data", ["file.edf", None, 3.0, [["a", "b"]], {"a": [1.0]}, object()])
def test_what_is_no_array_is_refused(data: object) -> None:
    with pytest.raises(TypeError, match=r"data_uv must be an array \(n_channels, n_samples\)"):
        Recording.from_array(data, 1000)


def test_missing_samples_of_a_list_are_nan() -> None:
    recording = Recording.from_array([[1.0, None, 2.0]], 1000)
    np.testing.assert_array_equal(recording.read([0], 0), [[1.0, np.nan, 2.0]])


def test_a_recording_at_a_prompt_steers_no_terminal() -> None:
    name = "Müller 1\x1b[2J\n\u202e\udcff"
    shown = repr(Recording.from_array(np.zeros((1, 1000)), 1000, name=name))
    assert shown == r"<Recording | Müller 1\x1b[2J\n\u202e\udcff: 1 channel, 1 s>"
