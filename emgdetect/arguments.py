"""What public functions are handed: a wrong thing is answered with one sentence and the way out."""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

WAYS_OUT = {
    "BaseRaw": "it is what mne.io.read_raw returns; files are read with emg.read_recording",
    "Comparison": "it is what emg.compare_folder returns",
    "Config": "make one with emg.Config(mains_hz=50)",
    "Detections": "it is what emg.detect(recording) returns",
    "Recording": "read a file with emg.read_recording, wrap an array with "
    "emg.Recording.from_array, or an MNE Raw with emg.Recording.from_mne",
}
"""Where a caller finds the thing that was meant, by the name of its class."""


def expect(value: object, kind: type, name: str) -> None:
    """Refuse an argument of another kind.

    Parameters
    ----------
    value : object
        What was handed over.
    kind : type
        What it must be.
    name : str
        Of the argument.

    Raises
    ------
    TypeError
        With the argument's name, what it must be, what it is, and how to come by the right thing.
    """
    if not isinstance(value, kind):
        way_out = WAYS_OUT.get(kind.__name__, "")
        end = f": {way_out}" if way_out else ""
        raise TypeError(f"{name} must be a {kind.__name__}, got {named(value)}{end}.")


def expect_texts(values: Iterable[object], name: str) -> list[str]:
    """Texts that were handed over, of Python's own class: NumPy's are shown otherwise.

    Raises
    ------
    TypeError
        If one is no text, as the numbers that pandas names columns by.
    """
    texts = list(values)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{name} must be of text, got {named(text)}.")
    return [str(text) for text in texts]


def expect_word(value: object, words: Collection[str], name: str) -> None:
    """Refuse what is none of some words.

    Raises
    ------
    ValueError
        With the words there are.
    """
    if not isinstance(value, str) or value not in words:
        *others, last = words
        raise ValueError(f"{name} must be {', '.join(others)} or {last}, got {value!r}")


def is_truth(value: object) -> bool:
    """Whether a value is a truth value, Python's own or NumPy's: both pass for 0 or 1 elsewhere."""
    return isinstance(value, bool) or getattr(getattr(value, "dtype", None), "kind", "") == "b"


def without_mask(values: ArrayLike) -> ArrayLike:
    """What was handed over, masked places of a masked array as NaN; they would count otherwise."""
    import numpy as np

    if not np.ma.isMaskedArray(values) or np.iscomplexobj(values):
        return values
    return np.ma.filled(np.ma.asanyarray(values).astype(float), np.nan)


def number(value: Any, name: str) -> float:
    """A number that was handed over: any but a truth value, no text and no array of several.

    Raises
    ------
    TypeError
    """
    try:
        if isinstance(value, (str, bytes, bytearray)) or is_truth(value):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {named(value)}.") from None


def whole_number(value: Any, name: str) -> int:
    """A whole number that was handed over.

    Raises
    ------
    TypeError
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be a whole number, got {named(value)}.") from None


def expect_indices(values: Iterable[Any], n: int, what: str) -> None:
    """Refuse indices of what is not there; the last of all may be called -1.

    Raises
    ------
    TypeError
        If they are no whole numbers, or `values` is no sequence.
    ValueError
        If one lies outside.
    """
    if not isinstance(values, Iterable):
        raise TypeError(f"{what}s must be a sequence of indices, got {named(values)}.")
    for index in values:
        if not -n <= whole_number(index, f"the index of a {what}") < n:
            raise ValueError(f"no {what} {index}: the recording has {n}, counted from 0")


def named(value: object) -> str:
    """What a value is, in a sentence: its class, or None."""
    return "None" if value is None else f"a value of type {type(value).__name__}"
