"""Strict reading of the signal headers of EDF and BDF: layout and scale of each signal."""

from __future__ import annotations

from dataclasses import dataclass, replace

from emgdetect.findings import Finding, finding, refusal
from emgdetect.readers import edf_fields as fields
from emgdetect.readers.text import clean_text, decode, quoted

FIXED_BYTES = 256
"""Length of the fixed header, and of the header of one signal."""

MAX_PHYSICAL = 1e12
"""Largest physical value believed, in whatever unit, and inverse of the smallest range."""

_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Widths of label, transducer, unit, physical min and max, digital min and max, prefilter,
samples per record and reserved: 256 bytes per signal."""

_LIMITS = ("physical minimum", "physical maximum", "digital minimum", "digital maximum")
"""What the fields of the range are, in their order in the file."""


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


def parse_signals(
    header: bytes, n_signals: int, *, sample_bytes: int
) -> tuple[tuple[Signal, ...], list[Finding]]:
    """All signal headers, in order, and what was noticed.

    Parameters
    ----------
    header : bytes
        The whole header, 256 bytes per signal after the first 256.
    n_signals : int
    sample_bytes : int
        2 for EDF, 3 for BDF.

    Raises
    ------
    EdfError
        If a number of samples per record is missing, so that the layout is unknown.
    """
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
    n_per_record, found = _n_per_record(raw[8], label, index, offsets[8])
    blank = Signal(
        label=label, transducer=decode(raw[1]), unit=decode(raw[2]), prefilter=decode(raw[7]),
        low=float("nan"), high=float("nan"), digital_low=0, digital_high=0,
        n_per_record=n_per_record, start=start,
    )  # fmt: skip
    if blank.is_annotation:
        return blank, found
    if not n_per_record:
        fault = _fault("samples-per-record", label, index, offsets[8], "has no samples")
        return replace(blank, fault="samples-per-record"), [*found, fault]
    signal, more = _scaled(blank, raw, offsets, index, sample_bytes)
    return signal, found + more


def _n_per_record(field: bytes, label: str, index: int, offset: int) -> tuple[int, list[Finding]]:
    """Samples per record of a signal; without them the layout of all records is unknown."""
    value, standard = fields.integer(field)
    text = quoted(field)
    if value is None or value < 0:
        message = f"Signal {index + 1} ({clean_text(label)!r}) has {text} samples per record."
        raise refusal("samples-per-record", message, offset=offset)
    if standard:
        return value, []
    what = f"has {text} samples per record"
    return value, [_fault("number-format", label, index, offset, what)]


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
    texts = [quoted(field) for field in raw[3:7]]
    low, low_ok = fields.number(raw[3])
    high, high_ok = fields.number(raw[4])
    if low is None or high is None or not _sensible(low, high):
        what = f"has the physical range {texts[0]} to {texts[1]}"
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
        what = f"has the digital range {texts[2]} to {texts[3]}"
        return replace(signal, fault="digital-range"), [
            _fault("digital-range", signal.label, index, offsets[5], what)
        ]
    scaled = replace(signal, low=low, high=high, digital_low=digital_low, digital_high=digital_high)
    well_written = (low_ok, high_ok, digital_low_ok, digital_high_ok)
    odd = [which for which, ok in enumerate(well_written) if not ok]
    found = []
    if odd:
        told = ", ".join(f"{texts[which]} as its {_LIMITS[which]}" for which in odd)
        at = offsets[3 + odd[0]]
        found.append(_fault("number-format", signal.label, index, at, f"has {told}"))
    if high < low:
        what = f"has an inverted physical range, {low:g} to {high:g}"
        found.append(_fault("gain-negative", signal.label, index, offsets[3], what))
    return scaled, found
