"""Generators and laws: every named use has numbers of its own, and each law the mean and spread it says.

Samples are of fixed seeds.  A wrong law is seen if its distribution is off by 0.8 % anywhere (Kolmogorov,
100,000 draws); a sound one would be called wrong once in 100,000 seeds.
"""

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.draw.durations import durations
from sim.draw.rng import factors, number, stream
from sim.plan import Law, Spread
from sim.tables import EFFORT_MAX
from tests.plans import RARE, SIGMAS

N = 100_000
MEAN = 10**8  # ms: so long that rounding to whole ms is nothing


def test_the_numbers_of_a_key_are_those_of_yesterday() -> None:
    # An alarm, not a claim: whoever changes these numbers changes every result ever saved.
    assert stream(1, 0, "arrivals", "everyday", "0").integers(1_000_000, size=4).tolist() == [
        367739,
        724045,
        255445,
        497833,
    ]
    assert stream(2**40, 199, "lead", "volunteers").integers(1_000_000, size=2).tolist() == [514172, 451282]


def test_every_part_of_a_key_matters() -> None:
    keys: list[tuple[Any, ...]] = [
        (1, 0, "a", "bc"),
        (1, 0, "ab", "c"),
        (1, 0, "abc"),
        (1, 1, "a", "bc"),
        (0, 1, "a", "bc"),
    ]
    keys += [(1, 0, "bc", "a"), (1, 0, "a", "bc", ""), (1 + 2**32, 0, "a", "bc"), (1, 0)]
    drawn = [stream(*key).random() for key in keys]
    assert len(set(drawn)) == len(keys)


def test_streams_of_neighbouring_keys_are_independent() -> None:
    drawn = np.array(
        [stream(1, replication, "x", str(name)).random(2) for replication in range(50) for name in range(40)]
    )
    assert stats.kstest(drawn.ravel(), "uniform").pvalue > RARE
    for one, other in itertools.combinations((drawn[:-1, 0], drawn[1:, 0], drawn[40:, 1]), 2):
        size = min(len(one), len(other))
        assert abs(np.corrcoef(one[:size], other[:size])[0, 1]) < SIGMAS / size**0.5


def test_a_certain_number_is_itself() -> None:
    assert number(1, 0, "teams.hub.pace", 1.6) == 1.6


@pytest.mark.parametrize(
    ("spread", "law"),
    [
        (Spread("uniform", (2.0, 5.0)), stats.uniform(2, 3)),
        (Spread("triangular", (50.0, 55.0, 65.0)), stats.triang(1 / 3, 50, 15)),
        (Spread("gamma", (0.06, 0.2)), stats.gamma(25, scale=0.06 / 25)),
    ],
)
def test_an_uncertain_number_follows_its_law_over_replications(spread: Spread, law: Any) -> None:
    drawn = [
        number(1, replication, "demand.all.people", spread) for replication in range(4000)
    ]  # sees 4 % of the law
    assert stats.kstest(drawn, law.cdf).pvalue > RARE
    assert spread.mean == pytest.approx(law.mean())


def test_an_uncertain_number_is_the_same_wherever_its_path_is_asked_for() -> None:
    spread = Spread("uniform", (0.0, 1.0))
    drawn = [number(7, 3, path, spread) for path in ("a.b", "a.c", "a.b")]
    assert drawn[0] == drawn[2] != drawn[1]


def test_factors_are_ones_without_spread() -> None:
    assert factors(stream(1, 0, "x"), 0.0, 3).tolist() == [1, 1, 1]


@pytest.mark.parametrize("cv", [0.12, 0.35, 1.0, 3.0])
def test_factors_are_gamma_with_mean_1(cv: float) -> None:
    drawn = factors(stream(1, 0, "factors"), cv, N)
    assert stats.kstest(drawn, stats.gamma(cv**-2, scale=cv**2).cdf).pvalue > RARE
    assert abs(drawn.mean() - 1) < SIGMAS * cv / N**0.5


def lognormal(cv: float) -> Any:
    sigma = np.sqrt(np.log1p(cv**2))
    return stats.lognorm(sigma, scale=MEAN * np.exp(-(sigma**2) / 2))


@pytest.mark.parametrize(
    ("law", "cv", "reference"),
    [
        ("lognormal", 0.3, lognormal(0.3)),
        ("lognormal", 0.8, lognormal(0.8)),
        ("gamma", 0.7, stats.gamma(0.7**-2, scale=MEAN * 0.7**2)),
        ("gamma", 1.5, stats.gamma(1.5**-2, scale=MEAN * 1.5**2)),
        ("exponential", 1.0, stats.expon(scale=MEAN)),
    ],
)
def test_durations_follow_their_law(law: Any, cv: float, reference: Any) -> None:
    assert reference.std() / reference.mean() == pytest.approx(cv)
    drawn = durations(stream(1, 0, "law"), Law(law, MEAN, cv), MEAN, N)
    assert stats.kstest(drawn, reference.cdf).pvalue > RARE
    assert abs(drawn.mean() - MEAN) < SIGMAS * cv * MEAN / N**0.5  # sees 1.1 % of the mean at cv 0.8
    # The error of a variance, from the fourth moment of the sample: sees about 2–5 % of the spread.
    squares = (drawn / MEAN - 1) ** 2
    assert abs(squares.mean() - cv**2) < SIGMAS * squares.std() / N**0.5


def test_a_constant_duration_is_its_mean() -> None:
    assert durations(stream(1, 0, "x"), Law("constant", 7.4, 0.0), 7.4, 3).tolist() == [7, 7, 7]


def test_no_duration_is_below_its_least_or_beyond_the_tables() -> None:
    short = durations(stream(1, 0, "x"), Law("exponential", 1.0, 1.0), 1.0, 1000)
    assert short.min() == 1
    assert durations(stream(1, 0, "x"), Law("exponential", 1.0, 1.0), 1.0, 1000, least=0).min() == 0
    assert durations(stream(1, 0, "x"), Law("exponential", 1e12, 1.0), 1e12, 1000).max() == EFFORT_MAX
