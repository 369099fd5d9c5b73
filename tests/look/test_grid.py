"""A potential that travels over a grid: where it is large, and when it is where."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_findings import made_detections

from emgdetect.plot import plot_grid
from emgdetect.plot.grid import delays, positions
from emgdetect.recording import Recording

N_ROWS, N_COLUMNS, RATE_HZ = 4, 3, 2000


def travelling(*, placed: bool = True) -> Recording:
    """A potential at 1 s that is 1 ms later on each row and largest in the middle column."""
    times = np.arange(2 * RATE_HZ) / RATE_HZ
    row, column = np.divmod(np.arange(N_ROWS * N_COLUMNS), N_COLUMNS)
    size = np.where(column == 1, 100.0, 70.0)[:, None]
    delay = 0.001 * row[:, None]
    data = size * np.exp(-(((times - 1.0 - delay) / 0.001) ** 2)) - 0.1  # not rectified
    recording = Recording.from_array(data, RATE_HZ, sites="VL")
    if not placed:
        return recording
    channels = [
        replace(c, row=float(r + 5), column=float(k))
        for c, r, k in zip(recording.channels, row, column, strict=True)
    ]
    return replace(recording, channels=tuple(channels))


def maps(recording: Recording) -> list[np.ndarray]:
    figure = plot_grid(recording, made_detections(recording, 0), site="VL", peak_s=1.0)
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes[:2]]


def test_amplitude_and_delay_stand_at_their_electrodes() -> None:
    size, delay = maps(travelling())
    assert size.shape == (N_ROWS, N_COLUMNS)
    np.testing.assert_allclose(size[:, 0] / size[:, 1], 0.7, atol=0.01)
    assert 0.0 in delay[:, 1]  # where it is largest
    np.testing.assert_allclose(
        delay - delay[0], np.arange(N_ROWS)[:, None] * np.ones(N_COLUMNS), atol=0.26
    )


def test_a_delay_is_that_of_the_waveform_also_upside_down() -> None:
    """Whichever phase is largest there: by its largest deflection one would be 4 ms off."""
    t = np.arange(-40, 41) / RATE_HZ

    def wave(late_s: float, second: float) -> np.ndarray:
        return np.exp(-(((t - late_s) / 0.0012) ** 2)) - second * np.exp(
            -(((t - late_s - 0.004) / 0.0012) ** 2)
        )

    rows = [2 * wave(0.0, 0.9), wave(0.001, 1.1), -wave(0.002, 0.9), np.full(81, np.nan)]
    found = delays(np.array(rows), 1 / RATE_HZ)
    np.testing.assert_allclose(found[:3], [0.0, 0.001, 0.002], atol=0.0006)


@pytest.mark.parametrize("placed", [True, False])
def test_every_electrode_has_a_place_of_its_own(placed: bool) -> None:
    recording = travelling(placed=placed)
    rows, columns, known = positions(recording, recording.sites[0])
    assert known is placed
    assert len(set(zip(rows, columns, strict=True))) == N_ROWS * N_COLUMNS
    assert rows.min() == columns.min() == 0


def test_two_channels_in_one_place_are_laid_out_anew() -> None:
    recording = travelling()
    same = replace(recording, channels=tuple(replace(c, row=1.0) for c in recording.channels))
    assert positions(same, same.sites[0])[2] is False


def title(recording: Recording) -> str:
    figure = plot_grid(recording, made_detections(recording, 0), site="VL", peak_s=1.0)
    return figure.axes[2].get_title(loc="left")


def test_the_spacing_of_the_electrodes_is_told_where_it_is_known() -> None:
    recording = travelling()
    assert title(recording) == "at 1.000 s"
    spaced = tuple(replace(channel, spacing_mm=8.0) for channel in recording.channels)
    assert title(replace(recording, channels=spaced)) == "at 1.000 s; electrodes 8 mm apart"
    assert title(travelling(placed=False)) == "at 1.000 s; positions unknown"
