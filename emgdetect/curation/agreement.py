"""How often the detector and the reviewer agree on the potentials that were judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

COUNTED = "fasciculation"


@dataclass(frozen=True)
class Agreement:
    """Four-field table of the potentials a reviewer judged; only those, not the rest.

    Attributes
    ----------
    both : int
        Counted by the detector and by the reviewer.
    detector_only : int
        Counted by the detector, rejected by the reviewer.
    reviewer_only : int
        Rejected or not listed by the detector, counted by the reviewer.
    neither : int
        Rejected by both.
    n_added : int
        Of `reviewer_only`, those the detector had not listed at all.
    """

    both: int
    detector_only: int
    reviewer_only: int
    neither: int
    n_added: int

    @property
    def n_judged(self) -> int:
        """Potentials judged."""
        return self.both + self.detector_only + self.reviewer_only + self.neither

    @property
    def share(self) -> float:
        """Share of the judged potentials on which both agree; NaN if none was judged."""
        return _ratio(self.both + self.neither, self.n_judged)

    @property
    def precision(self) -> float:
        """Share of the detector's judged fasciculations that the reviewer counts, too."""
        return _ratio(self.both, self.both + self.detector_only)

    @property
    def recall(self) -> float:
        """Share of the reviewer's fasciculations that the detector counts, too."""
        return _ratio(self.both, self.both + self.reviewer_only)

    @property
    def kappa(self) -> float:
        """Agreement beyond chance; NaN where one of them gave only one answer throughout.

        References
        ----------
        Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 1960;20:37-46.
        """
        n = self.n_judged
        detector, reviewer = self.both + self.detector_only, self.both + self.reviewer_only
        chance = _ratio(detector * reviewer + (n - detector) * (n - reviewer), n * n)
        return float("nan") if chance == 1 else (self.share - chance) / (1 - chance)


def agreement(reviewed: pd.DataFrame) -> Agreement:
    """Agreement of detector and reviewer.

    Parameters
    ----------
    reviewed : DataFrame
        Of `emgdetect.curation.replay`; potentials not judged or in excluded time are left out.

    Returns
    -------
    Agreement
        All zero if nothing was judged.
    """
    judged = (reviewed["judged"].astype(bool) & ~reviewed["outside"].astype(bool)).to_numpy()
    detector = reviewed["verdict_detected"].eq(COUNTED).to_numpy(dtype=bool)[judged]
    reviewer = reviewed["verdict"].eq(COUNTED).to_numpy(dtype=bool)[judged]
    added = reviewed["added"].to_numpy(dtype=bool)[judged]
    return Agreement(
        both=int((detector & reviewer).sum()),
        detector_only=int((detector & ~reviewer).sum()),
        reviewer_only=int((~detector & reviewer).sum()),
        neither=int((~detector & ~reviewer & ~added).sum()),
        n_added=int((added & reviewer).sum()),
    )


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
