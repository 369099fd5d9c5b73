"""Decisions on the rows of a server's tables."""

from __future__ import annotations

SITES = {"BICEPS L": 4, "VL": 1}


def verdict_of(tables, i, now):
    e = tables["events"]
    return {
        "what": "verdict", "site": e["site"][i], "peak_s": e["peak_s"][i],
        "was": e["verdict"][i], "now": now,
    }  # fmt: skip
