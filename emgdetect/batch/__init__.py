"""Many recordings: what is done, what failed, and who runs it."""

from emgdetect.batch.finish import join
from emgdetect.batch.inputs import CallError, find_inputs
from emgdetect.batch.options import Options, Progress, Stop, Tally
from emgdetect.batch.page import PageError
from emgdetect.batch.progress import reporting
from emgdetect.batch.run import run_batch
from emgdetect.batch.signals import stoppable
from emgdetect.batch.stages import AtWork
from emgdetect.batch.task import Outcome, Settings

__all__ = [
    "AtWork",
    "CallError",
    "Options",
    "Outcome",
    "PageError",
    "Progress",
    "Settings",
    "Stop",
    "Tally",
    "find_inputs",
    "join",
    "reporting",
    "run_batch",
    "stoppable",
]
