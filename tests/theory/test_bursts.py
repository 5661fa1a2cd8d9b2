"""Bursts against the theory of self-exciting processes (Hawkes 1971; Hawkes & Oakes 1974): each contact
brings others.

With a share of 60 % brought by others a contact brings 0.6 more on average, and a family has 1 / (1 − 0.6) =
2.5.
"""

import numpy as np
from scipy import stats

from sim.draw.arrivals import with_bursts
from sim.draw.demand import draw_demand
from sim.draw.rng import Dice
from sim.plan import Bursts, Law
from sim.units import DAY, HOUR, MINUTE
from tests.plans import RARE, SIGMAS, plan

SHARE = 0.6
FAR = 10**15
AFTER = Law("exponential", 10 * MINUTE, 1.0)


def families(roots: int, share: float = SHARE, after: Law = AFTER) -> np.ndarray:
    """The times of all contacts of families whose first ones come so far apart that no two meet, by
    family.
    """
    apart = 100 * DAY
    times = with_bursts(np.arange(roots) * apart, Bursts(share, after), FAR, Dice(1, 0, ("all",)))
    return np.column_stack([times // apart, times % apart])


def test_the_size_of_a_family_is_borel() -> None:
    roots = 40_000
    sizes = np.bincount(families(roots)[:, 0], minlength=roots)
    k = np.arange(1, 9)
    chance = stats.poisson.pmf(k - 1, SHARE * k) / k  # Borel (1942): e^(−μk) (μk)^(k−1) / k!
    expected = roots * np.append(chance, 1 - chance.sum())
    seen = np.append([(sizes == size).sum() for size in k], (sizes > 8).sum())
    assert stats.chisquare(seen, expected).pvalue > RARE  # sees 2 % of the alone
    assert abs(sizes.mean() - 2.5) < SIGMAS * (SHARE / (1 - SHARE) ** 3 / roots) ** 0.5  # sees 2.8 %


def test_who_is_brought_comes_its_delay_after_who_brings_it() -> None:
    found = families(40_000, after=Law("constant", 10 * MINUTE, 0.0))
    generation = np.bincount(found[:, 1] // (10 * MINUTE))
    assert set(found[:, 1] % (10 * MINUTE)) == {0}
    for link in (1, 2, 3):  # a branching process: each generation is 0.6 of the one before
        few = generation[link - 1]
        assert abs(generation[link] / few - SHARE) < SIGMAS * (SHARE / few) ** 0.5  # sees 2 %


def test_bursts_keep_the_mean_of_the_rate_and_widen_the_spread_of_long_counts() -> None:
    text = "{all: {rate: 600 / d, bursts: {share: 60 %, after: {mean: 1 min, law: exponential}}}}"
    some = plan(lasts="20 d", demand=text)
    counts = np.concatenate(
        [
            np.histogram(draw_demand(some.demand, 1, r).time, np.arange(1, 80) * 6 * HOUR)[0]
            for r in range(100)
        ]
    )
    mean = 150.0
    dispersion = (
        1 / (1 - SHARE) ** 2
    )  # variance over mean of counts in windows much longer than families last (Hawkes 1971)
    assert abs(counts.mean() - mean) < SIGMAS * (mean * dispersion / len(counts)) ** 0.5  # sees 1 %
    assert (
        abs(counts.var() / mean / dispersion - 1) < 0.02 + SIGMAS * (2.3 / len(counts)) ** 0.5
    )  # 2 %: edges of windows


def test_without_bursts_counts_are_poisson_and_with_them_nobody_comes_after_the_end() -> None:
    times = np.full(1000, 50 * MINUTE)
    assert with_bursts(times, Bursts(0.0, AFTER), HOUR, Dice(1, 0, ("all",))).tolist() == times.tolist()
    found = with_bursts(times, Bursts(0.9, AFTER), HOUR, Dice(1, 0, ("all",)))
    assert len(found) > 1500
    assert found.max() < HOUR
    assert np.all(np.diff(found) >= 0)
