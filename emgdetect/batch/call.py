"""From the words of a command to the options of a batch; every wrong word has its sentence."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

from emgdetect.batch.inputs import CallError
from emgdetect.batch.options import Options
from emgdetect.batch.task import Settings
from emgdetect.config import Config
from emgdetect.writers.settings import config_from_toml

MAINS = {"auto": "auto", "none": "none", "50": 50.0, "60": 60.0}
UNITS = ("uV", "mV", "V")


def make_config(file: Path | None, *, mains: str | None) -> Config:
    """The configuration of a call: the file's values or the defaults, and `--mains` above them.

    Raises
    ------
    CallError
        If the file cannot be read, has an unknown key or a value that is not allowed, or `mains`
        is not one of its words.
    """
    if mains is not None and mains not in MAINS:
        raise CallError(f"--mains must be one of {', '.join(MAINS)}, not {mains!r}.")
    try:
        config = config_from_toml(file) if file else Config()
    except OSError as error:
        raise CallError(f"The configuration {file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise CallError(str(error)) from None
    changed: dict[str, Any] = {} if mains is None else {"mains_hz": MAINS[mains]}
    return Config(**(config.model_dump() | changed))


def make_settings(
    config: Config,
    *,
    sites: Path | None,
    assume_unit: str | None,
    recovery: bool,
    report: bool,
    keep_identity: bool,
) -> Settings:
    """What shapes the results, checked.

    Raises
    ------
    CallError
        If the site table is not a readable file, or the unit is not one that can be assumed.
    """
    if assume_unit is not None and assume_unit not in UNITS:
        raise CallError(f"--assume-unit must be one of {', '.join(UNITS)}, not {assume_unit!r}.")
    if sites is not None:
        _check_sites(sites)
    return Settings(
        config=config.model_dump(mode="json"),
        sites=str(sites.absolute()) if sites else "",
        assume_unit=assume_unit or "",
        recovery=recovery,
        report=report,
        keep_identity=keep_identity,
    )


def _check_sites(path: Path) -> None:
    from emgdetect.findings import EdfError
    from emgdetect.readers.tables import read_site_table

    if not path.is_file():
        raise CallError(f"There is no site table {path}.")
    try:
        read_site_table(path)
    except EdfError as error:
        raise CallError(str(error)) from None
    except OSError as error:
        raise CallError(f"The site table {path} cannot be used: {error}") from None


def make_options(
    settings: Settings,
    *,
    out: str | Path,
    jobs: int = 0,
    timeout_s: float | None = None,
    overwrite: bool = False,
    anonymous_names: bool = False,
    shard: str = "",
    scheduler: str = "",
) -> Options:
    """How the batch is run, checked.

    Raises
    ------
    CallError
        If the folder is none, or the shard, the scheduler or the timeout makes no sense.
    """
    if not str(out):
        raise CallError("--out must name a folder for the results, and it is empty.")
    if timeout_s is not None and not timeout_s > 0:
        raise CallError(f"--timeout must be a positive number of seconds, not {timeout_s:g}.")
    if scheduler and shard:
        raise CallError("--scheduler and --shard cannot be used together.")
    return Options(
        out=Path(out).absolute(),
        settings=settings,
        jobs=jobs,
        timeout_s=timeout_s,
        overwrite=overwrite,
        anonymous_names=anonymous_names,
        shard=parse_shard(shard) if shard else None,
        scheduler=check_scheduler(scheduler) if scheduler else "",
    )


def parse_shard(text: str) -> tuple[int, int]:
    """Part and number of parts of ``I/N``, with 1 <= I <= N.

    Raises
    ------
    CallError
        If it is anything else.
    """
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    part, parts = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= part <= parts:
        raise CallError(f"--shard must be I/N with I from 1 to N, not {text!r}.")
    return part, parts


def check_scheduler(address: str) -> str:
    """The address of a Dask scheduler, if it looks like one and `distributed` is installed.

    Raises
    ------
    CallError
        Otherwise.
    """
    if not re.fullmatch(r"(tcp|tls)://[^\s/]+:[0-9]{1,5}", address):
        raise CallError(f"--scheduler must look like tcp://HOST:PORT, not {address!r}.")
    if importlib.util.find_spec("distributed") is None:
        raise CallError(
            '--scheduler needs Dask; in the checkout of emgdetect: pip install ".[cluster]"'
        )
    return address
