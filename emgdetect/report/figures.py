"""The figures of a page as images that it carries in itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from emgdetect.detections import Detections
    from emgdetect.recording import Recording

N_SITES = 6
"""Sites with figures of their own, at most; the tables hold all of them."""

N_UNITS = 5
"""Units drawn per site, at most."""

N_GRID = 4
"""Channels from which on a site is drawn as a grid."""

_DPI = 110
_N_COLOURS = 128


@dataclass(frozen=True)
class Picture:
    """An image of the page.

    Attributes
    ----------
    url : str
        The image itself, as a data address.
    width, height : int
        In CSS pixels.
    title, caption : str
    """

    url: str
    width: int
    height: int
    title: str
    caption: str


def picture(figure: Figure, title: str, caption: str) -> Picture:
    """A figure as an image for the page."""
    from emgdetect.plot.style import data_url, png

    width_in, height_in = figure.get_size_inches()
    url = data_url(png(figure, dpi=_DPI, n_colours=_N_COLOURS))
    return Picture(url, round(100 * width_in), round(100 * height_in), title, caption)


def overviews(recording: Recording, found: Detections) -> list[Picture]:
    """The figures of the whole recording."""
    from emgdetect import plot

    pictures = [
        picture(
            plot.plot_summary(found),
            "Sites side by side",
            "Rate with its 95 % interval (a hollow point has a caution in the table), and the rate "
            "under the two other exclusion levels; analysed and excluded time; amplitudes, with "
            "the size from which on nine in ten potentials would have been found.",
        ),
        picture(
            plot.plot_recording(recording, found),
            "The whole recording",
            "One row per site, on the channel where most potentials are largest. Ticks above: "
            "counted potentials; ticks below: others. Shaded: time not analysed. The last row "
            "shows the busiest seconds close up.",
        ),
    ]
    if len(recording.sites) > 1:
        pictures.append(
            picture(
                plot.plot_synchrony(recording, found),
                "Synchrony between sites",
                "Share of a site's potentials that coincide within 10 ms with one of another site, "
                "less what chance gives. Crossed: a site with itself, or with too few potentials.",
            )
        )
    return pictures + limits(found)


def limits(found: Detections) -> list[Picture]:
    """The figures of what the threshold lets through and what it misses."""
    from emgdetect import plot

    pictures = [
        picture(
            plot.plot_score(found),
            "Potentials and threshold",
            "Each potential has a score: how far its shape stands out of the noise. The curves "
            "show how many potentials per minute reach a score; dashed, how many noise alone is "
            "expected to give; upright line, the threshold. Potentials of known units are found by "
            "the unit's own waveform and may lie below it.",
        )
    ]
    if found.recovery is not None and len(found.recovery):
        pictures.append(
            picture(
                plot.plot_recovery(found),
                "What could have been seen",
                "Potentials of known size were added at random moments and looked for again: the "
                "share found, by size.",
            )
        )
    return pictures


def of_site(recording: Recording, found: Detections, site: str) -> list[Picture]:
    """The figures of one site."""
    from emgdetect import plot

    pictures = [
        picture(
            plot.plot_site(recording, found, site),
            "Through time",
            "Counted potentials per analysed minute; amplitude of every potential by verdict; "
            "noise of the channel shown.",
        ),
        picture(
            plot.plot_units(recording, found, site=site, n_max=N_UNITS),
            "Units",
            "Potentials that share a waveform, with their average; when they fired; their "
            "intervals.",
        ),
        picture(
            plot.plot_examples(recording, found, site=site),
            "Examples",
            "Potentials picked at random, counted and not counted, each with the reason.",
        ),
    ]
    return pictures + of_grid(recording, found, site)


def of_grid(recording: Recording, found: Detections, site: str) -> list[Picture]:
    """The clearest potential over the electrodes; none at sites of few channels or none."""
    from emgdetect import plot

    n_channels = next(len(s.channels) for s in recording.sites if s.name == site)
    counted = found.fasciculations[found.fasciculations["site"] == site]
    clearest = counted.sort_values("score", na_position="first")["peak_s"].to_numpy(float)
    if n_channels < N_GRID or not len(clearest):
        return []
    return [
        picture(
            plot.plot_grid(recording, found, site=site, peak_s=float(clearest[-1])),
            "Over the electrodes",
            "The potential that stands out most: its size at each electrode, how much later it "
            "comes there than at the electrode where it is largest, and the potential itself. "
            "Crossed: too small there to tell the delay.",
        )
    ]


def sites_drawn(recording: Recording, found: Detections) -> list[str]:
    """Sites that get figures of their own: those with most counted potentials, in file order."""
    counts = found.fasciculations["site"].value_counts()
    names = [site.name for site in recording.sites]
    busiest = sorted(names, key=lambda name: -int(counts.get(name, 0)))[:N_SITES]
    return [name for name in names if name in busiest]
