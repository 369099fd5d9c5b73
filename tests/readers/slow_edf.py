"""A slow, plainly written reader of EDF and BDF: sample by sample, by the letter of the standard.

It knows no repair: what is not exactly as the standard says raises `NotStandard`. What it does
read is what the file says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

UV = {"V": 10**6, "mV": 10**3, "uV": 1, "nV": Fraction(1, 1000)}


class NotStandard(Exception):
    """The file is not written as the standard says."""


@dataclass
class Slow:
    """Per signal: label, rate, values in µV (or own unit); per record: onset; annotations."""

    labels: list[str]
    rates: list[Fraction]
    values: list[list[float]]
    onsets: list[Fraction]
    notes: list[tuple[Fraction, Fraction, str]]
    record_s: Fraction


def need(condition: object) -> None:
    if not condition:
        raise NotStandard


def whole(raw: bytes) -> int:
    need(re.fullmatch(rb" *[+-]?[0-9]+ *", raw))
    return int(raw)


def decimal(raw: bytes) -> Fraction:
    need(re.fullmatch(rb" *[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)? *", raw))
    text = raw.decode().strip().lower()
    mantissa, _, exponent = text.partition("e")
    return Fraction(mantissa.removesuffix(".")) * Fraction(10) ** int(exponent or "0")


def read(content: bytes) -> Slow:
    """Read a whole file.

    Raises
    ------
    NotStandard
    """
    need(len(content) >= 256)
    need(content[:8] in (b"0       ", b"\xffBIOSEMI"))
    size = 2 if content[:1] == b"0" else 3
    need(all(32 <= byte < 127 for byte in content[8:256]))
    n_signals, n_records = whole(content[252:256]), whole(content[236:244])
    record_s = decimal(content[244:252])
    need(1 <= n_signals <= 4096 and n_records >= 1)
    header_bytes = 256 * (n_signals + 1)
    need(whole(content[184:192]) == header_bytes <= len(content))
    need(all(32 <= byte < 127 for byte in content[256:header_bytes]))
    columns = []
    at = 256
    for width in (16, 80, 8, 8, 8, 8, 8, 80, 8, 32):
        columns.append([content[at + i * width : at + (i + 1) * width] for i in range(n_signals)])
        at += n_signals * width
    labels = [raw.decode().strip() for raw in columns[0]]
    counts = [whole(raw) for raw in columns[8]]
    need(all(n > 0 for n in counts))
    need(len(content) == header_bytes + n_records * sum(counts) * size)
    notes = [i for i, label in enumerate(labels) if label in ("EDF Annotations", "BDF Annotations")]
    need(record_s > 0 or len(notes) == n_signals)
    return _data(content[header_bytes:], columns, labels, counts, notes, size, n_records, record_s)


def _data(
    data: bytes, columns: list[list[bytes]], labels: list[str], counts: list[int],
    annotated: list[int], size: int, n_records: int, record_s: Fraction,
) -> Slow:  # fmt: skip
    scales = [
        None if i in annotated else _scale([column[i] for column in columns], size)
        for i in range(len(labels))
    ]
    values: list[list[float]] = [[] for _ in labels]
    onsets: list[Fraction] = []
    notes: list[tuple[Fraction, Fraction, str]] = []
    at = 0
    for record in range(n_records):
        for i, n in enumerate(counts):
            raw = data[at : at + n * size]
            at += n * size
            scale = scales[i]
            if scale is None:
                _annotations(raw, i == annotated[0], onsets, notes)
                continue
            gain, offset = scale
            for k in range(n):
                digital = int.from_bytes(raw[k * size : (k + 1) * size], "little", signed=True)
                values[i].append(digital * gain + offset)
        if not annotated:
            onsets.append(record * record_s)
        need(len(onsets) == record + 1)
    kept = [i for i in range(len(labels)) if i not in annotated]
    return Slow(
        [labels[i] for i in kept], [Fraction(counts[i]) / record_s for i in kept],
        [values[i] for i in kept], onsets, notes, record_s,
    )  # fmt: skip


def _scale(fields: list[bytes], size: int) -> tuple[float, float]:
    low, high = decimal(fields[3]), decimal(fields[4])
    digital_low, digital_high = whole(fields[5]), whole(fields[6])
    limit = 256**size // 2
    need(max(abs(low), abs(high)) <= 10**12 and abs(high - low) >= Fraction(1, 10**12))
    need(-limit <= digital_low < digital_high < limit)
    uv = UV.get(fields[2].decode().strip(), 1)
    gain = (high - low) / (digital_high - digital_low)
    return float(gain * uv), float((low - digital_low * gain) * uv)


def _annotations(
    raw: bytes, keeps_time: bool, onsets: list[Fraction],
    notes: list[tuple[Fraction, Fraction, str]],
) -> None:  # fmt: skip
    for position, chunk in enumerate(raw.rstrip(b"\0").split(b"\0")):
        if not chunk and position:
            continue
        if not chunk and not keeps_time:
            return
        stamp, *texts = chunk.split(b"\x14")
        need(texts and texts[-1] == b"")
        parts = stamp.split(b"\x15")
        need(re.fullmatch(rb"[+-][0-9]{1,9}(\.[0-9]+)?", parts[0]) and len(parts) <= 2)
        need(len(parts) == 1 or re.fullmatch(rb"[0-9]{1,9}(\.[0-9]+)?", parts[1]))
        onset = Fraction(parts[0].decode())
        duration = Fraction(parts[1].decode()) if len(parts) == 2 else Fraction(0)
        if keeps_time and position == 0:
            need(texts[0] == b"" and len(parts) == 1)
            onsets.append(onset)
        for text in texts:
            try:
                decoded = text.decode("utf-8")
            except UnicodeDecodeError:
                raise NotStandard from None
            if decoded:
                notes.append((onset, duration, decoded))
