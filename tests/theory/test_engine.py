"""The engine against queueing theory: the cases of THEORY.md in steady state, and follow-ups.

Every comparison ends in `check(truth, sees=…)`: it fails if the figure lies outside its interval around the truth, and if
that interval is wider than `sees`, the error that it would have shown.  The length of each run follows from that.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim import theory
from sim.tables import Fate
from tests.theory import chains
from tests.theory.queues import SECOND, UNIT, Estimate, Floats, Record, generator, poisson, steady

pytestmark = pytest.mark.usefixtures("engine")

Law = Callable[[np.random.Generator, int], Floats]  # of service: so many draws with mean 1


def exponential(rng: np.random.Generator, size: int) -> Floats:
    return rng.exponential(1.0, size)


def constant(_: np.random.Generator, size: int) -> Floats:
    return np.ones(size)


def two_stages(rng: np.random.Generator, size: int) -> Floats:
    return rng.gamma(2, 0.5, size)


def mixed(cv2: float) -> Law:
    """One of two exponentials, balanced means."""
    start, rates, _ = chains.hyperexponential(cv2)
    return lambda rng, size: rng.exponential(1 / np.where(rng.random(size) < start, *rates))


def one_type(
    case: int, rate: float, agents: int, contacts: int, service: float = 1.0, patience: float | None = None,
    room: int | None = None, law: Law = exponential,
) -> Record:  # fmt: skip
    """One type at one team; patience is exponential."""
    rng = generator(case)
    arrivals = poisson(rng, rate, contacts / rate)
    services = service * law(rng, len(arrivals))
    patiences = None if patience is None else rng.exponential(patience, len(arrivals))
    return steady(arrivals, services, rate, service, patience=patiences, room=room, agents=agents)


def several_types(
    case: int, rates: list[float], agents: int, contacts: int, service: float, patience: float | None = None
) -> Record:
    """Several types at one team, the first before the second and so on; patience is exponential."""
    rng = generator(case)
    arrivals = poisson(rng, sum(rates), contacts / sum(rates))
    types = rng.choice(len(rates), len(arrivals), p=np.array(rates) / sum(rates))
    services = rng.exponential(service, len(arrivals))
    patiences = None if patience is None else rng.exponential(patience, len(arrivals))
    urgency = list(range(len(rates)))
    return steady(arrivals, services, sum(rates), service, patience=patiences, agents=agents, type=types, urgency=urgency)


# One type, one team, steady state.


def test_case_1_everybody_waits_until_served():
    record = one_type(1, rate=3.5, service=3, agents=13, contacts=300_000)
    record.share(record.wait).check(26.5569 * SECOND, sees=4 * SECOND)  # of all; with one agent less it is 67.7 s
    record.share(record.wait > 0).check(0.368846, sees=0.012)
    record.busy().check(10.5, sees=0.01)
    assert np.all(record.served)


def test_case_2_contacts_abandon():
    record = one_type(2, rate=3.5, service=3, agents=13, contacts=300_000, patience=5)
    record.share(record.wait).check(9.9128 * SECOND, sees=0.6 * SECOND)  # of all
    record.share(record.wait, record.served).check(9.1770 * SECOND, sees=0.6 * SECOND)  # of those served
    record.share(~record.served).check(0.033043, sees=0.002)
    record.share(record.wait > 0).check(0.281255, sees=0.008)
    record.queue().check(0.578247, sees=0.035)
    record.in_system().check(10.7313, sees=0.04)


@pytest.mark.parametrize(
    ("agents", "within", "occupancy", "wait_chance"), [(14, 0.887853, 0.714286, 0.174132), (15, 0.941127, 0.666667, 0.102042)]
)
def test_case_3_the_share_answered_within_20_seconds(agents, within, occupancy, wait_chance):
    record = one_type(3, rate=100 / 30, service=3, agents=agents, contacts=250_000)
    record.share(record.wait <= 0.33).check(within, sees=0.01)  # of all
    record.share(record.wait > 0).check(wait_chance, sees=0.01)
    record.busy().check(occupancy * agents, sees=0.01)


def test_case_4_contacts_abandon_near_capacity():
    record = one_type(4, rate=48, agents=50, contacts=400_000, patience=2)
    record.share(~record.served).check(0.0309122, sees=0.002)
    record.share(record.wait).check(3.7095 * SECOND, sees=0.3 * SECOND)  # of all
    record.share(record.wait, record.served).check(3.6159 * SECOND, sees=0.3 * SECOND)  # of those served
    record.share(record.served & (record.wait <= 20 * SECOND)).check(0.943018, sees=0.008)
    record.share(record.wait > 0).check(0.467774, sees=0.015)
    record.busy().check(0.930324 * 50, sees=0.12)


@pytest.mark.slow
def test_case_5_everybody_waits_near_capacity():
    record = one_type(5, rate=48, agents=50, contacts=800_000)
    record.share(record.wait > 0).check(0.694456, sees=0.02)
    record.share(record.wait).check(20.8337 * SECOND, sees=4 * SECOND)  # of all; with one agent less it is 50.2 s
    record.share(record.wait <= 58.139 * SECOND).check(0.9, sees=0.04)


@pytest.mark.parametrize(
    ("agents", "blocked", "law"),
    [(17, 0.012949, exponential), (16, 0.022302, exponential), (16, 0.022302, constant), (16, 0.022302, mixed(4))],
    ids=["17", "16", "16, constant", "16, two kinds"],
)
def test_case_6_lines_block_the_same_share_whatever_the_law_of_service(agents, blocked, law):
    record = one_type(6, rate=10, agents=agents, contacts=250_000, room=agents, law=law)
    record.share(record.outcome.fate == Fate.BLOCKED).check(blocked, sees=0.002)
    assert not np.any(record.wait > 0)


# Other laws of service; waits are of all contacts.


@pytest.mark.slow
@pytest.mark.parametrize(
    ("agents", "load", "wait", "wait_chance"),
    [(2, 0.8, 0.903284, 0.701898), (5, 0.8, 0.289060, 0.533615), (5, 0.9, 0.776695, 0.747829), (10, 0.9, 0.344582, 0.646861)],
)
def test_case_7_constant_service(agents, load, wait, wait_chance):
    record = one_type(7, rate=load * agents, agents=agents, contacts=200_000, law=constant)
    record.share(record.wait).check(wait, sees=0.12 * wait)
    record.share(record.wait > 0).check(wait_chance, sees=0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("agents", "load", "wait", "wait_chance"),
    [(2, 0.8, 1.342391, 0.708696), (5, 0.8, 0.423226, 0.548410), (10, 0.9, 0.508452, 0.662475)],
)
def test_case_8_service_in_two_stages(agents, load, wait, wait_chance):
    record = one_type(8, rate=load * agents, agents=agents, contacts=200_000, law=two_stages)
    record.share(record.wait).check(wait, sees=0.14 * wait)
    record.share(record.wait > 0).check(wait_chance, sees=0.012)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cv2", "agents", "load", "wait"),
    [(2, 5, 0.8, 0.792551), (2, 10, 0.9, 0.966845), (4, 5, 0.8, 1.254151), (4, 10, 0.9, 1.548955)],
)
def test_case_9_service_of_two_kinds(cv2, agents, load, wait):
    record = one_type(9, rate=load * agents, agents=agents, contacts=350_000, law=mixed(cv2))
    record.share(record.wait).check(wait, sees=0.24 * wait)  # exponential service: less by 30 % and more
    record.busy().check(load * agents, sees=0.03)


# Several types; waits are of all contacts of a type.


@pytest.mark.parametrize(("agents", "waits"), [(1, [0.238095, 0.324675, 0.909091]), (2, [0.0287356, 0.0331565, 0.0480769])])
def test_case_10_the_urgent_go_first_and_interrupt_nobody(agents, waits):
    record = several_types(10, [0.2, 0.6, 1.2], agents, contacts=250_000, service=1 / 3)
    for type_, wait in enumerate(waits):
        record.share(record.wait, record.world.workload.type == type_).check(wait, sees=0.12 * wait)


def test_case_11_the_urgent_go_first_and_contacts_abandon():
    record = several_types(11, [4, 7], agents=10, contacts=300_000, service=1, patience=2)
    record.share(record.wait > 0).check(0.750503, sees=0.01)
    record.busy().check(9.37480, sees=0.03)
    for type_, waiting, abandoned, wait in ((0, 0.427732, 0.053467, 0.106933), (1, 2.822676, 0.201620, 0.403239)):
        among = record.world.workload.type == type_
        record.queue(among).check(waiting, sees=0.04 * waiting)
        record.share(~record.served, among).check(abandoned, sees=0.006)
        record.share(record.wait, among).check(wait, sees=0.04 * wait)


def test_case_18_time_in_system_of_two_types_at_one_agent():
    record = several_types(18, [0.2, 0.6], agents=1, contacts=500_000, service=1)
    outcome = record.outcome
    for type_, time in enumerate((2.0, 6.0)):
        record.share((outcome.ended - outcome.arrived) / UNIT, record.world.workload.type == type_).check(
            time, sees=0.05 * time
        )


# Follow-ups: one contact in some asks again, an exponential time of mean 3 after its reply.


def follow_ups(case: int, rate: float, share: float, contacts: int, services: tuple[float, float], **columns: Any) -> Record:
    """Type 0 comes from outside; a share of it is followed up by type 1; services: their mean handle times."""
    rng = generator(case)
    arrivals = poisson(rng, rate, contacts / rate)
    asks_again = np.flatnonzero(rng.random(len(arrivals)) < share)
    delays = np.maximum(rng.exponential(3, len(asks_again)), 1 / UNIT)
    types = np.repeat([0, 1], [len(arrivals), len(asks_again)])
    return steady(
        np.concatenate([arrivals, delays]),
        rng.exponential(1, len(types)) * np.array(services)[types],
        rate,
        services[0],
        type=types,
        parent=np.concatenate([np.full(len(arrivals), -1), asks_again]),
        **columns,
    )


def content(record: Record) -> Estimate:
    """Customers between a reply and their follow-up, averaged over time."""
    follow_up, replied = record.world.workload.parent >= 0, record.outcome.ended[record.world.workload.parent] / UNIT
    return record.present(replied, record.arrived, follow_up)


def test_follow_ups_to_a_team_of_their_own_are_a_tandem():
    # Replies leave M/M/c as a Poisson process (Burke 1956), and so do follow-ups: the second team is M/M/c at share x rate.
    record = follow_ups(
        19, rate=8, share=0.5, contacts=300_000, services=(1, 1.5), group=[0] * 10 + [1] * 8, push=[[0, -1], [-1, 0]]
    )
    for type_, expected in ((0, theory.erlang_c(8, 1, 10)), (1, theory.erlang_c(4, 1.5, 8))):
        among = record.world.workload.type == type_
        record.share(record.wait, among).check(expected.wait_mean, sees=0.14 * expected.wait_mean)  # of all
        record.share(record.wait > 0, among).check(expected.wait_chance, sees=0.02)
        record.busy(among).check(8 if type_ == 0 else 6, sees=0.12)
    content(record).check(0.5 * 8 * 3, sees=0.2)


def test_follow_ups_to_the_same_team_are_erlang_r():
    # One station M/M/c in an open network of product form (Baskett et al. 1975), visited at (1 + share) x rate; and what
    # comes sees it as it is on average (the arrival theorem), replies and follow-ups alike.
    record = follow_ups(20, rate=8, share=0.25, contacts=400_000, services=(1, 1), agents=12)
    expected = theory.erlang_c(8 * 1.25, 1, 12)
    for type_ in (0, 1):
        among = record.world.workload.type == type_
        record.share(record.wait, among).check(expected.wait_mean, sees=0.16 * expected.wait_mean)  # of all
        record.share(record.wait > 0, among).check(expected.wait_chance, sees=0.015)
    record.queue().check(expected.queue_mean, sees=0.16 * expected.queue_mean)
    record.busy().check(10, sees=0.06)
    content(record).check(0.25 * 8 * 3, sees=0.12)
