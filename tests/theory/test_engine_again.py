"""The engine against theory where customers come again: redials, moves, repeats, and follow-ups by the team
that replied.

Comparisons are as in test_engine.py.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from sim import theory
from sim.tables import ALWAYS, Fate, Trigger, World, heads, threshold
from tests.theory import chains
from tests.theory.controls import Control, count, of_contacts
from tests.theory.queues import UNIT, Floats, Run, Sums, each_run, estimates, links, queue, simulate

pytestmark = pytest.mark.usefixtures("engine")


def chained(
    rng: np.random.Generator,
    arrivals: Floats,
    efforts: Floats,
    trigger: Trigger,
    mean: float,
    share: float,
    most: int,
    **columns: Any,
) -> World:
    """This share comes again, and of those again, each an exponential time later; a link has the effort of
    the first.
    """
    size = len(arrivals)
    parents = np.concatenate([np.full(size, -1), *links(rng, size, share, most)])
    first = heads(np.where(parents < 0, np.arange(len(parents)), parents))
    delays = np.maximum(rng.exponential(mean, len(parents) - size), 1 / UNIT)
    triggers = np.where(parents < 0, Trigger.NONE, trigger)
    return queue(
        np.concatenate([arrivals, delays]), efforts[first], parent=parents, trigger=triggers, **columns
    )


@pytest.mark.parametrize(("agents", "rate", "share"), [(1, 0.5, 0.6), (3, 2.4, 0.7)])
def test_who_is_blocked_and_redials_makes_a_retrial_queue(agents: int, rate: float, share: float) -> None:
    # As many lines as agents: who finds all busy redials with this chance after an exponential time of mean
    # 4.
    again, most = 0.25, 60  # 0.7 ** 60 of all, and fewer of those at one agent, would try again

    def runs() -> Iterator[Run]:
        for rng, arrivals, length in each_run(31, rate, simpy=25_000 * agents, compiled=5_000_000):
            efforts = rng.exponential(1, len(arrivals))
            world = chained(
                rng,
                arrivals,
                efforts,
                Trigger.ON_BLOCK,
                1 / again,
                share,
                most,
                lines=[(0, 0, agents)],
                agents=agents,
            )
            yield Run(world, simulate(world), length, of_contacts(arrivals, efforts, [rate], 1, 2.0, agents))

    def figures(run: Run) -> dict[str, Sums]:
        outside = run.world.workload.outside
        parents = run.world.workload.parent[outside:]
        between = np.zeros(run.world.workload.n, bool)
        returns = np.zeros(run.world.workload.n)
        between[parents] = run.came[outside:]
        returns[parents] = run.arrived[outside:]
        first = run.world.workload.parent < 0
        return {
            "between tries": run.present(run.arrived, returns, between),
            "busy": run.busy(),
            "first try blocked": run.share(run.outcome.fate == Fate.BLOCKED, first),
        }

    found = estimates(runs(), figures)
    for name, truth in chains.retrials(rate, agents, again, share).items():
        found[name].check(truth, sees=0.12 * truth)


def test_who_finds_all_lines_busy_and_moves_is_overflow_traffic() -> None:
    # Calls blocked at c lines come at once to a second channel with agents without limit: its mean is a B(c,
    # a), and its variance is that of overflow traffic (Wilkinson 1956): α (1 − α + a / (c + 1 + α − a)).
    rate, lines, beyond = 8.0, 8, 40

    def runs() -> Iterator[Run]:
        for rng, arrivals, length in each_run(32, rate, simpy=150_000, compiled=10_000_000):
            efforts = rng.exponential(1, len(arrivals))
            times = np.concatenate([arrivals, np.full(len(arrivals), 1 / UNIT)])
            size = len(arrivals)
            world = queue(
                times,
                np.concatenate([efforts, rng.exponential(1, size)]),
                type=np.repeat([0, 1], size),
                parent=np.concatenate([np.full(size, -1), np.arange(size)]),
                channel=[0, 1],
                lines=[(0, 0, lines)],
                trigger=np.repeat([Trigger.NONE, Trigger.ON_BLOCK], size),
                push=[[0, -1], [-1, 0]],
                group=[0] * lines + [1] * beyond,
            )
            yield Run(world, simulate(world), length, of_contacts(arrivals, efforts, [rate], 1, 2.0, lines))

    def figures(run: Run):
        moved = run.world.workload.parent >= 0
        start, end = (
            run.outcome.begun[moved & run.served] / UNIT,
            run.outcome.ended[moved & run.served] / UNIT,
        )
        looks = np.arange(run.edges[0], run.edges[-1], 0.5)
        present = np.searchsorted(np.sort(start), looks, "right") - np.searchsorted(
            np.sort(end), looks, "right"
        )
        batch = np.searchsorted(run.edges, looks, "right")
        size = len(run.edges) + 1
        ones = np.bincount(batch, minlength=size)[1:-1].astype(float)

        def mean(values):
            return np.bincount(batch, values, size)[1:-1], ones

        return {
            "blocked": run.share(run.outcome.fate == Fate.BLOCKED, ~moved),
            "overflow": mean(present * 1.0),
            "square": mean(present**2.0),
        }

    found = estimates(runs(), figures)
    blocked = theory.erlang_b(rate, 1, lines)
    overflow = rate * blocked
    variance = overflow * (1 - overflow + rate / (lines + 1 + overflow - rate))
    found["blocked"].check(blocked, sees=0.03 * blocked)
    found["overflow"].check(overflow, sees=0.05 * overflow)
    found["square"].check(variance + overflow**2, sees=0.08 * (variance + overflow**2))


def test_repeats_that_are_all_recognised_come_as_long_as_there_is_no_answer_and_make_no_work() -> None:
    # Whoever waits or is in hand repeats after exponential times of rate θ; all repeats are merged, so the
    # queue is M/M/1, the same to the contact as without them, and a contact is repeated θ / (μ − λ) times on
    # average.
    rate, theta, most = 0.5, 0.25, 12  # a sojourn with more than 12 repeats: (1/3)^13 of all

    def runs() -> Iterator[Run]:
        for rng, arrivals, length in each_run(33, rate, simpy=60_000, compiled=2_000_000):
            efforts = rng.exponential(1, len(arrivals))
            world = chained(
                rng, arrivals, efforts, Trigger.ON_SILENCE, 1 / theta, 1, most, merge=0, merge_odds=ALWAYS
            )
            outcome, alone = simulate(world), simulate(queue(arrivals, efforts))
            assert np.array_equal(outcome.ended[: len(arrivals)], alone.ended)
            yield Run(world, outcome, length, of_contacts(arrivals, efforts, [rate], 1, 2.0, 1))

    def figures(run: Run):
        outside = run.world.workload.parent < 0
        merged = run.outcome.fate == Fate.MERGED
        repeats = np.bincount(run.world.workload.question[merged], minlength=run.world.workload.n)
        return {
            "repeats": run.share(repeats, outside),
            "repeated": run.share(repeats > 0, outside),
            "busy": run.busy(),
        }

    found = estimates(runs(), figures)
    found["repeats"].check(theta / (1 - rate), sees=0.02)
    found["repeated"].check(theta / (theta + 1 - rate), sees=0.015)
    found["busy"].check(rate, sees=0.02)


def test_who_writes_again_once_makes_a_chain_of_customers_and_repeats() -> None:
    rate, agents, room, nudge, recognised = 1.2, 2, 5, 0.5, 0.3

    def runs() -> Iterator[Run]:
        for rng, arrivals, length in each_run(35, rate, simpy=100_000, compiled=7_000_000):
            size = len(arrivals)
            efforts = rng.exponential(1, 2 * size)
            delays = np.maximum(rng.exponential(1 / nudge, size), 1 / UNIT)
            world = queue(
                np.concatenate([arrivals, delays]),
                efforts,
                parent=np.concatenate([np.full(size, -1), np.arange(size)]),
                trigger=np.repeat([Trigger.NONE, Trigger.ON_SILENCE], size),
                merge=rng.integers(0, ALWAYS, 2 * size),
                merge_odds=threshold(recognised),
                lines=[(0, 0, room)],
                agents=agents,
            )
            yield Run(
                world, simulate(world), length, of_contacts(arrivals, efforts[:size], [rate], 1, 2.0, agents)
            )

    def figures(run: Run) -> dict[str, Sums]:
        first = run.world.workload.parent < 0
        merged = run.outcome.fate == Fate.MERGED
        repeats = np.bincount(run.world.workload.question[merged], minlength=run.world.workload.n)
        return {
            "busy": run.busy(),
            "waiting": run.queue(),
            "blocked": run.share(run.outcome.fate == Fate.BLOCKED, first),
            "recognised": run.share(repeats, first),
        }

    found = estimates(runs(), figures)
    for name, truth in chains.nudges(rate, agents, room, nudge, recognised, longest=8).items():
        found[name].check(truth, sees=0.06 * truth)


def test_follow_ups_by_the_team_that_replied_load_a_second_line_by_both_shares() -> None:
    # Two teams of their own types reply; a follow-up goes to a third team, M/M/c at the sum of the thinned
    # rates.
    shares, rate = (0.3, 0.6), 2.0

    def runs() -> Iterator[Run]:
        for rng, arrivals, length in each_run(34, rate, simpy=150_000, compiled=6_000_000):
            size = len(arrivals)
            types = rng.integers(0, 2, size)
            efforts = rng.exponential(1, size)
            again = rng.exponential(1, size)
            delays = np.maximum(rng.exponential(2, size), 1 / UNIT)
            world = queue(
                np.concatenate([arrivals, delays]),
                np.concatenate([efforts, again]),
                type=np.concatenate([types, np.full(size, 2)]),
                parent=np.concatenate([np.full(size, -1), np.arange(size)]),
                reason=np.repeat([-1, 0], size),
                chance=np.concatenate([np.zeros(size), rng.integers(0, ALWAYS, size)]),
                odds=[[threshold(shares[0]), threshold(shares[1]), 0, 0]],
                push=[[0, -1, -1], [-1, 0, -1], [-1, -1, 0]],
                group=[0, 0, 1, 1, 2, 2],
                team=[0, 0, 1, 1, 2, 2],
            )
            yield Run(
                world, simulate(world), length, [count(arrivals, rate), Control(arrivals, efforts, 1.0, rate)]
            )

    def figures(run: Run):
        work = run.world.workload
        latent = work.parent >= 0
        by = run.outcome.agent[work.parent]
        found = {"wait": run.share(run.wait, latent), "busy": run.busy(latent)}
        for team in (0, 1):
            replied = np.flatnonzero(latent & (by // 2 == team) & (run.outcome.arrived[work.parent] >= 0))
            came, whom = run.came[replied], [batch[work.parent[replied]] for batch in run.batches]
            found[f"followed up {team}"] = (
                np.array([(came & who).sum() for who in whom]),
                np.array([who.sum() for who in whom]),
            )
        return found

    found = estimates(runs(), figures)
    expected = theory.erlang_c(rate * sum(shares) / 2, 1, 2)
    for team, share in enumerate(shares):
        found[f"followed up {team}"].check(share, sees=0.02)
    found["busy"].check(rate * sum(shares) / 2, sees=0.05)
    found["wait"].check(expected.wait_mean, sees=0.15 * expected.wait_mean, sharp=0.015 * expected.wait_mean)
