"""A recording behind a hardware notch is detected as one without it."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from scipy import signal as sp

import emgdetect as emg
from emgdetect.config import Config
from emgdetect.detection.trace.blocks import read_block
from emgdetect.detection.trace.front import Chunk, chunks_of
from emgdetect.detection.trace.survey import survey
from emgdetect.injection.plan import plan_injections
from emgdetect.signal.notch import Notch, undone

RATE = 1000.0


def plain(seconds=120.0, seed=3):
    """Noise of 3 µV with a potential of 300 µV every two seconds or so."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 3.0, round(seconds * RATE))
    t = np.arange(-30, 31) / 1000
    wave = (1 - (t / 0.003) ** 2) * np.exp(-0.5 * (t / 0.003) ** 2) + 0.6 * np.exp(
        -0.5 * ((t - 0.006) / 0.004) ** 2
    )
    at = np.arange(1500, len(x) - 1500, 2000) + rng.integers(0, 500, len(x) // 2000 - 1)
    for start in at:
        x[start - 30 : start + 31] += 300 / np.ptp(wave) * wave * rng.uniform(0.97, 1.03)
    return x, at


@lru_cache
def made(quality, *, hold=False):
    x, at = plain()
    if quality:
        b, a = sp.iirnotch(50.0, quality, RATE)
        x = sp.lfilter(b, a, x)
    if hold:
        x[40_000:40_400] = np.nan
    return emg.Recording.from_array(x.astype(np.float32), RATE), at


def front_of(recording):
    return survey(recording, recording.sites[0], Config())


@pytest.mark.parametrize("quality", [8.0, 25.0])
def test_no_ringing_is_counted_and_amplitudes_are_those_without_the_notch(quality):
    (behind, at), (before, _) = made(quality), made(0)
    found, owed = emg.detect(behind), emg.detect(before)
    counted = found.events[found.events.verdict == "fasciculation"]
    near = np.abs(counted.peak_s.to_numpy()[:, None] - at / RATE).min(axis=1)
    assert (near < 0.02).all()
    assert len(counted) >= 0.97 * len(at)
    truly = owed.events[owed.events.verdict == "fasciculation"].amplitude_uv.median()
    assert counted.amplitude_uv.median() == pytest.approx(truly, rel=0.04)
    (told,) = [f for f in found.findings if f.code == "notch-undone"]
    assert "50.0 Hz" in told.message
    assert found.facts[0].notch[1] == pytest.approx(quality, rel=0.15)
    assert owed.facts[0].notch is None
    assert not [f for f in owed.findings if f.code == "notch-undone"]


def test_a_block_hardly_depends_on_where_it_begins():
    recording, _ = made(8.0)
    front, _ = front_of(recording)
    first, second = chunks_of(recording, front.site, front.high_hz)[1:3]
    longer = Chunk(0, first.start, second.stop)
    whole = read_block(front, longer).raw
    late = read_block(front, second)
    n = second.stop - second.start
    apart = whole[:, -n - late.n_before : -late.n_before] - late.raw[:, late.core]
    # Windows in which mains is fitted lie elsewhere, too.
    assert np.abs(apart - np.median(apart)).max() < 0.3 * 3.0


def test_what_is_missing_is_bridged_as_without_a_notch():
    recording, _ = made(8.0, hold=True)
    front, _ = front_of(recording)
    assert front.notch is not None
    chunk = next(c for c in chunks_of(recording, front.site, front.high_hz) if c.stop > 40_000)
    block = read_block(front, chunk)
    again = read_block(front, chunk)
    np.testing.assert_allclose(block.raw, again.raw, atol=1e-3)
    at = block.n_before + 40_000 - chunk.start
    assert block.missing.sum() == 400
    assert np.isfinite(block.raw).all()
    assert np.abs(block.raw[:, at : at + 400]).max() < 20


def test_a_recording_without_a_hole_is_read_as_it_is():
    recording, _ = made(0)
    front, _ = front_of(recording)
    assert front.notch is None
    chunk = chunks_of(recording, front.site, front.high_hz)[0]
    block, n = read_block(front, chunk), chunk.stop - chunk.start
    as_read = recording.read([0], 0, 0, n) - front.cleaned[chunk].baseline[:, None]
    np.testing.assert_array_equal(block.raw[:, block.core], as_read)


def test_what_is_injected_rings_as_the_amplifier_would_and_is_undone():
    facts = emg.detect(made(0)[0]).facts[0]
    plain_one, behind = (
        plan_injections(made(0)[0], [fact], low_hz=10.0)[0]
        for fact in (facts, replace(facts, notch=(50.0, 8.0)))
    )
    n = plain_one.waveform_uv.shape[1]
    assert behind.waveform_uv.shape[1] > n
    still = np.pad(behind.waveform_uv, ((0, 0), (50, 0)))
    back = undone(still, RATE, Notch(50.0, 8.0))[:, 50 : 50 + n]
    assert back == pytest.approx(plain_one.waveform_uv, abs=0.1 * plain_one.amplitude_uv)
