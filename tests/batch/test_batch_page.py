"""The page of a folder of results: what it takes from the recordings' own marks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emgdetect.batch.page import _needles


@pytest.mark.parametrize("about", [{"kind": "needle"}, {"kind": "surface"}, {}, None, "needle"])
def test_needle_recordings_are_known_by_their_mark(tmp_path: Path, about: object) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        mark = {"input": {"size": 1, "sha256": "x"}, "outputs": {}, "fingerprint": "y"}
        (tmp_path / name / "run.json").write_text(json.dumps(mark | {"recording": about}))
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "run.json").write_text("{damaged")
    assert _needles(tmp_path) == (("a", "b") if about == {"kind": "needle"} else ())
