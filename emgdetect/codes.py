"""Every code a finding or an `EdfError` can carry: the one list.

`emgdetect check` takes the way out from here, and the documentation page is generated from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["fatal", "repaired", "warning", "note"]


@dataclass(frozen=True)
class Code:
    """A kind of finding: stable name, usual severity, what it means and the way out."""

    name: str
    severity: Severity
    meaning: str
    way_out: str


CODES = (
    # The file as a whole
    Code("file-missing", "fatal", "There is no such file.", "Check the path."),
    Code("file-unreadable", "fatal", "The operating system does not let the file be read.",
         "Check its permissions and the disk."),
    Code("file-changed", "fatal", "The file shrank, grew or was rewritten while it was read.",
         "Wait until the recorder or the copy has finished, then run again."),
    Code("not-edf", "fatal", "The first bytes are not those of an EDF or BDF file.",
         "Unpack or export the recording as EDF+ or BDF."),
    Code("format-unknown", "fatal", "Files of this kind are not read.",
         "Export the recording as EDF+ or BDF (also read: BrainVision, EEGLAB, GDF, FIF and the "
         "other raw formats of MNE-Python), or load its samples in Python and pass them to "
         "`emgdetect.Recording.from_array`; unpack an archive first."),
    Code("format-unreadable", "fatal", "The reader of this format could not read the file.",
         "Check that all files of the recording are there and complete, export it as EDF+ or BDF, "
         "or load its samples in Python and pass them to `emgdetect.Recording.from_array`."),
    Code("format-warning", "warning", "The reader of this format warned about the file.",
         "Compare one channel with the recording software."),
    Code("header-short", "fatal", "The file ends within its header.",
         "Copy the file again from the recorder."),
    Code("no-data", "fatal", "The header is there, but no complete data record follows.",
         "Copy the file again from the recorder."),
    Code("no-emg", "fatal", "Nothing in the file can be analysed as EMG.",
         "If a channel of it is EMG all the same, write a table with `emgdetect check FILE "
         "--write-sites sites.tsv`, give that channel the `type` EMG, its muscle as "
         "`target_muscle` and, where the file names no unit of voltage, its `units`, and pass the "
         "table with --sites."),
    # Fixed header
    Code("version-field", "repaired", "The version field is not that of EDF or BDF, "
         "but the rest of the header is.", "Export the recording again if in doubt."),
    Code("suffix-differs", "note", "The suffix says EDF, the first bytes BDF, or the other way "
         "round; the bytes count.", "Rename the file."),
    Code("header-size", "repaired", "The header-size field is wrong; the number of signals and "
         "the file size tell where the data begin.", "Export the recording again if in doubt."),
    Code("header-size-unclear", "fatal", "The header-size field contradicts the number of signals "
         "and the file size does not tell which is right.", "Export the recording again."),
    Code("signal-count", "fatal", "The number of signals is not a number from 1 to 4096.",
         "Export the recording again."),
    Code("record-duration", "fatal", "The duration of a data record is not a positive number.",
         "Export the recording again."),
    Code("record-duration-rounded", "note", "The record duration is rounded in the header; the "
         "sampling rate is the whole number it stands for.", "Nothing to do."),
    Code("record-count-unknown", "repaired", "The number of data records is given as -1 "
         "(recording not closed) and follows from the file size.", "Nothing to do."),
    Code("record-count", "repaired", "The number of data records in the header differs from the "
         "file size; the complete records in the file are read.",
         "Check that the file was copied completely."),
    Code("record-truncated", "repaired", "The last data record is incomplete and left out.",
         "Check that the file was copied completely."),
    Code("trailing-bytes", "repaired", "Bytes follow the last data record and are ignored.",
         "Nothing to do."),
    Code("start-invalid", "repaired", "The start date or time is impossible; times of day are "
         "unknown, times within the recording are right.", "Nothing to do."),
    Code("start-anonymised", "note", "The start date is the one used to anonymise.",
         "Nothing to do."),
    Code("header-padding", "repaired", "Header fields are padded with other bytes than spaces.",
         "Nothing to do."),
    Code("header-text", "note", "Header text is not ASCII; it was read as UTF-8 or Latin-1.",
         "Nothing to do."),
    Code("number-format", "repaired", "A number in the header is not written as EDF prescribes, "
         "but has one clear meaning.", "Compare the range with the recording software."),
    Code("reserved-field", "note", "The file calls itself EDF+ or BDF+ but has no annotation "
         "signal, or the other way round.", "Nothing to do."),
    # Signal headers
    Code("samples-per-record", "fatal", "The number of samples per record of a signal is not "
         "a positive number.", "Export the recording again."),
    Code("physical-range", "fatal", "The physical minimum and maximum of a channel are not two "
         "different finite numbers, so its amplitudes are unknown.",
         "Export the recording again with a valid range."),
    Code("digital-range", "fatal", "The digital minimum and maximum of a channel are not two "
         "rising whole numbers within the format, so its amplitudes are unknown.",
         "Export the recording again with a valid range."),
    Code("gain-negative", "note", "The physical range is inverted: a legal negative gain.",
         "Nothing to do."),
    Code("unit-unknown", "fatal", "The unit of a channel is missing or unknown, so its amplitudes "
         "are unknown.", "Give the unit with --assume-unit uV, mV or V, or as `units` in a "
         "--sites table."),
    Code("unit-assumed", "repaired", "The unit of a channel is missing or unknown and was taken "
         "from the caller.", "Compare an amplitude with the recording software."),
    Code("unit-spelling", "note", "The unit is misspelt but has one clear meaning.",
         "Nothing to do."),
    Code("unit-conflict", "warning", "The site table and the header disagree on the unit; the "
         "header counts.", "Correct the table, or compare an amplitude with the recorder."),
    Code("unit-implausible", "warning", "The quietest noise is far outside 0.5-100 uV, below "
         "0.1 or above 500 uV RMS: the unit may be wrong.",
         "Compare an amplitude with the recording software."),
    Code("rate-too-low", "fatal", "A channel is sampled below 400 Hz, too slowly for EMG.",
         "Export the raw EMG at its full sampling rate."),
    Code("rate-too-high", "fatal", "A channel is sampled above 200 kHz: no recorder of EMG does "
         "that, so the header is wrong.", "Export the recording again."),
    Code("rate-conflict", "warning", "The side-car and the header disagree on the sampling rate; "
         "the header counts.", "Correct the side-car, or check the header."),
    Code("rate-odd", "note", "The sampling rate is not a whole number.",
         "Check it against the recorder if it surprises."),
    Code("rectified", "fatal", "A channel is rectified or an envelope, no raw EMG.",
         "Export the raw EMG."),
    # Labels and sites
    Code("label-empty", "repaired", "A channel has no label and was named by its position.",
         "Nothing to do."),
    Code("label-duplicate", "repaired", "Several channels have one label; they were numbered.",
         "Name the sites in a --sites table."),
    Code("label-unsafe", "repaired", "A label has characters that are unsafe in a terminal, a "
         "table or a page; they were replaced.", "Nothing to do."),
    Code("site-rates", "warning", "Channels of one site differ in sampling rate; each rate became "
         "its own site.", "Name the sites in a --sites table."),
    Code("site-table-unknown", "warning", "The site table names channels the file does not have.",
         "Compare the `name` column with `emgdetect check`."),
    Code("site-table-invalid", "fatal", "The site table cannot be used.",
         "Write a fresh one with `emgdetect check --write-sites FILE.tsv`."),
    Code("side-car-invalid", "warning", "A BIDS side-car cannot be read and was ignored.",
         "Check it with the BIDS validator."),
    Code("kind-overridden", "note", "The label names EMG although the file types the channel "
         "otherwise; it is analysed.", "Set `type` in a --sites table to change that."),
    Code("needle-recording", "warning", "A needle recording: rates and amplitudes are not those "
         "of surface EMG.", "Use its potentials only."),
    # Time
    Code("gap", "note", "The recording has gaps; nothing is bridged.", "Nothing to do."),
    Code("gap-unflagged", "warning", "The file calls itself continuous but its record times have "
         "gaps; the times count.", "Nothing to do."),
    Code("record-onset-missing", "repaired", "Records lack their time; they follow from their "
         "neighbours.", "Nothing to do."),
    Code("record-onset-unknown", "fatal", "The file is discontinuous and records lack their time.",
         "Export the recording again as continuous EDF+."),
    Code("clock-drift", "warning", "Record times and sampling rate disagree; within a segment "
         "time is counted in samples.", "Check the sampling rate with the recorder."),
    Code("onset-coarse", "warning", "Record times are written so coarsely that short gaps cannot "
         "be seen.", "Compare the duration with the recording software."),
    Code("record-overlap", "repaired", "Records overlap in time; the later one was moved to the "
         "end of the earlier one.", "Check the clock of the recorder."),
    Code("record-order", "fatal", "A record starts before its predecessor: the time axis is "
         "broken.", "Export the recording again."),
    Code("annotation-invalid", "repaired", "Annotations that cannot be read were left out.",
         "Nothing to do."),
    Code("annotation-format", "repaired", "Annotations are not written as EDF+ prescribes; their "
         "text was taken as it stands.", "Nothing to do."),
    Code("annotation-text", "note", "Annotation text is not UTF-8; it was read as Latin-1.",
         "Nothing to do."),
    Code("missing-samples", "note", "Samples are missing (NaN); that time is excluded.",
         "Nothing to do."),
    Code("marked-bad", "note", "Spans are annotated as bad, in the file or in MNE's object: text "
         "that begins with bad, as in MNE, of all channels or (`text@@label`) of one; that time is "
         "excluded as missing.", "Nothing to do, or change the annotation."),
    # Signal
    Code("signal-constant", "fatal", "A channel never changes.", "Check the electrode."),
    Code("signal-duplicate", "warning", "Two channels carry the same signal; only the first is "
         "analysed.", "Check the montage."),
    Code("signal-rails", "warning", "A channel often reaches the limits of the converter.",
         "Lower the gain; clipped time is excluded."),
    Code("signal-held", "warning", "Samples are repeated: the true sampling rate is lower.",
         "Export the raw EMG at its own sampling rate."),
    Code("band-narrowed", "note", "A site is analysed up to a lower frequency, as the true "
         "sampling rate of a channel is lower.", "Nothing to do."),
    Code("signal-range", "note", "Samples lie outside the digital range of the header.",
         "Nothing to do; they are scaled like all others."),
    # Detection
    Code("no-samples", "warning", "A site has no stretch of samples that can be looked at and was "
         "left out.", "Check the recording's length and its gaps."),
    Code("channel-flat", "warning", "A channel has no signal and was left out of its site.",
         "Check the electrode."),
    Code("channel-noisy", "warning", "A channel is far noisier than the others of its site and "
         "was left out.", "Check the electrode."),
    Code("noise-high", "warning", "What was taken for rest is louder than a relaxed muscle, over "
         "100 uV RMS: the muscle may be active throughout, or the unit wrong.",
         "Look at the recording, and compare an amplitude with the recording software."),
    Code("notch-undone", "note", "A site was recorded through a notch filter, which takes mains "
         "out and rings after each potential. It was undone; amplitudes are those without it.",
         "Record without the notch: mains is taken out here, without ringing."),
    Code("railway-current", "note", "Railway current of 16.7 Hz held most of the power of a site "
         "and was taken out as mains is.", "Nothing to do; farther from the railway it is weaker."),
    Code("mains-strong", "note", "Mains held most of the power of a site, and it is not known "
         "which amplitudes could be seen beside it.",
         "Run with the recovery test, which tells; or keep cables and chargers away."),
    Code("mostly-active", "warning", "Most of a site's time was excluded as contraction or tremor: "
         "its quietest time was taken for rest.",
         "Look at the recording: the quietest time may have been without an electrode."),
    Code("mostly-firing", "warning", "Motor units fired regularly most of the time at a site: "
         "potentials beside them are missed, so its true rate is higher.",
         "Record again with the muscle supported and relaxed."),
    Code("unit-like-clock", "warning", "The potentials of a unit keep time like a machine, to "
         "within a few milliseconds, as no muscle does. They are counted.",
         "Look for a stimulator, pump or pacemaker; reject the unit in review."),
    Code("sites-alike", "warning", "Two sites carry the same signal, from gel between their "
         "electrodes or one electrode wired twice: both rates are of one muscle.",
         "Count one of them, and check the electrodes."),
    Code("gain-changed", "warning", "Noise and potentials of a site become larger or smaller by "
         "one factor at one moment, as if the gain had been changed.",
         "Compare no amplitudes across it; split the recording there."),
    Code("noise-drift", "warning", "The noise of a site grew or fell by more than 2.5 times, so "
         "that a trend of its rate may be that of what could be seen.",
         "Check the electrodes; compare potentials that the whole recording would show."),
    Code("twitches-together", "warning", "Potentials of both body sides come together far more "
         "often than by chance: they may be parts of twitches of many muscles at once rather than "
         "fasciculations of single units.",
         "Look at the moments in question; `synchrony.tsv` says which sites come together."),
    # The batch
    Code("is-a-folder", "fatal", "The input is a folder where a recording was expected.",
         "Name the recordings in it."),
    Code("not-a-file", "fatal", "The input is a pipe, socket or device.", "Copy it to a file."),
    Code("broken-link", "fatal", "The input is a link that leads nowhere.", "Mend the link."),
    Code("timeout", "fatal", "The recording took longer than --timeout allows.",
         "Allow more time."),
    Code("killed", "fatal", "The process that worked on the recording was killed.",
         "Run again with fewer --jobs if memory was short."),
    Code("out-of-memory", "fatal", "There was not enough memory for the recording.",
         "Run again with fewer --jobs."),
    Code("crashed", "fatal", "The process that worked on the recording crashed.",
         "Report it with the file, if it can be shared."),
    Code("internal-error", "fatal", "The program failed on the recording: a fault of ours.",
         "Report it with the file, if it can be shared."),
    Code("disk-full", "fatal", "The disk is full.", "Free some space and run again."),
    Code("not-written", "fatal", "The results could not be put in place.",
         "Check the permissions of the output folder."),
    Code("cluster-error", "fatal", "The cluster could not run the task.",
         "Check the scheduler and its workers."),
    Code("version-differs", "fatal", "A worker of the cluster has another version.",
         "Install the same version everywhere."),
)  # fmt: skip


def codes_page() -> str:
    """The documentation page of all codes, as Markdown: one row per code, in their order."""
    head = [
        "# What `emgdetect` may say of a file",
        "",
        "Generated by `emgdetect.codes.codes_page()` from the one list of codes. Fatal: the file "
        "or the channel is not analysed. Repaired: analysed, read otherwise than it stands. "
        "Warning: look at it. Note: for the record.",
        "",
        "| code | severity | meaning | way out |",
        "|---|---|---|---|",
    ]
    rows = [f"| `{c.name}` | {c.severity} | {c.meaning} | {c.way_out} |" for c in CODES]
    return "\n".join([*head, *rows]) + "\n"
