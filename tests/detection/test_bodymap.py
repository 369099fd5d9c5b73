"""Side and limb by the names of muscles."""

import pytest

from emgdetect.detection.bodymap import limb_of, may_share_crosstalk, side_of


@pytest.mark.parametrize(("site", "side"), [
    ("BICEPS L", "left"), ("Biceps right", "right"), ("r_tibialis", "right"), ("TA_R", "right"),
    ("FDI", ""), ("LATISSIMUS", ""), ("rectus", ""), ("L FDI R", ""), ("", ""), ("APB-li", "left"),
])  # fmt: skip
def test_side(site, side):
    assert side_of(site) == side


@pytest.mark.parametrize(("site", "limb"), [
    ("BICEPS L", "arm"), ("Biceps femoris R", "leg"), ("GASTROC L", "leg"), ("FDI", "arm"),
    ("Rectus abdominis", "trunk"), ("Rectus femoris", "leg"), ("TRAPEZIUS R", "trunk"),
    ("TONGUE", "head"), ("EMG1", ""), ("", ""), ("VASTUS LATERALIS", "leg"),
    ("Adductor pollicis", "arm"),
    ("Adductor longus", "leg"),
])  # fmt: skip
def test_limb(site, limb):
    assert limb_of(site) == limb


def test_cross_talk_stays_on_its_side_and_limb_and_is_symmetric():
    assert may_share_crosstalk("BICEPS L", "TRICEPS L")
    assert may_share_crosstalk("EMG1", "EMG2")
    assert may_share_crosstalk("BICEPS L", "EMG2")
    assert not may_share_crosstalk("BICEPS L", "TRICEPS R")
    assert not may_share_crosstalk("BICEPS L", "TIBIALIS L")
    names = ["BICEPS L", "TRICEPS R", "EMG1", "SOLEUS L", ""]
    for a in names:
        for b in names:
            assert may_share_crosstalk(a, b) == may_share_crosstalk(b, a)
