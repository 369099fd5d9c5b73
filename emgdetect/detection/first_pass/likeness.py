"""How much the members of a unit resemble each other, beyond what being its average makes them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.first_pass.sorting import Fit

Floats = NDArray[np.floating[Any]]
Floats32 = NDArray[np.float32]


def likeness(
    pieces: Floats32, templates: Floats32, fit: Fit, counts: Floats, *, reach: int
) -> Floats:
    """How much the members of each unit resemble each other.

    Parameters
    ----------
    pieces : ndarray, shape (n_pieces, n_channels, n_samples)
    templates : ndarray, shape (n_templates, n_channels, n_samples - 2 * reach)
        Averages of the members.
    fit : Fit
        Of the pieces by the templates.
    counts : ndarray, shape (n_templates,)
        Members of each, more than one.
    reach : int
        Largest shift.

    Returns
    -------
    ndarray, shape (n_templates,)
        Median correlation of a member with the average of the others, of which its own share is
        taken out; 0 of a template that explains no piece best.
    """
    length, alike = templates.shape[2], np.zeros(len(templates))
    for k, (template, n) in enumerate(zip(templates, counts, strict=True)):
        members = np.flatnonzero((fit.template == k) & (fit.scale > 0.5))
        if not len(members):
            continue
        starts = fit.shift[members] + reach
        own = np.stack([pieces[i, :, s : s + length] for i, s in zip(members, starts, strict=True)])
        others = (n * template - own) / (n - 1)
        product = np.einsum("pcl,pcl->p", own, others)
        size = np.einsum("pcl,pcl->p", own, own) * np.einsum("pcl,pcl->p", others, others)
        alike[k] = np.median(product / np.sqrt(size))
    return alike
