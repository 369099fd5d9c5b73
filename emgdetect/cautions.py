"""Findings that say a rate may not be what it looks like: pages show them beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WORDS = {
    "needle-recording": "needle",
    "mostly-active": "mostly active",
    "mostly-firing": "hardly at rest",
    "noise-high": "loud at rest",
    "unit-like-clock": "a unit like a clock",
    "clock-drift": "clock drift",
    "sites-alike": "the same as another site",
    "gain-changed": "gain changed",
    "noise-drift": "noise changed",
    "twitches-together": "both sides at once",
}
"""Codes of the warnings that touch the rate, and what stands for them in a table."""


@dataclass(frozen=True)
class Caution:
    """A warning about a rate: two or three words, and the sentence."""

    words: str
    sentence: str


def cautions(
    told: Iterable[tuple[str, str]], sites: Sequence[str]
) -> dict[str, tuple[Caution, ...]]:
    """Warnings about the rates of a recording, by site.

    Parameters
    ----------
    told : iterable of (str, str)
        Code and message of each finding.
    sites : sequence of str

    Returns
    -------
    dict
        For each site its own, each once, in order; under the empty name those of the recording as a
        whole, which hold for all of its sites.
    """
    found: dict[str, dict[Caution, None]] = {site: {} for site in (*sites, "")}
    for code, message in told:
        if code in WORDS:
            site = _site_of(message, sites)
            rest = message.removeprefix(f"{site}: ") if site else message
            found[site][Caution(WORDS[code], rest[:1].upper() + rest[1:])] = None
    return {site: tuple(kept) for site, kept in found.items()}


def _site_of(message: str, sites: Sequence[str]) -> str:
    """The site a message begins with, the longest where there are several; empty if none."""
    return max((site for site in sites if message.startswith(f"{site}: ")), key=len, default="")


def in_words(of_site: Sequence[Caution], of_all: Sequence[Caution], flag: str) -> str:
    """What a table says of a rate: its flag, and the warnings; empty if there is nothing to say."""
    said = [flag, *(caution.words for caution in (*of_all, *of_site))]
    return "; ".join(dict.fromkeys(filter(None, said)))
