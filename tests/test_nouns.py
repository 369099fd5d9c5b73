"""What the nouns refuse: arrays and settings that would lead to a wrong answer."""

from dataclasses import replace

import mne
import numpy as np
import pytest

from emgdetect import Config, EdfError, Recording
from emgdetect.readers.examine import require_emg
from emgdetect.recording import Segment


def test_a_transposed_array_is_refused_with_its_shape() -> None:
    with pytest.raises(ValueError, match=r"got \(30000, 4\); is it transposed\?"):
        Recording.from_array(np.zeros((30000, 4)), 1000)
    whole = np.zeros((4096, 1024), dtype=np.float32)
    assert len(Recording.from_array(whole, 1000).channels) == 4096


@pytest.mark.parametrize("shape", [(4000, 2), (4000, 64), (4000, 256), (257, 64)])
def test_far_more_channels_than_samples_are_a_transposed_array(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"more samples than channels.*is it transposed\?"):
        Recording.from_array(np.zeros(shape), 1000)


@pytest.mark.parametrize("shape", [(256, 1), (256, 200), (512, 128), (8, 2), (300, 0), (0, 0)])
def test_a_grid_may_be_read_in_short_pieces(shape: tuple[int, int]) -> None:
    assert len(Recording.from_array(np.zeros(shape), 1000).channels) == shape[0]


def test_spans_are_the_ends_of_the_segments() -> None:
    whole = Recording.from_array(np.zeros((1, 100)), 1000)
    parts = replace(whole, segments=(Segment(0.0, 0.02), Segment(5.5, 0.25)))
    assert parts.spans_s.tolist() == [[0.0, 0.02], [5.5, 5.75]]
    assert replace(whole, segments=()).spans_s.shape == (0, 2)


def test_complex_numbers_are_no_signal() -> None:
    with pytest.raises(ValueError, match="must be real"):
        Recording.from_array(np.zeros((1, 10), dtype=complex), 1000)


@pytest.mark.parametrize("mains_hz", ["auto", "none", 50, 60.0])
def test_mains_is_one_of_those_that_exist(mains_hz: str | float) -> None:
    assert Config(mains_hz=mains_hz).mains_hz == mains_hz


@pytest.mark.parametrize("truth", [True, np.True_, np.array(True)])
@pytest.mark.parametrize("key", ["measure_low_hz", "false_alarms_per_min"])
def test_a_truth_value_is_no_number(key: str, truth: object) -> None:
    with pytest.raises(ValueError, match=f"{key} = .* is not allowed: it must be a number"):
        Config(**{key: truth})


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


@pytest.mark.parametrize("kind", ["Needle", "foo", "", None])
def test_a_recording_is_of_a_kind_that_exists(kind: str) -> None:
    raw = mne.io.RawArray(np.zeros((1, 2000)), mne.create_info(1, 1000, "emg"), verbose="error")
    for make in (lambda: Recording.from_array(np.zeros((1, 10)), 1000, kind=kind),
                 lambda: Recording.from_mne(raw, kind=kind)):  # fmt: skip
        with pytest.raises(ValueError, match="kind must be surface or needle, got"):
            make()


@pytest.mark.parametrize("kinds", [["emg"], ["foo"], ["EMG "], [None], "E"])
def test_a_channel_is_of_a_kind_that_exists(kinds: list[str]) -> None:
    with pytest.raises(ValueError, match=r"each of kinds must be EMG, ECG, .* or MISC, got"):
        Recording.from_array(np.zeros((1, 10)), 1000, kinds=kinds)


@pytest.mark.parametrize("sampling_hz", ["1000", None, True, [1000, 1000], 1j])
def test_a_sampling_rate_is_a_number(sampling_hz: object) -> None:
    with pytest.raises(TypeError, match="sampling_hz must be a number, got"):
        Recording.from_array(np.zeros((1, 10)), sampling_hz)
    assert Recording.from_array(np.zeros((1, 10)), np.float32(1000)).channels[0].sampling_hz == 1000


@pytest.mark.parametrize("key", ["false_alarms_per_min", "measure_low_hz", "detect_low_hz"])
def test_a_truth_value_is_no_number_of_a_setting(key: str) -> None:
    with pytest.raises(ValueError, match=f"^{key} = True is not allowed: it must be a number.$"):
        Config(**{key: True})


def test_a_band_has_a_width() -> None:
    with pytest.raises(
        ValueError, match=r"^detect_high_hz = 100 .* above detect_low_hz = 100\.0\.$"
    ):
        Config(detect_low_hz=100, detect_high_hz=100)
    assert Config(detect_low_hz=100, detect_high_hz=101).detect_high_hz == 101


@pytest.mark.parametrize(
    ("place", "sentence"),
    [(([5], 0), "no channel 5: the recording has 2"), (([0], 1), "no segment 1: .* has 1"),
     (([0], 0, 5, 3), "samples 5:3 outside"), (([], 0), "must share one rate")],
)  # fmt: skip
def test_what_is_not_there_is_not_read(place: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Recording.from_array(np.zeros((2, 10)), 1000).read(*place)


@pytest.mark.parametrize(
    "place", [(0, 0), (["EMG1"], 0), ([0], "0"), ([0], 0, 0.5), ([0], 0, 0, "5")]
)
def test_places_are_told_in_whole_numbers(place: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match=r"must be a (whole number|sequence of indices), got"):
        Recording.from_array(np.zeros((2, 10)), 1000).read(*place)


def test_a_recording_equals_itself_and_no_other() -> None:
    one, other = (Recording.from_array(np.zeros((2, 10)), 1000) for _ in range(2))
    assert one == one and one != other
    assert len({one, other, one}) == 2


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
