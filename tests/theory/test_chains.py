"""The Markov chains of this folder against the figures of docs/theory.md: two sources for each figure."""

import numpy as np
import pytest
from scipy import integrate

from sim import theory
from tests.theory import chains
from tests.theory.queues import printed


def test_case_4_the_share_served_in_20_seconds():
    # Printed .943018; the closed form gives .9430190, one unit of the last digit more.
    assert chains.erlang_a_within(48, 1, 50, 2, 20 / 60) == pytest.approx(0.943018, abs=1.1e-6)


@pytest.mark.parametrize(
    ("load", "agents", "wait", "wait_chance"),
    [
        (0.8, 2, 0.903284, 0.701898),
        (0.8, 5, 0.289060, 0.533615),
        (0.9, 5, 0.776695, 0.747829),
        (0.9, 10, 0.344582, 0.646861),
    ],
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
    assert chains.phase_service(load, agents, chains.hyperexponential(cv2))[0] == pytest.approx(
        wait, abs=3e-6
    )


def test_the_chain_of_service_in_phases_with_one_phase_is_erlang_c():
    queue = theory.erlang_c(4, 1, 5)
    assert chains.phase_service(0.8, 5, chains.erlang(1)) == pytest.approx(
        (queue.wait_mean, queue.wait_chance), rel=1e-9
    )


def test_case_11_two_types_and_patience():
    figures = chains.v_model(4, 7, 10, 0.5)
    assert figures["delayed"] == printed(0.750503, 6)
    assert (figures["first"], figures["second"]) == (printed(0.427732, 6), printed(2.822676, 6))
    assert (0.5 * figures["first"] / 4, 0.5 * figures["second"] / 7) == (
        printed(0.053467, 6),
        printed(0.201620, 6),
    )
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


def test_the_chain_of_who_redials_is_the_formula_for_one_agent_and_erlang_b_without_redials():
    # Falin (1990): ρ (λ + ρ γ) / ((1 − ρ) γ) between tries.
    figures = chains.retrials(0.25, 1, again=0.25)
    assert figures["between tries"] == pytest.approx(0.25 * (0.25 + 0.25 * 0.25) / (0.75 * 0.25), rel=1e-9)
    assert figures["first try blocked"] == pytest.approx(0.25, rel=1e-9)
    assert chains.retrials(2.4, 3, again=1, share=0)["first try blocked"] == pytest.approx(
        theory.erlang_b(2.4, 1, 3), rel=1e-9
    )


def test_the_chain_of_who_writes_again_is_a_queue_with_room_if_nobody_does():
    # M/M/c/K by its birth and death weights.
    weights = [1.0]
    for n in range(1, 6):
        weights.append(weights[-1] * 1.2 / min(n, 2))
    for figures in (
        chains.nudges(1.2, 2, 5, nudge=0, recognised=0.5),
        chains.nudges(1.2, 2, 5, nudge=1e-9, recognised=0),
    ):
        assert figures["blocked"] == pytest.approx(weights[-1] / sum(weights), rel=1e-6)
        assert figures["waiting"] == pytest.approx(
            (weights[3] + 2 * weights[4] + 3 * weights[5]) / sum(weights), rel=1e-6
        )
        assert figures["recognised"] == 0


def test_case_14_who_needs_a_reply_in_erlang_r_with_agents_without_limit():
    def flow(time, now):
        needy, content = now
        return [30 + 10 * np.sin(2 * np.pi * time / 24) + content / 2 - needy, 2 / 3 * needy - content / 2]

    solved = integrate.solve_ivp(flow, (0, 24), [0, 0], t_eval=[3, 6, 12, 24], rtol=1e-10, atol=1e-10)
    assert solved.y[0].tolist() == [printed(needy, 4) for needy in (43.5090, 67.6352, 85.0979, 75.9913)]
