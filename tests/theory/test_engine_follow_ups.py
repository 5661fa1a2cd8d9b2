"""The engine against queueing theory in steady state where some ask again: after a reply, one contact in some
comes back.

The follow-up comes an exponential time after the reply, of mean 3 unless said.  Comparisons are as in
test_engine.py.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from sim import theory
from tests.theory.controls import Control, count, of_contacts, of_no_limit, of_one_agent, present
from tests.theory.queues import UNIT, Floats, Run, Sums, each_run, estimates, links, queue, simulate

pytestmark = pytest.mark.usefixtures("engine")

# From arrivals, their services, when they would come back, and those services.
Chance = Callable[[Floats, Floats, Floats, Floats], list[Control]]


def follow_ups(
    case: int,
    rate: float,
    share: float,
    services: tuple[float, float],
    simpy: int,
    compiled: int,
    controls: Chance,
    **columns: Any,
) -> Iterator[Run]:
    """Type 0 comes from outside; a share of it is followed up by type 1; services: their mean handle times.

    The controls know of follow-ups when they would come if nobody waited: a Poisson process, that of the
    contacts, thinned and delayed.
    """
    for rng, arrivals, length in each_run(case, rate, simpy, compiled):
        asks_again = np.flatnonzero(rng.random(len(arrivals)) < share)
        delays = np.maximum(rng.exponential(3, len(asks_again)), 1 / UNIT)
        types = np.repeat([0, 1], [len(arrivals), len(asks_again)])
        efforts = rng.exponential(1, len(types)) * np.array(services)[types]
        parents = np.concatenate([np.full(len(arrivals), -1), asks_again])
        world = queue(np.concatenate([arrivals, delays]), efforts, type=types, parent=parents, **columns)
        first, second = efforts[: len(arrivals)], efforts[len(arrivals) :]
        returns = arrivals[asks_again] + first[asks_again] + delays
        order = np.argsort(returns)
        yield Run(world, simulate(world), length, controls(arrivals, first, returns[order], second[order]))


def content(run: Run) -> Sums:
    """Customers between a reply and their follow-up, averaged over time."""
    follow_up, replied = run.world.workload.parent >= 0, run.outcome.ended[run.world.workload.parent] / UNIT
    return run.present(replied, run.arrived, follow_up)


def by_type(run: Run) -> dict[str, Sums]:
    found = {"content": content(run), "waiting": run.queue(), "busy": run.busy()}
    for type_ in (0, 1):
        among = run.world.workload.type == type_
        found |= {
            f"wait {type_}": run.share(run.wait, among),
            f"delayed {type_}": run.share(run.wait > 0, among),
            f"busy {type_}": run.busy(among),
        }
    return found


def test_follow_ups_to_a_team_of_their_own_are_a_tandem():
    # Replies leave M/M/c as a Poisson process (Burke 1956), and so do follow-ups: the second team is M/M/c at
    # share x rate.
    def chance(arrivals: Floats, services: Floats, returns: Floats, again: Floats) -> list[Control]:
        return [
            *of_contacts(arrivals, services, [2.4], 1, 2.0, 3),
            *of_contacts(returns, again, [1.2], 1.25, 2.0, 2),
        ]

    runs = follow_ups(
        19,
        2.4,
        0.5,
        services=(1, 1.25),
        simpy=150_000,
        compiled=16_000_000,
        controls=chance,
        group=[0] * 3 + [1] * 2,
        push=[[0, -1], [-1, 0]],
    )
    found = estimates(runs, by_type)
    for type_, expected in ((0, theory.erlang_c(2.4, 1, 3)), (1, theory.erlang_c(1.2, 1.25, 2))):
        found[f"wait {type_}"].check(expected.wait_mean, sees=0.14 * expected.wait_mean)  # of all
        found[f"delayed {type_}"].check(expected.wait_chance, sees=0.02)
        found[f"busy {type_}"].check(2.4 if type_ == 0 else 1.5, sees=0.12)
    found["content"].check(0.5 * 2.4 * 3, sees=0.2)


def test_follow_ups_to_the_same_team_are_erlang_r():
    # One station M/M/c in an open network of product form (Baskett et al. 1975), visited at (1 + share) x
    # rate; and what comes sees it as it is on average (the arrival theorem), replies and follow-ups alike.
    def chance(arrivals: Floats, services: Floats, returns: Floats, again: Floats) -> list[Control]:
        """Each type at one agent as fast as its share of both."""
        return [
            control
            for times, efforts, rate, speed in ((arrivals, services, 1, 1.25), (returns, again, 0.6, 0.75))
            for control in (
                count(times, rate),
                Control(times, efforts, 1, rate),
                *of_one_agent(times, efforts / speed, rate, 1 / speed, 2.0),
            )
        ]

    runs = follow_ups(
        20, 1, 0.6, services=(1, 1), simpy=150_000, compiled=16_000_000, controls=chance, group=[0, 0]
    )
    found = estimates(runs, by_type)
    expected = theory.erlang_c(1.6, 1, 2)
    for type_ in (0, 1):
        found[f"wait {type_}"].check(expected.wait_mean, sees=0.16 * expected.wait_mean)  # of all
        found[f"delayed {type_}"].check(expected.wait_chance, sees=0.015)
    found["waiting"].check(expected.queue_mean, sees=0.16 * expected.queue_mean)
    found["busy"].check(1.6, sees=0.06)
    found["content"].check(0.6 * 1 * 3, sees=0.12)


def test_case_13_replies_that_come_back_again_and_again():
    # A visit waits as in M/M/95 at the rate of all visits, for it finds the others as they are on average.
    rate, share, agents, load = 30.0, 2 / 3, 95, 90.0

    def runs() -> Iterator[Run]:
        for rng, arrivals, length in each_run(13, rate, simpy=80_000, compiled=6_000_000):
            visits = list(links(rng, len(arrivals), share))
            parents = np.concatenate([np.full(len(arrivals), -1), *visits])
            efforts = rng.exponential(1, len(parents))
            times = np.concatenate(
                [arrivals, np.maximum(rng.exponential(2, len(parents) - len(arrivals)), 1 / UNIT)]
            )
            starts, first = times.copy(), len(arrivals)  # where nobody waits
            for rows in visits:
                starts[first : first + len(rows)] += starts[rows] + efforts[rows]
                first += len(rows)
            order = np.argsort(starts)
            starts, asked = starts[order], efforts[order]
            controls = [
                count(arrivals, rate),
                count(starts, load),
                Control(starts, asked, 1, load),
                *of_no_limit(starts, present(starts, starts + asked), load, load, agents),
            ]
            yield Run(
                world := queue(times, efforts, parent=parents, agents=agents),
                simulate(world),
                length,
                controls,
            )

    found = estimates(
        runs(),
        lambda run: {
            "wait": run.share(run.wait),
            "delayed": run.share(run.wait > 0),
            "needy": run.in_system(),
            "content": content(run),
        },
    )
    found["delayed"].check(0.496609, sees=0.1, sharp=0.02)  # a wave in need lasts 15 times as long as a visit
    found["wait"].check(0.099322, sees=0.05, sharp=0.008)
    found["needy"].check(98.938962, sees=5)
    found["content"].check(120, sees=4)
