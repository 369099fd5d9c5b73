"""The model of potentials made of averages of a labelled real recording, where this is present."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from benchmarks.real import data_folder
from benchmarks.semisynthetic import bipolar, measured_potentials
from benchmarks.sources import vastus_lateralis
from emgdetect.simulation import SCENARIOS, Scenario
from emgdetect.simulation.averages import Averages


@cache
def vastus_averages() -> Averages | None:
    """Differences over 16 mm of the averages of 5 units under 64 electrodes; None without data."""
    folder = data_folder()
    if folder is None or not (folder / "openhdemg_vl").is_dir():
        return None
    source = vastus_lateralis(folder / "openhdemg_vl")
    return Averages(bipolar(measured_potentials(source))[:, 0], source.sampling_hz)


def measured_scenario() -> Scenario | None:
    """The clean scenario with measured potentials; None without data."""
    model = vastus_averages()
    return replace(SCENARIOS["clean"], name="measured", models=(model,)) if model else None
