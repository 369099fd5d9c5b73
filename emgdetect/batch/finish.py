"""The end of a batch, and `emgdetect summary`: the joint tables and the page that shows them."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path

from emgdetect.batch.book import Book
from emgdetect.batch.foreign import was_run_into
from emgdetect.batch.inputs import CallError
from emgdetect.batch.joint import write_joint_summary
from emgdetect.batch.lock import locked
from emgdetect.batch.page import (
    LOST,
    PageError,
    has_reports,
    may_have_page,
    remove_stale_page,
    write_page,
)
from emgdetect.batch.progress import say
from emgdetect.batch.results import keep_log
from emgdetect.batch.room import prepare
from emgdetect.batch.status import PARTS, STATUS, known_rows, write_status
from emgdetect.batch.task import Outcome


def finish(book: Book, *, shard: bool, out: Path) -> None:
    """Write the tables of the folder; those of array jobs wait for `emgdetect summary`.

    Raises
    ------
    CallError
        If they cannot be written; the recordings' own results stand.
    """
    try:
        book.write()
        if not shard:
            _remove_parts(out)
            write_joint_summary(out, said=say)
    except OSError as error:
        text = f"The tables of {out} cannot be written: {error.strerror}."
        raise CallError(f"{text} Run again, or run `emgdetect summary`.") from None


def _remove_parts(out: Path) -> None:
    for table in out.glob(PARTS):
        table.unlink()


def join(out: Path) -> int:
    """Rebuild the joint tables of a folder from the results and the parts' status in it.

    Returns
    -------
    int
        Number of recordings joined.

    Raises
    ------
    CallError
        If there is no such folder, no run was ever made into it, it cannot be written, or a run is
        at work in it.
    PageError
        If the page cannot be made from the tables; these are in place.
    """
    if not out.is_dir():
        raise CallError(f"There is no folder {out}.")
    if not was_run_into(out):
        # Tables in a folder of recordings would be of no use to anybody.
        raise CallError(f"There are no results of a run in {out}.")
    prepare(out)
    with locked(out):
        write_status(out / STATUS, known_rows(out).values())
        _remove_parts(out)
        n_joined = write_joint_summary(out, said=say)
        try:
            if has_reports(out) and may_have_page(out):
                write_page(out)
        except OSError:
            raise
        except Exception as error:
            _keep_trace(out, error)
            raise PageError(LOST.format(why=f"{type(error).__name__}: {error}.")) from error
        finally:
            remove_stale_page(out, said=say)
        return n_joined


def _keep_trace(out: Path, error: Exception) -> None:
    """Keep where a fault of the page came from, in ``logs``."""
    outcome = Outcome(
        status="failed", code="internal-error", message=str(error),
        trace="".join(traceback.format_exception(error)),
    )  # fmt: skip
    with contextlib.suppress(OSError):
        keep_log(out, "overview", out, outcome)
