"""Fixtures of the batch tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from batch_helpers import ROOT, STAND_IN, Make, make_edf


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make recordings in `tmp_path / "in"` by name; each differs by its seed."""

    def make(*names: str) -> Path:
        for index, name in enumerate(names):
            make_edf(tmp_path / "in" / f"{name}.edf", seed=index)
        return tmp_path / "in"

    return make


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(STAND_IN), str(ROOT)]))
    monkeypatch.setenv("STAND_IN_MARKS", str(tmp_path))
