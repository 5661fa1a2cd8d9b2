"""Differences of two plans against SciPy's tests of two samples, and what is certain, unknown or never."""

from math import inf

import numpy as np
import pytest
from scipy import stats

from sim.measure.stats.difference import difference
from sim.measure.stats.estimate import mean, ratio

RNG = np.random.default_rng(11)
LUCK = RNG.normal(10, 3, 40)
MINE, THEIRS = LUCK + RNG.normal(0.5, 1, 40), LUCK + RNG.normal(0, 1, 40)


def test_paired_means_differ_as_in_students_test_of_pairs() -> None:
    found, expected = difference(MINE, None, THEIRS, None), stats.ttest_rel(MINE, THEIRS)
    interval = expected.confidence_interval(0.95)
    np.testing.assert_allclose((found.lower, found.upper), (interval.low, interval.high), rtol=1e-10)
    assert found.doubt == pytest.approx(expected.pvalue / 2, rel=1e-10)
    assert found.saved == pytest.approx((MINE.var() + THEIRS.var()) / (MINE - THEIRS).var(), rel=1e-10)


def test_two_samples_differ_as_in_welchs_test() -> None:
    found, expected = (
        difference(MINE, None, THEIRS[:9], None, 0.9, paired=False),
        stats.ttest_ind(MINE, THEIRS[:9], equal_var=False),
    )
    interval = expected.confidence_interval(0.9)
    np.testing.assert_allclose((found.lower, found.upper), (interval.low, interval.high), rtol=1e-10)
    assert found.doubt == pytest.approx(expected.pvalue / 2, rel=1e-10)
    assert found.saved == 1


def test_each_cell_is_a_difference_by_itself() -> None:
    both = difference(np.stack([MINE, THEIRS], axis=1), None, np.stack([THEIRS, MINE], axis=1), None)
    alone = difference(MINE, None, THEIRS, None)
    np.testing.assert_allclose(both.mean, [alone.mean, -alone.mean], rtol=1e-12)
    np.testing.assert_allclose(both.upper, [alone.upper, -alone.lower], rtol=1e-12)


def test_equal_ratios_of_unequal_size_do_not_differ() -> None:
    cases = RNG.poisson(50, 30)
    found = difference(cases, 2 * cases, 3 * cases, 6 * cases)
    assert (found.mean, found.lower, found.upper, found.doubt) == (0, 0, 0, 0.5)


def test_with_one_constant_ratio_the_difference_is_as_uncertain_as_the_other() -> None:
    under = RNG.poisson(50, 30)
    over = 3 * RNG.poisson(under)  # no share
    found, alone = difference(over, under, under, under), ratio(over, under)
    np.testing.assert_allclose((found.lower + 1, found.upper + 1), (alone.lower, alone.upper), rtol=1e-10)
    assert found.saved == 1


def test_what_differs_by_the_same_in_every_event_is_certain() -> None:
    found = difference(MINE + 2, None, MINE, None)
    assert (round(float(found.lower), 9), round(float(found.upper), 9)) == (2, 2)
    same = difference(MINE, None, MINE, None)
    assert (same.mean, same.lower, same.upper, same.saved, same.doubt) == (0, 0, 0, inf, 0.5)
    fixed = difference([5.0, 5.0], None, [3.0, 3.0], None)
    assert (fixed.mean, fixed.lower, fixed.upper, fixed.doubt) == (2, 2, 2, 0)
    assert np.isnan(fixed.saved)


def test_an_event_without_a_value_in_either_plan_is_no_pair() -> None:
    mine, theirs = [1.0, np.nan, 4.0, 9.0], [0.0, 7.0, 1.0, np.nan]
    found, known = difference(mine, None, theirs, None), difference([1.0, 4.0], None, [0.0, 1.0], None)
    assert (found.mean, found.lower, found.upper) == (known.mean, known.lower, known.upper)


@pytest.mark.parametrize("paired", [True, False])
def test_one_event_has_no_interval_and_what_never_comes_none_either(paired: bool) -> None:
    one = difference([3.0], None, [1.0], None, paired=paired)
    assert one.mean == 2
    assert np.isnan(one.lower)
    assert one.doubt == 1
    never = difference([inf, 1.0, 2.0], None, [1.0, 1.0, 1.0], None, paired=paired)
    assert never.mean == inf
    assert np.isnan(never.upper)
    assert np.isnan(difference([inf, 1.0], None, [inf, 1.0], None, paired=paired).mean)


def test_an_event_that_tells_nothing_of_either_ratio_is_no_degree_of_freedom() -> None:
    over, under, other = np.array([3, 0, 4, 1]), np.array([5, 0, 9, 3]), np.array([2, 0, 5, 1])
    left_out = np.array([0, 2, 3])
    found = difference(over, under, other, under)
    alone = difference(over[left_out], under[left_out], other[left_out], under[left_out])
    np.testing.assert_allclose((found.lower, found.upper), (alone.lower, alone.upper), rtol=1e-12)


def test_a_ratio_over_the_same_customers_differs_as_the_mean_of_what_each_adds() -> None:
    """With equal cases the difference of the shares is that of the numbers in time, over the mean number of
    cases.
    """
    cases = RNG.poisson(50, 30)
    mine, theirs = RNG.binomial(cases, 0.8), RNG.binomial(cases, 0.7)
    found = difference(mine, cases, theirs, cases)
    assert found.mean == pytest.approx(float(mean(mine - theirs).mean) / cases.mean(), rel=1e-12)
