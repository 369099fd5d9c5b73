"""What nobody could see is not counted, unless its unit vouches for it."""

from types import SimpleNamespace

import numpy as np

from emgdetect.detection.verdicts.judging import Judged
from emgdetect.detection.verdicts.unseen import judge_unseen

T = np.arange(-100, 101) / 2000.0
WAVE = 50 * T / 0.002 * np.exp(-0.5 * (T / 0.002) ** 2)


def judged(ratio, verdict, *, shapes=None):
    n = len(ratio)
    shapes = [WAVE] * n if shapes is None else shapes
    measured = SimpleNamespace(amplitude_uv=5.0 * np.array(ratio), noise_uv=np.full(n, 5.0),
                               snippet_uv=np.stack(shapes).astype(np.float32))  # fmt: skip
    none = np.zeros(n, dtype=np.int64)
    signal = SimpleNamespace(measured=measured, channel=none, found=SimpleNamespace(template=none))
    before = Judged(np.array(verdict, object), np.full(n, "isolated", object))
    return judge_unseen(signal, before).verdict.tolist()


def test_what_is_left_of_pops_and_movement_has_to_be_seen():
    verdict = ["pop", "motion", "pop", "fasciculation", "fasciculation"]
    after = judged([30.0, 20.0, 40.0, 0.7, 1.4], verdict)
    assert after == ["pop", "motion", "pop", "motion", "motion"]
    assert judged([30.0, 20.0, 40.0, 0.7, 4.4], verdict) == verdict


def test_a_seen_unit_vouches_for_what_resembles_it():
    n = 6
    assert judged([9.0] * 5 + [1.0], ["fasciculation"] * n) == ["fasciculation"] * n
    # So fast that no shift makes it resemble the unit's waveform.
    other = 50 * np.cos(2 * np.pi * 900 * T)
    after = judged([9.0] * 5 + [1.0], ["fasciculation"] * n, shapes=[WAVE] * 5 + [other])
    assert after == ["fasciculation"] * 5 + ["motion"]
    after = judged([9.0] * 5 + [1.6], ["fasciculation"] * n, shapes=[WAVE] * 5 + [other])
    assert after == ["fasciculation"] * n
