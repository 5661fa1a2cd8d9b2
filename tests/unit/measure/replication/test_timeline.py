"""The state over time by hand, by a loop over milliseconds or contacts, and by exact identities.  All
comparisons are exact.
"""

from dataclasses import asdict
from itertools import pairwise

import numpy as np
import pytest

from sim.engine import run
from sim.measure.replication import intervals as blocks
from sim.measure.replication.contacts import SUMS
from sim.measure.replication.intervals import edges, overlap, union
from sim.measure.replication.slices import slices
from sim.measure.replication.tally import tally
from sim.measure.replication.timeline import STRIDE, abilities, timeline
from sim.plan import DIMENSIONS
from sim.tables import Fate
from sim.units import HOUR
from tests.lenses import answered, happened, lens, lost, open_, random_outcome
from tests.worlds import random_world, repr_world

WORLDS = 100
TINY = {"horizon": 40, "period": 10}


def looked(contacts, segments=(), horizon=40, period=10, **columns):
    """The timeline of contacts and segments, in four periods of 10 ms."""
    world, outcome = happened(contacts, horizon, segments, **columns)
    return timeline(world, outcome, lens(horizon, period))


def outcomes(seed):
    rng = np.random.default_rng(seed)
    for _ in range(WORLDS):
        yield random_outcome(rng)


# Stretches of time


def test_stretches_that_overlap_or_touch_become_one():
    start, end = np.array([[5, 7], [13, 19], [0, 5], [8, 9], [11, 14], [22, 23], [30, 30]]).T
    assert np.array(union(start, end)).T.tolist() == [[0, 7], [8, 9], [11, 19], [22, 23], [30, 30]]


def test_a_long_stretch_covers_the_later_ones_within_it():
    assert np.array(union(*np.array([[0, 20], [1, 2], [5, 6]]).T)).T.tolist() == [[0, 20]]


def test_no_stretches_make_none():
    assert [len(column) for column in union(np.zeros(0, np.int64), np.zeros(0, np.int64))] == [0, 0]


def test_the_overlap_with_periods_is_that_of_a_loop_over_milliseconds():
    rng = np.random.default_rng(0)
    for _ in range(200):
        start = rng.integers(0, 34, rng.integers(0, 8))
        end = np.minimum(start + rng.integers(0, 12, len(start)), 33)
        row, step = rng.integers(0, 3, len(start)), int(rng.integers(1, 12))
        expected = [
            [
                sum(
                    int(s) <= t < int(e)
                    for t in range(a, b)
                    for s, e in zip(start[row == r], end[row == r], strict=True)
                )
                for a, b in pairwise(edges(33, step).tolist())
            ]
            for r in range(3)
        ]
        assert overlap(row, start, end, 3, 33, step).tolist() == expected


def test_the_last_period_ends_at_the_horizon():
    assert edges(25, 10).tolist() == [0, 10, 20, 25]
    assert edges(0, 10).tolist() == [0]


# Contacts


def test_the_backlog_is_who_waits_at_the_end_of_a_period():
    found = looked(
        [answered(0, 0, 5, 15, 20), lost(1, 0, 8, 25), open_(2, 0, 12), answered(3, 0, 22, 22, 23)]
    )
    assert found.backlog.tolist() == [2, 2, 1, 1]
    assert found.oldest.tolist() == [5, 12, 18, 28]


def test_what_happens_at_the_end_of_a_period_belongs_to_the_next():
    found = looked([answered(0, 0, 5, 10, 30), answered(1, 0, 20, 25, 39)])
    assert found.backlog.tolist() == [1, 0, 0, 0]
    assert found.in_hand.tolist() == [0, 1, 2, 0]
    assert found.oldest.tolist() == [5, 0, 0, 0]


def test_at_the_horizon_all_who_are_open_wait_or_are_in_hand():
    found = looked([open_(0, 0, 5), open_(1, 0, 6, 7), answered(2, 0, 8, 9, 10)])
    assert (found.backlog[-1], found.in_hand[-1]) == (1, 1)


def test_work_counts_where_it_comes():
    assert looked(
        [answered(0, 0, 5, 6, 7), open_(1, 0, 9), lost(2, 0, 10, 11)], effort=[3, 4, 8]
    ).work.tolist() == [7, 8, 0, 0]


def most_waiting(since, until, judged):
    """The most contacts waiting right before or at any instant of the window, by a loop over its
    milliseconds.
    """
    before = ((since < judged[0]) & (judged[0] <= until)).sum()
    return max([before, *(((since <= now) & (now < until)).sum() for now in range(*judged))])


