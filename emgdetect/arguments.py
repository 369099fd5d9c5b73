"""What public functions are handed: a wrong thing is answered with one sentence and the way out."""

from __future__ import annotations

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


def named(value: object) -> str:
    """What a value is, in a sentence: its class, or None."""
    return "None" if value is None else f"a value of type {type(value).__name__}"
