"""Exact figures of single cases of docs/theory.md, computed again: each from a Markov chain of its own."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse, special, stats
from scipy.sparse.linalg import spsolve

from sim import theory

Floats = NDArray[np.float64]
State = tuple[int, ...]
Move = tuple[State, State, float]  # from, to, rate
Phases = tuple[
    float, tuple[float, float], bool
]  # of service: chance to start in the first, rates out, first then second


def stationary(moves: Iterable[Move]) -> dict[State, float]:
    """The chance of every state of a chain; states that nothing leads out of are cut off."""
    moves = [move for move in moves if move[2] > 0]
    row = {state: index for index, state in enumerate(dict.fromkeys(state for state, _, _ in moves))}
    out, into, rate = (
        np.array(c) for c in zip(*((row[a], row[b], r) for a, b, r in moves if b in row), strict=True)
    )
    size = len(row)
    balance = sparse.coo_array((rate, (into, out)), (size, size)) - sparse.diags_array(
        np.bincount(out, rate, size)
    )
    balance = balance.tocsc()
    # The first state has weight 1, and its own balance follows from the others.
    weights = np.concatenate([[1.0], spsolve(balance[1:, 1:], -balance[1:, [0]].toarray().ravel())])
    return dict(zip(row, (weights / weights.sum()).tolist(), strict=True))


def v_model(first: float, second: float, agents: int, leaving: float, longest: int = 60) -> dict[str, float]:
    """Two types with these rates at one team, the first always first: P(delay), numbers waiting,
    occupancy.
    """
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
    """Mean wait and P(wait) of M/G/agents at this load per agent, for service in one or two exponential
    phases.
    """
    arrival = load * agents
    start, rates, on = phases
    moves: list[Move] = []
    for n in range(longest):
        busy = min(n, agents)
        for i in range(busy + 1):  # busy in the first phase
            if n < agents:
                moves += [
                    ((n, i), (n + 1, i + 1), arrival * start),
                    ((n, i), (n + 1, i), arrival * (1 - start)),
                ]
            else:
                moves += [((n, i), (n + 1, i), arrival)]
            if on:
                moves += [((n, i), (n, i - 1), rates[0] * i)]
            for rate, left in ((0.0 if on else rates[0] * i, i - 1), (rates[1] * (busy - i), i)):
                if n > agents:
                    moves += [
                        ((n, i), (n - 1, left + 1), rate * start),
                        ((n, i), (n - 1, left), rate * (1 - start)),
                    ]
                else:
                    moves += [((n, i), (n - 1, left), rate)]
    chance = stationary(moves)
    queue = sum(p * max(0, n - agents) for (n, _), p in chance.items())
    return queue / arrival, sum(p for (n, _), p in chance.items() if n >= agents)


def retrials(
    rate: float, agents: int, again: float, share: float = 1.0, longest: int = 200
) -> dict[str, float]:
    """M/M/agents with room for nobody to wait: of those who find all busy this share tries again, each at
    rate `again`.

    How many are between tries, agents busy, and the share of first tries that are blocked.
    """
    moves: list[Move] = []
    for away in range(longest):
        for n in range(agents):
            moves += [((n, away), (n + 1, away), rate), ((n + 1, away), (n, away), n + 1.0)]
            moves += [((n, away), (n + 1, away - 1), again * away)]
        moves += [((agents, away), (agents, away + 1), rate * share)]
        moves += [((agents, away), (agents, away - 1), again * away * (1 - share))]
    chance = stationary(moves)
    return {
        "between tries": sum(p * away for (_, away), p in chance.items()),
        "busy": sum(p * n for (n, _), p in chance.items()),
        "first try blocked": sum(p for (n, _), p in chance.items() if n == agents),
    }


FRESH, QUIET, STALE, ASKED, REPEAT = (
    0,
    1,
    2,
    10,
    20,
)  # in a line of `nudges`; ASKED + i: whose repeat, REPEAT + i, waits


def nudges(
    rate: float, agents: int, room: int, nudge: float, recognised: float, longest: int = 5
) -> dict[str, float]:
    """M/M/agents/room where each customer writes again once, at rate `nudge`, if there is no answer by then.

    A repeat that finds room is recognised with this chance, if the first message is there, and gone at once.
    Another waits its turn, and then takes no time if its question is answered by then, else as long as a
    first message.  Agents busy, how many wait, the share of customers who find no room, and the recognised
    repeats a customer.

    A state is how many who found no room have yet to write again (at most `longest`), and the line, those in
    hand first: FRESH may write again, QUIET will not, STALE is a repeat whose question is answered.
    """

    def settled(line: Iterable[int]) -> State:
        """Who comes to the end of the wait begins; then those in hand are sorted, and repeats numbered as
        they wait.
        """
        line = list(line)
        while (
            len(line) >= agents
            and (next_ := line[agents - 1]) not in (FRESH, QUIET)
            and not ASKED <= next_ < REPEAT
        ):
            if (first := next_ - REPEAT + ASKED) in line:
                line[line.index(first)] = line[agents - 1] = QUIET
            else:
                del line[agents - 1]
        waiting = [one for one in line if one >= REPEAT and one - REPEAT + ASKED in line]
        number = {one: REPEAT + i for i, one in enumerate(waiting)}
        number |= {one - REPEAT + ASKED: ASKED + i for i, one in enumerate(waiting)}
        line = [number.get(one, STALE if one >= REPEAT else one) for one in line]
        return (*sorted(line[:agents]), *line[agents:])

    moves: list[Move] = []
    seen: set[State] = set()
    todo: list[State] = [(0,)]
    while todo:
        state = todo.pop()
        if state in seen or state[0] > longest:
            continue
        seen.add(state)
        away, line = state[0], state[1:]
        full = len(line) == room
        out = [((away + 1, *line) if full else (away, *settled((*line, FRESH))), rate)]
        out += [((away - 1, *(line if full else settled((*line, QUIET)))), nudge * away)]
        out += [((away, *settled(line[:i] + line[i + 1 :])), 1.0) for i in range(min(len(line), agents))]
        for i, one in enumerate(line):
            if one == FRESH:
                quiet = (away, *settled((*line[:i], QUIET, *line[i + 1 :])))
                asked = (away, *settled((*line[:i], ASKED + room, *line[i + 1 :], REPEAT + room)))
                out += (
                    [(quiet, nudge)]
                    if full
                    else [(quiet, nudge * recognised), (asked, nudge * (1 - recognised))]
                )
        moves += [(state, to, speed) for to, speed in out]
        todo += [to for to, speed in out if speed]
    chance = stationary(moves)
    fresh = sum(p * state[1:].count(FRESH) for state, p in chance.items() if len(state) <= room)
    return {
        "busy": sum(p * min(len(state) - 1, agents) for state, p in chance.items()),
        "waiting": sum(p * max(len(state) - 1 - agents, 0) for state, p in chance.items()),
        "blocked": sum(p for state, p in chance.items() if len(state) - 1 == room),
        "recognised": fresh * nudge * recognised / rate,
    }


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


def fates_in_queue(
    agents: int, service: float, patience: float, within: float, longest: int
) -> dict[str, Floats]:
    """What becomes of a contact that finds 0 … longest-1 waiting at a busy team, by how many: chances and
    mean wait.

    With j ahead, exp(-wait offered / patience) is Beta(agents x patience / service, j + 1); without patience
    the wait is Gamma(j + 1).
    """
    ahead, finish = np.arange(longest), agents / service
    if np.isinf(patience):
        in_time = stats.gamma.cdf(within, ahead + 1, scale=1 / finish)
        return {
            "in_time": in_time,
            "left": 0.0 * ahead,
            "left_in_time": 0.0 * ahead,
            "wait": (ahead + 1) / finish,
        }
    power, stays = (
        finish * patience,
        np.exp(-within / patience),
    )  # stays: chance that the patience lasts for `within`
    served = power / (power + ahead + 1)
    in_time = served * (1 - special.betainc(power + 1, ahead + 1, stays))
    still_waiting = stays * special.betainc(power, ahead + 1, stays)
    left_in_time = 1 - in_time - still_waiting
    return {
        "in_time": in_time,
        "left": 1 - served,
        "left_in_time": left_in_time,
        "wait": (1 - served) * patience,
    }


def erlang_a_within(
    arrival_rate: float, service: float, agents: int, patience: float, within: float
) -> float:
    """The share of contacts of Erlang A that are served after a wait of at most `within`."""
    ahead = np.arange(1000)
    logs = np.cumsum(np.log(arrival_rate) - np.log(agents / service + (ahead + 1) / patience))
    waiting = np.concatenate([[1.0], np.exp(logs[:-1])])
    wait_chance = theory.erlang_a(arrival_rate, service, agents, patience).wait_chance
    in_time = fates_in_queue(agents, service, patience, within, len(ahead))["in_time"]
    return float(1 - wait_chance + wait_chance * (waiting @ in_time) / waiting.sum())


def from_empty(
    rate: float,
    service: float,
    agents: int,
    length: float,
    within: float,
    patience: float = np.inf,
    room: int = 200,
) -> dict[str, float]:
    """What becomes of all arrivals in [0, length) at a team that starts empty; room: how many may be present.

    Numbers of contacts: in_time (served after a wait below `within`), left (abandoned), left_in_time,
    blocked; wait summed over them; and occupancy in [0, length).
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
