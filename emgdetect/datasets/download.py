"""Fetching a dataset: from a mirror or over HTTP, resumed, checked, never half under its name.

Pooch, the usual library for this, begins a transfer that broke off anew (1.9: no range requests).
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from emgdetect.datasets.registry import DataFile, Dataset, list_datasets

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MIRROR = "EMGDETECT_DATA"
"""Environment variable that names a local mirror, laid out as `<dataset>/<file>`."""

CACHE = "EMGDETECT_CACHE"
"""Environment variable that names the folder downloads are kept in."""

_CHUNK_BYTES = 1 << 16
_TRIES = 3
_TIMEOUT_S = 30.0

Report = Callable[[int], None]


class DownloadError(OSError):
    """A dataset that cannot be had; the message is one sentence with the way out."""


def cache_folder() -> Path:
    """Folder downloads are kept in: `EMGDETECT_CACHE`, or the user's cache folder."""
    named = os.environ.get(CACHE)
    if named:
        return Path(named).expanduser()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "emgdetect"


def get(name: str, *, progress: bool = True) -> Path:
    """Folder that holds the files of a dataset, fetched and checked if need be.

    The local mirror named by `EMGDETECT_DATA` is used as it is where it has all files, with their
    checksums verified; otherwise files are downloaded into `cache_folder()`.

    Parameters
    ----------
    name : str
        As in `list_datasets`.
    progress : bool
        Show a progress bar on standard error.

    Raises
    ------
    ValueError
        If there is no dataset of that name.
    DownloadError
        If the dataset is not for download, a file cannot be had, or its checksum is wrong.
    """
    datasets = {dataset.name: dataset for dataset in list_datasets()}
    if name not in datasets:
        raise ValueError(f"no dataset {name!r}; there are: {', '.join(datasets)}")
    dataset = datasets[name]
    if not dataset.download:
        raise DownloadError(
            f"{name} is listed only ({dataset.size or 'not for direct download'}); "
            f"get it from {dataset.home}"
        )
    mirrored = _in_mirror(dataset)
    return mirrored if mirrored else fetch(dataset, cache_folder() / name, progress=progress)


def fetch(dataset: Dataset, folder: Path, *, progress: bool = False) -> Path:
    """Download the files of a dataset that `folder` does not hold yet, and check them.

    Parameters
    ----------
    dataset : Dataset
    folder : Path
        Made if missing. A broken transfer leaves `<file>.part`, from which the next call goes on.
    progress : bool

    Returns
    -------
    Path
        `folder`.

    Raises
    ------
    DownloadError
        If a file cannot be had or its checksum is wrong; nothing stands under its final name then.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DownloadError(f"cannot make the folder {folder}: {error.strerror}") from None
    missing = [file for file in dataset.files if not _good(folder / file.name, file)]
    with _bar(progress, f"{dataset.name}", sum(file.n_bytes for file in missing)) as report:
        for file in missing:
            _fetch_file(file, folder / file.name, report)
    return folder


def _in_mirror(dataset: Dataset) -> Path | None:
    """The dataset's folder in the local mirror, or None if there is no complete one."""
    root = os.environ.get(MIRROR)
    if not root:
        return None
    folder = Path(root).expanduser() / dataset.name
    for file in dataset.files:
        path = folder / file.name
        if not path.is_file():
            return None
        if not _good(path, file):
            raise DownloadError(
                f"{path} in the mirror named by {MIRROR} has a wrong checksum; "
                "replace it, or unset the variable to download it"
            )
    return folder


def _good(path: Path, file: DataFile) -> bool:
    """Whether the file stands there and is the registered one."""
    return path.is_file() and (not file.verified or _sha256(path) == file.sha256)


def _sha256(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fetch_file(file: DataFile, target: Path, report: Report) -> None:
    """Download one file to its final name; a few tries, each going on where the last broke off."""
    part = target.with_name(target.name + ".part")
    if not file.verified:  # without a checksum two halves may come from different versions
        part.unlink(missing_ok=True)
    trouble = ""
    for _ in range(_TRIES):
        try:
            _transfer(file, part, report)
        except (OSError, http.client.HTTPException) as error:
            trouble = _reason(error)
            status = error.code if isinstance(error, urllib.error.HTTPError) else 0
            if status in (403, 404, 410):
                break
            if status == 416:  # nothing left to send: what is there is not the file
                part.unlink(missing_ok=True)
            continue
        if _good(part, file):
            part.replace(target)
            return
        trouble = f"its SHA-256 is not {file.sha256}"
        part.unlink()
    raise DownloadError(
        f"cannot get {file.name} from {file.url}: {trouble}; try again later, "
        f"or name a local copy of the datasets in {MIRROR}"
    )


def _transfer(file: DataFile, part: Path, report: Report) -> None:
    """Append what is missing of the file to `part`; raise if the transfer breaks off."""
    start = part.stat().st_size if part.exists() else 0
    if file.n_bytes and start >= file.n_bytes:
        return
    request = urllib.request.Request(file.url, headers={"User-Agent": "emgdetect"})
    if start:
        request.add_header("Range", f"bytes={start}-")
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
        resumed = answer.status == 206
        expected = answer.headers.get("Content-Length")
        report(start if resumed else 0)
        n_read = 0
        with part.open("ab" if resumed else "wb") as stream:
            while chunk := answer.read(_CHUNK_BYTES):
                stream.write(chunk)
                n_read += len(chunk)
                report(len(chunk))
            stream.flush()
            os.fsync(stream.fileno())
    if expected is not None and n_read < int(expected):
        report(-n_read - (start if resumed else 0))
        raise ConnectionError(f"the transfer broke off after {n_read} of {expected} bytes")


def _reason(error: Exception) -> str:
    """Why a transfer failed, in a few words."""
    if isinstance(error, urllib.error.HTTPError):
        return f"the server answers {error.code} {error.reason}"
    if isinstance(error, urllib.error.URLError):
        return f"no connection ({error.reason})"
    return str(error) or type(error).__name__


def _bar(show: bool, label: str, n_bytes: int) -> AbstractContextManager[Report]:
    """A context that hands out a function to report transferred bytes to."""
    from collections.abc import Iterator
    from contextlib import contextmanager

    @contextmanager
    def silent() -> Iterator[Report]:
        yield lambda _: None

    @contextmanager
    def visible() -> Iterator[Report]:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(label, total=n_bytes or None)
            yield lambda n: bar.advance(task, n)

    return visible() if show and n_bytes else silent()
