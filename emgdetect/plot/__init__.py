"""Nouns → figures; the only home of matplotlib.

Every function returns a figure and shows nothing: a notebook displays what a cell returns, a script
calls `figure.savefig`.
"""

from emgdetect.plot.overview import plot_recording, plot_stretch

__all__ = ["plot_recording", "plot_stretch"]
