"""The page of a recording: whole, escaped, self-contained, and in words that diagnose nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_findings import lazy_recording, made_detections
from report_pages import HOSTILE, ROW, Page

from emgdetect import meanings
from emgdetect.cautions import WORDS, cautions
from emgdetect.codes import CODES
from emgdetect.columns import REASONS, SUMMARY, table
from emgdetect.config import Config
from emgdetect.findings import Finding
from emgdetect.recording import Channel, Recording, Segment
from emgdetect.report import tables, write_batch_report, write_report
from emgdetect.report.batch import AboutBatch, batch_html
from emgdetect.report.page import report_html


@pytest.fixture
def no_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without figures, where figures are not what is tested: they take their time."""
    monkeypatch.setattr("emgdetect.report.figures.overviews", lambda *_: [])
    monkeypatch.setattr("emgdetect.report.figures.of_site", lambda *_: [])


@pytest.fixture(scope="module")
def page() -> Page:
    recording = lazy_recording(1, 2, (Segment(0, 60), Segment(80, 30)))
    found = made_detections(recording, 60)
    remark = Finding(code="unit-guessed", severity="warning", message="Look.", hint="Do this.")
    return Page(report_html(recording, replace(found, findings=(remark,))))


def test_the_page_is_self_contained(page: Page) -> None:
    assert all(address.startswith(("data:", "#")) for address in page.addresses)
    assert not {"script", "iframe", "object", "form"} & set(page.tags)
    anchors = [address[1:] for address in page.addresses if address.startswith("#")]
    assert set(anchors) <= set(page.ids)


def test_every_number_stands_with_its_definition(page: Page) -> None:
    for column in SUMMARY[1:]:
        assert column.name in page.text
        assert (
            " ".join(column.description.replace("`", "").replace("uV", "µV").split()) in page.text
        )


def test_montage_spacing_and_bands_stand_beside_the_amplitudes(page: Page) -> None:
    for word in ("reference", "spacing (mm)", "25–500 Hz", "from 10 Hz on", "not stated"):
        assert word in page.text


def test_segments_remarks_and_settings_are_told(page: Page) -> None:
    for words_ in ("1 min 30 s in 2 pieces", "unit-guessed", "Do this.", "false_alarms_per_min"):
        assert words_ in page.text


def test_excluded_time_is_told_with_its_reason(page: Page) -> None:
    for reason in REASONS:
        assert meanings.REASONS[reason] in page.text


def test_nothing_is_called_a_disease(page: Page) -> None:
    assert not re.search(r"\bALS\b|amyotroph|patholog|abnormal|normal range|suggests", page.text)
    assert "no diagnosis" in page.text


@pytest.mark.usefixtures("no_figures")
def test_hostile_labels_stay_text() -> None:
    data = np.random.default_rng(0).normal(0, 3, (1, 3000))
    recording = Recording.from_array(data, 1000, names=[HOSTILE], name=HOSTILE)
    found = made_detections(recording, 5)
    remark = Finding(code="x", severity="note", message=HOSTILE, hint=HOSTILE, channel=HOSTILE)
    html = report_html(recording, replace(found, findings=(remark,)))
    shown = Page(html)
    assert "script" not in shown.tags
    assert "{{ 7*7 }}" in shown.text
    assert all(address.startswith(("data:", "#")) for address in shown.addresses)
    assert "\x1b" not in html
    assert "\u202e" not in html


