"""One look for all figures: colours safe for the colour-blind, sizes that survive print."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure, FigureBase
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.style import context

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from PIL.Image import Image

BLACK, GREY, PALE = "#000000", "#6b6b6b", "#d9d9d9"
ORANGE, SKY, GREEN = "#E69F00", "#56B4E9", "#009E73"
BLUE, RED, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
CYCLE = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, GREY)
"""Okabe and Ito's palette without its yellow, which paper swallows."""

VERDICT_LOOKS = {
    "fasciculation": (BLUE, "o"),
    "train": (ORANGE, "s"),
    "burst": (RED, "^"),
    "ecg": (PURPLE, "P"),
    "crosstalk": (SKY, "v"),
    "pop": (BLACK, "x"),
    "motion": (GREEN, "D"),
    "clipped": (GREY, "<"),
    "hum": (GREY, ">"),
}
"""Colour and marker of each verdict: told apart in grey print by the marker."""

REASON_LOOKS = {
    "contraction": (ORANGE, ""),
    "tremor": (RED, "//"),
    "motion": (GREEN, "\\\\"),
    "noise": (PALE, ""),
    "clipped": (GREY, "xx"),
    "flat": (SKY, "--"),
    "gap": ("#ffffff", "///"),
    "missing": ("#ffffff", "..."),
}
"""Fill and hatch of each reason of exclusion."""

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.titlelocation": "left",
    "axes.formatter.useoffset": False,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "lines.linewidth": 0.8,
    "hatch.linewidth": 0.4,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "text.color": "black",
    "axes.labelcolor": "black",
    "axes.edgecolor": "black",
    "xtick.color": "black",
    "ytick.color": "black",
    "text.usetex": False,
    "text.parse_math": False,
    "axes.grid": False,
    "image.cmap": "cividis",
    "path.simplify": True,
}


class Picture(Figure):
    """A matplotlib figure that notebooks show by itself; it is never shown by us.

    It belongs to no window and no global state, so a thousand of them leak nothing.
    """

    def _repr_png_(self) -> bytes:
        return png(self, dpi=110, n_colours=128)


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the look of the house, whatever the caller's own settings are."""
    with context(_SETTINGS, after_reset=True):
        yield


def new_figure(width_in: float, height_in: float) -> Picture:
    """An empty figure of that size in inches whose parts keep clear of each other."""
    layout = ConstrainedLayoutEngine(h_pad=0.04, w_pad=0.05, hspace=0.03, wspace=0.03)
    return Picture(figsize=(width_in, height_in), layout=layout, dpi=130)


