"""A recording as an EDF file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgdetect.writers.atomic import replacing
from emgdetect.writers.edf_records import record_duration
from emgdetect.writers.tables import write_table

if TYPE_CHECKING:
    from emgdetect.recording import Recording
    from emgdetect.simulation import Simulated


def write_edf(path: Path, recording: Recording) -> None:
    """Write the signals of a recording of one segment as an anonymous EDF file, in µV.

    Parameters
    ----------
    path : Path
    recording : Recording
        Samples that are missing are written as 0.

    Raises
    ------
    ValueError
        If the recording has gaps, is empty, or does not fit whole records.
    OSError
        If the file cannot be written.
    """
    import edfio

    if len(recording.segments) != 1 or not recording.channels:
        raise ValueError(
            f"only a recording of one segment with channels can be written, not {recording.name}"
        )
    rates_hz = [channel.sampling_hz for channel in recording.channels]
    record_s = record_duration(
        {rate_hz: recording.segments[0].n_samples(rate_hz) for rate_hz in rates_hz}, len(rates_hz)
    )
    signals = [_signal(recording, index) for index in range(len(rates_hz))]
    edf = edfio.Edf(signals, data_record_duration=record_s)
    with replacing(path) as temporary:
        edf.write(temporary)


def truth_beside(path: Path) -> Path:
    """Where the truth of a simulated recording goes: ``<stem>_truth.tsv`` beside it."""
    return path.with_name(f"{path.stem}_truth.tsv")


def write_simulated(path: Path, simulated: Simulated) -> Path:
    """Write a simulated recording as EDF and its truth as a table beside it.

    Returns
    -------
    Path
        The truth table, ``<stem>_truth.tsv``.
    """
    from emgdetect.simulation import TRUTH

    write_edf(path, simulated.recording)
    truth = truth_beside(path)
    write_table(truth, simulated.truth, TRUTH)
    return truth


def _signal(recording: Recording, index: int) -> Any:
    import edfio
    import numpy as np

    channel = recording.channels[index]
    data = np.nan_to_num(recording.read([index], 0)[0].astype(np.float64))
    reach = max(float(np.ceil(np.abs(data).max(initial=0.0))), 1.0)
    return edfio.EdfSignal(
        data,
        channel.sampling_hz,
        label=channel.name,
        physical_dimension="uV",
        physical_range=(-reach, reach),
        prefiltering=channel.prefilter,
    )
