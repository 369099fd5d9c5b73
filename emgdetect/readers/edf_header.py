"""Strict reading of EDF, EDF+, BDF and BDF+ headers from bytes.

The standard: Kemp et al. 1992 (EDF), Kemp & Olivan 2003 (EDF+), https://www.edfplus.info/specs;
BDF is BioSemi's 24-bit variant. No sample is read here; the sizes must add up before one is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from emgdetect.findings import Finding, finding, refusal
from emgdetect.readers import edf_fields as fields
from emgdetect.readers.edf_size import count_records
from emgdetect.readers.text import clean_text, decode

FIXED_BYTES = 256
MAX_SIGNALS = 4096
MAX_PHYSICAL = 1e12
"""Largest physical value believed, in whatever unit, and inverse of the smallest range."""

BDF_MAGIC = b"\xffBIOSEMI"
EDF_MAGIC = b"0       "
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Widths of label, transducer, unit, physical min and max, digital min and max, prefilter,
samples per record and reserved: 256 bytes per signal."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Header of one signal.

    Attributes
    ----------
    label, unit, transducer, prefilter : str
        As decoded from the file, not yet made safe.
    low, high : float
        Physical minimum and maximum, as given (high < low is a negative gain); NaN if invalid.
    digital_low, digital_high : int
    n_per_record : int
        Samples per data record; 0 if the signal has none.
    start : int
        Bytes of the record before this signal's samples.
    fault : str
        Code of the fault for which the signal cannot be used; empty if it can.
    """

    label: str
    unit: str
    transducer: str
    prefilter: str
    low: float
    high: float
    digital_low: int
    digital_high: int
    n_per_record: int
    start: int
    fault: str = ""

    @property
    def is_annotation(self) -> bool:
        """Whether the signal holds annotations instead of samples."""
        return self.label.casefold() in ("edf annotations", "bdf annotations")

    @property
    def gain(self) -> float:
        """Physical units per digital step."""
        return (self.high - self.low) / (self.digital_high - self.digital_low)


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the header says, checked against the size of the file.

    Attributes
    ----------
    format : {"EDF", "BDF"}
    plus : {"", "C", "D"}
        Continuity that an EDF+ or BDF+ file claims; empty for the plain formats.
    start : datetime or None
    data_start : int
        Offset of the first data record.
    n_records : int
        Complete data records in the file.
    record_s : Fraction
        Duration of a record; 0 only if there are no signals but annotations.
    record_bytes : int
    signals : tuple of Signal
    findings : tuple of Finding
    """

    format: str
    plus: str
    start: datetime | None
    data_start: int
    n_records: int
    record_s: Fraction
    record_bytes: int
    signals: tuple[Signal, ...]
    findings: tuple[Finding, ...]

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample: 2 in EDF, 3 in BDF."""
        return 3 if self.format == "BDF" else 2


def header_bytes_needed(fixed: bytes) -> int:
    """Length of the whole header, judged by the number of signals.

    Raises
    ------
    EdfError
        If the first bytes are not EDF or BDF, or the number of signals is no number in range.
    """
    if len(fixed) < FIXED_BYTES:
        raise refusal("header-short", f"The file has {len(fixed)} bytes; an EDF header has 256.")
    n_signals, _ = fields.integer(fixed[252:256])
    if n_signals is None or not 1 <= n_signals <= MAX_SIGNALS:
        text = clean_text(decode(fixed[252:256]))
        raise refusal("signal-count", f"The number of signals is {text!r}.", offset=252)
    return FIXED_BYTES * (n_signals + 1)


def parse_header(header: bytes, *, file_size: int) -> Header:
    """Read a header.

    Parameters
    ----------
    header : bytes
        The first `header_bytes_needed` bytes of the file.
    file_size : int
        Size of the whole file, which the header must explain.

    Raises
    ------
    EdfError
        If the layout of the data records cannot be known for certain.
    """
    n_signals = header_bytes_needed(header) // FIXED_BYTES - 1
    if len(header) < FIXED_BYTES * (n_signals + 1):
        raise refusal(
            "header-short", f"The header of {n_signals} signals is cut after {len(header)} bytes."
        )
    format_, findings = _format(header)
    findings += _text_findings(header)
    sample_bytes = 3 if format_ == "BDF" else 2
    signals, signal_findings = _signals(header, n_signals, sample_bytes)
    record_s, duration_findings = _record_duration(header, signals)
    record_bytes = sum(s.n_per_record for s in signals) * sample_bytes
    start, start_findings = _start(header)
    plain = Header(
        format=format_, plus=_plus(header), start=start, data_start=len(header), n_records=0,
        record_s=record_s, record_bytes=record_bytes, signals=signals, findings=(),
    )  # fmt: skip
    n_records, size_findings = count_records(header, record_bytes, file_size)
    findings += signal_findings + duration_findings + start_findings + size_findings
    return replace(plain, n_records=n_records, findings=tuple(findings))


def _format(header: bytes) -> tuple[str, list[Finding]]:
    """EDF or BDF by the first bytes; any other version is believed only with the right size."""
    version = header[:8]
    if version == BDF_MAGIC:
        return "BDF", []
    if version == EDF_MAGIC:
        return "EDF", []
    bdf = version[1:] == BDF_MAGIC[1:] or header[192:195] in (b"BDF", b"24B")
    text = clean_text(decode(version))
    return ("BDF" if bdf else "EDF"), [
        finding("version-field", f"The version field is {text!r}.", offset=0)
    ]


def _plus(header: bytes) -> str:
    """Continuity claimed by the reserved field: ``C``, ``D`` or nothing."""
    text = decode(header[192:236])
    return text[4] if text[:5] in ("EDF+C", "EDF+D", "BDF+C", "BDF+D") else ""


