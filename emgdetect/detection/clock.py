"""Time per stage of a site, and which of them is at work."""

from __future__ import annotations

import time
from itertools import pairwise

from emgdetect.course import UNTOLD, Course

BEHIND = {
    "survey": 0.0, "heart": 0.04, "scan": 0.05, "units": 0.14, "pursuit": 0.56, "measure": 0.90,
}  # fmt: skip
"""Share of a site's time that is behind when a stage begins, in the order of the stages. From
`Detections.seconds` of four simulated recordings (seed 5), 2 to 60 min long: units take 0.37 to
0.42, pursuit 0.14 to 0.44. Only the told progress depends on it."""


class Clock:
    """Seconds since it was last asked, by stage; tells each stage as it begins."""

    def __init__(self, course: Course = UNTOLD) -> None:
        self.seconds: dict[str, float] = {}
        self._course = course
        self._last = time.perf_counter()
        self._tell(next(iter(BEHIND)))

    def lap(self, stage: str) -> None:
        """Note the end of a stage."""
        now = time.perf_counter()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + now - self._last
        self._last = now
        following = dict(pairwise(BEHIND)).get(stage)
        if following:
            self._tell(following)

    def _tell(self, stage: str) -> None:
        self._course.tell(stage, BEHIND[stage])
