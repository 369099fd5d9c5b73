"""The result folder of one recording: complete with its `run.json`, or not a result."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from emgdetect._version import __version__
from emgdetect.batch.identity import code_digest, fingerprint, sha256_of
from emgdetect.batch.task import LOG, Outcome, Settings
from emgdetect.columns import FAILED, REVIEWED
from emgdetect.writers.atomic import write_text

MARK = "run.json"
LOGS = "logs"
FAULTS = frozenset({"crashed", "internal-error"})
LOG_LIMIT = 100_000
REPORT = "report.html"
PRODUCTS = (
    "events.tsv", "events.json", "summary.tsv", "summary.json", "excluded.tsv", "excluded.json",
    "units.tsv", "units.json", "minutes.tsv", "minutes.json", "synchrony.tsv", "synchrony.json",
    "recovery.tsv", "recovery.json", "annotations.edf", REPORT,
)  # fmt: skip
"""What a run writes beside `run.json`; anything else in the folder is somebody's work and stays."""

TABLES = frozenset({"events.tsv", "summary.tsv", "excluded.tsv"})
"""Without these nothing is a result."""

DAMAGED = "the earlier result is damaged"


def read_mark(folder: Path) -> dict[str, Any] | None:
    """The `run.json` of a result folder; None if there is none or it is damaged."""
    try:
        content = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if _is_sound(content) else None


def _is_sound(content: Any) -> bool:
    """Whether a mark has what is asked of it, each of its kind."""
    if not isinstance(content, dict):
        return False
    kinds = {"input": dict, "outputs": dict, "fingerprint": str}
    if not all(isinstance(content.get(name), kind) for name, kind in kinds.items()):
        return False
    return all(name in content["input"] for name in ("size", "sha256"))


def difference(folder: Path, path: Path, settings: Settings) -> str:
    """Why a folder does not hold the complete result for this input, settings and program.

    The content of the input and of every product is compared by hash.

    Returns
    -------
    str
        Words for people, the same for all recordings of one reason; empty if it holds it.
    """
    mark = read_mark(folder)
    if mark is None:
        return DAMAGED
    if (mark.get("emgdetect"), mark.get("code")) != (__version__, code_digest()):
        return "emgdetect itself has changed since"
    if mark["fingerprint"] != fingerprint(path, settings):
        return "the settings, the site table or side-car files differ"
    if settings.report and REPORT not in mark["outputs"]:
        return "the earlier result has no report"
    if not mark["outputs"].keys() >= TABLES or not _are_intact(folder, mark["outputs"]):
        return DAMAGED
    same = mark["input"]["size"] == path.stat().st_size
    same = same and mark["input"]["sha256"] == sha256_of(path)
    return "" if same else "the recording has changed"


def _are_intact(folder: Path, outputs: dict[str, str]) -> bool:
    try:
        return all(sha256_of(folder / name) == digest for name, digest in outputs.items())
    except OSError:
        return False


def publish(staging: Path, folder: Path) -> None:
    """Move a complete result into place.

    The old `run.json` goes first and the new one comes last, so that at no moment it stands
    beside products that are not its own. Files of other origin (the decisions of a review) stay.

    Raises
    ------
    OSError
        If a file cannot be moved.
    """
    folder.mkdir(exist_ok=True)
    (staging / MARK).touch()  # the result is newer than every table that says it failed
    files = (*PRODUCTS, REVIEWED)
    remove_result(folder, keep=[name for name in files if (staging / name).exists()])
    for name in (*files, MARK):
        if (staging / name).exists():
            (staging / name).replace(folder / name)


def remove_result(folder: Path, *, keep: list[str] | None = None) -> None:
    """Remove a result, `run.json` first; the folder goes too if nothing else is in it."""
    if not folder.is_dir():
        return
    for name in (MARK, *PRODUCTS, REVIEWED, FAILED):
        if name not in (keep or ()):
            (folder / name).unlink(missing_ok=True)
    if keep is None and not any(folder.iterdir()):
        folder.rmdir()


def keep_log(out: Path, name: str, staging: Path, outcome: Outcome) -> None:
    """Keep what a worker said before it failed by a fault that is not the input's, in ``logs``."""
    log = out / LOGS / f"{name}.txt"
    log.unlink(missing_ok=True)
    if outcome.code not in FAULTS:
        return
    try:
        said = (staging / LOG).read_text(encoding="utf-8", errors="replace")
    except OSError:
        said = ""
    log.parent.mkdir(exist_ok=True)
    write_text(log, f"{outcome.code}: {outcome.message}\n{outcome.trace}\n{said[:LOG_LIMIT]}")


def clear(folder: Path) -> None:
    """Remove a folder with all in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
