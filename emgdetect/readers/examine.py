"""The last steps of every reader: side-cars, signal sanity, and a refusal where nothing is EMG."""

from __future__ import annotations

from dataclasses import replace

from emgdetect.findings import EdfError, refusal, summarise
from emgdetect.readers.context import with_surroundings
from emgdetect.readers.sanity import check_signal, never_changes
from emgdetect.readers.sidecar import Surroundings
from emgdetect.recording import Recording

NO_SIGNAL = "Check that the electrodes were connected and that this is the file meant."
"""The way out where all EMG is a flat line: no table of sites would help there."""

NO_CHANNEL = "Give the recording itself: this file holds annotations at most."
"""The way out where a file has no signal to name a muscle of."""


def examined(recording: Recording, surroundings: Surroundings) -> Recording:
    """The recording with what its side-cars and a look at its signal add, findings summarised.

    Raises
    ------
    EdfError
        If the samples cannot be read.
    """
    whole = check_signal(with_surroundings(recording, surroundings))
    return replace(whole, findings=summarise(whole.findings))


def require_emg(recording: Recording) -> Recording:
    """The recording itself, if at least one of its channels can be analysed.

    Raises
    ------
    EdfError
        With code ``no-emg``.
    """
    if recording.sites:
        return recording
    muscles = [c for c in recording.channels if c.kind == "EMG" and c.skip]
    reasons, n = dict.fromkeys(c.skip for c in muscles), len(recording.channels)
    flat = bool(muscles) and all(c.skip == never_changes(c.name) for c in muscles)
    message = f"No EMG channel to analyse among {n}." if n else "The file has no signals."
    error = refusal("no-emg", " ".join([message, *list(reasons)[:3]]))
    hint = NO_SIGNAL if flat else error.hint if n else NO_CHANNEL
    raise EdfError(error.code, error.message, path=recording.path, hint=hint)