def _text_findings(header: bytes) -> list[Finding]:
    """Remarks on bytes that do not belong in a header."""
    text = header[8:] if header[:8] == BDF_MAGIC else header
    shift = len(header) - len(text)
    found = []
    strange = next((i for i, byte in enumerate(text) if byte < 32 or byte == 127), None)
    if strange is not None:
        found.append(finding("header-padding", offset=strange + shift))
    if not text.isascii():
        first = next(i for i, byte in enumerate(text) if byte > 127)
        found.append(finding("header-text", offset=first + shift))
    return found


def _start(header: bytes) -> tuple[datetime | None, list[Finding]]:
    start = fields.start(header[168:176], header[176:184], header[88:168])
    if start is None:
        text = clean_text(decode(header[168:184]))
        return None, [finding("start-invalid", f"The start is given as {text!r}.", offset=168)]
    if (start.year, start.month, start.day) == (1985, 1, 1):
        return None, [finding("start-anonymised", offset=168)]
    return start, []


def _record_duration(header: bytes, signals: tuple[Signal, ...]) -> tuple[Fraction, list[Finding]]:
    field = header[244:252]
    value, standard = fields.duration(field)
    only_annotations = all(s.is_annotation for s in signals)
    if value is None or (value == 0 and not only_annotations):
        text = clean_text(decode(field))
        raise refusal("record-duration", f"The record duration is {text!r} s.", offset=244)
    if standard:
        return value, []
    return value, [finding("number-format", f"The record duration is {decode(field)!r}.",
                           offset=244)]  # fmt: skip


def _signals(
    header: bytes, n_signals: int, sample_bytes: int
) -> tuple[tuple[Signal, ...], list[Finding]]:
    """All signal headers, in order."""
    signals: list[Signal] = []
    findings: list[Finding] = []
    start = 0
    for index in range(n_signals):
        signal, found = _signal(header, n_signals, index, start, sample_bytes)
        start += signal.n_per_record * sample_bytes
        signals.append(signal)
        findings += found
    return tuple(signals), findings


def _offset(n_signals: int, index: int, field: int) -> int:
    """Byte offset of a field of a signal: the header holds all labels, then all transducers, …"""
    return FIXED_BYTES + n_signals * sum(_WIDTHS[:field]) + index * _WIDTHS[field]


def _signal(
    header: bytes, n_signals: int, index: int, start: int, sample_bytes: int
) -> tuple[Signal, list[Finding]]:
    offsets = [_offset(n_signals, index, field) for field in range(len(_WIDTHS))]
    raw = [header[o : o + w] for o, w in zip(offsets, _WIDTHS, strict=True)]
    label = decode(raw[0])
    n_per_record, _ = fields.integer(raw[8])
    if n_per_record is None or n_per_record < 0:
        text = clean_text(decode(raw[8]))
        raise refusal(
            "samples-per-record",
            f"Signal {index + 1} ({clean_text(label)!r}) has {text!r} samples per record.",
            offset=offsets[8],
        )
    blank = Signal(
        label=label, transducer=decode(raw[1]), unit=decode(raw[2]), prefilter=decode(raw[7]),
        low=float("nan"), high=float("nan"), digital_low=0, digital_high=0,
        n_per_record=n_per_record, start=start,
    )  # fmt: skip
    if blank.is_annotation:
        return blank, []
    if not n_per_record:
        fault = _fault("samples-per-record", label, index, offsets[8], "has no samples")
        return replace(blank, fault="samples-per-record"), [fault]
    return _scaled(blank, raw, offsets, index, sample_bytes)


def _fault(code: str, label: str, index: int, offset: int, what: str) -> Finding:
    name = clean_text(label) or f"channel {index + 1}"
    return finding(code, f"Channel {name!r} {what}.", offset=offset, channel=name)


def _sensible(low: float, high: float) -> bool:
    """Whether a physical range has a size that any unit and a float can hold."""
    return max(abs(low), abs(high)) <= MAX_PHYSICAL and abs(high - low) >= 1 / MAX_PHYSICAL


def _scaled(
    signal: Signal, raw: list[bytes], offsets: list[int], index: int, sample_bytes: int
) -> tuple[Signal, list[Finding]]:
    """The signal with its range, or with the fault for which it has none."""
    texts = [clean_text(decode(field)) for field in raw[3:7]]
    low, low_ok = fields.number(raw[3])
    high, high_ok = fields.number(raw[4])
    if low is None or high is None or not _sensible(low, high):
        what = f"has the physical range {texts[0]!r} to {texts[1]!r}"
        return replace(signal, fault="physical-range"), [
            _fault("physical-range", signal.label, index, offsets[3], what)
        ]
    digital_low, digital_low_ok = fields.integer(raw[5])
    digital_high, digital_high_ok = fields.integer(raw[6])
    limit = 1 << (8 * sample_bytes - 1)
    if (
        digital_low is None
        or digital_high is None
        or not (-limit <= digital_low < digital_high < limit)
    ):
        what = f"has the digital range {texts[2]!r} to {texts[3]!r}"
        return replace(signal, fault="digital-range"), [
            _fault("digital-range", signal.label, index, offsets[5], what)
        ]
    scaled = replace(signal, low=low, high=high, digital_low=digital_low, digital_high=digital_high)
    found = []
    if not (low_ok and high_ok and digital_low_ok and digital_high_ok):
        what = f"has a range written as {', '.join(map(repr, texts))}"
        found.append(_fault("number-format", signal.label, index, offsets[3], what))
    if high < low:
        what = f"has an inverted physical range, {low:g} to {high:g}"
        found.append(_fault("gain-negative", signal.label, index, offsets[3], what))
    return scaled, found
