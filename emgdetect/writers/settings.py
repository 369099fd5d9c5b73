"""The configuration as commented TOML, and back."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from emgdetect.config import Config

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_SIGNS = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
_UNITS = {
    "per_min": "1/min", "uv": "uV", "mm": "mm", "ms": "ms", "hz": "Hz", "s": "s", "db": "dB",
}  # fmt: skip


def config_to_toml(config: Config | None = None) -> str:
    """The configuration as TOML in which each key is explained.

    Parameters
    ----------
    config : Config, optional
        The defaults if not given.

    Returns
    -------
    str
        For each key its description, unit, range or choices, and the source of its default.
    """
    config = config or Config()
    parts = ["# Configuration of emgdetect; a key that is left out keeps its default."]
    for name, field in type(config).model_fields.items():
        parts.append("\n".join([*_comments(name, field), f"{name} = {_value(config, name)}"]))
    return "\n\n".join(parts) + "\n"


def _value(config: Config, name: str) -> str:
    """JSON's spelling of text, numbers, truth values and lists of them is TOML's as well."""
    return json.dumps(config.model_dump(mode="json")[name], ensure_ascii=False)


def _comments(name: str, field: FieldInfo) -> list[str]:
    extra = field.json_schema_extra
    source = extra.get("source") if isinstance(extra, dict) else None
    facts = [*_unit(name), *_range(field)]
    lines = [field.description or "", ", ".join(facts), f"Source: {source}" if source else ""]
    return [f"# {line}" for line in lines if line]


def _unit(name: str) -> list[str]:
    found = [unit for suffix, unit in _UNITS.items() if name.endswith(f"_{suffix}")]
    return [f"Unit: {found[0]}"] if found else []


def _range(field: FieldInfo) -> list[str]:
    limits = [
        f"{sign} {getattr(limit, key)}"
        for limit in field.metadata
        for key, sign in _SIGNS.items()
        if getattr(limit, key, None) is not None
    ]
    choices = [json.dumps(choice) for choice in _choices(field.annotation)]
    return ([f"Range: {' and '.join(limits)}"] if limits else []) + (
        [f"One of: {', '.join(choices)}"] if choices else []
    )


def _choices(annotation: Any) -> list[Any]:
    """The literal values an annotation allows, unions searched."""
    found: list[Any] = []
    for argument in get_args(annotation):
        found += _choices(argument) if get_args(argument) else []
        found += [argument] if isinstance(argument, str | int | float) else []
    return found


def config_from_toml(path: Path) -> Config:
    """Read a configuration file; what it leaves out keeps its default.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ValueError
        If it is no TOML, or a key or value is not allowed; one sentence that names it.
    OSError
        If it cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not valid TOML: {error}") from None
    return make_config(content, source=path.name)


def make_config(content: dict[str, Any], *, source: str) -> Config:
    """A configuration of these values; `source` is named in the error.

    Raises
    ------
    ValueError
        If a key is unknown or a value is not allowed; one sentence, with the nearest known key.
    """
    try:
        return Config(**content)
    except ValueError as error:
        raise ValueError(f"{source}: {error}") from None
