"""Small HTML cards that show the nouns in notebooks; escaped, self-contained, no patient data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

N_ROWS = 12
"""Rows of a card's table, at most; the card says how many there are."""

_TABLE = "border-collapse:collapse;margin:.3em 0;font-size:90%"
_CELL = "text-align:left;padding:.1em .8em .1em 0;border-bottom:1px solid #8884"


def card(
    title: str,
    facts: Mapping[str, object],
    *,
    header: Sequence[str] = (),
    rows: Sequence[Sequence[object]] = (),
) -> str:
    """A titled list of facts and a table.

    Parameters
    ----------
    title : str
    facts : mapping of str to object
        Shown as one line each.
    header : sequence of str
        Names of the table's columns; no table if there are none.
    rows : sequence of sequences
        The first `N_ROWS` are shown.

    Returns
    -------
    str
        HTML in which every text is escaped.
    """
    lines = [f"<strong>{_text(title)}</strong>"]
    lines += [f"<div>{_text(name)}: {_text(value)}</div>" for name, value in facts.items()]
    if header:
        lines.append(f'<table style="{_TABLE}">{_row("th", header)}')
        lines += [_row("td", row) for row in rows[:N_ROWS]]
        lines.append("</table>")
        if len(rows) > N_ROWS:
            lines.append(f"<div>… and {len(rows) - N_ROWS} more</div>")
    return f'<div class="emgdetect-card">{"".join(lines)}</div>'


def recording_card(recording: Any) -> str:
    """The card of a `Recording`: what was recorded and what would be analysed; no patient data."""
    n, skipped = len(recording.segments), sum(not c.analysed for c in recording.channels)
    facts = {
        "recorded": f"{short(recording.recorded_s)} s in {n} segment{'' if n == 1 else 's'}",
        "kind": recording.kind, "findings": len(recording.findings),
        "channels": f"{len(recording.channels)}, of which {skipped} not analysed",
    }  # fmt: skip
    rows = [(s.name, len(s.channels), short(s.sampling_hz)) for s in recording.sites]
    header = ("site", "channels", "sampling (Hz)")
    return card(f"Recording {recording.name}", facts, header=header, rows=rows)


def short(value: float) -> str:
    """A number to four significant digits, ``n/a`` if it is none."""
    return "n/a" if value != value else f"{value:.4g}"


def _row(tag: str, cells: Sequence[object]) -> str:
    shown = "".join(f'<{tag} style="{_CELL}">{_text(cell)}</{tag}>' for cell in cells)
    return f"<tr>{shown}</tr>"


def _text(value: object) -> str:
    """Escaped; characters that steer a display rather than show are left out."""
    return escape("".join(c for c in str(value) if c.isprintable()))
