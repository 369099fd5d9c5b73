"""EDF and BDF files crafted as bytes, field by field, right or wrong on purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Field = str | bytes


@dataclass(frozen=True, kw_only=True)
class Sig:
    """One signal: header fields as they shall stand in the file, and samples or annotations.

    Attributes
    ----------
    n : str or bytes
        Samples per record, as written.
    counts : ndarray of int, shape (n_records, samples per record)
        Digital values; for an annotation signal, bytes per record in `tals`.
    """

    label: Field = "EMG BICEPS L"
    transducer: Field = ""
    unit: Field = "uV"
    low: Field = "-3276.8"
    high: Field = "3276.7"
    digital_low: Field = "-32768"
    digital_high: Field = "32767"
    prefilter: Field = ""
    n: Field = ""
    reserved: Field = ""
    counts: NDArray[np.int64] = field(default_factory=lambda: noise(3, 1000))
    tals: tuple[bytes, ...] = ()


def noise(n_records: int, n: int, *, seed: int = 0, sd: float = 60.0) -> NDArray[np.int64]:
    """Digital noise, shape (n_records, n); at 0.1 µV per step the default is 6 µV RMS."""
    return np.round(np.random.default_rng(seed).normal(0, sd, (n_records, n))).astype(np.int64)


def tal(onset: str, *texts: str, duration: str = "") -> bytes:
    """One annotation list; without texts the time-keeping entry."""
    stamp = onset.encode() + (b"\x15" + duration.encode() if duration else b"")
    return stamp + b"\x14" + b"".join(t.encode() + b"\x14" for t in texts or ("",)) + b"\x00"


def annotations(tals: Sequence[bytes], *, width: int = 60, bdf: bool = False) -> Sig:
    """An annotation signal with these bytes in each record; `width` bytes, a multiple of 6."""
    digits = 8388608 if bdf else 32768
    return Sig(
        label="BDF Annotations" if bdf else "EDF Annotations", unit="", low="-1", high="1",
        digital_low=str(-digits), digital_high=str(digits - 1),
        tals=tuple(t.ljust(width, b"\0") for t in tals),
    )  # fmt: skip


def onsets(*times: str) -> Sig:
    """An annotation signal that only keeps time."""
    return annotations([tal(time) for time in times])


def edf(
    *signals: Sig, bdf: bool = False, tail: bytes = b"", cut: int = 0, **fields: Field
) -> bytes:
    """A whole file; `fields` replace those of the fixed header, `cut` bytes are cut off the end."""
    n_records = _n_records(signals[0]) if signals else 1
    header = {
        "version": b"\xffBIOSEMI" if bdf else "0",
        "patient": "X X X X",
        "recording": "Startdate 02-MAR-2021 X X X",
        "date": "02.03.21",
        "time": "04.05.06",
        "header_bytes": str(256 * (len(signals) + 1)),
        "reserved": "",
        "n_records": str(n_records),
        "duration": "1",
        "n_signals": str(len(signals)),
    }
    assert fields.keys() <= header.keys()
    widths = (8, 80, 80, 8, 8, 8, 44, 8, 8, 4)
    fixed = b"".join(_pad(v, w) for v, w in zip({**header, **fields}.values(), widths, strict=True))
    whole = fixed + _signal_headers(signals, bdf) + _data(signals, n_records, bdf) + tail
    return whole[: len(whole) - cut]


def _n_records(signal: Sig) -> int:
    return len(signal.tals) or len(signal.counts)


def _pad(value: Field, width: int) -> bytes:
    raw = value if isinstance(value, bytes) else value.encode("latin-1")
    assert len(raw) <= width, (value, width)
    return raw.ljust(width)


def _signal_headers(signals: Sequence[Sig], bdf: bool) -> bytes:
    filled = [replace(s, n=s.n or str(_width(s, bdf))) for s in signals]
    names = ("label", "transducer", "unit", "low", "high", "digital_low", "digital_high",
             "prefilter", "n", "reserved")  # fmt: skip
    widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    return b"".join(
        _pad(getattr(signal, name), width)
        for name, width in zip(names, widths, strict=True) for signal in filled
    )  # fmt: skip


def _width(signal: Sig, bdf: bool) -> int:
    return len(signal.tals[0]) // (3 if bdf else 2) if signal.tals else signal.counts.shape[1]


def _data(signals: Sequence[Sig], n_records: int, bdf: bool) -> bytes:
    return b"".join(
        s.tals[record] if s.tals else _samples(s.counts[record], bdf)
        for record in range(n_records) for s in signals
    )  # fmt: skip


def _samples(counts: NDArray[np.int64], bdf: bool) -> bytes:
    if not bdf:
        return counts.astype("<i2").tobytes()
    wide = counts.astype("<i4").view(np.uint8).reshape(-1, 4)
    return wide[:, :3].tobytes()
