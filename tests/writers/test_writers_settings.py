"""The configuration as TOML: explained, and the same when read again."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from emgdetect.config import Config
from emgdetect.writers import config_from_toml, config_to_toml


def test_defaults_make_the_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(config_to_toml(), encoding="utf-8")
    assert config_from_toml(path) == Config()
    assert list(tomllib.loads(config_to_toml())) == list(Config.model_fields)


def test_other_values_make_the_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    config = Config(mains_hz=60.0, false_alarms_per_min=0.37, exclusion="strict")
    path.write_text(config_to_toml(config), encoding="utf-8")
    assert config_from_toml(path) == config


def test_every_key_has_description_and_source() -> None:
    blocks = config_to_toml().split("\n\n")[1:]
    assert len(blocks) == len(Config.model_fields)
    for block, (name, field) in zip(blocks, Config.model_fields.items(), strict=True):
        assert f"# {field.description}" in block
        assert "# Source: " in block, name
        assert block.strip().splitlines()[-1].startswith(f"{name} = ")


def test_range_unit_and_choices_stand_beside_the_value() -> None:
    text = config_to_toml()
    assert "# Unit: Hz, Range: >= 5 and <= 100" in text
    assert '# One of: "lenient", "default", "strict"' in text


def test_what_is_left_out_keeps_its_default(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbfdetect_low_hz = 30\r\n")
    assert config_from_toml(path) == Config(detect_low_hz=30)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("detect_low = 30", "unknown configuration key 'detect_low'. Did you mean 'detect_low_hz'"),
        ("zzz = 30", "unknown configuration key 'zzz'"),
        ("self = 30", "unknown configuration key 'self'"),
        ("detect_low_hz = 1", "detect_low_hz = 1 is not allowed"),
        ("mains_hz = 55", r"mains_hz = 55 is not allowed: it must be auto, none, 50 or 60"),
        ('detect_low_hz = "x"', "detect_low_hz = 'x' is not allowed"),
        ("detect_low_hz = nan", "detect_low_hz = nan is not allowed"),
        ("detect_low_hz 1", "not valid TOML"),
        ("detect_low_hz = 1\udcff", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_told_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ValueError, match=r"config\.toml") as caught:
        config_from_toml(path)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
