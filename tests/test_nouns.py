"""What the nouns refuse: arrays and settings that would lead to a wrong answer."""

import numpy as np
import pytest
from pydantic import ValidationError

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
    with pytest.raises(ValidationError, match="must be auto, none, 50 or 60"):
        Config(mains_hz=mains_hz)


def test_a_file_without_signals_is_not_sent_for_a_table_of_sites() -> None:
    with pytest.raises(EdfError, match="no signals") as caught:
        require_emg(Recording.from_array(np.zeros((0, 0)), 1000))
    assert "--write-sites" not in caught.value.hint
    with pytest.raises(EdfError) as caught:
        require_emg(Recording.from_array(np.zeros((1, 9)), 1000, kinds=["EEG"]))
    assert "--write-sites" in caught.value.hint
