"""Nouns → figures; the only home of matplotlib.

Every function returns a figure and shows nothing: a notebook displays what a cell returns, a script
calls `figure.savefig`.
"""

from emgdetect.plot.comparison import plot_comparison
from emgdetect.plot.curves import plot_recovery, plot_score
from emgdetect.plot.examples import plot_examples
from emgdetect.plot.grid import plot_grid
from emgdetect.plot.maps import plot_batch, plot_synchrony
from emgdetect.plot.overview import plot_recording, plot_stretch
from emgdetect.plot.site import plot_site
from emgdetect.plot.sites import plot_summary
from emgdetect.plot.units import plot_units

__all__ = [
    "plot_batch",
    "plot_comparison",
    "plot_examples",
    "plot_grid",
    "plot_recording",
    "plot_recovery",
    "plot_score",
    "plot_site",
    "plot_stretch",
    "plot_summary",
    "plot_synchrony",
    "plot_units",
]
