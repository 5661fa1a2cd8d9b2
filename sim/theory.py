"""Closed forms of queueing theory: what averages say, and what the engines are held against.

Rates are contacts per unit of time, service and patience are mean times in that same unit, whichever it is.
Service is exponential unless a docstring says otherwise; arrivals are Poisson; contacts are taken oldest
first; the queue is in steady state.  Every function raises ValueError on arguments that are negative, not
finite or without a steady state.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

STATES_MAX = 10_000_000  # of a chain held in memory at once
NEGLIGIBLE = 45.0  # states this far below the peak in log probability are left out: exp(-45) is 3e-20

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Queue:
    """What contacts meet in a queue in steady state."""

    wait_chance: float  # share of contacts that wait at all
    wait_mean: float  # of all contacts, abandoned ones included
    wait_mean_served: float  # of the contacts that are served
    abandoned: float  # share of contacts
    queue_mean: float  # contacts waiting, averaged over time
    occupancy: float  # share of the agents' time in which they are busy


def erlang_b(arrival_rate: float, service: float, agents: int) -> float:
    """The share of contacts blocked by M/G/agents without a queue, whatever the law of service.

    agents may be 0: then all are blocked.  The recursion in the number of agents neither overflows nor loses
    digits.  Source: Erlang (1917).
    """
    offered = _offered(arrival_rate, service)
    _require(agents >= 0, f"agents is at least 0, not {agents}")
    blocked = 1.0
    for n in range(1, agents + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return blocked


def erlang_c(arrival_rate: float, service: float, agents: int) -> Queue:
    """The queue M/M/agents, in which every contact waits until it is served.

    ValueError if the offered load, arrival_rate x service, is not below agents: the queue would grow for
    ever.  Source: Erlang (1917).
    """
    offered = _stable(arrival_rate, service, agents)
    blocked = erlang_b(arrival_rate, service, agents)
    wait_chance = blocked * agents / (agents - offered * (1 - blocked))
    wait = wait_chance * service / (agents - offered)
    return Queue(wait_chance, wait, wait, 0.0, arrival_rate * wait, offered / agents)


def erlang_c_within(arrival_rate: float, service: float, agents: int, within: float) -> float:
    """The share of contacts of M/M/agents whose wait is at most `within`, for `within` of 0 or more."""
    _require(within >= 0, f"within is at least 0, not {within}")
    queue = erlang_c(arrival_rate, service, agents)
    spare = agents / service - arrival_rate  # a wait above 0 is exponential with this rate
    return 1 - queue.wait_chance * math.exp(-spare * within)


def erlang_a(arrival_rate: float, service: float, agents: int, patience: float) -> Queue:
    """The queue M/M/agents+M, in which a contact abandons when its exponential patience, of this mean, ends.

    It is stable at any load.  The states are summed, in log space and without cancellation, up to where the
    rest cannot matter; ValueError if that takes more than 10 million (overload that lasts for millions of
    contacts).  wait_mean_served is 0 if no contact comes.  Source: Garnett, Mandelbaum & Reiman (2002).
    """
    offered = _offered(arrival_rate, service)
    _require(agents >= 1, f"agents is at least 1, not {agents}")
    _require(0 < patience < math.inf, f"patience is above 0 and finite, not {patience}")
    if offered == 0:
        return Queue(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

    freed = agents / service  # rate at which agents finish while all are busy
    ahead = np.arange(_longest_queue(arrival_rate, service, agents, patience))  # contacts waiting
    drained = freed + (ahead + 1) / patience  # rate at which one more than `ahead` become `ahead`
    states = _birth_death(arrival_rate, np.concatenate([np.arange(1, agents + 1) / service, drained[:-1]]))
    waiting = states[agents:]  # chance that all agents are busy and `ahead` wait

    queue_mean = float(waiting @ ahead)
    wait_mean = queue_mean / arrival_rate
    abandoned = wait_mean / patience
    # A contact that finds `ahead` waiting is served with chance freed / drained (exp(-wait offered /
    # patience) is Beta(freed x patience, ahead + 1)), and then has waited the sum of 1 / drained up to there.
    wait_served = float(waiting @ (freed / drained * np.cumsum(1 / drained)))
    occupancy = float(states @ np.minimum(np.arange(len(states)), agents)) / agents
    return Queue(
        float(waiting.sum()), wait_mean, wait_served / (1 - abandoned), abandoned, queue_mean, occupancy
    )


def cobham(arrival_rates: ArrayLike, service: float, agents: int) -> Floats:
    """The mean waits of contact types served by urgency, without interrupting what is in hand.

    arrival_rates [k], most urgent first; all types have the same exponential service.  Returns [k], waits of
    all contacts.  ValueError unless all types together can be served.  Source: Cobham (1954).
    """
    rates = _nonnegative(arrival_rates, "arrival_rates")
    clear = erlang_c(float(rates.sum()), service, agents).wait_chance * service / agents
    spare = 1 - np.concatenate([[0.0], np.cumsum(rates)]) * service / agents
    return clear / (spare[:-1] * spare[1:])


def pollaczek_khinchine(arrival_rate: float, service: float, service_cv: float) -> float:
    """The mean wait in M/G/1, for service of any law with this mean and coefficient of variation.

    Source: Pollaczek (1930), Khinchine (1932).
    """
    offered = _stable(arrival_rate, service, 1)
    _require(0 <= service_cv < math.inf, f"service_cv is at least 0 and finite, not {service_cv}")
    return offered * service * (1 + service_cv**2) / (2 * (1 - offered))


def offered_load(rates: ArrayLike, step: float, services: ArrayLike) -> Floats:
    """The agents that would be busy if no contact ever waited (Mt/G/infinity), averaged over each step.

    rates [p]: arrivals per unit of time, constant within a step; step: its length; services [any]: equally
    likely handle times, one for a constant, else a sample or evenly spaced quantiles of their law.  Returns
    [p], exact for such rates and services.  The hub is empty at the start; what is in hand after the last
    step is not counted, so the sum times step is at most the work that arrives.  Loads of contact types add
    up: call it once for each.  Source: Eick, Massey & Whitt (1993).
    """
    arrivals, times = _nonnegative(rates, "rates"), np.sort(_nonnegative(services, "services"))
    _require(0 < step < math.inf, f"step is above 0 and finite, not {step}")
    _require(len(times) > 0, "services has at least one handle time")
    if len(arrivals) == 0:
        return arrivals
    lags = min(
        len(arrivals), math.ceil(times[-1] / step) + 1
    )  # steps in which a contact can still be in hand
    edges = step * np.arange(lags + 1)
    # Work done up to x, summed once more over x: x²/2 while in hand, then s (x - s/2).  Its second
    # differences are the work that an arrival, spread evenly over one step, brings into that step and each
    # later one.
    done = np.searchsorted(times, edges, side="right")
    sums, squares = (np.concatenate([[0.0], np.cumsum(times**power)]) for power in (1, 2))
    area = (sums[done] * edges - squares[done] / 2 + (len(times) - done) * edges**2 / 2) / len(times)
    kernel = np.maximum(0.0, np.diff(np.diff(area), prepend=0.0))  # [lags]
    return np.convolve(arrivals, kernel / step)[: len(arrivals)]


def _longest_queue(arrival_rate: float, service: float, agents: int, patience: float) -> int:
    """A queue beyond which the states of Erlang A cannot matter; at least 1."""
    excess = arrival_rate - agents / service
    spread = arrival_rate * patience
    # Above its peak, at excess x patience, the queue has at most the tail of a Poisson number (Bernstein) …
    third = NEGLIGIBLE / 3
    longest = max(0.0, excess * patience) + third + math.sqrt(third**2 + 2 * NEGLIGIBLE * spread)
    # … and below capacity at most that of the queue without patience.
    if excess < 0:
        longest = min(longest, NEGLIGIBLE / -math.log(arrival_rate * service / agents))
    _require(longest + agents <= STATES_MAX, f"needs more than {STATES_MAX} states")
    return math.ceil(longest) + 1


def _birth_death(birth: float, deaths: Floats) -> Floats:
    """The probabilities of the states 0 … len(deaths) of a chain with a constant birth rate.

    deaths: the rates out of the states 1, 2, ….
    """
    logs = np.concatenate([[0.0], np.cumsum(np.log(birth) - np.log(deaths))])
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def _offered(arrival_rate: float, service: float) -> float:
    _require(0 <= arrival_rate < math.inf, f"arrival_rate is at least 0 and finite, not {arrival_rate}")
    _require(0 < service < math.inf, f"service is above 0 and finite, not {service}")
    return arrival_rate * service


def _stable(arrival_rate: float, service: float, agents: int) -> float:
    offered = _offered(arrival_rate, service)
    _require(agents >= 1, f"agents is at least 1, not {agents}")
    _require(
        offered < agents,
        f"the offered load {offered:g} is not below {agents} agents: the queue would grow for ever",
    )
    return offered


def _nonnegative(values: ArrayLike, name: str) -> Floats:
    array = np.asarray(values, np.float64)
    _require(bool(np.all((array >= 0) & (array < math.inf))), f"{name} are at least 0 and finite")
    return array


def _require(fact: bool, rule: str) -> None:
    if not fact:
        raise ValueError(rule)
