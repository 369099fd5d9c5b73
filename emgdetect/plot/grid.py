"""One potential over the electrodes of a grid: its size, its shape and its way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.plot.overview import choose_sites
from emgdetect.plot.style import BLACK, GREY, house_style, new_figure, say_instead, shorten
from emgdetect.plot.traces import band_of
from emgdetect.showing import cut_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording, Site

HALF_S = 0.02
DELAY_S = 0.008
"""Furthest from the peak that a potential's largest deflection is looked for."""


def plot_grid(recording: Recording, found: Detections, *, site: str, peak_s: float) -> Figure:
    """One moment on all electrodes of a site.

    Parameters
    ----------
    recording : Recording
    found : Detections
    site : str
    peak_s : float
        Moment to show, usually the `peak_s` of an event.

    Returns
    -------
    Figure
        From the left: peak-to-peak amplitude per electrode; by how much the potential comes later
        there than at the electrode where it is largest, where it stands out; the potential on each
        electrode. Where positions are
        unknown, channels are laid out in the order of the file, and the figure says so.

    Raises
    ------
    ValueError
        If there is no such site.
    """
    chosen = choose_sites(recording, [site])[0]
    band = band_of(recording, chosen.channels[0], found)
    times, block = cut_out(recording, chosen.channels, peak_s, half_s=HALF_S, band=band)
    rows, columns, placed = positions(recording, chosen)
    n_rows, n_columns = int(rows.max()) + 1, int(columns.max()) + 1
    with house_style():
        height = min(max(2.4, 0.36 * n_rows + 1.2), 9.0)
        figure = new_figure(9.0, height)
        if not np.isfinite(block).any():
            say_instead(figure, "Nothing was recorded at that moment.")
            return figure
        size, delay, shape = figure.subplots(1, 3, width_ratios=[1, 1, 2.2])
        sizes = np.nanmax(block, axis=1) - np.nanmin(block, axis=1)
        _map(size, rows, columns, sizes, "amplitude (µV)", "cividis")
        late = 1000 * delays(block, float(times[1] - times[0]))
        stands_out = sizes > 0.5 * np.nanmax(sizes)
        _map(delay, rows, columns, np.where(stands_out, late, np.nan), "delay (ms)", "PuOr")
        _shapes(shape, rows, columns, 1000 * times, block)
        for axes in (size, delay):
            axes.set(xlim=(-0.5, n_columns - 0.5), ylim=(n_rows - 0.5, -0.5))
            if not placed:
                axes.set(xticks=[], yticks=[], ylabel="", xlabel="in the order of the file")
        size.set_title(shorten(site, 20))
        delay.set_title("delay after the largest")
        where = _spacing(recording, chosen) if placed else "; positions unknown"
        shape.set_title(f"at {peak_s:.3f} s{where}")
    return figure


def delays(block_uv: NDArray[Any], step_s: float) -> NDArray[Any]:
    """How much later than on the row with the largest amplitude the same waveform comes on others.

    By the lag at which a row is most like it or its mirror image: the largest deflection alone may
    be one phase here and another there, and bipolar electrodes beyond the end plates see it
    upside down.

    Parameters
    ----------
    block_uv : ndarray, shape (n_rows, n_samples)
        NaN counts as zero.
    step_s : float
        From one sample to the next.

    Returns
    -------
    ndarray of float, shape (n_rows,)
        In s; zero for the row with the largest amplitude itself.
    """
    known = np.nan_to_num(block_uv)
    model = known[int(np.argmax(np.ptp(known, axis=1)))]
    lags = np.arange(-(len(model) - 1), len(model))
    near = np.abs(lags * step_s) <= DELAY_S + 1e-9
    alike = np.array([np.abs(np.correlate(row, model, "full")[near]) for row in known])
    return np.asarray(step_s * lags[near][np.argmax(alike, axis=1)])


def _spacing(recording: Recording, site: Site) -> str:
    """How far apart the electrodes are, if the recording says so (NaN equals nothing)."""
    first, *others = (recording.channels[i].spacing_mm for i in site.channels)
    same = first == first and all(other == first for other in others)
    return f"; electrodes {first:g} mm apart" if same else ""


def positions(recording: Recording, site: Site) -> tuple[NDArray[Any], NDArray[Any], bool]:
    """Row and column of each channel of a site, from 0, and whether the recording knows them.

    Unknown positions are replaced by a layout in columns of 8, in the order of the file.
    """
    row = np.array([recording.channels[i].row for i in site.channels])
    column = np.array([recording.channels[i].column for i in site.channels])
    spots = set(zip(row, column, strict=True))
    if np.isfinite(row).all() and np.isfinite(column).all() and len(spots) == len(row):
        return (row - row.min()).astype(int), (column - column.min()).astype(int), True
    order = np.arange(len(site.channels))
    n_rows = min(8, len(order))
    return order % n_rows, order // n_rows, False


def _map(
    axes: Axes, rows: NDArray[Any], columns: NDArray[Any], values: NDArray[Any], label: str,
    colours: str,
) -> None:  # fmt: skip
    """Values on their electrodes; electrodes without a value are crossed, holes stay white."""
    from matplotlib.ticker import MaxNLocator

    table = np.full((rows.max() + 1, columns.max() + 1), np.nan)
    table[rows, columns] = values
    finite = values[np.isfinite(values)]
    low, high = (0.0, 1.0) if not len(finite) else (float(finite.min()), float(finite.max()))
    if colours == "PuOr":
        high = max(abs(low), abs(high), 1.0)
        low = -high
    else:
        low = 0.0
    image = axes.imshow(table, cmap=colours, vmin=low, vmax=high, interpolation="nearest")
    unknown = ~np.isfinite(values)
    axes.plot(columns[unknown], rows[unknown], "x", color=GREY, ms=3, mew=0.6)
    axes.set_xlabel("column")
    axes.set_ylabel("row")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
    figure = axes.get_figure()
    if figure is not None:
        figure.colorbar(image, ax=axes, label=label, location="bottom", aspect=12)


def _shapes(
    axes: Axes, rows: NDArray[Any], columns: NDArray[Any], times_ms: NDArray[Any],
    block_uv: NDArray[Any],
) -> None:  # fmt: skip
    """Each electrode's trace in its place, all at one scale, with a bar for it."""
    scale = 2.2 * float(np.nanmax(np.abs(block_uv))) or 1.0
    width = 0.42 / times_ms[-1]
    for row, column, trace in zip(rows, columns, block_uv, strict=True):
        axes.plot(column + width * times_ms, row - 1.6 * trace / scale, color="0.2", lw=0.6)
    axes.set(xlim=(-0.7, columns.max() + 0.7), ylim=(rows.max() + 1.3, -1.0))
    axes.set(xticks=[], yticks=[])
    axes.spines[["left", "bottom"]].set_visible(False)
    bar_uv = float(f"{scale / 3.2:.0e}")
    foot, left = rows.max() + 1.2, -0.6
    axes.plot([left, left], [foot, foot - 1.6 * bar_uv / scale], color=BLACK, lw=1.4)
    axes.plot([left, left + width * 10], [foot, foot], color=BLACK, lw=1.4)
    axes.text(left + width * 10 + 0.05, foot, f"{bar_uv:g} µV, 10 ms", va="bottom", fontsize=7)
