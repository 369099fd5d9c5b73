"""What the server loads once, so that no recording waits for it."""

from __future__ import annotations

import contextlib
import importlib

WORK = (
    "numpy", "scipy.fft", "scipy.ndimage", "scipy.optimize", "scipy.special",
    "pandas", "edfio", "emgdetect.readers.edf", "emgdetect.readers.sidecar", "emgdetect.analysis",
    "emgdetect.detection.pipeline", "emgdetect.stats.summary", "emgdetect.writers",
    "emgdetect.writers.provenance", "emgdetect.batch.work",
)  # fmt: skip
REPORT = ("matplotlib.figure", "matplotlib.backends.backend_agg", "jinja2", "emgdetect.report")


def preload(*, with_report: bool) -> None:
    """Import what the work needs; what fails to load is left to the recording that needs it."""
    for name in WORK + (REPORT if with_report else ()):
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    with contextlib.suppress(Exception):
        _ask_versions()


def _ask_versions() -> None:
    """Look up once what `run.json` says of the software: of the code that is loaded here."""
    from emgdetect.batch.identity import code_digest
    from emgdetect.writers.provenance import software

    code_digest()
    software()
