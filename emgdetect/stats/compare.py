"""What makes the potentials more or fewer: `compare_folder`, its table and its words.

Associations only: neither cause nor diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emgdetect.columns import COMPARED, COMPARISON, table
from emgdetect.curation import read_summary
from emgdetect.stats.comparing.counting import as_reviewed, count_above
from emgdetect.stats.comparing.gee import FEWEST_PERSONS, gee_ratio
from emgdetect.stats.comparing.joining import join_sessions, read_tsv
from emgdetect.stats.comparing.levels import chosen_levels, is_amount
from emgdetect.stats.comparing.permuting import (
    FEWEST_PERMUTATIONS,
    Ratio,
    Sessions,
    n_permutations,
    permutation_ratio,
    varies_within,
)
from emgdetect.stats.comparing.wording import sentence
from emgdetect.stats.rates import LEAST_S

if TYPE_CHECKING:
    import pandas as pd

CAUTION = (
    "A rate ratio is an association, not a cause: what else differed between the sessions may "
    "stand behind it. Each covariate is compared on its own. Nothing here is a diagnosis."
)


@dataclass(frozen=True)
class Comparison:
    """Rates of sessions or conditions, compared.

    Attributes
    ----------
    effects : DataFrame
        Columns of `emgdetect.columns.COMPARISON`: one row per site, covariate and contrast.
    sessions : DataFrame
        What was compared: columns of `emgdetect.columns.COMPARED`.
    notes : tuple of str
        What was left out, one sentence each.
    """

    effects: pd.DataFrame
    sessions: pd.DataFrame
    notes: tuple[str, ...]


def compare_folder(
    folder: Path | str,
    sessions_path: Path | str,
    by: Sequence[str] | str,
    *,
    reference: Mapping[str, str] | None = None,
) -> Comparison:
    """Compare the recordings of a folder of results by columns of a table of sessions.

    Parameters
    ----------
    folder : path
        What `emgdetect run` wrote.
    sessions_path : path
        One row per recording, tab-separated (or by semicolons or commas); keys `recording`, or
        `participant_id` and `session_id`.
    by : str or sequence of str
        Columns to compare by: numbers per unit, anything else by level. One named again counts
        once.
    reference : mapping of str to str, optional
        By column, the level that the others are compared with; otherwise the first one in the
        order of the alphabet.

    Returns
    -------
    Comparison
        Effects by site and covariate, in the order of `by`; rows without a number say why. No
        rows if no recording has a value to compare by. Recordings with less than `rates.LEAST_S`
        analysed have no rate and are left out.

    Raises
    ------
    ValueError
        If a table cannot be read, a column is missing or has the name of one of the results, no
        recording matches, or a reference is no level of a column compared by.
    """
    folder, sessions_path = Path(folder), Path(sessions_path)
    by = tuple(dict.fromkeys((by,) if isinstance(by, str) else by))
    require_summary(folder)
    summary = read_summary(folder / "summary.tsv")
    if "recording" not in summary.columns:
        raise ValueError(f"{folder} holds one recording; compare needs the folder of a whole run")
    joined, notes = join_sessions(summary, read_tsv(sessions_path), by)
    levels = chosen_levels(joined, by, reference or {})
    counted, told = as_reviewed(folder, joined)
    return compare_joined(folder, counted, by, reference=levels, notes=notes + told)


def require_summary(folder: Path) -> None:
    """Refuse a folder without a joint summary.

    Raises
    ------
    ValueError
    """
    if not (folder / "summary.tsv").is_file():
        raise ValueError(f"{folder} has no summary.tsv; run `emgdetect summary` there first")


def compare_joined(
    folder: Path,
    joined: pd.DataFrame,
    by: Sequence[str],
    *,
    reference: Mapping[str, str],
    notes: tuple[str, ...] = (),
) -> Comparison:
    """`compare_folder` from the joined table on."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    parts: list[pd.DataFrame] = []
    for site, own in joined.groupby("site", sort=True):
        effects: list[dict[str, Any]] = []
        for covariate in by:
            compared = own[own[covariate].notna() & (own["analysed_s"] >= LEAST_S)]
            counted, above = count_above(folder, compared)
            unknown = int(compared["detectable_uv"].isna().sum())
            if 0 < unknown < len(compared):
                notes += (f"{site}: {unknown} of {len(compared)} recordings have no detectable "
                          "amplitude; the largest of the others holds for them, too.",)  # fmt: skip
            start = {"site": site, "covariate": covariate, "above_uv": above}
            against = reference.get(covariate)
            found = _contrasts(counted, covariate, n_all=len(own), reference=against)
            effects += [start | row for row in found]
            parts.append(_tidy(counted, str(covariate), above))
        rows += _worded(_holm(effects))
    sessions = pd.concat(parts, ignore_index=True)
    return Comparison(table(rows, COMPARISON), sessions, tuple(dict.fromkeys(notes)))


def _tidy(rows: pd.DataFrame, covariate: str, above_uv: float) -> pd.DataFrame:
    chosen = rows[["site", "person", "recording", "order", "analysed_s"]].copy()
    chosen.insert(1, "covariate", covariate)
    chosen.insert(2, "value", rows[covariate].astype(object))
    chosen["n"] = rows["n_above"]
    chosen["rate_per_min"] = rows["n_above"] * 60 / rows["analysed_s"]
    return chosen.assign(above_uv=above_uv)[[column.name for column in COMPARED]]


