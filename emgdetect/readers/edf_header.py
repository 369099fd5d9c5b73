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
from emgdetect.readers.edf_signals import FIXED_BYTES, Signal, parse_signals
from emgdetect.readers.edf_size import count_records
from emgdetect.readers.text import decode, quoted

MAX_SIGNALS = 4096
BDF_MAGIC = b"\xffBIOSEMI"
EDF_MAGIC = b"0       "


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
    n_declared : int
        Data records by the header; -1 if unknown.
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
    n_declared: int
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
        if fixed[:8] not in (EDF_MAGIC, BDF_MAGIC):
            # Neither the version nor the number of signals is that of any header.
            raise refusal("not-edf", offset=0)
        text = quoted(fixed[252:256])
        raise refusal("signal-count", f"The number of signals is {text}.", offset=252)
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
    if not fields.integer(header[252:256])[1]:
        text = quoted(header[252:256])
        findings.append(finding("number-format", f"The number of signals is {text}.", offset=252))
    sample_bytes = 3 if format_ == "BDF" else 2
    signals, signal_findings = parse_signals(header, n_signals, sample_bytes=sample_bytes)
    record_s, duration_findings = _record_duration(header, signals)
    record_bytes = sum(s.n_per_record for s in signals) * sample_bytes
    start, start_findings = _start(header)
    plain = Header(
        format=format_, plus=_plus(header), start=start, data_start=len(header), n_records=0,
        n_declared=_n_declared(header), record_s=record_s, record_bytes=record_bytes,
        signals=signals, findings=(),
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
    text = quoted(version)
    return ("BDF" if bdf else "EDF"), [
        finding("version-field", f"The version field is {text}.", offset=0)
    ]


def _plus(header: bytes) -> str:
    """Continuity claimed by the reserved field: ``C``, ``D`` or nothing."""
    text = decode(header[192:236])
    return text[4] if text[:5] in ("EDF+C", "EDF+D", "BDF+C", "BDF+D") else ""


def _n_declared(header: bytes) -> int:
    value, _ = fields.integer(header[236:244])
    return -1 if value is None or value < 0 else value


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
        text = f"the date {quoted(header[168:176])} and the time {quoted(header[176:184])}"
        return None, [finding("start-invalid", f"The start is given as {text}.", offset=168)]
    if (start.year, start.month, start.day) == (1985, 1, 1):
        return None, [finding("start-anonymised", offset=168)]
    return start, []


def _record_duration(header: bytes, signals: tuple[Signal, ...]) -> tuple[Fraction, list[Finding]]:
    field = header[244:252]
    value, standard = fields.duration(field)
    only_annotations = all(s.is_annotation for s in signals)
    if value is None or (value == 0 and not only_annotations):
        text = quoted(field)
        raise refusal("record-duration", f"The record duration is {text} s.", offset=244)
    if standard:
        return value, []
    return value, [finding("number-format", f"The record duration is {quoted(field)}.",
                           offset=244)]  # fmt: skip
