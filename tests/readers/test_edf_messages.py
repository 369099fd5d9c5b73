"""What a message quotes of a header stands in the header so, and is what is wrong there."""

from __future__ import annotations

from pathlib import Path

import pytest
from craft_edf import Sig, edf

from emgdetect.checking import check_file
from emgdetect.findings import Finding


def found(folder: Path, content: bytes, code: str) -> Finding:
    path = folder / "x.edf"
    path.write_bytes(content)
    return next(finding for finding in check_file(path).findings if finding.code == code)


@pytest.mark.parametrize(
    ("limits", "told", "offset"),
    [
        ({"low": "-3276,8"}, "'-3276,8' as its physical minimum", 256 + 16 + 80 + 8),
        ({"high": "3276,7"}, "'3276,7' as its physical maximum", 256 + 16 + 80 + 8 + 8),
        (
            {"low": "-3276,8", "digital_high": "32767.0"},
            "'-3276,8' as its physical minimum, '32767.0' as its digital maximum",
            256 + 16 + 80 + 8,
        ),
    ],
)
def test_only_the_odd_limits_of_a_range_are_quoted(
    limits: dict[str, str], told: str, offset: int, tmp_path: Path
) -> None:
    remark = found(tmp_path, edf(Sig(**limits)), "number-format")  # type: ignore[arg-type]
    assert remark.message == f"Channel 'EMG BICEPS L' has {told}."
    assert remark.offset == offset


def test_date_and_time_are_quoted_apart(tmp_path: Path) -> None:
    content = edf(Sig(), date="31.02.20", time="25:61:00")
    assert found(tmp_path, content, "start-invalid").message == (
        "The start is given as the date '31.02.20' and the time '25:61:00'."
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (edf(Sig(low="-1", high="-1")), "physical-range"),
        (edf(Sig(digital_low="-1", digital_high="-1")), "digital-range"),
        (edf(Sig(n="-1")), "samples-per-record"),
        (edf(Sig(), duration="-1"), "record-duration"),
    ],
)
def test_a_minus_stays_a_minus(content: bytes, code: str, tmp_path: Path) -> None:
    remark = found(tmp_path, content, code)
    path = tmp_path / "x.edf"
    told = [remark.message, *(finding.message for finding in check_file(path).findings)]
    assert "'-1'" in " ".join(told)
    assert "_1" not in " ".join(told)


def test_what_steers_a_terminal_is_not_quoted(tmp_path: Path) -> None:
    content = edf(Sig(), duration="\x1b[31m")
    assert found(tmp_path, content, "record-duration").message.isprintable()
