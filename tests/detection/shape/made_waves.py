"""Waves that overlapping discharges are made of, and how they are sampled."""

import numpy as np

RATE_HZ = 2000.0
TIME_S = (np.arange(201) - 100) / RATE_HZ
SIZE_UV, NOISE_UV = 60.0, 5.0
N_ALONE = 12


def potential(time):
    return -time / 0.0015 * np.exp(0.5 - 0.5 * (time / 0.0015) ** 2)


def jump(time):
    return np.where(time > 0, np.exp(-np.maximum(time, 0) / 0.03), 0.0)
