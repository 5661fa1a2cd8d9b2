"""The Markov chains of this folder against the figures of THEORY.md, which thus hold twice."""

import pytest

from sim import theory
from tests.theory import chains
from tests.theory.queues import printed


def test_case_4_the_share_served_in_20_seconds():
    # Printed .943018; the closed form gives .9430190, one unit of the last digit more.
    assert chains.erlang_a_within(48, 1, 50, 2, 20 / 60) == pytest.approx(0.943018, abs=1.1e-6)


@pytest.mark.parametrize(
    ("load", "agents", "wait", "wait_chance"),
    [(0.8, 2, 0.903284, 0.701898), (0.8, 5, 0.289060, 0.533615), (0.9, 5, 0.776695, 0.747829), (0.9, 10, 0.344582, 0.646861)],
)
def test_case_7_constant_service(load, agents, wait, wait_chance):
    assert chains.constant_service(load, agents) == (printed(wait, 6), printed(wait_chance, 6))


@pytest.mark.parametrize(
    ("load", "agents", "wait", "wait_chance"),
    [(0.8, 2, 1.342391, 0.708696), (0.8, 5, 0.423226, 0.548410), (0.9, 10, 0.508452, 0.662475)],
)
def test_case_8_service_in_two_stages(load, agents, wait, wait_chance):
    assert chains.phase_service(load, agents, chains.erlang(2)) == (printed(wait, 6), printed(wait_chance, 6))


@pytest.mark.parametrize(
    ("cv2", "load", "agents", "wait"),
    [(2, 0.8, 5, 0.792551), (2, 0.9, 10, 0.966845), (4, 0.8, 5, 1.254151), (4, 0.9, 10, 1.548955)],
)
def test_case_9_hyperexponential_service(cv2, load, agents, wait):
    # The chain is cut off at 400 present, which costs up to 3e-6 at (4, .9, 10).
    assert chains.phase_service(load, agents, chains.hyperexponential(cv2))[0] == pytest.approx(wait, abs=3e-6)


def test_the_chain_of_service_in_phases_with_one_phase_is_erlang_c():
    queue = theory.erlang_c(4, 1, 5)
    assert chains.phase_service(0.8, 5, chains.erlang(1)) == pytest.approx((queue.wait_mean, queue.wait_chance), rel=1e-9)


def test_case_11_two_types_and_patience():
    figures = chains.v_model(4, 7, 10, 0.5)
    assert figures["delayed"] == printed(0.750503, 6)
    assert (figures["first"], figures["second"]) == (printed(0.427732, 6), printed(2.822676, 6))
    assert (0.5 * figures["first"] / 4, 0.5 * figures["second"] / 7) == (printed(0.053467, 6), printed(0.201620, 6))
    assert (figures["first"] / 4, figures["second"] / 7) == (printed(0.106933, 6), printed(0.403239, 6))
    assert figures["occupancy"] == printed(0.937480, 6)


def test_case_13_a_visit_to_erlang_r_waits_as_in_erlang_c():
    queue = theory.erlang_c(30 / (1 - 2 / 3), 1, 95)
    assert queue.wait_chance == printed(0.496609, 6)
    assert queue.wait_mean == printed(0.099322, 6)


def test_case_15_from_empty():
    figures = chains.from_empty(4.2, 2, 12, length=480, within=20 / 60)
    assert figures["in_time"] == printed(1815.272, 3)
    assert figures["in_time"] / 2016 == printed(0.90043, 5)
    assert figures["wait"] / 2016 == printed(0.10068, 5)
    assert figures["occupancy"] == printed(0.69693, 5)


def test_case_16_from_empty_with_patience():
    figures = chains.from_empty(4.2, 2, 12, length=480, within=20 / 60, patience=1)
    assert figures["left"] == printed(59.263, 3)
    assert figures["in_time"] == printed(1906.719, 3)
    assert figures["occupancy"] == printed(0.67656, 5)
    # The printed share leaves those out who abandon in less than 20 s.
    assert figures["in_time"] / (2016 - figures["left_in_time"]) == printed(0.96819, 5)


def test_case_17_from_empty_with_at_most_5_waiting():
    figures = chains.from_empty(4.2, 2, 12, length=480, within=20 / 60, room=17)
    assert figures["blocked"] == printed(18.863, 3)
    assert figures["in_time"] == printed(1854.069, 3)
    assert figures["occupancy"] == printed(0.69047, 5)
