"""The page of a folder of results: what it takes from the recordings' own marks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from batch_helpers import Make, batch, settings

from emgdetect.batch.page import _marks, _needles, _remarks


@pytest.mark.parametrize("about", [{"kind": "needle"}, {"kind": "surface"}, {}, None, "needle"])
def test_needle_recordings_are_known_by_their_mark(tmp_path: Path, about: object) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        mark = {"input": {"size": 1, "sha256": "x"}, "outputs": {}, "fingerprint": "y"}
        (tmp_path / name / "run.json").write_text(json.dumps(mark | {"recording": about}))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "run.json").write_text("{damaged")
    assert _needles(_marks(tmp_path)) == (("a", "b") if about == {"kind": "needle"} else ())


def test_what_was_repaired_is_told_each_sentence_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    mark = {"input": {"size": 1, "sha256": "x"}, "outputs": {}, "fingerprint": "y"}
    told = [
        {"code": "record-truncated", "severity": "repaired", "message": "Cut short."},
        {"code": "rate-odd", "severity": "warning", "message": "Odd."},
        {"code": "rate-odd", "severity": "warning", "message": "Odd."},
        {"code": "suffix-differs", "severity": "note", "message": "No matter."},
        "damaged",
    ]
    for findings, expected in (
        (told, {"a": ["Cut short. (record-truncated)", "Odd. (rate-odd)"]}),
        (None, {}),
        ([], {}),
    ):
        text = json.dumps(mark | {"findings": findings})
        (tmp_path / "a" / "run.json").write_text(text, encoding="utf-8")
        assert _remarks(_marks(tmp_path)) == expected


def test_a_cut_file_is_told_on_the_page_and_in_the_status(tmp_path: Path, make: Make) -> None:
    folder, out = make("cut", "whole"), tmp_path / "out"
    with (folder / "cut.edf").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 500)
    batch([folder], out, settings=settings(report=True))
    page = (out / "report.html").read_text(encoding="utf-8")
    remarks = page.partition('id="remarks"')[2].partition("</section>")[0]
    assert "bytes follow the last complete data record. (record-truncated)" in remarks
    assert ">cut<" in remarks
    assert ">whole<" not in remarks
    assert "record-truncated)" in (out / "status.tsv").read_text(encoding="utf-8")
