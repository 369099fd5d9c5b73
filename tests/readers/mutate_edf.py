"""Damage to EDF files: seeded mutations of header, annotation and data bytes."""

from __future__ import annotations

import random
from collections.abc import Callable

from craft_edf import Sig, annotations, edf, noise, onsets, tal

VALUES = (
    b"-1", b"0", b"1", b"2", b"10.0", b"99999999", b"nan", b"inf", b"-inf", b"1e308", b"1e-300",
    b"", b"\0\0\0\0\0\0\0\0", b"0,5", b"-32768", b"32767", b"65535", b"0.048828", b"1e9", b"abc",
    b"mV", b"V", b"\xb5V", b"\xc2\xb5V", b"uv", b"EDF+D", b"EDF+C", b"BDF+C", b"00.00.00",
    b"31.02.21", b"EMG", b"EMG EMG", b"EDF Annotations", b"=1+1", b"\xff\xff\xff\xff", b"+5",
    b"0x10", b"1_000", b"\xd9\xa3", b" 1", b"1 1", b"512", b"768", b"1024", b"256",
)  # fmt: skip
FIXED = ((0, 8), (8, 80), (88, 80), (168, 8), (176, 8), (184, 8), (192, 44), (236, 8), (244, 8),
         (252, 4))  # fmt: skip
WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)


def seeds() -> list[bytes]:
    """Small well-formed files of every flavour."""
    two = Sig(label="EMG VL 01", counts=noise(3, 500)), Sig(label="ECG", counts=noise(3, 250))
    timed = annotations([tal("+0") + tal("+0.5", "Beginn"), tal("+1"), tal("+2")])
    gapped = annotations([tal("+0.25"), tal("+1.25") + tal("+1.5", "x", duration="1"), tal("+7")])
    bdf = Sig(unit="mV", low="-200", high="200", digital_low="-8388608", digital_high="8388607",
              counts=noise(3, 400) * 50)  # fmt: skip
    wide = [Sig(label=f"EMG TA {k}", counts=noise(2, 100, seed=k)) for k in range(12)]
    tenths = onsets("+0.0", "+0.1", "+0.2")
    return [
        edf(*two),
        edf(*two, timed, reserved="EDF+C"),
        edf(*two, gapped, timed, reserved="EDF+D"),
        edf(bdf, bdf=True),
        edf(bdf, annotations([tal("+0"), tal("+1"), tal("+2")], bdf=True), bdf=True,
            reserved="BDF+C"),
        edf(*wide, duration="0.048828"),
        edf(Sig(counts=noise(3, 100)), tenths, duration="0.1", reserved="EDF+C"),
        edf(annotations([tal("+0") + tal("+3", "sleep")]), duration="0", reserved="EDF+C"),
    ]  # fmt: skip


def mutate(content: bytes, rng: random.Random) -> bytes:
    """One to four random damages."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        content = rng.choice(DAMAGES)(content, rng)
    return content


def _fields(content: bytes) -> list[tuple[int, int]]:
    """Offsets and widths of all header fields that the file's length allows."""
    try:
        n = int(content[252:256])
    except ValueError:
        n = 0
    places = list(FIXED)
    at = 256
    for width in WIDTHS if 0 < n < 100 else ():
        places += [(at + k * width, width) for k in range(n)]
        at += n * width
    return [(start, width) for start, width in places if start + width <= len(content)]


def _splice(content: bytes, at: int, n: int, new: bytes) -> bytes:
    return content[:at] + new + content[at + n :]


def set_field(content: bytes, rng: random.Random) -> bytes:
    """Another value in a header field."""
    places = _fields(content)
    if not places:
        return content
    at, width = rng.choice(places)
    return _splice(content, at, width, rng.choice(VALUES)[:width].ljust(width))


def swap_fields(content: bytes, rng: random.Random) -> bytes:
    """The value of one field in another one."""
    places = _fields(content)
    if len(places) < 2:
        return content
    (a, wide), (b, width) = rng.sample(places, 2)
    return _splice(content, b, width, content[a : a + wide].strip()[:width].ljust(width))


def change_digit(content: bytes, rng: random.Random) -> bytes:
    """One character of a header field."""
    places = _fields(content)
    if not places:
        return content
    at, width = rng.choice(places)
    return _splice(content, at + rng.randrange(width), 1, rng.choice(b"0123456789-+., \0eE\xff\x14")
                   .to_bytes(1, "little"))  # fmt: skip


def flip_byte(content: bytes, rng: random.Random) -> bytes:
    """One byte anywhere."""
    if not content:
        return content
    return _splice(content, rng.randrange(len(content)), 1, rng.randbytes(1))


def damage_annotation(content: bytes, rng: random.Random) -> bytes:
    """A byte near a separator of an annotation list."""
    marks = [i for i, byte in enumerate(content[256:], 256) if byte in (0x14, 0x15, 0x2B)]
    if not marks:
        return flip_byte(content, rng)
    at = min(max(rng.choice(marks) + rng.randint(-3, 3), 0), len(content) - 1)
    return _splice(content, at, 1, rng.choice((b"\0", b"\x14", b"\x15", b"+", b"-", b"9", b".",
                                               b"\xff", b"nan", rng.randbytes(2)))[:1])  # fmt: skip


def cut(content: bytes, rng: random.Random) -> bytes:
    """The end is missing."""
    return content[: rng.randrange(len(content) + 1)]


def append(content: bytes, rng: random.Random) -> bytes:
    """More bytes at the end."""
    return content + rng.randbytes(rng.choice((1, 7, 256, 1000, 4000)))


def insert(content: bytes, rng: random.Random) -> bytes:
    """Bytes slipped in."""
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.randbytes(rng.randint(1, 20)) + content[at:]


def remove(content: bytes, rng: random.Random) -> bytes:
    """Bytes lost."""
    at = rng.randrange(len(content) + 1)
    return content[:at] + content[at + rng.randint(1, 20) :]


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    set_field, set_field, set_field, swap_fields, change_digit, change_digit, flip_byte,
    damage_annotation, damage_annotation, cut, append, insert, remove,
)  # fmt: skip
