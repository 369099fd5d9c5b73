"""Injection and recovery: what could have been seen at all."""

from emgdetect.injection.plan import Injection, injection_times, plan_injections
from emgdetect.injection.recovering import inject, outcomes, recover

__all__ = ["Injection", "inject", "injection_times", "outcomes", "plan_injections", "recover"]
