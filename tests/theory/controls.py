"""Figures of the dice alone whose expectation is known: what they are off by is chance, and so is what
follows them.

No engine has a hand in them: they come from when contacts come and what they ask for, at hubs simple enough
for a formula. Taking out what of an estimate follows them in a straight line (control variates: Lavenberg &
Welch 1981) narrows its interval two to ten times, and an error of the engine stays in it whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Control:
    """Something about every contact of a Poisson stream."""

    time: Floats  # [q] units, sorted, when the dice alone let it come
    value: Floats  # [q]
    mean: float  # its expectation
    rate: float  # contacts of the stream a unit

    def off(self, edges: Floats) -> Floats:
        """[b] how far the sum over those who come between two edges is from expected, for each expected
        contact.
        """
        places = np.searchsorted(self.time, edges)
        sums = [self.value[start:end].sum() for start, end in pairwise(places)]
        return np.array(sums) / (self.rate * np.diff(edges)) - self.mean


def count(time: Floats, rate: float) -> Control:
    """How many come."""
    return Control(time, np.ones(len(time)), 1.0, rate)


def waits_at_one(arrivals: Floats, services: Floats) -> Floats:
    """[n] how long each waits at one agent who starts without any and takes them as they come
    (Lindley 1952).
    """
    ahead = np.concatenate([[0.0], np.cumsum(services[:-1] - np.diff(arrivals))])
    return ahead - np.minimum.accumulate(ahead)


def present(arrivals: Floats, ends: Floats) -> NDArray[np.int64]:
    """[n] how many of those who came before each contact have not ended as it comes; arrivals are sorted."""
    return np.arange(len(arrivals)) - np.searchsorted(np.sort(ends), arrivals)


def of_one_agent(
    arrivals: Floats, services: Floats, rate: float, service: float, second: float
) -> list[Control]:
    """Waits at one agent who takes them as they come; nothing if there is no steady state.  second: E S² / (E
    S)².
    """
    load = rate * service
    if load >= 1:
        return []
    waits = waits_at_one(arrivals, services)
    mean = load * second * service / (2 * (1 - load))  # Pollaczek–Khinchine
    return [Control(arrivals, waits, mean, rate), Control(arrivals, (waits > 0) * 1.0, load, rate)]


def of_no_limit(
    arrivals: Floats, found: NDArray[np.int64], rate: float, load: float, agents: int
) -> list[Control]:
    """How many each finds present where agents are without limit: Poisson with mean `load` in steady
    state.
    """
    beyond = load * stats.poisson.sf(agents - 1, load) - agents * stats.poisson.sf(agents, load)
    below = max(1, round(agents - agents**0.5))
    return [
        Control(arrivals, np.maximum(found - agents, 0) * 1.0, float(beyond), rate),
        *(
            Control(arrivals, (found >= n) * 1.0, float(stats.poisson.sf(n - 1, load)), rate)
            for n in (below, agents)
        ),
    ]


def of_contacts(
    arrivals: Floats,
    services: Floats,
    rates: Sequence[float],
    service: float,
    second: float,
    agents: int,
    types: Any = 0,
) -> list[Control]:
    """How many come and what they ask for, at one agent as fast as all together and at agents without limit.

    Of several types (types [n], a rate each) also how many of each come, and how often it would find so many
    agents busy.
    """
    rate, found = sum(rates), present(arrivals, arrivals + services)
    busy = float(stats.poisson.sf(agents - 1, rate * service))
    others = [
        (types == type_, rates[type_]) for type_ in range(1, len(rates))
    ]  # the first is what they leave of all
    return [
        count(arrivals, rate),
        Control(arrivals, services, service, rate),
        *of_one_agent(arrivals, services / agents, rate, service / agents, second),
        *of_no_limit(arrivals, found, rate, rate * service, agents),
        *(count(arrivals[among], rate) for among, rate in others),
        *(Control(arrivals[among], (found[among] >= agents) * 1.0, busy, rate) for among, rate in others),
    ]