def png(figure: Figure, *, dpi: float = 130, n_colours: int = 0) -> bytes:
    """A figure as PNG without any date or machine in it.

    Parameters
    ----------
    figure : Figure
    dpi : float
        Pixels per inch.
    n_colours : int
        Reduce to a palette of that many colours (a third of the size, the same to the eye),
        with the figure's own resolution set to `dpi`; 0 keeps them all.
    """
    stream = io.BytesIO()
    if n_colours:
        _reduced(figure, dpi, n_colours).save(stream, format="png")
    else:
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def _reduced(figure: Figure, dpi: float, n_colours: int) -> Image:
    """The drawn figure in a palette of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(dpi)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[:, :, :3]
    coded = pixels.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    colours, place, counts = np.unique(coded, return_inverse=True, return_counts=True)
    rgb = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.int32)
    # Areas keep their very colours: a nearby one would stand for another verdict or reason
    palette = rgb[np.argsort(-counts, kind="stable")[: n_colours // 2]]
    if len(rgb) > n_colours:
        # Widest coverage keeps rare colours true: a verdict may show in a few pixels only
        few, method = n_colours - len(palette), Image.Quantize.MAXCOVERAGE
        rare = Image.fromarray(rgb[None].astype(np.uint8)).quantize(few, method=method)
        palette = np.concatenate([palette, np.reshape(rare.getpalette() or [], (-1, 3))[:few]])
    else:
        palette = rgb
    nearest = np.argmin([((rgb - colour) ** 2).sum(axis=1) for colour in palette], axis=0)
    chosen = Image.fromarray(nearest[place].reshape(coded.shape).astype(np.uint8))
    chosen.putpalette(palette.astype(np.uint8).tobytes())
    return chosen


def data_url(png_bytes: bytes) -> str:
    """A PNG as an address that a page carries in itself."""
    return "data:image/png;base64," + base64.b64encode(png_bytes).decode("ascii")


def say_instead(figure: FigureBase, sentence: str) -> None:
    """Write a sentence where there is nothing to draw."""
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, ha="center", va="center", wrap=True, color=GREY)


def say_in(axes: Axes, words: str, *, height: float = 0.5) -> None:
    """Write into axes that nothing is there; `height` in shares of theirs."""
    axes.text(0.5, height, words, ha="center", va="center", color=GREY, transform=axes.transAxes)


def legend_below(figure: Figure, handles: Sequence[Artist], n_columns: int = 6) -> None:
    """A legend under all axes; none if there is nothing to explain."""
    if handles:
        figure.legend(
            handles=list(handles),
            loc="outside lower center",
            ncols=min(n_columns, len(handles)),
            handlelength=1.4,
            columnspacing=1.2,
        )


def verdict_keys(verdicts: Sequence[str]) -> list[Artist]:
    """Legend entries of these verdicts, in the order of `VERDICT_LOOKS`."""
    return [
        Line2D([], [], ls="", marker=marker, color=colour, ms=5, label=verdict)
        for verdict, (colour, marker) in VERDICT_LOOKS.items()
        if verdict in set(verdicts)
    ]


def reason_keys(reasons: Sequence[str]) -> list[Artist]:
    """Legend entries of these reasons of exclusion, in the order of `REASON_LOOKS`."""
    return [
        Patch(facecolor=colour, hatch=hatch, edgecolor=GREY, lw=0.4, label=f"excluded: {reason}")
        for reason, (colour, hatch) in REASON_LOOKS.items()
        if reason in set(reasons)
    ]


def ink(colour: str) -> str:
    """The colour, as dark as words in it have to be on white (4.5 : 1, WCAG 2.1)."""
    from matplotlib.colors import to_hex, to_rgb

    tone = np.array(to_rgb(colour))
    while luminance(tone) > 1.05 / 4.5 - 0.05:
        tone = tone * 0.97
    return str(to_hex(tone.tolist()))


def luminance(rgb: Any) -> float:
    """Relative luminance of sRGB values from 0 to 1 (WCAG 2.1): 0 black, 1 white."""
    parts = np.asarray(rgb, dtype=float)[:3]
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def known(value: Any) -> bool:
    """Whether a cell of a table holds a value: not ``None``, ``NA`` or NaN."""
    return value is not None and str(value) not in ("<NA>", "nan")


def shorten(text: str, n_max: int) -> str:
    """A label of at most `n_max` characters, its middle left out if need be; one line."""
    line = " ".join(printable(text).split())
    if len(line) <= n_max:
        return line
    head = (n_max - 1) // 2
    return f"{line[:head]}…{line[len(line) - (n_max - 1 - head) :]}"


def printable(text: str) -> str:
    """The text with each character that the figures' font cannot show replaced by `?`."""
    glyphs = _glyphs()
    return "".join(c if c.isprintable() and ord(c) in glyphs else "?" for c in text)


@cache
def _glyphs() -> frozenset[int]:
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def clock(axes: Axes, duration_s: float) -> None:
    """Label a time axis in seconds, minutes or hours, whichever suits the length shown."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

    unit_s, name = next(u for u in _CLOCKS if duration_s >= u[2])[:2]
    nice = [step * unit_s for step in (1, 2, 3, 5, 10, 15, 20, 30, 60)]
    step_s = next((s for s in nice if duration_s <= 12 * s), None)
    by_value = MaxNLocator(8, steps=[1, 2, 5, 10])
    few = by_value if unit_s == 1 or step_s is None else MultipleLocator(step_s)
    axes.xaxis.set_major_locator(few)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda t, _: f"{t / unit_s:g}"))
    axes.set_xlabel(f"time ({name})")


_CLOCKS = ((3600, "h", 4 * 3600), (60, "min", 180), (1, "s", 0))


def plain_log(axis: Axis, values: Any, *, widest: float = 1.3) -> None:
    """A logarithmic axis around these values, labelled in plain numbers.

    Parameters
    ----------
    axis : Axis
    values : array_like
        What has to fit in; what is not positive does not count; 1 to 100 if nothing is.
    widest : float
        Factor of the margins.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    positive = np.asarray(values, dtype=float)
    positive = positive[np.isfinite(positive) & (positive > 0)]
    low, high = (positive.min(), positive.max()) if len(positive) else (1.0, 100.0)
    if high < 3 * low:
        low, high = low / 1.7, high * 1.7
    low, high = low / widest, high * widest
    if axis is axis.axes.xaxis:
        axis.axes.set(xscale="log", xlim=(low, high))
    else:
        axis.axes.set(yscale="log", ylim=(low, high))
    decades = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    steps = (1, 2, 5) if high < 150 * low else (1,)
    ticks = np.multiply.outer(decades, steps).ravel()
    axis.set_major_locator(FixedLocator(ticks[(ticks >= low) & (ticks <= high)].tolist()))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
