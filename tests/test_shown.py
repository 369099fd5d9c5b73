"""What the nouns show: one line at a prompt, and in their tables what the columns say."""

from __future__ import annotations

import emgdetect as emg


def test_what_holds_signals_and_tables_is_shown_in_a_line() -> None:
    simulated = emg.simulate(duration_s=20, seed=1, sites=["A"])
    found = emg.detect(simulated.recording)
    recording = simulated.recording
    assert repr(recording) == f"<Recording | {recording.name}: 1 channel, 20 s>"
    pair = emg.compare_recordings(found, found, site="A")
    n = len(simulated.fasciculations)
    assert repr(simulated) == f"<Simulated | clean, seed 1: {n} fasciculations at 1 sites>"
    assert repr(found).startswith(f"<Detections | {len(found.fasciculations)} fasciculations of ")
    assert repr(found).endswith(" potentials at 1 site>")
    assert repr(pair).startswith("<PairedSite | A: ratio ")
    for noun in (simulated, recording, found, pair):
        assert "\n" not in repr(noun) and len(repr(noun)) < 120


def test_only_potentials_of_known_units_lie_below_the_threshold() -> None:
    """As the column `threshold` and the report's picture of the scores say."""
    simulated = emg.simulate(duration_s=60, seed=1, scenario="busy", sites=["A"], sampling_hz=1000)
    events = emg.detect(simulated.recording).events
    below = events[events["score"] < events["threshold"]]
    assert len(below) and below["unit"].notna().all()
