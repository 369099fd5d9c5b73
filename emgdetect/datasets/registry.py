"""The registry of reference datasets, read from its one file, `data/registry.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNVERIFIED = "unverified"
"""Stands for a checksum of a file that was never at hand."""

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """One file of a dataset.

    Attributes
    ----------
    name : str
        Name in the dataset's folder, in the cache and in a mirror alike.
    url : str
    sha256 : str
        Lower-case hexadecimal, or ``unverified``.
    n_bytes : int
        Size; 0 if unknown.
    """

    name: str
    url: str
    sha256: str = UNVERIFIED
    n_bytes: int = 0

    @property
    def verified(self) -> bool:
        """Whether a checksum is known."""
        return self.sha256 != UNVERIFIED


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A reference dataset: its home, its conditions and what it is good for.

    Attributes
    ----------
    name, title, home, licence, citation : str
    reader : str
        Format, rate and unit, in words.
    kind : str
        ``surface`` or ``needle``.
    labels : str
        What the labels mean, if there are any.
    use : str
        What the dataset is used for, or would add.
    checked : str
        How home, licence, citation and files were verified, and what was not.
    download : bool
        Whether `get` fetches it; large sets and those behind a form are only listed.
    size : str
        In words where nothing is downloaded; empty otherwise.
    files : tuple of DataFile
    """

    name: str
    title: str
    home: str
    licence: str
    citation: str
    reader: str
    kind: str
    labels: str
    use: str
    checked: str
    download: bool
    size: str = ""
    files: tuple[DataFile, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Size of its files; 0 if unknown."""
        return sum(file.n_bytes for file in self.files)


def registry_path() -> Path:
    """Where the registry lies: beside this module in an installed package, else in the checkout.

    Raises
    ------
    FileNotFoundError
        If it is in neither place.
    """
    places = (_HERE / "registry.toml", _HERE.parents[1] / "data" / "registry.toml")
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(
        f"the registry of datasets is missing: neither {places[0]} nor {places[1]}"
    )


def list_datasets(registry: Path | None = None) -> tuple[Dataset, ...]:
    """All datasets of the registry, in its order.

    Parameters
    ----------
    registry : Path, optional
        Another registry file of the same format.

    Raises
    ------
    ValueError
        If the file has an unknown format, an unknown key or a name twice.
    """
    path = registry_path() if registry is None else registry
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    if content.get("format") != 1:
        raise ValueError(f"{path}: format {content.get('format')!r} is not known, expected 1")
    datasets = tuple(_dataset(entry, path) for entry in content.get("dataset", []))
    names = [dataset.name for dataset in datasets]
    if len(set(names)) < len(names):
        raise ValueError(f"{path}: a dataset is listed twice")
    return datasets


def _dataset(entry: dict[str, Any], path: Path) -> Dataset:
    """One dataset from its table."""
    fields = dict(entry)
    files = fields.pop("file", [])
    try:
        dataset = Dataset(files=tuple(DataFile(**file) for file in files), **fields)
    except TypeError as error:
        raise ValueError(f"{path}: dataset {entry.get('name', '?')!r}: {error}") from None
    for name in (dataset.name, *(file.name for file in dataset.files)):
        if not name or Path(name).name != name or name.startswith("."):
            raise ValueError(f"{path}: {name!r} is no plain file name")
    return dataset
