"""Threads: of our own as many as are asked for, of linear algebra none."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

import emgdetect as emg
from emgdetect.detection import pipeline
from emgdetect.detection.threads import each, plain_algebra


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def test_detection_keeps_linear_algebra_in_the_calling_thread(monkeypatch):
    seen, find_beats = [], pipeline.find_beats

    def watched(*args, **options):
        seen.extend(blas_threads())
        return find_beats(*args, **options)

    monkeypatch.setattr(pipeline, "find_beats", watched)
    noise = np.random.default_rng(0).normal(0, 2, (1, 8000))
    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        emg.detect(emg.Recording.from_array(noise, 2000.0, names=["BICEPS L"]))
        assert blas_threads() == before
    assert set(before) == {2} and set(seen) == {1}


def test_contexts_that_overlap_leave_the_threads_as_they_were():
    with threadpool_limits(limits=2, user_api="blas"):
        before, first, second = blas_threads(), plain_algebra(), plain_algebra()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert set(blas_threads()) == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == before
        with plain_algebra():
            assert set(blas_threads()) == {1}
        assert blas_threads() == before


def test_each_keeps_the_order_whatever_the_threads():
    for n_threads in (1, 2, 5):
        assert each(lambda n: n * n, range(50), n_threads) == [n * n for n in range(50)]
    assert each(str, [], 4) == []
