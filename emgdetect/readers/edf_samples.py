"""Samples of an EDF or BDF file, read on demand with plain reads.

No memory map: a file that shrinks while it is mapped kills the process. Each call opens the file
anew, so that the object can be pickled, shared between threads and kept without an open file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgdetect.findings import EdfError, refusal

CHUNK_BYTES = 1_000_000
"""Bytes of the file held at once while a block is converted; they fit the cache."""

SMALL_BYTES = 16_384
"""Bytes that take about as long to read as a call of its own: channels that lie apart are read
apart only where that leaves out more of a record."""


_Run = tuple[slice, int, int]
"""Channels that follow each other: their rows, and start and number of their bytes in a record."""


@dataclass(frozen=True)
class FileState:
    """Size and time of change by which a rewritten file is recognised."""

    size: int
    modified_ns: int


@dataclass(frozen=True)
class Placed:
    """Where a channel's samples lie in each record, and how they become µV.

    µV = gain_uv * (count + shift) + offset_uv; `shift` is the whole part of the offset in counts.
    With a range far off zero, counts and offset nearly cancel, and only whole numbers do so
    without loss in float32.
    """

    start: int
    n_per_record: int
    gain_uv: float
    shift: float
    offset_uv: float


def placed(start: int, n_per_record: int, gain_uv: float, zero_uv: float) -> Placed:
    """The place of a channel whose count 0 means `zero_uv`."""
    counts = zero_uv / gain_uv
    shift = float(round(counts)) if abs(counts) < 1e12 else 0.0
    return Placed(start, n_per_record, gain_uv, shift, zero_uv - shift * gain_uv)


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
        block = np.empty((len(wanted), stop - start), np.float32)
        first = self.first_records[segment]
        fd = open_unchanged(self.path, self.state)
        try:
            runs, apart = self._runs(wanted)
            held = sum(n for _, _, n in runs) if apart else self.record_bytes
            for piece in _pieces(start, stop, wanted[0].n_per_record, CHUNK_BYTES // max(1, held)):
                out = block[:, piece.start - start : piece.stop - start]
                if piece.whole:
                    self._read_records(fd, wanted, runs, apart, first + piece.record, out)
                else:
                    self._read_part(fd, wanted, first + piece.record, piece.skip, out)
            check_unchanged(fd, self.path, self.state)
        finally:
            os.close(fd)
        return block

    def _runs(self, wanted: Sequence[Placed]) -> tuple[list[_Run], bool]:
        """Runs of neighbours in a record, and whether each is to be read on its own."""
        runs = _neighbours(wanted, wanted[0].n_per_record * self.sample_bytes)
        cost = sum(SMALL_BYTES + n for _, _, n in runs)
        return runs, cost < SMALL_BYTES + self.record_bytes

    def _read_part(
        self,
        fd: int,
        wanted: Sequence[Placed],
        record: int,
        skip: int,
        out: NDArray[np.float32],
    ) -> None:
        """Part of one record, each channel on its own, from its sample `skip` on."""
        at = self.data_start + record * self.record_bytes + skip * self.sample_bytes
        n_bytes = out.shape[1] * self.sample_bytes
        for row, channel in enumerate(wanted):
            raw = read_exactly(fd, n_bytes, at + channel.start, self.path)
            counts = _counts(np.frombuffer(raw, np.uint8)[None], self.sample_bytes)
            _scale_into(out[row : row + 1, None], counts[:, None], [channel])

    def _read_records(
        self, fd: int, wanted: Sequence[Placed], runs: Sequence[_Run], apart: bool, first: int,
        out: NDArray[np.float32],
    ) -> None:  # fmt: skip
        """Whole records into `out`, shape (n_channels, n_records * samples per record)."""
        n_per_record = wanted[0].n_per_record
        n_records = out.shape[1] // n_per_record
        by_record = out.reshape(len(wanted), n_records, n_per_record)
        whole = self._bytes(fd, first, n_records, 0, 0 if apart else self.record_bytes)
        for rows, at, n in runs:
            raw = self._bytes(fd, first, n_records, at, n) if apart else whole[:, at : at + n]
            counts = _counts(raw, self.sample_bytes)
            shaped = counts.reshape(n_records, rows.stop - rows.start, n_per_record)
            _scale_into(by_record[rows], shaped.transpose(1, 0, 2), wanted[rows])

    def _bytes(self, fd: int, first: int, n_records: int, at: int, n: int) -> NDArray[np.uint8]:
        """`n` bytes from `at` on of consecutive records, shape (n_records, n)."""
        start = self.data_start + first * self.record_bytes + at
        if n == self.record_bytes:
            content = read_exactly(fd, n_records * n, start, self.path)
        else:
            content = b"".join(
                read_exactly(fd, n, start + i * self.record_bytes, self.path)
                for i in range(n_records)
            )
        return np.frombuffer(content, np.uint8).reshape(n_records, n)


@dataclass(frozen=True)
class _Piece:
    """Samples `start` to `stop` of a segment: whole records from `record` on, or a part of it."""

    start: int
    stop: int
    record: int
    skip: int
    whole: bool


def _pieces(start: int, stop: int, n_per_record: int, records_at_once: int) -> Iterator[_Piece]:
    """Cut a range of samples into whole records, some at a time, and parts at its ends."""
    while start < stop:
        record, skip = divmod(start, n_per_record)
        n_whole = min((stop - start) // n_per_record, max(1, records_at_once))
        if skip or not n_whole:
            end = min(stop, (record + 1) * n_per_record)
        else:
            end = start + n_whole * n_per_record
        yield _Piece(start, end, record, skip, not skip and bool(n_whole))
        start = end


def _neighbours(wanted: Sequence[Placed], width: int) -> list[_Run]:
    """Runs of channels that follow each other in the record."""
    breaks = [row for row in range(1, len(wanted))
              if wanted[row].start != wanted[row - 1].start + width]  # fmt: skip
    return [(slice(a, b), wanted[a].start, (b - a) * width)
            for a, b in pairwise([0, *breaks, len(wanted)])]  # fmt: skip


def _counts(raw: NDArray[np.uint8], sample_bytes: int) -> NDArray[np.signedinteger]:
    """Digital values of bytes, shape (n_records, n_bytes / sample_bytes)."""
    if sample_bytes == 2:
        return raw.view("<i2")
    wide = np.zeros((len(raw), raw.shape[1] // 3, 4), np.uint8)
    wide[:, :, 1:] = raw.reshape(len(raw), -1, 3)
    return wide.view("<i4")[:, :, 0] >> 8


def _scale_into(
    out: NDArray[np.float32], counts: NDArray[np.signedinteger], channels: Sequence[Placed]
) -> None:
    """Write µV into `out`; both are (n_channels, n_records, n_per_record).

    The result is right to the last places of float32, 24 bits: as fine as the finest converter.
    """
    facts = np.array([(c.gain_uv, c.shift, c.offset_uv) for c in channels], np.float32)
    gains, shifts, offsets = facts.T[:, :, None, None]
    out[...] = counts
    if shifts.any():
        out += shifts
    out *= gains
    if offsets.any():
        out += offsets


def open_unchanged(path: Path, state: FileState | None = None) -> int:
    """File descriptor for reading; with `state`, of the same unchanged file.

    Raises
    ------
    EdfError
        If the file cannot be opened or has changed.
    """
    try:
        fd = os.open(path, os.O_RDONLY)
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
