"""What is known of one site: what was learnt of it, and its potentials before any judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgdetect.detection.first_pass.units import Units
from emgdetect.detection.second_pass.measuring import Measured
from emgdetect.detection.second_pass.pursuit import Faint, Found
from emgdetect.detection.trace.cutting import View
from emgdetect.detection.trace.front import Chunk, Front
from emgdetect.recording import Site

Floats = NDArray[np.floating[Any]]
Spans = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Known:
    """What a detection learnt of a site, for a second one with the same settings.

    Attributes
    ----------
    front : Front
        Filters, whitening, noise and heart.
    threshold : float
        What the generic score has to reach.
    view : View
        The channels or mixtures that units are described on.
    units : Units
    template_threshold : ndarray, shape (n_templates,)
        What the matched score of each unit has to reach.
    needed : float, optional
        What known units' potentials need to stand out at the site; None until they were listed.
    """

    front: Front
    threshold: float
    view: View
    units: Units
    template_threshold: Floats
    needed: float | None = None

    def of_templates(self, kept: NDArray[np.bool_]) -> Known:
        """The same with the chosen templates alone."""
        return replace(
            self, units=self.units.chosen(kept), template_threshold=self.template_threshold[kept]
        )


@dataclass(frozen=True)
class SiteSignal:
    """What detection knows of a site before any judgement of single potentials.

    Attributes
    ----------
    site : Site
    front : Front
    known : Known
        What was learnt before the second pass.
    chunks : list of Chunk
    level : str
        Exclusion level whose potentials and spans these are.
    found : Found
        Potentials outside excluded time.
    channel : ndarray of int, shape (n_found,)
        Position within `front.channels` of the strongest channel.
    measured : Measured
    beat : ndarray of bool, shape (n_found,)
        Rows that are heart beats, known before and taken out of the trace.
    faint : Faint
        Where weak units may have fired besides.
    aside : Faint
        Potentials within a tremor: they tell of trains that go on beyond it.
    excluded : mapping of str to ndarray, shape (n_spans, 2)
        Excluded spans by reason, not overlapping each other.
    analysed_s : mapping of str to ndarray, shape (n_spans, 2)
        Analysed spans by exclusion level.
    active_s : ndarray, shape (n_spans, 2)
        Spans of contraction and tremor, whether they were excluded or not.
    swaying_s : ndarray, shape (n_spans, 2)
        Spans of slow waves: a cable moves.
    thronged_s : ndarray, shape (n_spans, 2)
        Spans in which so many maxima of the score come that the muscle is active: in a contraction,
        or in a train.
    expected_false_per_min, noise_uv : float
    seconds : mapping of str to float
        Time per stage.
    """

    site: Site
    front: Front
    known: Known
    chunks: list[Chunk]
    level: str
    found: Found
    channel: NDArray[np.int64]
    measured: Measured
    beat: NDArray[np.bool_]
    faint: Faint
    aside: Faint
    excluded: Mapping[str, Spans]
    analysed_s: Mapping[str, Spans]
    active_s: Spans
    swaying_s: Spans
    thronged_s: Spans
    expected_false_per_min: float
    noise_uv: float
    seconds: Mapping[str, float]

    @property
    def counted_s(self) -> Spans:
        """Spans in which potentials are counted: those that the level leaves; (n_spans, 2)."""
        return self.analysed_s[self.level]

    @property
    def recorded_s(self) -> Spans:
        """Segments of the recording: all time but its gaps; (n_segments, 2)."""
        return self.front.recording.spans_s

    @property
    def threshold(self) -> float:
        """What the generic score had to reach."""
        return self.known.threshold

    @property
    def templates(self) -> NDArray[np.float32]:
        """Waveforms of the units, shape (n_templates, n_channels, n_samples)."""
        return self.known.units.templates
