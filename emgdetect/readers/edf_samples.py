"""Samples of an EDF or BDF file, read on demand with plain reads.

No memory map: a file that shrinks while it is mapped kills the process. Each call opens the file
anew, so that the object can be pickled, shared between threads and kept without an open file.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import EdfError, refusal

CHUNK_BYTES = 4_000_000
"""Bytes of the file held at once while a block is converted."""


@dataclass(frozen=True)
class FileState:
    """Size and time of change by which a rewritten file is recognised."""

    size: int
    modified_ns: int


@dataclass(frozen=True)
class Placed:
    """Where a channel's samples lie in each record, and how they become µV."""

    start: int
    n_per_record: int
    gain_uv: float
    offset_uv: float


@dataclass(frozen=True)
class EdfSamples:
    """Reads µV blocks of an EDF or BDF file; see `emgdetect.recording.Samples`.

    Attributes
    ----------
    path : Path
    state : FileState
        Of the file when its header was read.
    data_start, record_bytes, sample_bytes : int
    channels : tuple of Placed
        One per channel of the recording.
    first_records : tuple of int
        First record of each segment.
    """

    path: Path
    state: FileState
    data_start: int
    record_bytes: int
    sample_bytes: int
    channels: tuple[Placed, ...]
    first_records: tuple[int, ...]

    def __call__(
        self, channels: Sequence[int], segment: int, start: int, stop: int
    ) -> NDArray[np.float32]:
        """Read a block; see `emgdetect.recording.Recording.read`.

        Raises
        ------
        EdfError
            If the file changed since its header was read, or cannot be read.
        """
        wanted = [self.channels[index] for index in channels]
        n_per_record = wanted[0].n_per_record
        block = np.empty((len(wanted), stop - start), np.float32)
        if start == stop:
            return block
        records = (start // n_per_record, -(-stop // n_per_record))
        first = self.first_records[segment]
        fd = open_unchanged(self.path, self.state)
        try:
            done = start
            for low, high in self._chunks(*records):
                samples = self._read(fd, wanted, first + low, high - low)
                skip = done - low * n_per_record
                n = min(stop, high * n_per_record) - done
                block[:, done - start : done - start + n] = samples[:, skip : skip + n]
                done += n
            check_unchanged(fd, self.path, self.state)
        finally:
            os.close(fd)
        return block

    def _chunks(self, low: int, high: int) -> list[tuple[int, int]]:
        step = max(1, CHUNK_BYTES // self.record_bytes)
        return [(at, min(at + step, high)) for at in range(low, high, step)]

    def _read(
        self, fd: int, wanted: Sequence[Placed], first: int, n_records: int
    ) -> NDArray[np.float32]:
        """µV of some channels in consecutive records, shape (n_channels, n_samples)."""
        low = min(channel.start for channel in wanted)
        n_per_record = wanted[0].n_per_record
        high = max(channel.start for channel in wanted) + n_per_record * self.sample_bytes
        raw = self._bytes(fd, first, n_records, low, high)
        out = np.empty((len(wanted), n_records, n_per_record), np.float32)
        for rows, at in _neighbours(wanted, n_per_record * self.sample_bytes):
            width = (rows.stop - rows.start) * n_per_record * self.sample_bytes
            counts = _counts(raw[:, at - low : at - low + width], self.sample_bytes)
            _scale_into(out, rows, counts, wanted)
        return out.reshape(len(wanted), -1)

    def _bytes(self, fd: int, first: int, n_records: int, low: int, high: int) -> NDArray[np.uint8]:
        """Bytes `low` to `high` of consecutive records, shape (n_records, high - low).

        Whole records at once where most of them is wanted or they are small, else one read each.
        """
        whole = 2 * (high - low) > self.record_bytes or self.record_bytes < 16_384
        at = self.data_start + first * self.record_bytes
        if whole:
            content = read_exactly(fd, n_records * self.record_bytes, at, self.path)
            records = np.frombuffer(content, np.uint8).reshape(n_records, self.record_bytes)
            return records[:, low:high]
        parts = [
            read_exactly(fd, high - low, at + i * self.record_bytes + low, self.path)
            for i in range(n_records)
        ]
        return np.frombuffer(b"".join(parts), np.uint8).reshape(n_records, high - low)


def _neighbours(wanted: Sequence[Placed], width: int) -> list[tuple[slice, int]]:
    """Runs of channels that follow each other in the record: rows and start of each run."""
    runs: list[tuple[slice, int]] = []
    for row, channel in enumerate(wanted):
        if runs and channel.start == runs[-1][1] + (row - runs[-1][0].start) * width:
            runs[-1] = (slice(runs[-1][0].start, row + 1), runs[-1][1])
        else:
            runs.append((slice(row, row + 1), channel.start))
    return [(rows, start) for rows, start in runs]


def _counts(raw: NDArray[np.uint8], sample_bytes: int) -> NDArray[np.signedinteger]:
    """Digital values of bytes, shape (n_records, n_bytes / sample_bytes)."""
    if sample_bytes == 2:
        return np.ascontiguousarray(raw).view("<i2")
    wide = np.zeros((len(raw), raw.shape[1] // 3, 4), np.uint8)
    wide[:, :, 1:] = raw.reshape(len(raw), -1, 3)
    return wide.view("<i4")[:, :, 0] >> 8


def _scale_into(
    out: NDArray[np.float32],
    rows: slice,
    counts: NDArray[np.signedinteger],
    wanted: Sequence[Placed],
) -> None:
    """Write gain * count + offset of neighbouring channels into their rows of `out`."""
    chosen = wanted[rows]
    gains = np.array([channel.gain_uv for channel in chosen], np.float32)[:, None, None]
    offsets = np.array([channel.offset_uv for channel in chosen], np.float32)[:, None, None]
    shaped = counts.reshape(len(counts), len(chosen), -1).transpose(1, 0, 2)
    np.multiply(shaped, gains, out=out[rows], casting="unsafe")
    if offsets.any():
        out[rows] += offsets


def open_unchanged(path: Path, state: FileState | None = None) -> int:
    """File descriptor for reading; with `state`, of the same unchanged file.

    Raises
    ------
    EdfError
        If the file cannot be opened or has changed.
    """
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise os_refusal(error, path) from error
    if state is not None:
        try:
            check_unchanged(fd, path, state)
        except EdfError:
            os.close(fd)
            raise
    return fd


def os_refusal(error: OSError, path: Path) -> EdfError:
    """The refusal that an error of the operating system amounts to."""
    code = "file-missing" if isinstance(error, FileNotFoundError) else "file-unreadable"
    raised = refusal(code, f"The file cannot be read: {error.strerror or 'unknown error'}.")
    raised.path = path
    return raised


def state_of(fd: int) -> FileState:
    """Present state of an open file."""
    stat = os.fstat(fd)
    return FileState(stat.st_size, stat.st_mtime_ns)


def check_unchanged(fd: int, path: Path, state: FileState) -> None:
    """Refuse a file that is not in the state in which its header was read.

    Raises
    ------
    EdfError
    """
    now = state_of(fd)
    if now == state:
        return
    what = (
        "was rewritten" if now.size == state.size else f"went from {state.size} to {now.size} bytes"
    )
    error = refusal("file-changed", f"The file {what} while it was read.")
    error.path = path
    raise error


def read_exactly(fd: int, n_bytes: int, at: int, path: Path) -> bytes | bytearray:
    """`n_bytes` of the file from offset `at`, the position of the descriptor untouched.

    Raises
    ------
    EdfError
        If the file ends before, or the operating system fails.
    """
    parts: list[bytes] = []
    missing = n_bytes
    while missing:
        try:
            part = os.pread(fd, missing, at + n_bytes - missing)
        except OSError as error:
            raise os_refusal(error, path) from error
        if not part:
            raised = refusal("file-changed", "The file became shorter while it was read.")
            raised.path = path
            raise raised
        parts.append(part)
        missing -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
