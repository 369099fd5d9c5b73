"""The signal side of a recording under review: opened when first looked at, then kept open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.recording import Recording, Site
from emgdetect.review import signals
from emgdetect.review.inputs import Located, input_sha256, locate
from emgdetect.review.overview import Envelope
from emgdetect.review.shapes import waveform
from emgdetect.review.signals import Measured, View
from emgdetect.review.turns import Turns
from emgdetect.showing import Band, find_mains

N_CHANNELS_MOST = 64
OVERVIEW_LOW_HZ = 10.0
N_IN_A_TURN = 16
"""Channels that are filtered at once: so long at most waits what a person asks for while something
is fetched ahead. Set by judgement."""


@dataclass
class Signal:
    """Where the signal of a recording is, and views of it.

    Attributes
    ----------
    listed : Path or None
        Where ``status.tsv`` says the input is.
    provenance : mapping
        ``run.json``: checksum, options and the channels of each site.
    input_root : Path or None
    """

    listed: Path | None
    provenance: Mapping[str, Any]
    input_root: Path | None
    turns: Turns = field(default_factory=Turns, repr=False)
    _located: Located | None = None
    _recording: Recording | None = None
    _sites: dict[str, Site] = field(default_factory=dict)
    _mains: dict[str, Band] = field(default_factory=dict)
    _strongest: dict[tuple[str, float, int], list[int]] = field(default_factory=dict)
    _shapes: dict[tuple[int, float, float], NDArray[np.float32]] = field(default_factory=dict)
    _envelopes: dict[str, Envelope] = field(default_factory=dict)

    def located(self) -> Located:
        """Where the input is; found, checked and opened at the first call."""
        with self.turns.urgent():
            if self._located is None:
                self._located = self._open()
            return self._located

    @property
    def recording(self) -> Recording | None:
        """The recording; None if it was not found."""
        self.located()
        return self._recording

    def site(self, name: str) -> Site | None:
        """Channels of a site; None if the recording does not have it."""
        self.located()
        return self._sites.get(name)

    def view(
        self, site: str, channel: str, *, start_s: float, stop_s: float, at_s: float,
        n_channels: int, low_hz: float, n_columns: int, ahead: bool = False,
    ) -> View | None:  # fmt: skip
        """Signal of a channel and the site's others that are strongest around `at_s`.

        None without signal. What is fetched `ahead` lets other requests go first.
        """
        recording, where = self.recording, self.site(site)
        own = self._channel(site, channel) if channel else None
        if recording is None or where is None:
            return None
        turn = self.turns.patient if ahead else self.turns.urgent
        with turn():
            band = self._band(where, low_hz)
            channels = self._channels(recording, where, at_s, min(n_channels, N_CHANNELS_MOST), own)
        parts = (
            signals.view(
                recording, channels[first : first + N_IN_A_TURN], start_s=start_s, stop_s=stop_s,
                band=band, n_columns=n_columns,
            )
            for first in range(0, len(channels), N_IN_A_TURN)
        )  # fmt: skip
        if not ahead:
            with turn():
                return signals.joined(list(parts))
        done: list[View] = []
        while True:
            with turn():
                part = next(parts, None)
            if part is None:
                return signals.joined(done)
            done.append(part)

    def measure(self, site: str, *, at_s: float, low_hz: float) -> Measured | None:
        """The potential near a time; None without signal there."""
        recording, where = self.recording, self.site(site)
        if recording is None or where is None:
            return None
        with self.turns.urgent():
            return signals.measure(recording, where, at_s=at_s, band=self._band(where, low_hz))

    def shapes(
        self, site: str, channel: str, *, peaks_s: Sequence[float], low_hz: float
    ) -> list[NDArray[np.float32]] | None:
        """Waveforms around peaks on a channel of the site; None without signal."""
        recording, index = self.recording, self._channel(site, channel)
        if recording is None or index is None:
            return None
        where, found = self._sites[site], []
        for peak_s in peaks_s:
            key = (index, peak_s, low_hz)
            if key not in self._shapes:
                with self.turns.patient():
                    band = self._band(where, low_hz)
                    self._shapes[key] = waveform(recording, index, peak_s=peak_s, band=band)
            found.append(self._shapes[key])
        return found

    def envelope(self, site: str, channel: str) -> Envelope | None:
        """The overview of one channel, growing in the background; None without signal."""
        recording, index = self.recording, self._channel(site, channel)
        if recording is None or index is None:
            return None
        with self.turns.urgent():
            if site not in self._envelopes:
                self._envelopes[site] = Envelope.started(
                    recording, index, self._band(self._sites[site], OVERVIEW_LOW_HZ), self.turns
                )
            return self._envelopes[site]

    def _channel(self, site: str, name: str) -> int | None:
        """Index of a channel of the site by its name; its first one if it has none of the name."""
        from emgdetect.writers.cells import safe_cell

        recording, where = self.recording, self.site(site)
        if recording is None or where is None:
            return None
        names = {safe_cell(recording.channels[i].name): i for i in where.channels}
        return names.get(name, where.channels[0])

    def _band(self, site: Site, low_hz: float) -> Band:
        """The band with the site's mains, which is looked for once; in a turn."""
        if site.name not in self._mains and self._recording is not None:
            self._mains[site.name] = find_mains(
                self._recording, site.channels[0], low_hz=OVERVIEW_LOW_HZ
            )
        return replace(self._mains[site.name], low_hz=low_hz)

    def mains(self, site: str) -> Band:
        """Mains as found at a site; a band without harmonics where there is no signal."""
        where = self.site(site)
        if where is None:
            return Band(0.0)
        with self.turns.urgent():
            return self._band(where, 0.0)

    def _channels(
        self, recording: Recording, site: Site, at_s: float, n: int, own: int | None
    ) -> list[int]:
        key = (site.name, at_s, n)
        if key not in self._strongest:
            if len(self._strongest) > 10_000:
                self._strongest.clear()
            self._strongest[key] = signals.strongest(
                recording, site, at_s=at_s, n_channels=n, own=own
            )
        return self._strongest[key]

    def _open(self) -> Located:
        details = self.provenance.get("input") or {}
        noted = details.get("path") if isinstance(details, dict) else None
        listed = self.listed or (Path(noted) if noted else None)
        found = locate(listed, sha256=input_sha256(self.provenance), input_root=self.input_root)
        if found.path is None:
            return found
        try:
            self._recording = _read(found.path, self.provenance)
        except (ValueError, OSError) as error:
            return Located(None, f"{found.path} cannot be read: {error}")
        self._sites = sites_of(self._recording, self.provenance)
        return found


def sites_of(recording: Recording, provenance: Mapping[str, Any]) -> dict[str, Site]:
    """The sites by their names in the tables, with the channels they were analysed on.

    ``run.json`` knows them even where the site table of the run is gone.
    """
    from emgdetect.writers.cells import safe_cell

    index = {channel.name: i for i, channel in enumerate(recording.channels)}
    listed = (provenance.get("recording") or {}).get("sites") or {}
    found = {}
    for name, channels in listed.items():
        members = tuple(index[c["name"]] for c in channels if c["name"] in index)
        if members:
            found[safe_cell(name)] = Site(name, members, recording.channels[members[0]].sampling_hz)
    return found or {safe_cell(site.name): site for site in recording.sites}


def _read(path: Path, provenance: Mapping[str, Any]) -> Recording:
    from emgdetect.readers import inspect_recording

    options = provenance.get("options") or {}
    return inspect_recording(path, assume_unit=options.get("assume_unit") or None)
