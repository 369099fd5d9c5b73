"""What a page says of a site, in sentences and numbers that read well."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from report_pages import ROW

from emgdetect.columns import VERDICTS
from emgdetect.meanings import VERDICTS as VERDICT_WORDS
from emgdetect.report import words
from emgdetect.report.numbers import number, span_of_time
from emgdetect.stats.recovery import RecoveryCurve, recovery_text


def test_the_sentence_of_a_site() -> None:
    assert words.sentence(ROW) == (
        "34 fasciculations in 2 min 50 s analysed, of 3 motor units told apart by their shape: "
        "12 per minute (95 % interval 8.41 to 17.2). "
        "Potentials of 18 µV peak to peak would have been found nine times in ten."
    )


def test_the_size_nine_in_ten_need_is_said_with_its_interval() -> None:
    said = words.sentence(ROW | {"detectable_low_uv": 15.0, "detectable_high_uv": 24.0})
    assert said.endswith("found nine times in ten (95 % interval 15 µV to 24 µV).")
    said = words.sentence(ROW | {"detectable_low_uv": 15.0, "detectable_high_uv": pd.NA})
    assert said.endswith("(95 % interval 15 µV to beyond the largest added as a test).")


def test_the_sentence_of_a_silent_site_has_its_upper_bound() -> None:
    silent = ROW | {"n_fasciculations": 0, "rate_per_min": 0.0, "rate_high": 1.3}
    said = words.sentence(silent)
    assert said.startswith("No fasciculation was found in 2 min 50 s analysed; ")
    assert "below 1.30 per minute (95 %)" in said


def test_the_sentence_of_a_site_without_analysed_time_has_no_rate() -> None:
    said = words.sentence(ROW | {"analysed_s": 0.0, "rate_per_min": float("nan")})
    assert said.startswith("Nothing of this site could be analysed")


@pytest.mark.parametrize(("n", "said"), [(0, "No fasciculation"), (1, "1 fasciculation")])
def test_the_sentence_of_too_short_a_time_has_a_count_and_no_rate(n: int, said: str) -> None:
    nan = float("nan")
    row = ROW | {"analysed_s": 0.5, "n_fasciculations": n, "rate_flag": "short"}
    row |= {"rate_per_min": nan, "rate_low": nan, "rate_high": nan}
    sentence = words.sentence(row)
    assert sentence.startswith(f"{said} in 0.500 s analysed: too short a time for a rate.")
    assert "per minute" not in sentence and "says little" not in sentence


def test_what_was_not_reached_is_said() -> None:
    silent = ROW | {"detectable_uv": None, "recovery_plateau": 0.84}
    assert words.sentence(silent).endswith(
        "Of large potentials 84 % would have been found; at no size nine in ten."
    )
    too_short = ROW | {"detectable_uv": None, "recovery_text": "too few could be injected"}
    assert words.sentence(too_short).endswith("unknown: too few could be added as a test.")
    curve = RecoveryCurve(np.log([60.0]), np.array([4.0]), np.zeros(1), largest_uv=42.7)
    silent = ROW | {"detectable_uv": None, "recovery_text": recovery_text(curve)}
    assert words.sentence(silent).endswith(
        "How large a potential must be to be found nine times in ten is unknown: "
        "not reached up to 42.7 µV, the largest added as a test."
    )
    assert words.sentence(ROW | {"rate_flag": "short"}).endswith("so the rate says little.")


def test_few_clusters_are_not_said_of_potentials_that_are_not_there() -> None:
    flagged = ROW | {"rate_flag": "few_clusters"}
    assert "so few clusters" in words.sentence(flagged)
    for n in (0, 1):
        said = words.sentence(flagged | {"n_fasciculations": n})
        assert "so few clusters" not in said
        assert said.endswith(words.TOO_FEW if n else words.NONE)


def test_what_was_found_and_not_counted_is_said() -> None:
    said = words.sentence(ROW, {"ecg": 5, "train": 1200})
    told = "1\u202f205 other potentials (1\u202f200 in regular trains, 5 from heart beats)."
    assert f"Not counted: {told}" in said
    assert "Not counted: 1 electrode pop." in words.sentence(ROW, {"pop": 1})
    beats = words.sentence(ROW, {"ecg": 230})  # several of a beat: not as many beats
    assert "Not counted: 230 potentials from heart beats." in beats
    assert "Not counted: 9 electrode pops." in words.sentence(ROW, {"pop": 9})
    assert "Not counted: 1 potential in regular trains." in words.sentence(ROW, {"train": 1})
    assert "Not counted: 12 potentials from movement." in words.sentence(ROW, {"motion": 12})
    assert "Not counted" not in words.sentence(ROW)


def test_what_an_end_of_the_recording_cuts_off_is_not_said_to_be_at_a_limit() -> None:
    assert "Not counted: 2 potentials cut off." in words.sentence(ROW, {"clipped": 2})
    assert "end of the recorded signal" in VERDICT_WORDS["clipped"]


def test_every_verdict_that_does_not_count_has_its_words() -> None:
    assert set(words.KINDS) == set(VERDICTS) - {"fasciculation"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"), (float("nan"), "n/a"), (pd.NA, "n/a"), ("", "n/a"), (0, "0"), (0.0, "0"),
        (12.3456, "12.3"), (0.01234, "0.0123"), (123456.7, "123\u202f457"), (-4.5, "−4.50"),
        (2e-9, "2.00e-09"), (0.09999999, "0.100"), (9.9996, "10.0"),
        (float("inf"), "∞"), (True, "1"), ("short", "short"),
    ],
)  # fmt: skip
def test_numbers_read_well(value: object, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (42.5, "42.5 s"), (60, "1 min"), (200, "3 min 20 s"), (7500, "2 h 5 min"),
     (59.9999, "60.0 s"), (3599.9, "1 h"), (None, "n/a")],
)  # fmt: skip
def test_lengths_of_time_read_well(seconds: float, text: str) -> None:
    assert span_of_time(seconds) == text
