"""Every number of the pipeline that a person may set: unit in its name, range, default, source.

The description of each field says what it does, `source` where its default comes from.
Numbers that nobody sets stay beside the code they steer, as upper-case constants with what they
are and where they come from below them; the page `NUMBERS.md` lists them all
(`emgdetect.numbers`).
"""

from __future__ import annotations

import difflib
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from emgdetect.arguments import is_truth


def _number(default: Any, description: str, source: str, **limits: Any) -> Any:
    return Field(default, description=description, json_schema_extra={"source": source}, **limits)


class Config(BaseModel):
    """The configuration of one analysis; immutable, unknown keys are refused.

    Attributes
    ----------
    mains_hz : {"auto", "none", 50, 60}
    detect_low_hz, detect_high_hz : float
        Band in which potentials are searched.
    unit_low_hz : float
        Lower edge of the band in which units are described and found again.
    measure_low_hz : float
        Lower edge of the band in which amplitudes are measured.
    false_alarms_per_min : float
        False-alarm budget of a site.
    exclusion : {"lenient", "default", "strict"}
        How readily time is excluded as not relaxed: whose events are listed. Rates are given under
        all three.

    Ranges, defaults and their sources are printed by ``emgdetect config``.

    Raises
    ------
    ValueError
        If a key is unknown or a value is not allowed; one sentence that names it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    mains_hz: Literal["auto", "none"] | float = _number(
        "auto",
        "Mains frequency to remove: auto, none, 50 or 60.",
        "found in the recording, since a notch that is off by 0.5 Hz keeps r² of 0.65 instead of "
        "0.98 (Mewett 2004)",
    )
    detect_low_hz: float = _number(
        25.0, "Lower edge of the band in which potentials are searched.",
        "Drake & Callaghan 2006 recommend 30 Hz against the heart, which is found and subtracted "
        "besides; F1 is no better with 20 or 31 Hz (benchmarks/results/sensitivity.md)",
        ge=5, le=100,
    )  # fmt: skip
    detect_high_hz: float = _number(
        500.0, "Upper edge of that band (lowered below the Nyquist frequency).",
        "SENIAM 500 Hz; F1 is no better with 400 or 625 Hz (benchmarks/results/sensitivity.md)",
        ge=100, le=5000,
    )  # fmt: skip
    unit_low_hz: float = _number(
        15.0, "Lower edge of the band in which units are described and found again, if that is "
        "lower than where they are searched.",
        "SENIAM: 10-20 Hz; of six phenomena, tuning seeds 1120-1124 (benchmarks/accuracy.py), 1125 "
        "potentials are missed and 401 false, with 25 Hz 1195 and 377",
        ge=5, le=100,
    )  # fmt: skip
    measure_low_hz: float = _number(
        10.0, "Lower edge of the mild band in which amplitudes are measured.",
        "SENIAM: 10-20 Hz against movement; a 100 Hz high-pass lowers transients, so amplitudes "
        "are measured on a milder trace than detected",
        ge=1, le=50,
    )  # fmt: skip
    false_alarms_per_min: float = _number(
        0.2, "False-alarm budget per site from which the threshold follows.",
        "one false event in five minutes; what 0.02 to 20 find and let through: "
        "benchmarks/results/budget.csv",
        gt=0, le=100,
    )  # fmt: skip
    exclusion: Literal["lenient", "default", "strict"] = _number(
        "default", "How readily time is excluded as not relaxed: whose events are listed; the "
        "summary has the rate under all three.",
        "AVID: rates differ 2.6-fold by this choice (Bashford 2020); at this level all "
        "contractions of tuning recordings were found (detection.rest.contraction.RULES)",
    )  # fmt: skip

    def __init__(self, /, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ValueError(_first_problem(error)) from None

    @field_validator("mains_hz", mode="before")
    @classmethod
    def _mains_that_exist(cls, value: object) -> object:
        """Anything else would be a notch where no mains is, and leave the mains in."""
        if value in ("auto", "none") or (value in (50, 60) and not isinstance(value, bool)):
            return value
        raise ValueError(f"it must be auto, none, 50 or 60, got {value!r}")

    @field_validator("detect_low_hz", "detect_high_hz", "unit_low_hz", "measure_low_hz",
                     "false_alarms_per_min", mode="before")  # fmt: skip
    @classmethod
    def _numbers_only(cls, value: object) -> object:
        """Python counts with truth values: a budget of True would be one a minute."""
        if is_truth(value):
            raise ValueError("it must be a number")
        return value

    @field_validator("detect_high_hz")
    @classmethod
    def _edges_in_order(cls, value: float, info: ValidationInfo) -> float:
        """A band without width holds no potential."""
        low_hz = info.data.get("detect_low_hz", 0.0)
        if value <= low_hz:
            raise ValueError(f"it must be above detect_low_hz = {low_hz}")
        return value

    def _repr_html_(self) -> str:
        """A card for notebooks: the values that differ from the defaults, then all of them."""
        from emgdetect.cards import card

        values = self.model_dump()
        changed = {k: v for k, v in values.items() if v != type(self).model_fields[k].default}
        facts = {"changed": ", ".join(f"{k} = {v}" for k, v in changed.items()) or "nothing"}
        rows = [(k, v, type(self).model_fields[k].description) for k, v in values.items()]
        return card("Config", facts, header=("key", "value", "meaning"), rows=rows)


def _first_problem(error: ValidationError) -> str:
    """The first complaint of pydantic as one sentence with name and value."""
    problem = error.errors()[0]
    name = str(problem["loc"][0]) if problem["loc"] else "configuration"
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Config.model_fields, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        return f"unknown configuration key {name!r}.{hint}"
    what = problem["msg"].removeprefix("Value error, ")
    return f"{name} = {problem['input']!r} is not allowed: {what}."
