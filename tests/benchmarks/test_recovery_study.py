"""The study of injection and recovery runs, on little."""

import pytest

from benchmarks.recovery import N_REFERENCE, SNR, study_detector


def test_a_run_is_held_against_others_and_the_rate_against_the_truth():
    points, rates = study_detector(1, 1, 180.0, SNR, n_reference=2)
    assert N_REFERENCE > 2
    (point,), (rate,) = points.to_dict("records"), rates.to_dict("records")
    assert 0 < point["n_injected"] < point["n_reference"]
    assert 0 < point["detectable_uv"] < float("inf")
    assert point["error"] == pytest.approx(point["detectable_uv"] / point["reference_uv"] - 1)
    assert 0 < rate["matched_per_min"] <= rate["true_all_per_min"]
