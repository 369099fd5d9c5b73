"""Physical units: what a file may call a voltage, and how many µV it is."""

from __future__ import annotations

_EXACT = {"V": 1e6, "mV": 1e3, "uV": 1.0, "µV": 1.0, "nV": 1e-3}
"""Spellings of the standards: EDF+ writes ``uV``, BIDS ``µV``."""

_WORDS = {
    "v": 1e6, "volt": 1e6, "volts": 1e6,
    "mv": 1e3, "millivolt": 1e3, "millivolts": 1e3, "milliv": 1e3,
    "uv": 1.0, "µv": 1.0, "microvolt": 1.0, "microvolts": 1.0, "microv": 1.0, "mcv": 1.0,
    "nv": 1e-3, "nanovolt": 1e-3, "nanovolts": 1e-3,
}  # fmt: skip
"""Misspellings, lower-case. A megavolt is no EMG, so ``MV`` is a millivolt."""

_MICRO = str.maketrans({"\u03bc": "µ", "\u039c": "µ"})
"""Greek mu (what ``µ`` becomes when folded) and its capital, as which some programs store it."""


def uv_per_unit(unit: str) -> float | None:
    """Microvolts in one unit, or None if the unit is empty or no voltage.

    Parameters
    ----------
    unit : str
        As decoded from the file (UTF-8 or Latin-1), outer spaces ignored.
    """
    text = unit.strip().translate(_MICRO)
    exact = _EXACT.get(text)
    return exact if exact is not None else _WORDS.get(text.casefold().translate(_MICRO))


def is_standard(unit: str) -> bool:
    """Whether the unit is spelt as EDF+ or BIDS prescribe."""
    return unit in _EXACT
