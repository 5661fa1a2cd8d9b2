"""The closed forms against the figures of docs/theory.md, and against each other in the limit.

The figures are printed rounded: a comparison sees an error of half a unit of the last digit, unless stated
otherwise.
"""

import math
from dataclasses import astuple

import numpy as np
import pytest
from scipy import stats

from sim import theory
from tests.theory import chains
from tests.theory.queues import printed

# The figures of docs/theory.md, by case.


def test_case_1_the_mean_wait_of_all_in_erlang_c():
    assert 60 * theory.erlang_c(3.5, 3, 13).wait_mean == printed(26.5569, 4)


def test_case_2_erlang_a():
    queue = theory.erlang_a(3.5, 3, 13, 5)
    assert 60 * queue.wait_mean == printed(9.9128, 4)
    assert 60 * queue.wait_mean_served == printed(9.1770, 4)
    assert queue.queue_mean == printed(0.578247, 6)
    assert queue.queue_mean + 13 * queue.occupancy == printed(10.7313, 4)
    assert queue.abandoned == printed(0.033043, 6)
    assert queue.wait_chance == printed(0.281255, 6)


@pytest.mark.parametrize(
    ("agents", "within", "occupancy", "wait_chance"),
    [(14, 0.887853, 0.714286, 0.174132), (15, 0.941127, 0.666667, 0.102042)],
)
def test_case_3_the_share_answered_within_a_time(agents, within, occupancy, wait_chance):
    queue = theory.erlang_c(100 / 30, 3, agents)
    assert theory.erlang_c_within(100 / 30, 3, agents, 0.33) == printed(within, 6)
    assert queue.occupancy == printed(occupancy, 6)
    assert queue.wait_chance == printed(wait_chance, 6)


def test_case_4_erlang_a_near_capacity():
    queue = theory.erlang_a(48, 1, 50, 2)
    assert queue.abandoned == printed(0.0309122, 7)
    assert 60 * queue.wait_mean == printed(3.7095, 4)
    assert 60 * queue.wait_mean_served == printed(3.6159, 4)
    assert queue.occupancy == printed(0.930324, 6)
    assert queue.wait_chance == printed(0.467774, 6)


def test_case_5_erlang_c_near_capacity():
    queue = theory.erlang_c(48, 1, 50)
    assert queue.wait_chance == printed(0.694456, 6)
    assert 60 * queue.wait_mean == printed(20.8337, 4)
    # The printed percentile is good to .0005 s; the share within changes by 3.3e-3 a second there.
    assert theory.erlang_c_within(48, 1, 50, 58.139 / 60) == pytest.approx(0.9, abs=2e-6)


def test_case_6_erlang_b():
    assert theory.erlang_b(10, 1, 16) == printed(0.022302, 6)
    assert theory.erlang_b(10, 1, 17) == printed(0.012949, 6)


@pytest.mark.parametrize(
    ("agents", "waits"), [(1, [0.238095, 0.324675, 0.909091]), (2, [0.0287356, 0.0331565, 0.0480769])]
)
def test_case_10_nonpreemptive_priorities(agents, waits):
    assert theory.cobham([0.2, 0.6, 1.2], 1 / 3, agents) == pytest.approx(np.array(waits), abs=5.1e-7, rel=0)


@pytest.mark.parametrize(("time", "load"), [(4, 97.3200), (8, 111.3184), (12, 86.1952), (24, 86.7024)])
def test_case_12_the_offered_load_of_a_wave(time, load):
    # Steps of .004 and a million quantiles: off by up to 5e-5 (rates within a step) and 4e-5 (the last
    # quantile's tail).
    step, quantiles = 0.004, (np.arange(1e6) + 0.5) / 1e6
    middles = np.arange(step / 2, 25, step)
    loads = theory.offered_load(100 + 20 * np.sin(middles), step, -np.log1p(-quantiles))
    edge = round(time / step)
    assert loads[edge - 1 : edge + 1].mean() == pytest.approx(load, abs=1.5e-4, rel=0)


def test_case_18_two_types_at_one_agent():
    assert 1 + theory.cobham([0.2, 0.6], 1, 1) == pytest.approx(np.array([2.0, 6.0]), rel=1e-12)


# Limits and identities.