@pytest.mark.parametrize("seed", range(4))
def test_the_peaks_are_those_of_a_loop_over_milliseconds(seed):
    """Up to 300 contacts, a third of them follow-ups, so that one look at the number waiting does not see
    them all.
    """
    rng = np.random.default_rng(seed)
    for _ in range(8):
        outside = int(rng.integers(1, 200))
        latent = outside // 2
        since = np.concatenate([np.sort(rng.integers(0, 200, outside)), rng.integers(0, 200, latent)])
        gone = since + rng.integers(0, 60, outside + latent)
        contacts = [
            lost(case, 0, a, b) if b < 200 else open_(case, 0, a)
            for case, (a, b) in enumerate(zip(since, gone, strict=True))
        ]
        parent = np.concatenate([np.full(outside, -1), np.arange(latent)])
        window = tuple(sorted(rng.integers(0, 201, 2).tolist()))
        world, outcome = happened(
            [(case if case < outside else case - outside, *row) for case, *row in contacts],
            200,
            parent=parent,
        )
        found = timeline(world, outcome, lens(200, 10, judged=window))
        until = np.minimum(gone, 200)
        judged = (window[0] <= since) & (since < window[1])
        assert found.backlog_peak == most_waiting(since, until, window)
        assert found.oldest_peak == (until - since)[judged].max(initial=0)


def test_a_peak_is_seen_that_lies_just_before_a_look():
    """One contact a ms waits; as the one after a stride comes, two leave: the peak is one more than then."""
    last = STRIDE
    contacts = [lost(case, 0, case, last if case < 2 else last + 1) for case in range(last + 1)]
    assert looked(contacts).backlog_peak == STRIDE


# Agents


def test_an_agent_is_on_duty_busy_and_in_overtime_by_the_ms():
    found = looked([answered(0, 0, 3, 3, 8), answered(1, 0, 10, 12, 27)], [(0, 2, 20)])
    assert found.on_duty.tolist() == [[8, 10, 0, 0]]
    assert found.busy.tolist() == [[5, 8, 0, 0]]
    assert found.overtime.tolist() == [[0, 0, 7, 0]]


def test_an_agent_with_several_contacts_in_hand_is_busy_and_in_overtime_once():
    found = looked(
        [answered(0, 0, 0, 2, 24), answered(1, 0, 0, 5, 9), answered(2, 0, 0, 8, 27)], [(0, 0, 20)], slots=[3]
    )
    assert found.busy.tolist() == [[8, 10, 0, 0]]
    assert found.overtime.tolist() == [[0, 0, 7, 0]]


def test_an_agent_that_rejoins_stops_being_in_overtime():
    found = looked([answered(0, 0, 0, 5, 35)], [(0, 0, 10), (0, 25, 30)])
    assert found.on_duty.tolist() == [[10, 0, 5, 0]]
    assert found.busy.tolist() == [[5, 0, 5, 0]]
    assert found.overtime.tolist() == [[0, 10, 5, 5]]


def test_duty_and_work_still_open_at_the_horizon_last_until_then():
    found = looked([open_(0, 0, 0, 31)], [(0, 25, -1)])
    assert found.on_duty.tolist() == [[0, 0, 5, 10]]
    assert found.busy.tolist() == [[0, 0, 0, 9]]


def test_agents_count_for_their_team():
    world, outcome = happened([answered(0, 0, 0, 0, 5)], 40, [(0, 0, 10), (1, 0, 20)], by=[1], team=[0, 1])
    found = timeline(world, outcome, lens(**TINY, teams=3))
    assert found.on_duty.tolist() == [[10, 0, 0, 0], [10, 10, 0, 0], [0] * 4]
    assert found.busy.tolist() == [[0] * 4, [5, 0, 0, 0], [0] * 4]


