"""Damaged files: right numbers, a finding or an `EdfError`, never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from against_slow import examine
from hypothesis import given, settings
from hypothesis import strategies as st
from mutate_edf import mutate, seeds

SEEDS = seeds()


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_the_undamaged_seeds_equal_the_slow_reader(number: int, tmp_path: Path) -> None:
    verdict = examine(SEEDS[number], folder=tmp_path)
    assert verdict in ("same", "said:start-invalid") or verdict.startswith("said:")
    if number < 5:
        assert verdict == "same"


@pytest.mark.parametrize("chunk", range(8))
def test_mutated_files(chunk: int, tmp_path: Path) -> None:
    """200 of the 20,000 files of `tests/fuzz/mutated.py`."""
    rng = random.Random(chunk)
    for _ in range(200):
        content = mutate(rng.choice(SEEDS), rng)
        examine(content, suffix=rng.choice((".edf", ".bdf")), folder=tmp_path)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(SEEDS), st.data())
def test_headers_of_any_bytes(seed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, min(len(seed), 1500) - 1))
    new = data.draw(st.binary(min_size=1, max_size=20))
    examine(seed[:at] + new + seed[at + len(new) :])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.binary(min_size=60, max_size=60), st.sampled_from(["EDF+C", "EDF+D"]))
def test_annotations_of_any_bytes(noise: bytes, flag: str) -> None:
    from craft_edf import Sig, annotations, edf, tal

    signal = annotations([tal("+0") + noise[:40], noise, tal("+2")])
    examine(edf(Sig(), signal, reserved=flag))
