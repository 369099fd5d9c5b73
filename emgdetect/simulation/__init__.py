"""Recordings with a truth: resting muscles, their motor units and what disturbs them."""

from emgdetect.simulation.compose import simulate
from emgdetect.simulation.model import Simulated, Unit
from emgdetect.simulation.scenarios import SCENARIOS, Scenario
from emgdetect.simulation.truth import TRUTH

__all__ = ["SCENARIOS", "TRUTH", "Scenario", "Simulated", "Unit", "simulate"]
