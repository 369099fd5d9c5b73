"""The table of `results/accuracy.csv` for people: `python -m benchmarks.accuracy_page`."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from benchmarks.accuracy import BARS, RESULTS
from benchmarks.resting import RECALL_BAR

HEAD = """# Accuracy on simulated rest, reporting seeds

{n} recordings of 3 min × 4 sites per phenomenon (one grid of 64 channels for `grid64`), seeds {seeds} that
served no choice of a number, event F1 at ±15 ms, potentials of at least 5 × the local noise RMS owed
(`benchmarks/judging.py`); the ceiling is a whitened matched filter with the true waveforms
(`benchmarks/ceiling.py`). A share below its bar is marked `missed`. All recordings are simulated. Written by `python -m benchmarks.accuracy_page`
from what `python -m benchmarks.accuracy --seeds {n}` measured.

| phenomenon | F1 | recall | precision | ceiling | share of the ceiling | bar for the share | false per min | rest kept | units, adjusted Rand |
|---|---|---|---|---|---|---|---|---|---|
"""  # noqa: E501

REAL = """
## Real recordings

Counts are counts, not errors: nobody can say what a real muscle at rest does. `added` are simulated
potentials of 6-20 × the stretch's own RMS, about 30 per minute. Owed are those of at least 6 × the RMS
of the half second around them, and the bar for their recall is {bar} (`missed` below it); at rest are those of them where
the muscle is as quiet as it ever gets, and the ceiling is a matched filter that knows everything but
the times (`benchmarks/resting.py`).

| recording | quiet minutes | counted per min | recall of added | of any verdict | recall of owed | of owed at rest | ceiling of owed |
|---|---|---|---|---|---|---|---|
"""  # noqa: E501


def f1(rows: pd.DataFrame) -> float:
    """Event F1 of summed counts; NaN without any."""
    matched, missed, extra = (rows[name].sum() for name in ("matched", "missed", "extra"))
    whole = 2 * matched + missed + extra
    return float(2 * matched / whole) if matched + missed else float("nan")


def number(value: float, digits: int = 3) -> str:
    """A number, or a dash where there is none."""
    return "–" if value != value else f"{value:.{digits}f}"


def against_bar(share: float, bar: float) -> str:
    """A share, and `missed` where it lies below its bar."""
    return f"{number(share)}, missed" if share < bar else number(share)


def simulated(table: pd.DataFrame) -> str:
    """One row per phenomenon of the simulated recordings."""
    lines = []
    for name, rows in table[table["set"] == "reporting"].groupby("phenomenon", sort=False):
        own, best = (rows[rows["detector"] == d] for d in ("emgdetect", "ceiling"))
        matched, extra = own["matched"].sum(), own["extra"].sum()
        owed, bar = matched + own["missed"].sum(), BARS.get(str(name), float("nan"))
        cells = [
            number(f1(own)),
            number(matched / owed if owed else float("nan")),
            number(matched / (matched + extra) if owed else float("nan")),
            number(f1(best) if len(best) else float("nan")),
            against_bar(f1(own) / f1(best) if len(best) else float("nan"), bar),
            number(bar),
            number(extra / own["minutes"].sum(), 2),
            number(own["rest_kept_min"].sum() / own["rest_min"].sum()),
            number(own["rand_index"].mean(), 2),
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def at_rest(table: pd.DataFrame) -> str:
    """One row per quiet stretch of a real recording."""
    counts = table[table["phenomenon"] == "real_rest_count"].set_index("recording")
    lines = []
    for name, row in counts.iterrows():
        own = table[table["recording"] == name]
        cells = [f"{row['minutes']:.2f}", f"{row['count'] / row['minutes']:.1f}"]
        cells += [number(_share(own, *what)) for what in (
            ("recall", "emgdetect", "matched"), ("recall", "emgdetect", "seen"),
        )]  # fmt: skip
        cells.append(against_bar(_share(own, "owed", "emgdetect", "matched"), RECALL_BAR))
        cells += [number(_share(own, *what)) for what in (
            ("resting", "emgdetect", "matched"), ("owed", "ceiling", "matched"),
        )]  # fmt: skip
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _share(rows: pd.DataFrame, kind: str, detector: str, count: str) -> float:
    """Share of added potentials of a kind that a detector has found; NaN of none."""
    own = rows[(rows["phenomenon"] == f"real_rest_{kind}") & (rows["detector"] == detector)]
    owed = own["matched"].sum() + own["missed"].sum()
    return float(own[count].sum() / owed) if owed else float("nan")


def labelled(table: pd.DataFrame) -> str:
    """What became of the labelled real recordings, in sentences."""
    needle = table[table["phenomenon"] == "needle_r00108"].iloc[0]
    found = needle["matched"] / (needle["matched"] + needle["missed"])
    grid = table[table["phenomenon"] == "openhdemg_vl"]
    parts = "; ".join(
        f"at {r['recording']} {int(r['seen'])} potentials ({int(r['count'])} counted), "
        f"{_listed(int(r['matched']), int(r['missed']), r.get('listed_excluded', float('nan')))}"
        for _, r in grid.iterrows()
    )
    return (
        f"\nExpert spikes of `needle_r00108` that stand alone above 6 × noise: {found:.3f} of "
        f"{int(needle['matched'] + needle['missed'])} within ±3 ms.\n\n`openhdemg_vl`, beside its "
        f"contraction: {parts}. The labels are firings that a decomposition of the contraction "
        "lists, no marks of what stands alone: what the other potentials are nobody has judged, so "
        "they are neither right nor wrong, and this recording says nothing of accuracy at rest. "
        f"Of the contraction at 3–29 s {grid['excluded_share'].iloc[0]:.3f} is excluded.\n"
    )


def _listed(matched: int, missed: int, left_out: float) -> str:
    """How many of the firings listed in a stretch were found, and how many lie in time left out.

    Parameters
    ----------
    matched, missed : int
    left_out : float
        NaN where it was not measured.
    """
    n = matched + missed
    if not n:
        return "no labelled firing"
    said = f"{matched} of {n} labelled firings within ±20 ms"
    return f"{said}, {int(left_out)} of them in excluded time" if left_out == left_out else said


def page(table: pd.DataFrame) -> str:
    """The whole page."""
    seeds = sorted(int(s) for s in table.loc[table["set"] == "reporting", "seed"].unique())
    text = HEAD.format(n=len(seeds), seeds=f"{seeds[0]}–{seeds[-1]}") + simulated(table)
    if (table["set"] == "real").any():
        text += REAL.format(bar=RECALL_BAR) + at_rest(table) + labelled(table)
    return text


def main() -> int:
    """Write `results/accuracy.md`."""
    path = Path(RESULTS).with_suffix(".md")
    path.write_text(page(pd.read_csv(RESULTS)), encoding="utf-8")
    print(f"{path.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
