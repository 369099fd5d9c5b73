"""What is excluded, once potentials are known."""

import numpy as np

from emgdetect.detection.rest.exposure import Activity, time_to_analyse
from emgdetect.recording import Recording

NONE = np.zeros((0, 2))
LEVELS = ("lenient", "default", "strict")


def test_discharges_in_the_spared_margin_of_a_contraction_belong_to_it():
    recording = Recording.from_array(np.zeros((1, 60_000)), 1000.0, names=["EMG BICEPS L"])
    activity = Activity(
        bad={}, tremor=NONE, swaying=NONE, grid=False,
        contraction=dict.fromkeys(LEVELS, np.array([[10.0, 15.25]])),
        spare=dict.fromkeys(LEVELS, np.array([[15.05, 15.25]])),
        time_s=np.zeros(0), tail_s=np.zeros(0), tail_score=np.zeros(0), beats_s=np.zeros(0),
    )  # fmt: skip
    found = np.array([15.1, 15.18, 15.24, 40.0])
    units = np.array([0, 0, 0, 1])
    until = time_to_analyse(recording, activity, found_s=found, template=units)
    assert until.excluded["default"]["contraction"][0, 1] > 15.24
    alone = time_to_analyse(recording, activity, found_s=found[3:], template=units[3:])
    np.testing.assert_allclose(alone.excluded["default"]["contraction"], [[10.0, 15.05]])
