"""Intervals against closed forms, hand calculations, whole-number arithmetic and symmetries.

Where nothing else is said, a comparison sees a relative error of 1e-9.
"""

import math
from fractions import Fraction

import numpy as np
import pytest

from sim.measure.stats import estimate


def near(value):
    return pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True)


def fields(found):
    return np.stack([found.mean, found.lower, found.upper, found.p10, found.p50, found.p90])


def tail(first, last, n, p):
    """P(first ≤ X ≤ last) of the binomial law, in fractions: without rounding."""
    p = Fraction(p)
    return sum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(first, last + 1))


# proportion


@pytest.mark.parametrize(
    ("kept", "of", "lower", "upper"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_gives_the_published_examples(kept, of, lower, upper):
    """Newcombe (1998), Statistics in Medicine 17:857, table I, method 5; an error seen is half a unit of the
    last digit.
    """
    assert np.round(estimate.proportion(kept, of), 4).tolist() == [lower, upper]


@pytest.mark.parametrize(("kept", "of"), [(138, 200), (199, 200), (1, 2)])
def test_clopper_pearson_bounds_put_their_level_into_each_tail_of_the_binomial_law(kept, of):
    lower, upper = estimate.proportion(kept, of)
    assert float(tail(kept, of, of, Fraction(float(lower)))) == near(0.025)
    assert float(tail(0, kept, of, Fraction(float(upper)))) == near(0.025)


@pytest.mark.parametrize("of", [1, 20, 200, 20_000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_bounds_of_none_and_of_all_have_their_closed_form(of, confidence):
    far = ((1 - confidence) / 2) ** (1 / of)
    lower, upper = estimate.proportion([0, of], of, confidence)
    assert lower.tolist() == [0, near(far)]
    assert upper.tolist() == [near(1 - far), 1]


def test_of_no_events_nothing_is_known():
    assert estimate.proportion(0, 0) == (0, 1)


# ratio


def test_a_ratio_worked_by_hand():
    """2 ÷ 1 and 6 ÷ 2: R = 8/3, residuals ∓2/3, standard error (2/3) ÷ 1.5 = 4/9; with one degree of freedom
    t is a tangent.
    """
    half = math.tan(0.475 * math.pi) * 4 / 9
    assert fields(estimate.ratio([2, 6], [1, 2])) == near([8 / 3, 8 / 3 - half, 8 / 3 + half, 2, 2.5, 3])


def test_over_equal_parts_a_ratio_is_a_mean():
    values = np.array([[3.0, 40], [5, 10], [1, 20], [9, 10]])
    assert fields(estimate.ratio(4 * values, np.full((4, 2), 4))) == near(fields(estimate.mean(values)))


def test_every_cell_is_estimated_by_itself():
    dice = np.random.default_rng(1)
    under = dice.integers(0, 4, (6, 3, 5))
    over = dice.binomial(under, 0.7)
    whole = fields(estimate.ratio(over, under))
    for cell in np.ndindex(3, 5):
        alone = fields(estimate.ratio(over[:, *cell], under[:, *cell]))
        assert alone == near(whole[:, *cell])


def test_a_share_and_its_complement_mirror_each_other():
    under = np.array([50, 0, 80, 20, 60, 10])
    over = np.array([49, 0, 80, 19, 57, 10])
    hits, misses = fields(estimate.ratio(over, under)), fields(estimate.ratio(under - over, under))
    assert hits == near(1 - misses[[0, 2, 1, 5, 4, 3]])


def test_the_bounds_of_a_share_are_as_far_as_wilson_says():
    """(share − bound)² = t² · bound · (1 − bound) ÷ n, where n = share · (1 − share) ÷ variance is fewer than
    the cases.
    """
    over, under = np.array([30, 10, 28, 35]), np.array([40, 30, 30, 40])
    share = over.sum() / under.sum()
    variance = 4 / 3 * np.sum((over - share * under) ** 2) / under.sum() ** 2
    effective = share * (1 - share) / variance
    assert effective < under.sum()
    t = 3.182446305284263  # tables: 3 degrees of freedom, 97.5 %
    found = estimate.ratio(over, under)
    for bound in (float(found.lower), float(found.upper)):
        assert (share - bound) ** 2 == near(t**2 * bound * (1 - bound) / effective)


def test_a_share_never_counts_more_cases_than_there_are():
    """Events more alike than independent cases make them: Wilson's bounds for the 40 cases, with 3 degrees of
    freedom.
    """
    found = estimate.ratio([5, 5, 5, 6], [10, 10, 10, 10])
    for bound in (float(found.lower), float(found.upper)):
        assert (21 / 40 - bound) ** 2 == near(3.182446305284263**2 * bound * (1 - bound) / 40)


def test_the_bounds_of_a_share_enclose_it_and_lie_within_the_scale():
    under = 10**9 * np.random.default_rng(1).integers(1, 1000, (5, 2000))
    few = under // 10**9 * [[1], [0], [0], [0], [0]]  # shares of about 10⁻¹⁰
    over = np.stack([np.zeros_like(under), few, under // 2, under])
    found = estimate.ratio(np.moveaxis(over, 0, 1), under[:, None])
    assert np.all(
        (found.lower >= 0) & (found.lower <= found.mean) & (found.mean <= found.upper) & (found.upper <= 1)
    )
    assert np.all(found.upper - found.lower > 0)


def test_an_event_with_nothing_over_and_under_changes_nothing():
    over, under = np.array([9, 4, 7]), np.array([10, 5, 7])
    more = estimate.ratio(np.append(over, [0, 0]), np.append(under, [0, 0]))
    assert fields(more) == near(fields(estimate.ratio(over, under)))


def test_a_share_is_never_certain_when_all_are_kept():
    """Wilson's bound is n ÷ (n + t²): t is 4.302653 with 2 degrees of freedom and 1.971957 with 199."""
    few, many = estimate.ratio([5, 5, 5], [5, 5, 5]), estimate.ratio([50] * 200, [50] * 200)
    assert (few.mean, few.upper, many.mean, many.upper) == (1, 1, 1, 1)
    assert float(few.lower) == pytest.approx(15 / (15 + 4.302653**2), abs=1e-6)
    assert float(many.lower) == pytest.approx(10_000 / (10_000 + 1.971957**2), abs=1e-9)
    none = estimate.ratio([0, 0, 0], [5, 5, 5])
    assert [none.mean, none.lower, float(none.upper)] == [0, 0, near(1 - few.lower)]


def test_the_lower_bound_of_a_share_falls_with_every_miss():
    over = np.full((20, 6), 50)
    for column in range(6):
        over[:column, column] -= 1
    assert np.all(np.diff(estimate.ratio(over, np.full((20, 6), 50)).lower) < 0)


def test_what_cannot_be_known_is_nan():
    assert fields(estimate.ratio([4], [5])) == near(
        [0.8, math.nan, math.nan, 0.8, 0.8, 0.8]
    )  # one replication
    assert fields(estimate.ratio([4, 0], [5, 0])) == near(
        [0.8, math.nan, math.nan, 0.8, 0.8, 0.8]
    )  # one that tells
    assert np.isnan(fields(estimate.ratio([0, 0], [0, 0]))).all()
    assert np.isnan(fields(estimate.ratio([7, 3], [0, 0]))).all()
    assert np.isnan(fields(estimate.mean([math.nan, math.nan]))).all()


def test_a_mean_worked_by_hand():
    """1, 2, 6 and a replication without a value: mean 3, variance 7, t with 2 degrees of freedom
    4.302652729911275.
    """
    half = 4.302652729911275 * math.sqrt(7 / 3)
    assert fields(estimate.mean([1, math.nan, 2, 6])) == near([3, 3 - half, 3 + half, 1, 2, 6])


def test_the_mean_of_a_constant_is_certain():
    assert fields(estimate.mean([5, 5, 5])).tolist() == [5] * 6


@pytest.mark.parametrize(
    "found", [lambda c: estimate.mean([1, 2, 6, 9], c), lambda c: estimate.ratio([4, 2, 9], [5, 5, 9], c)]
)
def test_more_confidence_is_a_wider_interval(found):
    narrow, wide = found(0.8), found(0.99)
    assert wide.lower < narrow.lower < narrow.mean < narrow.upper < wide.upper


# quantiles


@pytest.mark.parametrize("count", [1, 2, 5, 9, 10, 11, 20, 200])
def test_quantiles_are_midpoints_of_the_inverse_of_the_empirical_law(count):
    values = np.random.default_rng(count).normal(size=(count, 3))
    expected = np.quantile(values, [0.1, 0.5, 0.9], axis=0, method="averaged_inverted_cdf")
    assert np.array_equal(estimate.quantiles(values), expected)


def test_never_is_longer_than_any_time():
    assert [float(cut) for cut in estimate.quantiles([3, math.inf, 1, math.inf, 2])] == [1, 3, math.inf]


def test_an_event_without_a_value_is_left_out():
    assert np.array_equal(
        estimate.quantiles([[4, math.nan], [math.nan] * 2, [8, math.nan]]),
        [[4, math.nan], [6, math.nan], [8, math.nan]],
        True,
    )