@pytest.mark.usefixtures("no_figures")
def test_no_date_of_the_recording_and_no_path_is_told(tmp_path: Path) -> None:
    recording = lazy_recording(1, 1, (Segment(0, 20),))
    told = replace(
        recording, start=datetime(1984, 3, 2), path=tmp_path / "Jane_Doe.edf",
        details={"patient": "Jane Doe"},
    )  # fmt: skip
    write_report(told, made_detections(told, 5), tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "1984" not in html
    assert "Jane" not in html
    assert str(tmp_path) not in html


def test_the_same_input_gives_the_same_page_in_an_acceptable_size() -> None:
    recording = lazy_recording(1, 1, (Segment(0, 30),))
    found = made_detections(recording, 3)
    html = report_html(recording, found)
    assert html == report_html(recording, found)
    assert len(html) < 500_000


@pytest.mark.slow
def test_half_an_hour_of_four_sites_is_a_page_below_three_megabytes() -> None:
    recording = lazy_recording(4, 1, (Segment(0, 1800),))
    html = report_html(recording, made_detections(recording, 5000))
    print(f"{len(html) / 1e6:.2f} MB")
    assert html.count("data:image/png") > 15
    assert len(html) < 3_000_000


@pytest.mark.usefixtures("no_figures")
def test_an_old_page_survives_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    recording = lazy_recording(1, 1, (Segment(0, 5),))
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    monkeypatch.setattr("pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_report(recording, made_detections(recording, 0), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.usefixtures("no_figures")
def test_a_needle_recording_is_marked() -> None:
    recording = replace(lazy_recording(1, 1, (Segment(0, 5),)), kind="needle")
    assert "needle recording" in Page(report_html(recording, made_detections(recording, 0))).text


@pytest.mark.usefixtures("no_figures")
def test_channels_left_out_are_told_with_the_reason() -> None:
    recording = lazy_recording(1, 1, (Segment(0, 5),))
    flat = Channel(name="EMG FLAT", sampling_hz=1000, skip="It is constant.")
    wider = replace(recording, channels=(*recording.channels, flat))
    text = Page(report_html(wider, made_detections(recording, 0))).text
    assert "EMG FLAT" in text
    assert "It is constant." in text


def test_long_lists_are_cut_and_say_so() -> None:
    recording = lazy_recording(1, 1, (Segment(0, 600),))
    rows = [{"onset": float(i), "duration": 0.1, "site": "SITE 00", "reason": "motion"}
            for i in range(tables.N_SPANS + 7)]  # fmt: skip
    found = replace(made_detections(recording, 0), excluded=table(rows, tables_excluded()))
    assert tables.spans(found).note == "7 more are in excluded.tsv."
    assert len(tables.spans(found).rows) == tables.N_SPANS


def tables_excluded():  # type: ignore[no-untyped-def]
    from emgdetect.columns import EXCLUDED

    return EXCLUDED


def joint(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    summary = table([{"site": "A", **ROW} for _ in range(n)], SUMMARY)
    summary.insert(0, "recording", [f"r {i}" for i in range(n)])
    status = pd.DataFrame(
        [{"input": "x", "recording": f"r {i}", "status": "done", "code": "ok", "message": "",
          "seconds": 1.0} for i in range(n)]
        + [{"input": HOSTILE, "recording": HOSTILE, "status": "failed", "code": "no-emg",
            "message": HOSTILE, "seconds": 0.1}]
    )  # fmt: skip
    return summary, status


def test_the_page_of_a_batch_links_what_is_there(tmp_path: Path) -> None:
    summary, status = joint(3)
    (tmp_path / "r 1").mkdir()
    (tmp_path / "r 1" / "report.html").write_text("x")
    write_batch_report(summary, status, tmp_path / "report.html")
    shown = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert [a for a in shown.addresses if not a.startswith("data:")] == ["r%201/report.html"]
    assert "3 recordings done, 1 failed." in shown.text
    assert "no-emg" in shown.text
    assert "script" not in shown.tags


def test_the_page_of_an_empty_batch() -> None:
    summary, status = joint(0)
    assert "0 recordings done" in Page(batch_html(summary, status, with_page=set())).text


def test_the_page_of_a_batch_warns_of_needles_among_others() -> None:
    summary, status = joint(2)
    page = batch_html(summary, status, with_page=set(), about=AboutBatch(needles=["r 1"]))
    assert "must not be compared with them: r 1." in Page(page).text
    many = [f"needle {i}" for i in range(15)]
    page = batch_html(summary, status, with_page=set(), about=AboutBatch(needles=many))
    assert "needle 11 and 3 more." in page
    assert "eedle" not in batch_html(summary, status, with_page=set())


def test_changed_settings_are_marked() -> None:
    rows = {row[0]: row for row in tables.settings(Config(false_alarms_per_min=1.0)).rows}
    assert rows["false_alarms_per_min"][1:3] == ["1.0", "changed, default 0.2"]
    assert rows["detect_low_hz"][2] == ""


def test_a_grid_site_shows_its_clearest_potential_over_the_electrodes() -> None:
    from emgdetect.report import figures

    grid = lazy_recording(1, 16, (Segment(0, 10),), grid=True)
    found = made_detections(grid, 12)
    assert [p.title for p in figures.of_grid(grid, found, "SITE 00")] == ["Over the electrodes"]
    assert figures.of_grid(grid, made_detections(grid, 0), "SITE 00") == []
    bipolar = lazy_recording(1, 1, (Segment(0, 10),))
    assert figures.of_grid(bipolar, made_detections(bipolar, 12), "SITE 00") == []


def told(site: str) -> tuple[Finding, ...]:
    """Warnings as the analysis makes them: two of a rate, of a site and of all, one of the file."""
    active = f"{site}: 29 s were excluded as contraction or tremor and 3 s analysed; so it is."
    return (
        Finding(code="mostly-active", severity="warning", message=active),
        Finding(code="clock-drift", severity="warning", message="Record times drift by +3 s."),
        Finding(code="signal-duplicate", severity="warning", message="The same twice."),
    )


def test_a_warning_is_of_the_site_it_names() -> None:
    told = [("noise-high", f"{site}: the noise is loud.") for site in ("A: B", "A", "A", "C")]
    warned = cautions([*told, ("label-empty", "A: no label.")], ["A", "A: B"])
    assert {site: len(kept) for site, kept in warned.items()} == {"A": 1, "A: B": 1, "": 1}
    assert warned["A"][0].sentence == warned["A: B"][0].sentence == "The noise is loud."
    assert set(WORDS) <= {code.name for code in CODES if code.severity == "warning"}


@pytest.mark.usefixtures("no_figures")
def test_warnings_that_touch_a_rate_stand_beside_it() -> None:
    recording = lazy_recording(2, 1, (Segment(0, 60),))
    first, second = (site.name for site in recording.sites)
    found = replace(made_detections(recording, 40), findings=told(second))
    html = report_html(recording, found)
    top = Page("<p>" + html.partition('id="words">')[2].partition("</section>")[0] + "</p>").text
    assert "Record times drift by +3 s." in top
    words = top.partition(f" {second} ")[2]
    assert "29 s were excluded as contraction or tremor and 3 s analysed; so it is." in words
    assert "29 s were excluded" not in top.partition(f" {second} ")[0]
    assert "The same twice." not in top
    warned = cautions([(f.code, f.message) for f in found.findings], [first, second])
    rows = tables.headline(found.summary, warned).rows
    assert [row[-1] for row in rows] == ["clock drift", "clock drift; mostly active"]


def test_the_page_of_a_batch_has_the_warning_in_the_row_of_its_site() -> None:
    summary, status = joint(2)
    summary.loc[0, "rate_flag"] = "trend"
    warned = {"r 0": [(f.code, f.message) for f in told("A")]}
    page = batch_html(summary, status, with_page=set(), about=AboutBatch(warned=warned))
    rows = [Page(f"<table><tr>{part}").text for part in cut_rows(page)]
    assert "trend; clock drift; mostly active" in rows[0]
    assert "29 s were excluded as contraction" in rows[0]
    assert "active" not in rows[1] and "drift" not in rows[1]


def cut_rows(page: str) -> list[str]:
    """The rows of the rates as HTML, each with the ends of table and row."""
    body = page.partition('aria-label="rates"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [f"{row.strip()}</tr></table>" for row in body.replace("<tr>", "").split("</tr>")[:-1]]


def test_needle_rows_of_a_batch_have_a_count_but_no_rate() -> None:
    summary, status = joint(2)
    about = AboutBatch(needles=["r 1"], warned={"r 1": [("needle-recording", "A needle.")]})
    surface, needle = (Page(f"<table><tr>{part}").text for part in cut_rows(
        batch_html(summary, status, with_page=set(), about=about)))  # fmt: skip
    assert "12 per minute" in surface and "8.41 to 17.2" in surface
    assert "34 potentials in 2 min 50 s analysed of a needle" in needle
    assert " needle " in needle
    for of_surface in ("per minute", "12.0", "8.41", "18"):
        assert of_surface not in needle
    only = AboutBatch(needles=["r 0", "r 1"])
    assert "<figure>" not in batch_html(summary, status, with_page=set(), about=only)
