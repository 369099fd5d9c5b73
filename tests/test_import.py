"""`import emgdetect` is quick and complete: heavy libraries wait until they are used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import emgdetect

HEAVY = (
    "numpy",
    "mne",
    "matplotlib",
    "pandas",
    "scipy.signal",
    "edfio",
    "pydantic",
    "dask",
    "jinja2",
    "typer",
)


def loaded_after(code: str) -> set[str]:
    """Which heavy modules a fresh interpreter has loaded after running `code`."""
    probe = f"{code}\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_import_loads_nothing_heavy() -> None:
    assert loaded_after("import emgdetect") == set()


def test_the_batch_waits_for_nothing_heavy_but_its_settings() -> None:
    assert loaded_after("import emgdetect.batch") == {"pydantic"}


def test_the_probe_sees_what_is_loaded() -> None:
    assert loaded_after("import pandas") == {"numpy", "pandas"}


def test_the_recording_needs_numpy_only() -> None:
    assert loaded_after("from emgdetect import Recording; Recording.from_array([0.0], 1000)") == {
        "numpy"
    }


def test_dir_lists_the_public_names_without_loading_them() -> None:
    assert loaded_after("import emgdetect; dir(emgdetect)") == set()
    assert set(emgdetect.__all__) == set(dir(emgdetect))


@pytest.mark.parametrize("name", sorted(emgdetect.__all__))
def test_every_public_name_loads(name: str) -> None:
    assert getattr(emgdetect, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = emgdetect.nothing
