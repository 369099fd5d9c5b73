"""Does the product's reader agree with the slow one on these bytes, or say why not?

Used by the tests, by the mutation run and by the fuzz target.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
import slow_edf

from emgdetect.findings import EdfError
from emgdetect.readers import inspect_recording, read_recording
from emgdetect.readers.text import clean_text
from emgdetect.recording import Recording

MENDED = ("fatal", "repaired")
"""Severities under which a result may differ from a reader that mends nothing."""


def examine(content: bytes, *, suffix: str = ".edf", folder: Path | None = None) -> str:
    """What became of a file: ``refused:CODE``, ``same``, or ``said:CODES`` where it was mended.

    Raises
    ------
    AssertionError
        If the result differs from the slow reader's and no finding says so.
    Exception
        Whatever escapes from the reader that is no `EdfError`.
    """
    path = write(content, suffix, folder)
    try:
        recording = inspect_recording(path)
        parts = read_all(recording)
        verdict = compare(recording, parts, content)
        try:
            read_recording(path)
        except EdfError as error:
            assert error.code == "no-emg", error
        return verdict
    except EdfError as error:
        assert error.code and error.path == path and str(error).isprintable(), error
        return f"refused:{error.code}"
    finally:
        path.unlink()


def write(content: bytes, suffix: str, folder: Path | None) -> Path:
    fd, name = tempfile.mkstemp(suffix=suffix, dir=folder)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
    return Path(name)


def read_all(recording: Recording) -> list[np.ndarray]:
    """All samples of each channel, segments one after the other."""
    return [
        np.concatenate(
            [recording.read([i], k)[0] for k in range(len(recording.segments))]
            or [np.empty(0, np.float32)]
        )
        for i in range(len(recording.channels))
    ]


def compare(recording: Recording, parts: list[np.ndarray], content: bytes) -> str:
    """``same`` or ``said:CODES``; raises AssertionError on a silent difference."""
    mended = sorted({f.code for f in recording.findings if f.severity in MENDED})
    try:
        slow = slow_edf.read(content)
    except slow_edf.NotStandard:
        said = sorted({f.code for f in recording.findings})
        assert said, "not standard, and nothing said"
        return "said:" + ",".join(said)
    if mended:
        return "said:" + ",".join(mended)
    assert len(parts) == len(slow.values)
    for part, values in zip(parts, slow.values, strict=True):
        assert len(part) == len(values)
        size = max(1e-6, float(np.max(np.abs(values), initial=0)))
        np.testing.assert_allclose(part, values, rtol=1e-5, atol=3e-7 * size)
    check_times(recording, slow)
    return "same"


def check_times(recording: Recording, slow: slow_edf.Slow) -> None:
    """Each record starts where its onset says, within the tolerance for contiguity."""
    origin = slow.onsets[0]
    at = [onset - origin for onset in slow.onsets]
    if not slow.record_s:
        return
    starts = [
        segment.start_s + k * float(slow.record_s)
        for segment in recording.segments
        for k in range(round(segment.duration_s / float(slow.record_s)))
    ]
    slack = len(at) * (0.51 / float(max(slow.rates, default=1 / slow.record_s)) + rounding(slow))
    np.testing.assert_allclose(starts, [float(t) for t in at], rtol=0, atol=slack)
    expected = sorted((float(on - origin), float(d), t) for on, d, t in slow.notes)
    got = sorted((note.onset_s, note.duration_s, note.text) for note in recording.notes)
    assert len(got) == len([note for note in expected if clean_text(note[2])])
    for mine, theirs in zip(got, expected, strict=False):
        np.testing.assert_allclose(mine[:2], theirs[:2], rtol=1e-12, atol=1e-6)


def rounding(slow: slow_edf.Slow) -> float:
    """What rounding of the written onsets may add to a record's time; 0 where it cannot."""
    denominators = [onset.denominator for onset in slow.onsets]
    decimals = next(k for k in range(40) if all(10**k % d == 0 for d in denominators))
    exact = (slow.record_s * 10**decimals).denominator == 1
    return 0.0 if exact else 10.0**-decimals
