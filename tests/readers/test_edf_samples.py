"""Reading on demand: any piece equals the same piece of the whole, and a changing file is told."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from craft_edf import Sig, edf, noise, onsets

from emgdetect.findings import EdfError
from emgdetect.readers import read_recording
from emgdetect.readers.edf_samples import Placed, placed
from emgdetect.recording import Recording


def grid(n_channels: int, n: int, *, n_records: int = 7) -> list[Sig]:
    return [
        Sig(label=f"EMG VL {k:02d}", counts=noise(n_records, n, seed=k)) for k in range(n_channels)
    ]


def layouts() -> dict[str, bytes]:
    slow = Sig(label="ACC", unit="g", counts=noise(7, 10))
    big = [Sig(label=f"EMG TA {k}", counts=noise(2, 20_000, seed=k)) for k in range(4)]
    gap = onsets("+0", "+1", "+2", "+9", "+10", "+11", "+30")
    bdf = [
        Sig(label=f"EMG BB {k}", digital_low="-8388608", digital_high="8388607",
            low="-838861", high="838861", counts=noise(7, 400, seed=k))
        for k in range(3)
    ]  # fmt: skip
    return {
        "grid": edf(*grid(12, 500)),
        "interleaved": edf(grid(4, 500)[0], slow, *grid(4, 500)[1:], slow, gap, reserved="EDF+D"),
        "tiny records": edf(*grid(3, 20, n_records=300), duration="0.04"),
        "big records": edf(*big, duration="20"),
        "one record": edf(*grid(3, 5000, n_records=1), duration="5"),
        "bdf": edf(*bdf, bdf=True),
    }


LAYOUTS = layouts()


@pytest.fixture(params=LAYOUTS)
def recording(request: pytest.FixtureRequest, tmp_path: Path) -> Recording:
    path = tmp_path / "x.edf"
    path.write_bytes(LAYOUTS[request.param])
    return read_recording(path)


def test_an_offset_of_more_counts_than_a_converter_has_stays_one() -> None:
    assert placed(0, 10, 0.5, 3.2) == Placed(0, 10, 0.5, 6.0, pytest.approx(0.2))
    assert placed(0, 10, 1e-12, 2.0) == Placed(0, 10, 1e-12, 0.0, 2.0)


def emg(recording: Recording) -> list[int]:
    return [index for index, channel in enumerate(recording.channels) if channel.kind == "EMG"]


def test_any_piece_equals_the_piece_of_the_whole(recording: Recording) -> None:
    rng = np.random.default_rng(0)
    channels = emg(recording)
    rate = recording.channels[channels[0]].sampling_hz
    wholes = [recording.read(channels, k) for k in range(len(recording.segments))]
    for _ in range(60):
        segment = int(rng.integers(len(wholes)))
        n = recording.segments[segment].n_samples(rate)
        start, stop = sorted(int(v) for v in rng.integers(0, n + 1, 2))
        rows = rng.permutation(len(channels))[: rng.integers(1, len(channels) + 1)]
        piece = recording.read([channels[row] for row in rows], segment, start, stop)
        assert piece.dtype == np.float32
        np.testing.assert_array_equal(piece, wholes[segment][rows, start:stop])


def test_pieces_join_to_the_whole(recording: Recording) -> None:
    channels = emg(recording)
    rate = recording.channels[channels[0]].sampling_hz
    for segment, span in enumerate(recording.segments):
        n = span.n_samples(rate)
        edges = [0, 1, n // 3, n // 3 + 1, n - 1, n]
        parts = [recording.read(channels, segment, a, b) for a, b in pairwise(edges)]
        np.testing.assert_array_equal(np.hstack(parts), recording.read(channels, segment))


def test_an_empty_range_is_an_empty_block(recording: Recording) -> None:
    assert recording.read(emg(recording), 0, 3, 3).shape == (len(emg(recording)), 0)


def test_the_block_is_the_callers_own(recording: Recording) -> None:
    first = recording.read([0], 0)
    kept = first.copy()
    first += 1
    np.testing.assert_array_equal(recording.read([0], 0), kept)


def test_threads_and_pickles_read_the_same(recording: Recording) -> None:
    channels = emg(recording)
    whole = recording.read(channels, 0)
    copy = pickle.loads(pickle.dumps(recording))
    n = whole.shape[1]
    starts = range(0, n, max(1, n // 40))
    with ThreadPoolExecutor(8) as pool:
        blocks = list(pool.map(lambda a: copy.read(channels, 0, a, min(a + 50, n)), starts))
    for start, block in zip(starts, blocks, strict=True):
        np.testing.assert_array_equal(block, whole[:, start : start + 50])


def shrink(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(100))


def rewrite(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"\1")
    os.utime(path, ns=(1, 1))


def remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    ("change", "code"),
    [(shrink, "file-changed"), (grow, "file-changed"), (rewrite, "file-changed"),
     (remove, "file-missing")],
)  # fmt: skip
def test_a_file_that_changes_while_it_is_read_is_refused(
    change: object, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.edf"
    path.write_bytes(LAYOUTS["grid"])
    recording = read_recording(path)
    assert callable(change)
    change(path)
    with pytest.raises(EdfError) as caught:
        recording.read([0], 0)
    assert caught.value.code == code
    assert caught.value.path == path


def test_an_edf_error_survives_a_process_border() -> None:
    error = EdfError("no-data", "Nothing there.", path=Path("x.edf"), offset=3, hint="Look.")
    copy = pickle.loads(pickle.dumps(error))
    assert isinstance(copy, EdfError)
    assert (copy.code, copy.path, copy.offset, copy.hint) == ("no-data", Path("x.edf"), 3, "Look.")
    assert str(copy) == str(error)


def test_inputs_are_opened_read_only(tmp_path: Path) -> None:
    path = tmp_path / "x.edf"
    path.write_bytes(LAYOUTS["grid"])
    path.chmod(0o444)
    before = path.stat().st_mtime_ns
    read_recording(path).read([0], 0)
    assert path.stat().st_mtime_ns == before
    assert path.read_bytes() == LAYOUTS["grid"]


def test_reading_edf_needs_no_heavy_library(tmp_path: Path) -> None:
    path = tmp_path / "x.edf"
    path.write_bytes(LAYOUTS["grid"])
    code = (
        "import sys, emgdetect; emgdetect.read_recording(sys.argv[1]).read([0], 0); "
        "print(*sorted({'mne', 'scipy', 'pandas', 'edfio', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def test_memory_follows_the_block_not_the_file(tmp_path: Path) -> None:
    """A lying header gets no memory, and a long file no more than the block asked for."""
    path = tmp_path / "x.edf"
    path.write_bytes(edf(*grid(4, 2000, n_records=600)))
    recording = read_recording(path)
    tracemalloc.start()
    try:
        recording.read([0, 1, 2, 3], 0, 500_000, 532_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 32_000 * 4 + 4_000_000
