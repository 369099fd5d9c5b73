"""Public functions handed the wrong thing answer with one sentence that knows the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import emgdetect as emg
from emgdetect.readers import inspect_recording

RECORDING = emg.Recording.from_array(np.zeros((1, 2000)), 1000)
WRONG = ["file.edf", Path("file.edf"), np.zeros((1, 2000)), pd.DataFrame({"onset": [1.0]}), None]
"""What people hand over: a path, an array, a table, nothing."""

CALLS: dict[str, tuple[Callable[[Any], object], str]] = {
    "detect": (emg.detect, "recording must be a Recording.*emg.read_recording"),
    "detect-config": (lambda x: emg.detect(RECORDING, x), "config must be a Config.*emg.Config"),
    "plot_recording": (lambda x: emg.plot_recording(x, x), "recording must be a Recording"),
    "plot_recording-found": (lambda x: emg.plot_recording(RECORDING, x),
                             "found must be a Detections.*emg.detect"),
    "plot_units": (lambda x: emg.plot_units(x, x), "recording must be a Recording"),
    "plot_units-found": (lambda x: emg.plot_units(RECORDING, x), "found must be a Detections"),
    "plot_summary": (emg.plot_summary, "found must be a Detections"),
    "plot_comparison": (emg.plot_comparison, "comparison must be a Comparison.*compare_folder"),
    "compare_recordings": (lambda x: emg.compare_recordings(x, x, site="VL"),
                           "first must be a Detections"),
    "from_mne": (emg.Recording.from_mne, "raw must be a BaseRaw.*mne.io.read_raw"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_wrong_thing_is_answered_with_the_way_out(name: str) -> None:
    call, sentence = CALLS[name]
    for wrong in WRONG:
        if name != "detect-config" or wrong is not None:  # None: the defaults
            with pytest.raises(TypeError, match=sentence) as caught:
                call(wrong)
            said = str(caught.value)
            kind = "None" if wrong is None else type(wrong).__name__
            assert kind in said and "file.edf" not in said and "\n" not in said


@pytest.mark.parametrize("wrong", [np.zeros((1, 9)), pd.DataFrame(), None, 3, RECORDING])
@pytest.mark.parametrize("read", [emg.read_recording, inspect_recording])
def test_only_a_path_is_read(read: Callable[[Any], object], wrong: object) -> None:
    with pytest.raises(TypeError, match=r"path must name a file, got .*from_array"):
        read(wrong)


def test_a_single_column_to_compare_by_may_stand_alone(tmp_path: Path) -> None:
    for by in ("caffeine", ["caffeine"]):
        with pytest.raises(ValueError, match=r"has no summary\.tsv"):
            emg.compare_folder(str(tmp_path), str(tmp_path / "sessions.tsv"), by)


@pytest.mark.parametrize("wrong", [0, -1])
def test_threads_are_counted_from_one(wrong: int) -> None:
    with pytest.raises(ValueError, match=f"n_threads must be at least 1, got {wrong}"):
        emg.detect(RECORDING, n_threads=wrong)


@pytest.mark.parametrize("wrong", [1.5, "2", True])
def test_threads_are_whole(wrong: object) -> None:
    with pytest.raises(TypeError, match="n_threads must be a whole number, got a value of type"):
        emg.detect(RECORDING, n_threads=wrong)


@pytest.mark.parametrize("wrong", ["x", None, [0.1, 0.2], True])
def test_a_tolerance_is_a_number(wrong: object) -> None:
    with pytest.raises(TypeError, match="tolerance_s must be a number of seconds, got"):
        emg.score([1.0], [1.0], tolerance_s=wrong)


def test_what_was_found_equals_itself_and_no_other() -> None:
    one, other = emg.detect(RECORDING), emg.detect(RECORDING)
    assert one == one and one != other
    assert one.facts[0] == one.facts[0] and one.facts[0] != other.facts[0]
    assert len({one, other}) == 2
    assert emg.score([1.0], [1.0]) != emg.score([1.0], [1.0])
