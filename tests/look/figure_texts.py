"""Figures of all kinds and sizes, and where their texts lie."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from made_findings import lazy_recording, made_detections
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from emgdetect import plot
from emgdetect.detections import Detections
from emgdetect.recording import Recording, Segment

Draw = Callable[[Recording, Detections], Figure]


FIGURES: dict[str, Draw] = {
    "recording": plot.plot_recording,
    "stretch": lambda r, f: plot.plot_stretch(r, f, 0.1, 0.45),
    "site": lambda r, f: plot.plot_site(r, f, r.sites[0].name),
    "units": plot.plot_units,
    "examples": plot.plot_examples,
    "summary": lambda _, f: plot.plot_summary(f),
    "synchrony": plot.plot_synchrony,
    "score": lambda _, f: plot.plot_score(f),
    "recovery": lambda _, f: plot.plot_recovery(f),
    "grid": lambda r, f: plot.plot_grid(r, f, site=r.sites[0].name, peak_s=0.2),
}


SIZES = {
    "nothing": (1, 1, 60.0, 0),
    "one": (1, 1, 0.5, 1),
    "fifty": (4, 1, 180.0, 50),
    "grid": (1, 64, 30.0, 50),
    "thousands": (4, 1, 300.0, 5000),
}


def made(n_sites: int, n_channels: int, duration_s: float, n_events: int):  # type: ignore[no-untyped-def]
    recording = lazy_recording(n_sites, n_channels, (Segment(0, duration_s),), grid=n_channels > 1)
    return recording, made_detections(recording, n_events)


def visible_texts(figure: Figure) -> list[tuple[str, object]]:
    """Text and extent of every text that is shown."""
    FigureCanvasAgg(figure).draw()
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    ticks = [
        tick
        for axis in figure.findobj(Axis)
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
    ]
    # Ticks beyond the view, and all of hidden axes, exist but are not drawn.
    hidden = {id(label) for tick in ticks for label in (tick.label1, tick.label2)}
    shown = [
        label
        for axis in figure.findobj(Axis)
        if axis.axes is not None and axis.axes.axison
        for tick in axis._update_ticks()
        for label in (tick.label1, tick.label2)
        if label.get_visible() and label.get_text().strip()
    ]
    texts = [t for t in texts if id(t) not in hidden] + shown
    return [(t.get_text(), t.get_window_extent()) for t in texts if in_view(t)]


def in_view(text: Text) -> bool:
    axes = text.axes
    return axes is None or axes.axison or text not in (axes.xaxis.label, axes.yaxis.label)


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that lie on each other by more than a pixel."""
    boxes = visible_texts(figure)
    return [
        (a, b)
        for (a, one), (b, two) in itertools.combinations(boxes, 2)
        if min(one.x1, two.x1) - max(one.x0, two.x0) > 1
        and min(one.y1, two.y1) - max(one.y0, two.y0) > 1
    ]


def cut_off(figure: Figure) -> list[str]:
    """Texts that reach beyond the edge of the figure."""
    page = figure.bbox
    return [
        text
        for text, box in visible_texts(figure)
        if box.x0 < page.x0 - 1 or box.x1 > page.x1 + 1 or box.y0 < -1 or box.y1 > page.y1 + 1
    ]


def in_map(text: Text) -> bool:
    return text.axes is not None and bool(text.axes.images)