def test_who_can_serve_a_cell_on_any_channel_is_able_for_it():
    """Cells l0 t0, l0 t1, l1 t0, l1 t1; group 0 serves the first on channel 1 alone, group 1 the first two,
    group 2 as 0.
    """
    labels, types = [(0, 0, 0, 0), (0, 1, 0, 0), (0, 0, 0, 1), (0, 0, 1, 0)], [0, 1, 2, 3]
    push = [[-1, 0, -1, -1], [0, 0, 0, -1], [5, -1, -1, -1]]
    segments = [(0, 0, HOUR), (1, HOUR // 2, 2 * HOUR), (2, 0, HOUR // 4)]
    world, outcome = happened([], 2 * HOUR, segments, group=[0, 1, 2], push=push)
    able = timeline(world, outcome, lens(2 * HOUR, labels=labels, types=types)).able
    found = {tuple(abilities(signature).tolist()): hours.tolist() for signature, hours in able.items()}
    assert found == {
        (True, False, False, False): [HOUR + HOUR // 4, 0],
        (True, True, False, False): [HOUR // 2, HOUR],
    }


# Blocks


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_how_many_rows_a_block_has_changes_nothing(rows, monkeypatch):
    for world, o, look in outcomes(9):
        monkeypatch.undo()
        results = tally(world, o, look), timeline(world, o, look)
        monkeypatch.setattr(blocks, "ROWS", rows)
        for one, other in zip(results, (tally(world, o, look), timeline(world, o, look)), strict=True):
            try:
                np.testing.assert_equal(asdict(one), asdict(other))
            except AssertionError as error:
                error.add_note(repr_world(world))  # slow, so made only of a world that fails
                raise


# Identities on random worlds


@pytest.mark.parametrize("seed", range(4))
def test_the_integral_of_the_backlog_is_the_sum_of_the_waits(seed):
    """Little's law without division, at periods of 1 ms."""
    rng = np.random.default_rng(seed)
    for _ in range(WORLDS):
        world = random_world(rng)
        o, horizon = run(world), world.playbook.horizon
        found = timeline(world, o, lens(horizon, 1, labels=[(0, 0, 0, 0)] * 2, teams=2))
        came, begun = o.arrived >= 0, o.begun >= 0
        until = np.where(begun, o.begun, np.where(o.ended >= 0, o.ended, horizon))
        assert found.backlog.sum() == (until - o.arrived)[came].sum(), repr_world(world)
        done = np.where(o.ended >= 0, o.ended, horizon)
        assert found.in_hand.sum() == (done - o.begun)[begun].sum(), repr_world(world)


@pytest.mark.parametrize("seed", range(4))
def test_the_backlog_its_oldest_and_its_slices_are_those_of_a_loop_over_contacts(seed):
    for world, o, look in outcomes(seed):
        found, table = timeline(world, o, look), slices(look)
        gone = np.where(o.begun >= 0, o.begun, np.where(o.ended >= 0, o.ended, look.horizon))
        ends = edges(look.horizon, look.period)[1:]
        waiting = (o.arrived >= 0) & (o.arrived < ends[:, None]) & (ends[:, None] <= gone)  # [p, n]
        assert (found.backlog == waiting.sum(axis=1)).all()
        ages = np.where(waiting, ends[:, None] - o.arrived, 0)
        assert (found.oldest == ages.max(axis=1, initial=0)).all()
        hourly = waiting[np.searchsorted(ends, edges(look.horizon, HOUR)[1:])]
        assert (
            found.backlog_slices == hourly.astype(int) @ table.contains[world.workload.label].astype(int)
        ).all()
        for dimension in DIMENSIONS:
            assert (
                found.backlog_slices[:, table.rows(dimension)].sum(axis=1) == found.backlog_slices[:, 0]
            ).all()


def agent_time(world, outcome, horizon):
    """Agent-ms on duty, busy on duty and in overtime by team, by a loop over the ms of a tiny world."""
    sums = np.zeros((3, len(world.routing.crowding)), int)
    left, ended = (np.where(times >= 0, times, horizon) for times in (outcome.left, outcome.ended))
    for agent, team in enumerate(world.roster.team):
        segments, contacts = world.roster.agent == agent, outcome.agent == agent
        for now in range(horizon):
            on = (segments & (outcome.joined >= 0) & (outcome.joined <= now) & (now < left)).any()
            busy = (contacts & (outcome.begun <= now) & (now < ended)).any()
            sums[:, team] += [on, on and busy, busy and not on]
    return sums


@pytest.mark.parametrize("seed", range(4))
def test_duty_busy_and_overtime_are_those_of_a_loop_over_milliseconds(seed):
    rng = np.random.default_rng(seed)
    for _ in range(WORLDS):
        world = random_world(rng)
        outcome, horizon = run(world), world.playbook.horizon
        teams = len(world.routing.crowding)
        found = timeline(world, outcome, lens(horizon, 1, labels=[(0, 0, 0, 0)] * 2, teams=teams))
        sums = [table.sum(axis=1).tolist() for table in (found.on_duty, found.busy, found.overtime)]
        assert sums == agent_time(world, outcome, horizon).tolist(), repr_world(world)


@pytest.mark.parametrize("seed", range(4))
def test_time_adds_up_over_teams_signatures_and_slots(seed):
    for world, o, look in outcomes(seed):
        found = timeline(world, o, look)
        joined = o.joined >= 0
        duty = (np.where(o.left >= 0, o.left, look.horizon) - o.joined)[joined].sum()
        assert found.on_duty.sum() == duty
        assert sum(hours.sum() for hours in found.able.values()) == duty
        assert ((found.busy >= 0) & (found.busy <= found.on_duty) & (found.overtime >= 0)).all()
        counted = tally(world, o, look)
        assert found.work.sum() == counted.contacts.effort.sum()
        in_hand = (look.horizon - o.begun)[(o.fate == Fate.OPEN) & (o.begun >= 0)].sum()
        handled = counted.contacts.sums_hour[SUMS.index("handled")].sum() + in_hand
        busy = found.busy.sum() + found.overtime.sum()
        assert busy <= handled <= busy * world.roster.slots.max(initial=1)
        if (world.roster.slots == 1).all():
            assert busy == handled


@pytest.mark.parametrize("seed", range(4))
def test_longer_periods_add_up_shorter_ones(seed):
    for world, o, look in outcomes(seed):
        fine, coarse = (timeline(world, o, lens(look.horizon, period, labels=look.labels, types=look.types,
                        teams=len(look.teams))) for period in (HOUR // 4, HOUR))  # fmt: skip
        starts = np.searchsorted(edges(look.horizon, HOUR // 4), edges(look.horizon, HOUR)[:-1])
        if not len(starts):
            continue
        for name in ("on_duty", "busy", "overtime", "work"):
            assert (np.add.reduceat(getattr(fine, name), starts, axis=-1) == getattr(coarse, name)).all()