@pytest.mark.parametrize(("rate", "agents"), [(0.5, 1), (3.5, 4), (48, 50), (4900, 5000)])
def test_erlang_a_with_endless_patience_is_erlang_c(rate, agents):
    patient, endless = theory.erlang_a(rate, 1, agents, 1e11), theory.erlang_c(rate, 1, agents)
    assert astuple(patient) == pytest.approx(astuple(endless), rel=1e-7, abs=1e-10)


@pytest.mark.parametrize(("rate", "agents"), [(0.5, 1), (10, 16), (60, 50), (5500, 5000)])
def test_erlang_a_without_patience_is_erlang_b(rate, agents):
    # Who finds all agents busy is lost at once; some find one waiting, of whom there are about 1e-9 x rate.
    assert theory.erlang_a(rate, 1, agents, 1e-9).abandoned == pytest.approx(
        theory.erlang_b(rate, 1, agents), rel=1e-4
    )


@pytest.mark.parametrize(("rate", "agents"), [(0.5, 1), (10, 7), (60, 50), (5500, 5000)])
def test_with_patience_like_service_the_number_present_is_poisson_at_any_staffing(rate, agents):
    queue = theory.erlang_a(rate, 1, agents, 1)
    assert queue.queue_mean + agents * queue.occupancy == pytest.approx(rate, rel=1e-9)
    assert queue.wait_chance == pytest.approx(stats.poisson.sf(agents - 1, rate), rel=1e-9)


@pytest.mark.parametrize("patience", [0.1, 2.0, 30.0])
@pytest.mark.parametrize(("rate", "agents"), [(3.0, 5), (48.0, 50), (90.0, 50)])
def test_erlang_a_serves_whom_it_does_not_lose(rate, agents, patience):
    queue = theory.erlang_a(rate, 1, agents, patience)
    assert agents * queue.occupancy == pytest.approx(rate * (1 - queue.abandoned), rel=1e-9)


@pytest.mark.parametrize(
    ("rate", "agents", "patience", "longest"), [(3, 5, 30, 30), (48, 50, 2, 5), (60, 50, 2, 5)]
)
def test_the_wait_of_those_served_by_erlang_a_is_the_area_over_its_distribution(
    rate, agents, patience, longest
):
    queue = theory.erlang_a(rate, 1, agents, patience)
    nodes, weights = np.polynomial.legendre.leggauss(100)
    times = longest * (nodes + 1) / 2
    in_time = np.array([chains.erlang_a_within(rate, 1, agents, patience, time) for time in times])
    area = (1 - queue.abandoned - in_time) @ weights * longest / 2
    assert area / (1 - queue.abandoned) == pytest.approx(queue.wait_mean_served, rel=1e-9)


def test_erlang_a_far_beyond_capacity_answers_what_it_can():
    queue = theory.erlang_a(6000, 1, 5000, 100)
    assert queue.abandoned == pytest.approx(1 - 5000 / 6000, rel=1e-9)
    assert queue.wait_mean == pytest.approx(100 / 6, rel=1e-9)
    assert queue.occupancy == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize("agents", [1, 7, 3000])
def test_one_type_under_priorities_waits_as_in_erlang_c(agents):
    rate = 0.9 * agents
    assert theory.cobham([rate], 1, agents) == pytest.approx(
        [theory.erlang_c(rate, 1, agents).wait_mean], rel=1e-12
    )


def test_priorities_move_waiting_about_and_save_none():
    rates = np.array([1.0, 2.5, 4.0])
    waits = theory.cobham(rates, 1, 9)
    assert rates @ waits == pytest.approx(theory.erlang_c(7.5, 1, 9).queue_mean, rel=1e-12)


def test_pollaczek_khinchine_is_erlang_c_for_exponential_service_and_half_of_it_for_constant():
    wait = theory.erlang_c(0.8, 1, 1).wait_mean
    assert theory.pollaczek_khinchine(0.8, 1, 1) == pytest.approx(wait, rel=1e-12)
    assert theory.pollaczek_khinchine(0.8, 1, 0) == pytest.approx(wait / 2, rel=1e-12)


def test_everybody_is_answered_at_once_or_waits():
    assert theory.erlang_c_within(48, 1, 50, 0) == pytest.approx(
        1 - theory.erlang_c(48, 1, 50).wait_chance, rel=1e-12
    )


def test_erlang_b_of_ten_thousand_agents_follows_its_limit():
    # At load = agents = n, the blocked share is sqrt(2 / (pi n)) (1 + O(1 / sqrt(n))).
    assert theory.erlang_b(10_000, 1, 10_000) == pytest.approx(math.sqrt(2 / math.pi / 10_000), rel=0.01)
    assert theory.erlang_b(1, 1, 10_000) == 0.0  # and nothing overflows on the way there


