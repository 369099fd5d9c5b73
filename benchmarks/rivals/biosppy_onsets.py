"""BioSPPy's onset detectors.

They ask for a piece of rest; they are given the robust spread of the whole channel instead, which
is better than a user could know beforehand. `size` is documented in seconds and used as samples.
`abbink_onset_detector` is left out: each activation overwrites the list of the earlier ones.
"""

from __future__ import annotations

from benchmarks.rivals.common import (
    Floats,
    band,
    level,
    peaks_in_spans,
    smoothed,
    spans_of_onsets,
    spread,
)


def biosppy_onsets(
    signal_uv: Floats, sampling_hz: float, *, detector: str, k: float, size_s: float
) -> Floats:
    """Event times of one channel.

    Parameters
    ----------
    detector : str
        Name of the function in `biosppy.signals.emg`, without ``_onset_detector``; or
        ``find_onsets``.
    k : float
        Threshold in the detector's own unit (for ``find_onsets`` and ``silva``: robust standard
        deviations of the smoothed trace above its median).
    size_s : float
        Smoothing window, or shortest activity where the detector has no window.
    """
    from biosppy.signals import emg

    clean = band(signal_uv, sampling_hz, low_hz=20, high_hz=500)
    n = max(2, round(size_s * sampling_hz))
    sd = spread(clean)
    rest = {"mean": 0.0, "std_dev": sd, "var": sd**2}
    common = {"signal": clean, "sampling_rate": sampling_hz}
    match detector:
        case "find_onsets":
            result = emg.find_onsets(**common, size=size_s, threshold=level(smoothed(clean, n), k))
        case "silva":
            result = emg.silva_onset_detector(
                **common, size=n, threshold_size=10 * n, threshold=level(smoothed(clean, n), k)
            )
        case "hodges_bui":
            result = emg.hodges_bui_onset_detector(**common, rest=rest, size=n, threshold=k)
        case "bonato":
            result = emg.bonato_onset_detector(
                **common, rest=rest, threshold=k, active_state_duration=max(1, n // 4),
                samples_above_fail=3, fail_size=max(1, n // 4),
            )  # fmt: skip
        case "lidierth":
            result = emg.lidierth_onset_detector(
                **common, rest=rest, size=n, threshold=k, active_state_duration=max(1, n // 2),
                fail_size=max(1, n // 4),
            )  # fmt: skip
        case "solnik":
            energy = clean[1:-1] ** 2 - clean[2:] * clean[:-2]
            result = emg.solnik_onset_detector(
                **common, rest={"mean": 0.0, "std_dev": spread(energy)}, threshold=k,
                active_state_duration=max(1, n // 4),
            )  # fmt: skip
        case "londral":
            result = emg.londral_onset_detector(
                **common, rest=rest, size=n, threshold=k, active_state_duration=max(1, n // 2)
            )
        case _:
            raise ValueError(f"BioSPPy has no onset detector {detector!r}")
    return peaks_in_spans(clean, spans_of_onsets(result["onsets"], len(clean)), sampling_hz)
