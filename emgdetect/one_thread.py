"""The environment in which libraries of linear algebra keep to one thread.

They read it when they are loaded; so nothing here loads any.
"""

from __future__ import annotations

ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
)
"""Workers divide the cores themselves; a library that starts a thread per core would fight them. A
view of the review takes many small products of matrices, for which threads that wait for a busy
processor cost more than they bring: with two processors taken by others, 64 channels with mains
took 124 ms instead of 506."""
