"""Arrays as recordings, and what was counted in them, for the tests of the analysis."""

import numpy as np

from emgdetect.recording import Channel, Recording, Segment

RATE = 2000.0


SITES = ("BICEPS L", "TIBIALIS R")


def wrapped(data, rate=RATE, sites=SITES):
    return Recording.from_array(data, rate, names=[f"EMG {s}" for s in sites], sites=sites)


def split(data, pieces, rate=RATE):
    """The array as segments: (first sample, last sample, start on the time axis in seconds)."""

    def samples(channels, segment, start, stop):
        first = pieces[segment][0]
        return data[list(channels), first + start : first + stop].astype(np.float32)

    channels = tuple(
        Channel(name=f"EMG {site}", sampling_hz=rate, site=site)
        for _, site in zip(data, SITES, strict=True)
    )
    segments = tuple(Segment(at, (b - a) / rate) for a, b, at in pieces)
    return Recording(channels, segments, samples)


def counted(detections, site, column="peak_s"):
    events = detections.events
    return events[(events.site == site) & (events.verdict == "fasciculation")][column].to_numpy()
