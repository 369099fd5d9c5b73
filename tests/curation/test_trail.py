"""The trail of decisions: what was written is read back, and damage costs only itself."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from made_trails import decision, verdict, write

from emgdetect.curation import Decision, format_line, read_trail, standing
from emgdetect.curation.trail import parse_line

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=12).filter(
    lambda text: text != "n/a" and len(text.splitlines()) <= 1
)


NUMBER = st.one_of(st.just(float("nan")), st.floats(0, 1e5))


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=5), TEXT, NUMBER, NUMBER, TEXT, st.one_of(st.none(), st.integers(1, 99)))
def test_a_line_reads_back_as_written(who, site, peak_s, size, now, undoes):
    before = Decision(
        number=7, when="x", who=who, what="verdict", site=site, peak_s=peak_s,
        amplitude_uv=size, now=now, undoes=undoes,
    )  # fmt: skip
    after = parse_line(format_line(before).removesuffix("\n"))
    assert after is not None
    assert repr(replace(after, who="")) == repr(replace(before, who=""))
    assert "\n" not in after.who and "\t" not in after.who


def test_an_absent_trail_is_empty(tmp_path):
    trail = read_trail(tmp_path / "reviewed.tsv")
    assert (trail.decisions, trail.n_damaged, trail.next_number) == ((), 0, 1)


def test_a_torn_last_line_costs_only_itself_wherever_it_is_torn(tmp_path):
    path = tmp_path / "reviewed.tsv"
    whole = write(path, verdict(1, "A", 1.0, "pop"), verdict(2, "A", 2.0, "ecg"))
    last = len(format_line(verdict(2, "A", 2.0, "ecg")))
    for cut in range(1, last):
        path.write_bytes(whole[:-cut])
        trail = read_trail(path)
        complete = cut == 1  # only the line end is missing
        assert [d.number for d in trail.decisions] == ([1, 2] if complete else [1])
        assert trail.n_damaged == (0 if complete else 1)


def test_any_changed_byte_of_a_line_is_noticed(tmp_path):
    path = tmp_path / "reviewed.tsv"
    whole = write(path, verdict(1, "A", 1.0, "pop"), verdict(2, "A", 2.0, "ecg"))
    start = whole.rindex(b"\n", 0, -1) + 1
    for at in range(start, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        trail = read_trail(path)
        assert [d.number for d in trail.decisions] == [1]
        assert trail.n_damaged >= 1


def test_undo_takes_back_what_it_names_and_nothing_else():
    lines = [
        verdict(1, "A", 1.0, "pop"),
        verdict(2, "A", 2.0, "ecg"),
        decision(3, "undo", undoes=1),
        verdict(4, "A", 1.0, "train"),
        decision(5, "undo", undoes=4),
    ]
    assert [d.number for d in standing(lines)] == [2]
