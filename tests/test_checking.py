"""What `emgdetect check` says of a file, for people and for machines, and the table it writes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "readers"))

from craft_edf import Sig, annotations, edf, noise, onsets, tal

from emgdetect import checking
from emgdetect.findings import EdfError
from emgdetect.readers import read_recording
from emgdetect.writers.sites import write_site_table


def save(folder: Path, *signals: Sig, name: str = "x.edf", **fields: str) -> Path:
    path = folder / name
    path.write_bytes(edf(*signals, **fields))
    return path


def labelled(*labels: str, n: int = 500) -> list[Sig]:
    return [Sig(label=label, counts=noise(3, n, seed=k)) for k, label in enumerate(labels)]


def test_a_good_file(tmp_path: Path) -> None:
    signal = annotations([tal("+0") + tal("+0.5", "x"), tal("+1"), tal("+9")])
    path = save(tmp_path, *labelled("EMG BIC L", "ECG"), signal, reserved="EDF+D")
    check = checking.check_file(path)
    assert not check.refused
    assert (check.format, check.kind, check.recorded_s, check.n_notes) == ("EDF+D", "surface", 3, 1)
    text = checking.render_text(check)
    for part in ("would be analysed at 1 site", "EDF+D", "2021-03-02 04:05:06", "2 segments",
                 "9.000 s to 10.000 s", "site BIC L", "500 Hz", "-3276.8 to 3276.7 uV",
                 "not analysed: Typed ECG", "(gap)"):  # fmt: skip
        assert part in text


@pytest.mark.parametrize(("labels", "code"), [(["ECG"], "no-emg"), (["BIC", "TRI"], "no-emg")])
def test_a_file_without_emg_is_shown_and_refused(
    labels: list[str], code: str, tmp_path: Path
) -> None:
    check = checking.check_file(save(tmp_path, *labelled(*labels)))
    assert check.refused
    assert check.findings[0].code == code
    assert [channel.name for channel in check.channels] == labels
    assert "--write-sites" in checking.render_text(check)


@pytest.mark.parametrize("content", [None, b"", b"nonsense", edf(Sig())[:400]])
def test_a_file_that_cannot_be_read_is_an_answer(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "x.edf"
    if content is not None:
        path.write_bytes(content)
    check = checking.check_file(path)
    assert check.refused
    assert "would be refused" in checking.render_text(check)
    assert checking.to_json(check)["findings"][0]["severity"] == "fatal"
    with pytest.raises(EdfError) as caught:
        read_recording(path)
    assert caught.value.code == check.findings[0].code


def test_the_way_out_of_a_file_without_emg_leads_out(tmp_path: Path) -> None:
    """What was typed ECG: the table as written is refused with what to change, then it works."""
    path, table = save(tmp_path, *labelled("ECG")), tmp_path / "sites.tsv"
    check = checking.check_file(path)
    assert "the `type` EMG" in check.findings[0].hint
    write_site_table([check], table)
    draft = table.read_text(encoding="utf-8")
    assert "ECG\tECG\tuV\tn/a" in draft
    table.write_text(draft.replace("ECG\tECG\tuV\tn/a", "ECG\tECG\tuV\tVL"), encoding="utf-8")
    with pytest.raises(EdfError, match="types it ECG: its `type` must be EMG") as caught:
        read_recording(path, sites=table)
    assert caught.value.code == "no-emg"
    table.write_text(draft.replace("ECG\tECG\tuV\tn/a", "ECG\tEMG\tuV\tVL"), encoding="utf-8")
    assert [site.name for site in read_recording(path, sites=table).sites] == ["VL"]


@pytest.mark.parametrize(
    "sig", [Sig(counts=noise(30, 1)), Sig(prefilter="HP:16Hz Rectification LP:0.7Hz")]
)
def test_where_no_table_can_help_it_says_so(sig: Sig, tmp_path: Path) -> None:
    check = checking.check_file(save(tmp_path, sig))
    assert check.refused
    assert "No site table can help" in check.findings[0].hint
    assert "--write-sites" not in check.findings[0].hint


@pytest.mark.parametrize("unit", ["", "1", "%", "uVolts"])
def test_the_ways_out_of_a_missing_unit_lead_out(unit: str, tmp_path: Path) -> None:
    path, table = save(tmp_path, Sig(unit=unit), *labelled("ECG")), tmp_path / "sites.tsv"
    check = checking.check_file(path)
    hint = check.findings[0].hint
    assert all(word in hint for word in ("--assume-unit", "`units`", "--write-sites"))
    assert "target_muscle" not in hint
    write_site_table([check], table)
    draft = table.read_text(encoding="utf-8")
    with pytest.raises(EdfError, match="--assume-unit uV") as caught:
        read_recording(path, sites=table)
    assert caught.value.code == "no-emg"
    assert "EMG\tn/a\tn/a" in draft
    table.write_text(draft.replace("EMG\tn/a\tn/a", "EMG\tuV\tn/a"), encoding="utf-8")
    assert len(read_recording(path, sites=table).sites) == 1
    assert len(read_recording(path, assume_unit="uV").sites) == 1


def test_the_way_out_names_the_unit_where_a_type_is_missing_too(tmp_path: Path) -> None:
    signal = Sig(label="BICEPS L", unit="")
    hint = checking.check_file(save(tmp_path, signal)).findings[0].hint
    assert all(word in hint for word in ("the `type` EMG", "`target_muscle`", "`units`"))


@pytest.mark.parametrize("label", ["EMG TRIG", "EMG Status"])
def test_a_table_helps_where_a_label_names_emg_and_something_else(
    label: str, tmp_path: Path
) -> None:
    path, table = save(tmp_path, Sig(label=label)), tmp_path / "sites.tsv"
    assert "the `type` EMG" in checking.check_file(path).findings[0].hint
    table.write_text(f"name\ttype\ttarget_muscle\n{label}\tEMG\tVL\n", encoding="utf-8")
    assert [site.name for site in read_recording(path, sites=table).sites] == ["VL"]
    alone = checking.check_file(save(tmp_path, *labelled("Status"), name="y.edf"))
    assert "No site table can help" in alone.findings[0].hint


def test_check_and_run_agree(tmp_path: Path) -> None:
    """A file is refused by the one if and only if by the other, with the same code."""
    for number, unit in enumerate(("uV", "", "furlong", "mV")):
        path = save(tmp_path, Sig(unit=unit), name=f"{number}.edf")
        check = checking.check_file(path)
        try:
            read_recording(path)
        except EdfError as error:
            assert check.refused
            assert check.findings[0].code == error.code
        else:
            assert not check.refused


def test_json_is_plain_json_without_nan(tmp_path: Path) -> None:
    path = save(tmp_path, *labelled("EMG BIC", "ECG"), Sig(label="EMG X", low="1", high="1"))
    document = checking.to_json(checking.check_file(path))
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again == document
    assert [channel["analysed"] for channel in again["channels"]] == [True, False, False]
    assert again["channels"][2]["low_uv"] is None
    assert again["channels"][2]["skip"]
    assert again["segments"] == [{"start_s": 0.0, "duration_s": 3.0}]


def test_a_grid_is_one_line(tmp_path: Path) -> None:
    path = save(tmp_path, *labelled(*(f"EMG VL {k:02d}" for k in range(1, 65))))
    text = checking.render_text(checking.check_file(path))
    assert "EMG VL 01 … EMG VL 64 (64)" in text
    assert len(text.splitlines()) < 8


def test_many_segments_are_cut_short(tmp_path: Path) -> None:
    times = onsets(*(f"+{3 * k}" for k in range(20)))
    path = save(tmp_path, Sig(counts=noise(20, 500)), times, reserved="EDF+D")
    text = checking.render_text(checking.check_file(path))
    assert "20 segments" in text
    assert "and 12 more" in text


def test_hostile_labels_and_paths_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = save(tmp_path, Sig(label="EMG \x1b[31m=1\r\n"), name="a\x1b[31mb\nc.edf")
    text = checking.render_text(checking.check_file(path))
    assert all(line.isprintable() for line in text.splitlines())
    assert len(text.splitlines()[0]) > 10
    assert "\x1b" not in text


def test_no_patient_field_in_text_or_json(tmp_path: Path) -> None:
    path = save(tmp_path, Sig(), patient="SECRET", recording="SECRET too")
    check = checking.check_file(path)
    assert "SECRET" not in checking.render_text(check) + json.dumps(checking.to_json(check))


def test_the_written_table_gives_the_same_sites(tmp_path: Path) -> None:
    path = save(tmp_path, *labelled("EMG VL 01", "EMG VL 02", "EMG1", "EMG", "EMG", "ECG", "X"))
    table = tmp_path / "sites.tsv"
    write_site_table([checking.check_file(path)], table)
    without, with_table = read_recording(path), read_recording(path, sites=table)
    assert [(s.name, s.channels) for s in with_table.sites] == [
        (s.name, s.channels) for s in without.sites
    ]
    assert [c.kind for c in with_table.channels] == [c.kind for c in without.channels]


def test_the_written_table_can_be_filled_in(tmp_path: Path) -> None:
    path = save(tmp_path, *labelled("A", "B"))
    table = tmp_path / "sites.tsv"
    write_site_table([checking.check_file(path)], table)
    lines = table.read_text().splitlines()
    assert lines[0].split("\t") == ["name", "type", "units", "target_muscle", "status"]
    assert lines[1].split("\t") == ["A", "n/a", "uV", "n/a", "good"]
    lines[1] = lines[1].replace("uV\tn/a", "uV\tVL")
    table.write_text("\n".join(lines))
    assert [site.name for site in read_recording(path, sites=table).sites] == ["VL"]


def test_one_table_serves_many_files(tmp_path: Path) -> None:
    paths = [save(tmp_path, *labelled("A", "B"), name="1.edf"),
             save(tmp_path, *labelled("B", "C"), name="2.edf")]  # fmt: skip
    table = tmp_path / "sites.tsv"
    write_site_table([checking.check_file(path) for path in paths], table)
    assert [line.split("\t")[0] for line in table.read_text().splitlines()] == [
        "name", "A", "B", "C",
    ]  # fmt: skip


def test_no_file_at_all_gives_an_empty_table(tmp_path: Path) -> None:
    write_site_table([], tmp_path / "sites.tsv")
    assert (tmp_path / "sites.tsv").read_text().count("\n") == 1


def test_a_table_never_stands_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = tmp_path / "sites.tsv"
    table.write_text("kept")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_site_table([], table)
    assert table.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [table]
