"""Potentials and exposure to numbers: rates with intervals, measures, recovery, comparisons."""
