"""What a channel label says: the kind of signal, and the muscle.

Labels follow EDF+ (``EMG BICEPS L``: type, then where), or whatever a manufacturer writes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emgdetect.recording import ChannelKind

_WORD = re.compile(r"[A-Za-zµ]+|[0-9]+|[^\sA-Za-z0-9]")
_KINDS: dict[ChannelKind, frozenset[str]] = {
    "ECG": frozenset({"ecg", "ekg", "cardiogram", "electrocardiogram"}),
    "EEG": frozenset({"eeg", "ieeg", "ecog", "seeg"}),
    "EOG": frozenset({"eog", "veog", "heog"}),
    "ACC": frozenset({"acc", "accel", "accelerometer", "acceleration", "gyr", "gyro", "imu",
                      "gyroscope", "accx", "accy", "accz", "acx", "acy", "acz"}),
    "TRIG": frozenset({"trig", "trigger", "triggers", "stim", "sti", "marker", "event", "ttl",
                       "sync", "dtrig"}),
    "STATUS": frozenset({"status"}),
    "MISC": frozenset({"resp", "temp", "sao", "spo", "light", "sound", "mic", "force", "torque",
                       "eda", "gsr", "ppg", "pleth", "angle", "gonio", "goniometer", "meg", "erg",
                       "eng", "body", "battery", "counter", "mag", "load", "pressure"}),
}  # fmt: skip
"""Words that name a kind; EDF+ prescribes ECG, EEG, EOG, EMG, MEG, ERG, Temp, Resp, SaO2, …"""

_FORMER = ("ACC", "TRIG", "STATUS")
"""Kinds that win over EMG wherever they are named: ``EMG1 ACC X`` is the sensor's accelerometer."""

_EMG = re.compile(r"(?:hd[-_ ]?)?[si]?emg", re.IGNORECASE)
_ENVELOPE = re.compile(r"rectif|envelope|\brms\b|integrated|smoothed|\biemg\b", re.IGNORECASE)
_NEEDLE = re.compile(r"needle|intramuscular|concentric|fine[-_ ]?wire|monopolar needle", re.I)
_COORDINATE = re.compile(
    r"""[\s_.:#-]*(?:
        \(\s*[0-9]+\s*(?:[,;x/]\s*[0-9]+\s*)?\) | \[\s*[0-9]+\s*(?:[,;x/]\s*[0-9]+\s*)?\]
        | r(?:ow)?\s*[0-9]+[\s_,;-]*c(?:ol(?:umn)?)?\s*[0-9]+
        | [0-9]+\s*[,;x/_-]\s*[0-9]+
        | (?:(?<![A-Za-z])(?:ch|chan|channel|el|electrode)[\s_.]*)?[0-9]+
    )\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_REFERENCE = re.compile(r"\s*-\s*(ref|avg|av|le)\s*$", re.IGNORECASE)
SIDES = {
    word: side
    for side, words in (
        ("left", "l left lft li lks links linke linker linkes sin sn sx sinister sinistra sinistro "
                 "gauche izq izquierda izquierdo"),
        ("right", "r right rgt re rts rechts rechte rechter rechtes dex dext dx dexter dextra "
                  "destra destro droite derecha derecho"),
    )
    for word in words.split()
}  # fmt: skip
"""Side of the body by words: English, German, Latin, Italian, French and Spanish ones."""
_NO_MUSCLE = frozenset(SIDES) | frozenset({
    "ch", "chan", "channel", "channels", "sensor", "electrode", "el", "elec", "raw", "signal",
    "bipolar", "monopolar", "mono", "bip", "grid", "array", "probe", "in", "out", "input", "aux",
    "surface", "muscle", "uv", "mv", "filtered", "emg", "semg", "amp", "unit", "trigno", "avanti",
    "uni", "quattro", "duo",
})  # fmt: skip
"""Words that alone do not name a muscle."""


def kind_of(label: str, *, transducer: str = "") -> ChannelKind:
    """Kind of signal that a label names; ``MISC`` if it names none.

    Examples
    --------
    >>> kind_of("EMG BICEPS L"), kind_of("EMG1 ACC X"), kind_of("EKG"), kind_of("C3-A2")
    ('EMG', 'ACC', 'ECG', 'MISC')
    """
    words = [word.casefold() for word in _WORD.findall(label)]
    named = [kind for word in words for kind, names in _KINDS.items() if word in names]
    for kind in _FORMER:
        if kind in named:
            return kind
    emg = _EMG.search(label)
    if emg and (not named or _position(label, named[0]) > emg.start()):
        return "EMG"
    if named:
        return named[0]
    return "EMG" if _EMG.search(transducer) else "MISC"


def _position(label: str, kind: ChannelKind) -> int:
    """Where the first word that names `kind` starts."""
    return min(
        match.start() for match in _WORD.finditer(label) if match[0].casefold() in _KINDS[kind]
    )


def names_emg(label: str) -> bool:
    """Whether a label names EMG, whatever else it names: ``EMG TRIG``."""
    return bool(_EMG.search(label))


def is_envelope(label: str, prefilter: str, transducer: str = "") -> bool:
    """Whether a channel calls itself rectified, smoothed or integrated."""
    return any(_ENVELOPE.search(text) for text in (label, prefilter, transducer))


def is_needle(text: str) -> bool:
    """Whether a label, transducer or name speaks of a needle or fine wire."""
    return bool(_NEEDLE.search(text))


def muscle_of(label: str) -> str:
    """Muscle that an EMG label names, without trailing channel number; empty if none.

    Examples
    --------
    >>> muscle_of("EMG VL 01"), muscle_of("EMG_BICEPS_L"), muscle_of("EMG1"), muscle_of("EMG L")
    ('VL', 'BICEPS L', '', '')
    """
    rest = _REFERENCE.sub("", _EMG.sub(" ", label))
    rest = rest.replace("_", " ").strip(" .:;,-/|")
    without_number = _COORDINATE.sub("", rest).strip(" .:;,-/|#")
    muscle = " ".join(without_number.split())
    return muscle if _names_muscle(muscle) else ""


def has_number(label: str) -> bool:
    """Whether a label ends in a channel number or grid coordinate."""
    return bool(_COORDINATE.search(label))


def _names_muscle(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text.casefold())
    return any(len(word) > 1 and word not in _NO_MUSCLE for word in words)


def unique_names(labels: Sequence[str]) -> list[str]:
    """Names that differ: the second of the same label gets `` (2)`` and so on."""
    reserved = set(labels)
    next_number: dict[str, int] = {}
    names = []
    for label in labels:
        name = label
        if label in next_number:
            n = next_number[label]
            while (name := f"{label} ({n})") in reserved:
                n += 1
            next_number[label] = n + 1
        else:
            next_number[label] = 2
        names.append(name)
    return names
