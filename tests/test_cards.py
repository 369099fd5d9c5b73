"""How notebooks show the nouns: escaped, complete, and without anything about the patient."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from emgdetect import Config, Detections, Recording
from emgdetect.cards import N_ROWS, card
from emgdetect.columns import EVENTS, EXCLUDED, SUMMARY, empty, table
from emgdetect.recording import Segment


class Text(HTMLParser):
    """Collects text and tags, and notices tags left open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.open.append(tag)
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + "|"


def read(html: str) -> Text:
    parsed = Text(html)
    assert not parsed.open
    return parsed


def test_a_recording_shows_sites_rates_and_length() -> None:
    recording = Recording.from_array(np.zeros((3, 5000)), 1000, sites=["A", "A", "B"])
    shown = read(recording._repr_html_())
    assert "5 s in 1 segment|" in shown.text
    assert "A|2|1000" in shown.text
    assert "B|1|1000" in shown.text


@pytest.mark.parametrize(("n", "said"), [(0, "0 s in 0 segments|"), (2, "3 s in 2 segments|")])
def test_segments_are_counted_as_a_person_would(n: int, said: str) -> None:
    segments = tuple(Segment(10.0 * i, 1.5) for i in range(n))
    recording = Recording.from_array(np.zeros((1, 3000)), 1000)
    assert said in read(replace(recording, segments=segments)._repr_html_()).text


def test_markup_in_names_stays_text() -> None:
    hostile = '<img src=x onerror="alert(1)">\x1b[31m\u202e'
    recording = Recording.from_array([0.0, 1.0], 1000, names=[hostile], name=hostile)
    html = recording._repr_html_()
    shown = read(html)
    assert "img" not in shown.tags
    assert "<img src=x onerror=" in shown.text
    assert "\x1b" not in html
    assert "\u202e" not in html


def test_detections_show_verdicts_and_rates() -> None:
    events = table([{"verdict": v, "site": "A"} for v in ("ecg", "ecg", "fasciculation")], EVENTS)
    excluded = table([{"onset": 0.0, "duration": 2.5, "site": "A", "reason": "motion"}], EXCLUDED)
    summary = table([{"site": "A", "n_fasciculations": 1, "rate_per_min": 3.25}], SUMMARY)
    shown = read(Detections(events, summary, excluded, Config())._repr_html_())
    assert "2 ecg, 1 fasciculation" in shown.text
    assert "2.5 s motion" in shown.text
    assert "A|1|3.25|n/a" in shown.text


def test_nothing_found_is_shown_as_nothing() -> None:
    none = Detections(empty(EVENTS), empty(SUMMARY), empty(EXCLUDED), Config())
    shown = read(none._repr_html_())
    assert "potentials: none" in shown.text
    assert "excluded: nothing" in shown.text


def test_a_configuration_says_what_was_changed() -> None:
    assert "changed: nothing" in read(Config()._repr_html_()).text
    changed = read(Config(mains_hz=50, exclusion="strict")._repr_html_()).text
    assert "changed: mains_hz = 50" in changed
    assert "exclusion = strict" in changed


def test_a_configuration_shows_every_key_with_its_meaning() -> None:
    html = card("Config", {}, header=("key",), rows=[(i,) for i in range(N_ROWS + 3)])
    assert "and 3 more" in read(html).text
