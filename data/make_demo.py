"""Make `demo.edf`, the recording of the README, and its truth: `python data/make_demo.py`.

Two and a half minutes of simulated rest of four muscles: fasciculations, heart beats, mains hum,
a few contractions and bad contacts. No person was recorded.
"""

from dataclasses import replace
from pathlib import Path

from emgdetect.simulation import Scenario, simulate
from emgdetect.simulation.scenarios import Contractions, Firing, Heart, Mains, Movement
from emgdetect.writers import write_simulated

DEMO = Scenario(
    name="demo",
    sampling_hz=1000.0,
    sites=("BICEPS L", "FDI L", "TIBIALIS R", "GASTROC R"),
    n_units=(2, 6),
    snr_median=14.0,
    snr_sigma=0.4,
    snr_range=(7.0, 40.0),
    firing=Firing(rate_per_min=(4.0, 40.0), doublets=0.05),
    heart=Heart(per_min=(62.0, 70.0), ecg_channel=1.0),
    mains=Mains(nominal_hz=(50.0,), over_noise=(0.3, 1.5)),
    contractions=Contractions(per_min=(0.3, 0.6), length_s=(3.0, 6.0)),
    movement=Movement(
        pops_per_min=0.5, swings_per_min=0.3, cable_per_min=0.0,
        clips_per_min=0.0, drops_per_min=0.0, holds_per_min=0.0,
    ),
)  # fmt: skip

if __name__ == "__main__":
    made = simulate(duration_s=150.0, seed=2026, scenario=DEMO)
    # The thousands of discharges within contractions are nobody's interest here.
    wanted = replace(made, truth=made.truth[made.truth["kind"] == "fasciculation"])
    print(write_simulated(Path(__file__).with_name("demo.edf"), wanted))
