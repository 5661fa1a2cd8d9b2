"""Exact figures of single cases, each from its own Markov chain: what THEORY.md says, computed a second time."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse, special, stats
from scipy.sparse.linalg import spsolve

from sim import theory

Floats = NDArray[np.float64]
State = tuple[int, ...]
Move = tuple[State, State, float]  # from, to, rate
Phases = tuple[float, tuple[float, float], bool]  # of service: chance to start in the first, rates out, first then second


def stationary(moves: Iterable[Move]) -> dict[State, float]:
    """The chance of every state of a chain; states that nothing leads out of are cut off."""
    moves = [move for move in moves if move[2] > 0]
    row = {state: index for index, state in enumerate(dict.fromkeys(state for state, _, _ in moves))}
    out, into, rate = (np.array(c) for c in zip(*((row[a], row[b], r) for a, b, r in moves if b in row), strict=True))
    size = len(row)
    balance = sparse.coo_array((rate, (into, out)), (size, size)) - sparse.diags_array(np.bincount(out, rate, size))
    balance = balance.tocsc()
    # The first state has weight 1, and its own balance follows from the others.
    weights = np.concatenate([[1.0], spsolve(balance[1:, 1:], -balance[1:, [0]].toarray().ravel())])
    return dict(zip(row, (weights / weights.sum()).tolist(), strict=True))


def v_model(first: float, second: float, agents: int, leaving: float, longest: int = 60) -> dict[str, float]:
    """Two types with these rates at one team, the first always first: P(delay), numbers waiting, occupancy."""
    moves: list[Move] = []
    for n in range(agents):
        moves += [((n, 0, 0), (n + 1, 0, 0), first + second), ((n + 1, 0, 0), (n, 0, 0), n + 1.0)]
    for i in range(longest):
        for j in range(longest):
            here, fewer, less = (agents, i, j), (agents, i - 1, j), (agents, i, j - 1)
            moves += [(here, (agents, i + 1, j), first), (here, (agents, i, j + 1), second)]
            moves += [(here, fewer, leaving * i), (here, less, leaving * j)]
            if i or j:
                moves += [(here, fewer if i else less, float(agents))]
    chance = stationary(moves)
    return {
        "delayed": sum(p for (n, _, _), p in chance.items() if n == agents),
        "first": sum(p * i for (_, i, _), p in chance.items()),
        "second": sum(p * j for (_, _, j), p in chance.items()),
        "occupancy": sum(p * n for (n, _, _), p in chance.items()) / agents,
    }


def phase_service(load: float, agents: int, phases: Phases, longest: int = 400) -> tuple[float, float]:
    """Mean wait and P(wait) of M/G/agents at this load per agent, for service in one or two exponential phases."""
    arrival = load * agents
    start, rates, on = phases
    moves: list[Move] = []
    for n in range(longest):
        busy = min(n, agents)
        for i in range(busy + 1):  # busy in the first phase
            if n < agents:
                moves += [((n, i), (n + 1, i + 1), arrival * start), ((n, i), (n + 1, i), arrival * (1 - start))]
            else:
                moves += [((n, i), (n + 1, i), arrival)]
            if on:
                moves += [((n, i), (n, i - 1), rates[0] * i)]
            for rate, left in ((0.0 if on else rates[0] * i, i - 1), (rates[1] * (busy - i), i)):
                if n > agents:
                    moves += [((n, i), (n - 1, left + 1), rate * start), ((n, i), (n - 1, left), rate * (1 - start))]
                else:
                    moves += [((n, i), (n - 1, left), rate)]
    chance = stationary(moves)
    queue = sum(p * max(0, n - agents) for (n, _), p in chance.items())
    return queue / arrival, sum(p for (n, _), p in chance.items() if n >= agents)


def erlang(stages: int) -> Phases:
    """Service of mean 1 in one or two equal stages."""
    return 1.0 if stages == 2 else 0.0, (float(stages), float(stages)), True


def hyperexponential(cv2: float) -> Phases:
    """Service of mean 1 that is one of two exponentials with balanced means, with this squared cv."""
    start = float(1 + np.sqrt((cv2 - 1) / (cv2 + 1))) / 2
    return start, (2 * start, 2 - 2 * start), False


def constant_service(load: float, agents: int, longest: int = 1000) -> tuple[float, float]:
    """Mean wait and P(wait) of M/D/agents: one service later, all in hand are gone and what came is there."""
    arrival = load * agents
    came = stats.poisson.pmf(np.arange(longest), arrival)
    chance, last = came, np.zeros(longest)
    while np.abs(chance - last).sum() > 1e-13:
        stayed = np.concatenate([[chance[: agents + 1].sum()], chance[agents + 1 :]])
        last, chance = chance, np.convolve(stayed, came)[:longest]
    return float(chance[agents:] @ np.arange(longest - agents)) / arrival, float(chance[agents:].sum())


def fates_in_queue(agents: int, service: float, patience: float, within: float, longest: int) -> dict[str, Floats]:
    """What becomes of a contact that finds 0 … longest-1 waiting at a busy team, by how many: chances and mean wait.

    With j ahead, exp(-wait offered / patience) is Beta(agents x patience / service, j + 1); without patience the wait is
    Gamma(j + 1).
    """
    ahead, finish = np.arange(longest), agents / service
    if np.isinf(patience):
        in_time = stats.gamma.cdf(within, ahead + 1, scale=1 / finish)
        return {"in_time": in_time, "left": 0.0 * ahead, "left_in_time": 0.0 * ahead, "wait": (ahead + 1) / finish}
    power, stays = finish * patience, np.exp(-within / patience)  # stays: chance that the patience lasts for `within`
    served = power / (power + ahead + 1)
    in_time = served * (1 - special.betainc(power + 1, ahead + 1, stays))
    still_waiting = stays * special.betainc(power, ahead + 1, stays)
    left_in_time = 1 - in_time - still_waiting
    return {"in_time": in_time, "left": 1 - served, "left_in_time": left_in_time, "wait": (1 - served) * patience}


def erlang_a_within(arrival_rate: float, service: float, agents: int, patience: float, within: float) -> float:
    """The share of contacts of Erlang A that are served after a wait of at most `within`."""
    ahead = np.arange(1000)
    logs = np.cumsum(np.log(arrival_rate) - np.log(agents / service + (ahead + 1) / patience))
    waiting = np.concatenate([[1.0], np.exp(logs[:-1])])
    wait_chance = theory.erlang_a(arrival_rate, service, agents, patience).wait_chance
    in_time = fates_in_queue(agents, service, patience, within, len(ahead))["in_time"]
    return float(1 - wait_chance + wait_chance * (waiting @ in_time) / waiting.sum())


def from_empty(
    rate: float, service: float, agents: int, length: float, within: float, patience: float = np.inf, room: int = 200
) -> dict[str, float]:
    """What becomes of all arrivals in [0, length) at a team that starts empty; room: how many may be present.

    Numbers of contacts: in_time (served after a wait below `within`), left (abandoned), left_in_time, blocked; wait summed
    over them; and occupancy in [0, length).
    """
    present = np.arange(room + 1)
    out = np.minimum(present, agents) / service + np.maximum(0, present - agents) / patience
    flow = np.diag(np.full(room, rate), -1) + np.diag(out[1:], 1)
    flow -= np.diag(flow.sum(axis=0))
    # Of the chances p and the time spent in each state: p' = flow p, time' = p.
    joint = np.block([[flow, np.zeros_like(flow)], [np.eye(room + 1), np.zeros_like(flow)]])
    time = linalg.expm(joint * length)[room + 1 :, 0]
    found = rate * time[agents:-1]  # contacts that find all agents busy, by how many wait
    fates = fates_in_queue(agents, service, patience, within, len(found))
    totals = {name: float(found @ values) for name, values in fates.items()}
    totals["in_time"] += rate * float(time[:agents].sum())
    return totals | {
        "blocked": rate * float(time[-1]),
        "occupancy": float(np.minimum(present, agents) @ time) / (agents * length),
    }
