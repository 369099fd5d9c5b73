"""Trains and the strays beside them, potential by potential."""

from types import SimpleNamespace

import numpy as np
from made_site import all_counted, made_site

from emgdetect.detection.timing import judge_timing

TRAIN = 10 + 0.125 * np.arange(16) + np.random.default_rng(0).normal(0, 0.008, 16)
"""A tonic unit at 8 Hz for 2 s."""


def site(extra_s, extra_uv, extra_unit):
    """A train of unit 0, 80 uV, and some more potentials."""
    times = np.concatenate([TRAIN, extra_s])
    sizes = np.concatenate([np.full(len(TRAIN), 80.0), np.atleast_1d(extra_uv)])
    units = np.concatenate([np.zeros(len(TRAIN), dtype=int), np.atleast_1d(extra_unit)])
    made = made_site("BICEPS L", times, units, sizes)
    wave = np.sin(np.linspace(0, 2 * np.pi, 21))
    nothing = SimpleNamespace(time_s=np.zeros(0), template=np.zeros(0, dtype=int))
    for name, value in {
        "templates": np.stack([wave, 0.8 * wave])[:, None].astype(np.float32), "faint": nothing,
        "aside": nothing, "active_s": np.zeros((0, 2)),
    }.items():  # fmt: skip
        setattr(made, name, value)
    return made


def verdicts(made):
    return judge_timing(made, all_counted(made)).verdict.tolist()


def test_a_stray_of_the_unit_belongs_to_the_train_and_one_of_another_size_does_not():
    assert verdicts(site([12.6], 85.0, 0)) == ["train"] * 17
    assert verdicts(site([12.6], 140.0, 0)) == ["train"] * 16 + ["fasciculation"]
    # Beyond a second it is counted whatever its size.
    assert verdicts(site([13.2], 80.0, 0)) == ["train"] * 16 + ["fasciculation"]
    # Within the train the unit's own discharge may overlap another one.
    assert verdicts(site([11.06], 140.0, 0)) == ["train"] * 17


def test_strays_of_a_unit_that_looks_alike_belong_only_right_beside_the_train():
    assert verdicts(site([12.05], 80.0, 1)) == ["train"] * 17
    assert verdicts(site([12.6], 80.0, 1)) == ["train"] * 16 + ["fasciculation"]