# Offered load and square-root staffing.


def test_the_offered_load_of_constant_handle_times_is_exact():
    # 1 a minute for 30 minutes, 10 minutes each, in steps of 15: it rises for 10 minutes, stays at 10, and
    # falls for 10.
    assert theory.offered_load([1, 1, 0, 0], 15, [10]) == pytest.approx(
        [10 * 10 / 15, 10, 10 * 5 / 15, 0], abs=1e-12
    )


def test_offered_load_adds_up_over_handle_times():
    rates = [3, 0, 7, 1]
    both = theory.offered_load(rates, 2, [1, 9])
    assert both == pytest.approx(
        (theory.offered_load(rates, 2, [1]) + theory.offered_load(rates, 2, [9])) / 2, rel=1e-12
    )


def test_all_work_that_arrives_is_offered():
    rng = np.random.default_rng(0)
    rates, services = np.concatenate([rng.uniform(0, 9, 50), np.zeros(40)]), rng.gamma(0.5, 4, 1000)
    loads = theory.offered_load(rates, 0.7, services)
    assert services.max() < 40 * 0.7
    assert loads.sum() == pytest.approx(rates.sum() * services.mean(), rel=1e-12)


def test_a_long_constant_rate_offers_rate_times_handle_time():
    assert theory.offered_load(np.full(20, 2.5), 1, [3, 5])[-1] == pytest.approx(2.5 * 4, rel=1e-12)


def test_nothing_comes_of_no_steps():
    assert theory.offered_load([], 1, [1]).shape == (0,)


@pytest.mark.parametrize("load", [100, 1000, 10_000])
def test_square_root_safety_gives_the_same_chance_to_wait_at_any_size(load):
    # Halfin & Whitt (1981): P(wait) tends to 1 / (1 + b Phi(b) / phi(b)) = .22336 at b = 1.
    wait_chance = theory.erlang_c(load, 1, math.ceil(load + math.sqrt(load))).wait_chance
    assert wait_chance == pytest.approx(0.22336, abs=0.2 / math.sqrt(load))


# What is refused.


@pytest.mark.parametrize(
    ("call", "fault"),
    [
        (lambda: theory.erlang_b(-1, 1, 1), "arrival_rate is at least 0"),
        (lambda: theory.erlang_b(1, 0, 1), "service is above 0"),
        (lambda: theory.erlang_b(1, 1, -1), "agents is at least 0"),
        (lambda: theory.erlang_b(math.nan, 1, 1), "arrival_rate is at least 0 and finite, not nan"),
        (lambda: theory.erlang_c(5, 1, 5), "offered load 5 is not below 5 agents"),
        (lambda: theory.erlang_c(0, 1, 0), "agents is at least 1"),
        (lambda: theory.erlang_c_within(4, 1, 5, -1), "within is at least 0"),
        (lambda: theory.erlang_c_within(4, 1, 5, math.nan), "within is at least 0"),
        (lambda: theory.erlang_a(5, 1, 0, 1), "agents is at least 1"),
        (lambda: theory.erlang_a(5, 1, 5, 0), "patience is above 0"),
        (lambda: theory.erlang_a(5, 1, 5, math.inf), "patience is above 0 and finite"),
        (lambda: theory.erlang_a(6, 1, 5, 1e9), "needs more than 10000000 states"),
        (lambda: theory.cobham([1, -1], 1, 5), "arrival_rates are at least 0"),
        (lambda: theory.cobham([3, 3], 1, 5), "not below 5 agents"),
        (lambda: theory.pollaczek_khinchine(1, 1, 1), "not below 1 agents"),
        (lambda: theory.pollaczek_khinchine(0.5, 1, -1), "service_cv is at least 0"),
        (lambda: theory.offered_load([1, math.nan], 1, [1]), "rates are at least 0"),
        (lambda: theory.offered_load([1], 0, [1]), "step is above 0"),
        (lambda: theory.offered_load([1], 1, []), "at least one handle time"),
        (lambda: theory.offered_load([1], 1, [math.inf]), "services are at least 0 and finite"),
    ],
)
def test_a_bad_argument_is_named(call, fault):
    with pytest.raises(ValueError, match=fault):
        call()