def _contrasts(
    rows: pd.DataFrame, covariate: str, *, n_all: int, reference: str | None
) -> Iterator[dict[str, Any]]:
    """One result per unit of a number, or per level but that of reference."""
    values = rows[covariate]
    numeric = is_amount(values)
    missing = n_all - len(rows)
    if values.nunique() < 2:
        none = f"no session with {covariate} and {LEAST_S:g} s analysed"
        what = f"only one level of {covariate}" if len(rows) else none
        yield _facts(rows, "per unit" if numeric else "levels") | {"message": what}
        return
    if numeric:
        yield _one(rows, values.to_numpy(float), "per unit", missing)
        return
    levels = sorted(values.astype(str).unique())
    first = levels[0] if reference is None else reference
    if first not in levels:
        what = f"no session with {first}, that of reference, and {LEAST_S:g} s analysed"
        yield _facts(rows, "levels") | {"message": what}
        return
    for level in (level for level in levels if level != first):
        pair = rows[values.astype(str).isin([first, level])]
        yield _one(pair, (pair[covariate].astype(str) == level).to_numpy(float),
                   f"{level} against {first}", missing)  # fmt: skip


def _facts(rows: pd.DataFrame, contrast: str) -> dict[str, Any]:
    return {
        "contrast": contrast,
        "n_persons": rows["person"].nunique(),
        "n_recordings": len(rows),
        "n_fasciculations": int(rows["n_above"].sum()),
    }


def _one(rows: pd.DataFrame, values: Any, contrast: str, missing: int) -> dict[str, Any]:
    persons = np.unique(rows["person"].astype(str), return_inverse=True)[1]
    sessions = Sessions(
        counts=rows["n_above"].to_numpy(float),
        minutes=rows["analysed_s"].to_numpy(float) / 60,
        values=np.asarray(values, dtype=np.float64),
        order=rows["order"].to_numpy(float),
        persons=persons.astype(np.int64),
    )
    facts = _facts(rows, contrast) | {"missing": missing, "range": _range(sessions)}
    method, message = choose_method(sessions)
    facts |= {"method": method, "message": message}
    if message:
        return facts
    try:
        ratio = gee_ratio(sessions) if method == "gee" else permutation_ratio(sessions)
    except ValueError as error:
        return facts | {"message": str(error)}
    if ratio.low == 0 and np.isinf(ratio.high):
        return facts | {"message": "these few counts rule no ratio out"}
    return facts | _numbers(ratio)


def _range(sessions: Sessions) -> tuple[float, float]:
    return float(np.min(sessions.values)), float(np.max(sessions.values))


def _numbers(ratio: Ratio) -> dict[str, Any]:
    high = ratio.high if np.isfinite(ratio.high) else float("nan")
    return {"rate_ratio": ratio.ratio, "ratio_low": ratio.low, "ratio_high": high, "p": ratio.p}


def choose_method(sessions: Sessions) -> tuple[str, str | None]:
    """How to compare these sessions, and why it cannot be done (None if it can).

    The method follows from the number of persons alone, never from the counts.

    Returns
    -------
    method : {"gee", "permutation within persons", "permutation of sessions"}
    message : str or None
    """
    n_persons = len(np.unique(sessions.persons))
    names = {True: "permutation of sessions", False: "permutation within persons"}
    method = "gee" if n_persons >= FEWEST_PERSONS else names[n_persons == 1]
    if np.sum(sessions.counts) == 0:
        return method, "no potentials of that size in any session"
    if method != "gee" and not varies_within(sessions):
        what = "differs from a steady trend over the sessions" if n_persons == 1 else (
            f"varies within any person; between persons, {FEWEST_PERSONS} are needed"
        )  # fmt: skip
        return method, f"too few sessions: the covariate nowhere {what}"
    if method != "gee" and n_permutations(sessions) < FEWEST_PERMUTATIONS:
        return method, "too few sessions: chance could not be told from an effect at 5 %"
    if _separated(sessions):
        return method, "separation: all potentials lie at one end of the covariate"
    return method, None


def _separated(sessions: Sessions) -> bool:
    """Whether the sessions with potentials all share the lowest or all the highest value."""
    seen = sessions.values[sessions.counts > 0]
    low, high = _range(sessions)
    return bool(np.all(seen == low) or np.all(seen == high))


def _holm(effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With p-values corrected for the number of contrasts (Holm)."""
    known = sorted((e for e in effects if "p" in e), key=lambda e: float(e["p"]))
    largest = 0.0
    for rank, effect in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - rank) * float(effect["p"])))
        effect["p_holm"] = largest
    return effects


def _worded(effects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    hidden = ("missing", "range")
    return [
        {k: v for k, v in (effect | {"sentence": sentence(effect)}).items() if k not in hidden}
        for effect in effects
    ]


def comparison_text(comparison: Comparison) -> str:
    """The comparison in plain sentences, ending with what it does not say."""
    known = comparison.effects["above_uv"].notna()
    lines = [str(line) for line in comparison.effects["sentence"]]
    lines += list(comparison.notes)
    if not known.all():
        lines.append(
            "Where no detectable amplitude is known, all potentials found are counted; a "
            "difference in noise can then pass for one in rate."
        )
    return "\n".join([*lines, CAUTION])
