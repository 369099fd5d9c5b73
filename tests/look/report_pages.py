"""A page as its text and tags, hostile text, and a row of the summary."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7*7 }}\x1b[31m\u202e'


class Page(HTMLParser):
    """Text, tags, addresses and identifiers of a page; fails on tags that do not nest."""

    EMPTY = frozenset({"meta", "link", "img", "br"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [v or "" for k, v in attrs if k in ("src", "href")]
        self.ids += [v or "" for k, v in attrs if k == "id"]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text += " ".join(data.split()) + " "


ROW = {
    "n_fasciculations": 34, "analysed_s": 170.0, "rate_per_min": 12.0, "rate_low": 8.41,
    "rate_high": 17.2, "n_units": 3, "detectable_uv": 18.0, "rate_flag": pd.NA,
}  # fmt: skip
