"""Tables of columns, and tables within them: rows are chosen, replaced and stacked in all."""

from dataclasses import dataclass

import numpy as np

from emgdetect.detection.rows import chosen, replaced, stacked, unit_shares


@dataclass(frozen=True)
class Inner:
    size: np.ndarray


@dataclass(frozen=True)
class Outer:
    inner: Inner
    time_s: np.ndarray
    trace: np.ndarray


def outer(*values):
    column = np.array(values, dtype=float)
    return Outer(Inner(10 * column), column, column[:, None] + np.zeros(3))


def assert_holds(table, *values):
    due = outer(*values)
    np.testing.assert_array_equal(table.inner.size, due.inner.size)
    np.testing.assert_array_equal(table.time_s, due.time_s)
    np.testing.assert_array_equal(table.trace, due.trace)


def test_rows_are_chosen_by_mask_and_by_position():
    assert_holds(chosen(outer(1, 2, 3), np.array([True, False, True])), 1, 3)
    assert_holds(chosen(outer(1, 2, 3), np.array([2, 0])), 3, 1)


def test_rows_are_replaced_in_a_copy():
    before = outer(1, 2, 3)
    assert_holds(replaced(before, np.array([2, 0]), outer(7, 8)), 8, 2, 7)
    assert_holds(
        replaced(before, np.zeros(0, dtype=int), chosen(before, np.zeros(3, bool))), 1, 2, 3
    )
    assert_holds(before, 1, 2, 3)


def test_tables_are_stacked():
    assert_holds(stacked([outer(1, 2), outer(3)]), 1, 2, 3)
    assert_holds(stacked([outer(1)]), 1)


def test_shares_of_units_are_those_of_what_is_asked():
    template = np.array([0, 0, 0, 2, -1, 2])
    which = np.array([True, False, True, False, True, True])
    nan = np.nan
    np.testing.assert_allclose(unit_shares(template, which), [2 / 3] * 3 + [0.5, nan, 0.5])
    among = np.array([True, True, False, False, True, False])
    np.testing.assert_allclose(unit_shares(template, which, among), [0.5] * 3 + [nan] * 3)
    assert unit_shares(template[:0], which[:0]).shape == (0,)
