"""Agents needed over time: the fewest that serve all work before its deadline, and a margin for chance."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.measure.replication.cases import reply_within
from sim.plan import Float, Lens
from sim.tables import NEVER

SAFETY = 1.28  # standard deviations: nine in ten of a normal law lie below


def deadline(lens: Lens) -> int:
    """The time by which work must be done when agents are counted.

    The shortest `within` of a first-reply promise, else of any promise, else the drain.
    """
    shortest = min(
        (promise.within for promise in lens.promises if promise.within != NEVER),
        default=lens.horizon - lens.lasts,
    )
    first = reply_within(lens)
    return shortest if first is None else first


def cell_needs(work: Float, period: int, within: int, service: float, cv: float) -> Float:
    """The agents needed in each period by cell: [p, c].

    work [p, c] agent-ms.  The safety margin is that of all cells together, divided by their share of the
    agents: agents that can serve several cells share it, and cells that no other agent can help out need a
    little more than this.
    """
    agents = np.column_stack([fluid(cell, period, within) for cell in work.T])
    total = agents.sum(axis=1, keepdims=True)
    extra = np.divide(safety(total, within, service, cv), total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(agents * (1 + extra))


def fluid(work: ArrayLike, period: int, within: int) -> Float:
    """The agents [p] that serve a steady stream of work, each part of it at most `within` ms after it comes.

    work [p] agent-ms that come in each period of `period` ms, spread evenly over it; `within` counts in whole
    periods.  Among all plans in time this is the one with the lowest peak, and with the least sum of any
    convex cost of agents: the string pulled taut between the work that came and the work that is due.  No
    agent is needed before work comes; what is not due by the last period is left for later.  Source: Yao,
    Demers & Shenker (1995); Le Boudec & Thiran (2001), optimal smoothing.
    """
    came = np.concatenate([[0.0], np.cumsum(np.asarray(work, np.float64))])
    slack = within // period
    if not slack:
        return np.diff(came) / period
    upper = np.append(came, np.full(slack, came[-1]))
    lower = np.append(np.zeros(slack), came)
    return _taut_string(lower, upper)[: len(came) - 1] / period


def safety(agents: Float, within: int, service: float, cv: float) -> Float:
    """The agents to add against chance: 1.28 · √(agents · min(1, service · (1 + cv²) ÷ within)).

    agents: any shape; service ms, the mean handle time by the agents that serve it, and cv its coefficient of
    variation.  In one `within` come about λ · within contacts, Poisson, whose handle times S add up to work
    of the variance λ · within · E[S²]; with λ = agents ÷ service and E[S²] = service² · (1 + cv²), and spread
    over `within`, that is the square of √(agents · service · (1 + cv²) ÷ within) agents.  If nothing may wait
    it is the contacts in hand that vary, Poisson: √agents, the square-root rule (Halfin & Whitt 1981; Borst,
    Mandelbaum & Reiman 2004), and more is never needed.
    """
    spread = service * (1 + cv**2)
    return np.asarray(SAFETY * np.sqrt(agents * (spread / within if spread < within else 1.0)))


def handle_cv(lens: Lens, contacts: Float) -> float:
    """The coefficient of variation of the handle time of all topics together, weighed by contacts [o].

    0 without any contact.
    """
    if not contacts.sum():
        return 0.0
    shares = contacts / contacts.sum()
    mean, square = shares @ lens.handle_time, shares @ (lens.handle_time**2 * (1 + lens.handle_cv**2))
    return math.sqrt(max(0.0, square / mean**2 - 1))


def paced(effort: Float, handled: Float, effort_answered: Float, busy: float) -> Float:
    """The agent-ms [..., c] that effort [..., c] takes the agents that serve it.

    handled, effort_answered [c] ms, sums of a Tally over the same cells; busy: agent-ms on duty and in
    overtime with contacts in hand.  An effort takes handled ÷ effort_answered times as long, and an agent
    with two contacts in hand gives half of its time to each.  A cell without an answered contact takes the
    pace of all cells together.
    """
    answered = effort_answered > 0
    overall = handled.sum() / effort_answered.sum() if answered.any() else 1.0
    pace = np.divide(handled, effort_answered, out=np.full(handled.shape, overall), where=answered)
    return np.asarray(effort * pace * (min(1.0, busy / handled.sum()) if handled.sum() else 1.0))


def _taut_string(lower: Float, upper: Float) -> NDArray[np.float64]:
    """The slopes of the shortest line from (0, 0) between two rising lines that meet at both ends.

    From where it bends the line goes straight as far as it can: until the steepest slope that `lower` asks
    for passes the flattest that `upper` allows.  It then bends where the one of them that was there first
    touches it.
    """
    slopes = np.zeros(len(lower) - 1)
    place, height = 0, 0.0
    while place < len(slopes):
        steps = np.arange(1, len(lower) - place)
        asked, allowed = (lower[place + 1 :] - height) / steps, (upper[place + 1 :] - height) / steps
        steepest, flattest = np.maximum.accumulate(asked), np.minimum.accumulate(allowed)
        blocked = int(np.append(steepest > flattest, True).argmax())
        if blocked == len(steps):
            slopes[place:] = asked[-1]
            return slopes
        if asked[blocked] > flattest[blocked]:  # `lower` is too steep: bend up where `upper` held it down
            bound, slope = upper, flattest[blocked]
            bend = place + 1 + int(np.flatnonzero(allowed[:blocked] == slope)[-1])
        else:
            bound, slope = lower, steepest[blocked]
            bend = place + 1 + int(np.flatnonzero(asked[:blocked] == slope)[-1])
        slopes[place:bend] = slope
        place, height = bend, float(bound[bend])
    return slopes
