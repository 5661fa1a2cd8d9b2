"""Counts by hand for each rule, and by a loop over contacts on random worlds.  All comparisons are exact."""

from collections import defaultdict
from itertools import pairwise, product
from math import ceil, inf, nan

import numpy as np
import pytest

from sim.measure.slices import slices
from sim.measure.tally import COUNTS, PERCENTS, SUMS, tally
from sim.scenario.plan import DIMENSIONS
from sim.tables import Fate
from sim.units import DAY, HOUR
from tests.lenses import answered, happened, lens, lost, open_, promise, random_outcome
from tests.worlds import repr_world

FACEBOOK, PHONE = 0, 1  # labels of TWO: each its own channel, the second live
TWO = {"labels": [(0, 0, 0, 0), (0, 1, 0, 0)], "live": [1]}


def count(found, name):
    """The contacts [u, v] of one of the COUNTS."""
    return found.counts[COUNTS.index(name)]


def judged(contacts, clock="first_reply", within=10, scope=True, looked=None, **columns):
    """Cases and cases in time, in all, of a promise on labels FACEBOOK and PHONE."""
    look = lens(promises=[promise(clock, within, scope=scope, labels=2)], judged=looked, **TWO)
    found = tally(*happened(contacts, **columns), look)
    assert found.cases_period.sum() == found.cases[:, :, 0].sum()
    assert found.in_time_period.sum() == found.in_time[:, :, 0].sum()
    return found.cases[0, :, 0].sum(), found.in_time[0, :, 0].sum()


# The first reply


@pytest.mark.parametrize(("ended", "in_time"), [(110, 1), (111, 0)])
def test_a_post_is_in_time_if_it_is_answered_within_the_promise_to_the_ms(ended, in_time):
    assert judged([answered(0, FACEBOOK, 100, 105, ended)]) == (1, in_time)


@pytest.mark.parametrize(("begun", "in_time"), [(100, 1), (110, 1), (111, 0)])
def test_a_call_is_in_time_if_it_begins_within_the_promise_however_long_it_takes(begun, in_time):
    assert judged([answered(0, PHONE, 100, begun, 5000)]) == (1, in_time)


def test_a_call_still_in_hand_at_the_horizon_was_replied_to_and_a_post_was_not():
    assert judged([open_(0, PHONE, 100, 105)]) == (1, 1)
    assert judged([open_(0, FACEBOOK, 100, 105)]) == (1, 0)


@pytest.mark.parametrize(
    "contact",
    [lost(0, FACEBOOK, 100, 101), lost(0, FACEBOOK, 100, 100, Fate.BLOCKED), open_(0, FACEBOOK, 100)],
    ids=["abandoned", "blocked", "waiting at the horizon"],
)
@pytest.mark.parametrize(("clock", "within"), [("first_reply", 10), ("solved", DAY), ("answered", -1)])
def test_what_nobody_answered_counts_as_missed(contact, clock, within):
    assert judged([contact], clock, within) == (1, 0)


def test_a_follow_up_that_never_came_counts_for_nothing():
    never = (0, PHONE, -1, -1, -1, Fate.NEVER)
    contacts = [answered(0, FACEBOOK, 100, 105, 110), never]
    assert judged(contacts, "answered", -1, parent=[-1, 0]) == (1, 1)
    assert judged(contacts, "answered", -1, scope=[PHONE], parent=[-1, 0]) == (0, 0)


def test_a_reply_to_any_contact_of_the_case_on_any_channel_stops_the_clock():
    contacts = [answered(0, FACEBOOK, 100, 150, 200), answered(0, PHONE, 101, 108, 300)]
    assert judged(contacts, scope=[FACEBOOK]) == (1, 1)


def test_a_reply_to_an_earlier_contact_counts_if_it_comes_after_the_clock_started():
    late = answered(0, PHONE, 100, 200, 300)
    assert judged([answered(0, FACEBOOK, 50, 60, 105), late], scope=[PHONE]) == (1, 1)
    assert judged([answered(0, FACEBOOK, 50, 60, 99), late], scope=[PHONE]) == (1, 0)


# Scope and window


def test_the_clock_starts_at_the_first_contact_in_scope_and_under_its_label():
    contacts = [open_(0, PHONE, 100), answered(0, FACEBOOK, HOUR, HOUR + 5, HOUR + 10), open_(1, PHONE, HOUR + 1)]
    found = tally(*happened(contacts), lens(promises=[promise(within=10, scope=[FACEBOOK], labels=2)], **TWO))
    channels = slices(lens(**TWO)).rows("channel")
    assert found.cases[0][:, channels].tolist() == [[0, 0], [1, 0]] + [[0, 0]] * 8
    assert found.in_time[0][:, channels].tolist() == [[0, 0], [1, 0]] + [[0, 0]] * 8
    assert found.cases_period[0].nonzero()[0].tolist() == [4]


def test_cases_are_judged_from_the_start_of_the_window_to_before_its_end():
    contacts = [answered(case, FACEBOOK, time, time, time + 1) for case, time in enumerate([99, 100, 199, 200])]
    assert judged(contacts, looked=(100, 200)) == (2, 2)


def test_a_case_that_began_before_the_window_is_not_judged_by_a_later_contact():
    assert judged([open_(0, FACEBOOK, 99), answered(0, FACEBOOK, 150, 150, 151)], looked=(100, 200)) == (0, 0)


# Solved and answered


def test_solved_counts_the_time_in_which_a_contact_waits_or_is_in_hand_once():
    """100–130 and 120–150 overlap, 150–160 touches, 400–440 comes back: 100 ms of 340."""
    contacts = [answered(0, FACEBOOK, 100, 110, 130), answered(0, PHONE, 120, 140, 150), answered(0, PHONE, 150, 151, 160),
                answered(0, FACEBOOK, 400, 430, 440)]  # fmt: skip
    assert judged(contacts, "solved", 100) == (1, 1)
    assert judged(contacts, "solved", 99) == (1, 0)
    found = tally(*happened(contacts), lens(promises=[promise("solved", 100, labels=2)], **TWO))
    assert found.times.tolist() == [[100, 100, 100]]
    assert found.elapsed.tolist() == [[340, 340, 340]]


def test_solved_counts_from_the_start_of_the_clock_what_began_before_included():
    """The call lasts from 50 to 120, the post from 100 to 105: 20 ms after 100."""
    contacts = [answered(0, PHONE, 50, 60, 120), answered(0, FACEBOOK, 100, 101, 105)]
    assert judged(contacts, "solved", 20, scope=[FACEBOOK]) == (1, 1)
    assert judged(contacts, "solved", 19, scope=[FACEBOOK]) == (1, 0)


@pytest.mark.parametrize("second", [open_(0, PHONE, 200), lost(0, PHONE, 200, 300), open_(0, PHONE, 200, 201)])
@pytest.mark.parametrize(("clock", "within"), [("solved", DAY), ("answered", -1)])
def test_a_case_is_solved_or_answered_only_if_all_its_contacts_were(second, clock, within):
    first = answered(0, FACEBOOK, 100, 101, 102)
    assert judged([first], clock, within) == (1, 1)
    assert judged([first, second], clock, within) == (1, 0)


# Percentiles


def test_percentiles_are_over_all_cases_with_the_never_answered_as_longest():
    """Of twenty cases nineteen were answered after 1 … 19 ms: 95 % within 19, and of ten with two lost 90 % never."""
    twenty = [answered(case, 0, 0, 0, case + 1) for case in range(19)] + [lost(19, 0, 0, 5)]
    assert tally(*happened(twenty), lens()).times.tolist() == [[10, 18, 19]]
    ten = [answered(case, 0, 0, 0, case + 1) for case in range(8)] + [lost(8, 0, 0, 5), lost(9, 0, 0, 5)]
    assert tally(*happened(ten), lens()).times.tolist() == [[5, inf, inf]]


def test_percentiles_of_no_cases_are_nan():
    found = tally(*happened([]), lens(promises=[promise("solved", 1)]))
    np.testing.assert_array_equal([found.times, found.elapsed], [[[nan] * 3]] * 2)
    assert found.cases.sum() == 0


def test_elapsed_is_of_solved_promises_only():
    assert np.isnan(tally(*happened([answered(0, 0, 0, 1, 2)]), lens()).elapsed).all()


# Contacts


def test_contacts_count_by_what_became_of_them_in_the_hour_and_slice_they_came():
    contacts = [answered(0, 0, 10, 30, 70), lost(1, 1, 20, 25), lost(2, 0, 30, 30, Fate.BLOCKED), open_(3, 0, HOUR, HOUR + 5),
                open_(4, 1, HOUR + 1)]  # fmt: skip
    found = tally(*happened(contacts, effort=[9, 8, 7, 6, 5]), lens(promises=[promise(labels=2)], **TWO))
    expected = {  # all in the first two hours, then by channel
        "came": ([3, 2], [2, 1], [1, 1]), "begun": ([1, 1], [1, 1], [0, 0]), "answered": ([1, 0], [1, 0], [0, 0]),
        "abandoned": ([1, 0], [0, 0], [1, 0]), "blocked": ([1, 0], [1, 0], [0, 0]), "open": ([0, 2], [0, 1], [0, 1]),
        "follow_ups": ([0, 0], [0, 0], [0, 0]), "reopened": ([0, 0], [0, 0], [0, 0]),
    }  # fmt: skip
    assert set(expected) == set(COUNTS)
    rows = [0, *slices(lens(**TWO)).rows("channel")]
    for name, counts in expected.items():
        assert count(found, name)[:2, rows].T.tolist() == [list(hours) for hours in counts], name
        assert not count(found, name)[2:].any()
    sums = {"waited": [20, 5], "handled": [40, 0], "effort": [24, 11], "effort_answered": [9, 0]}
    assert {name: found.sums[SUMS.index(name)][:2, 0].tolist() for name in SUMS} == sums


@pytest.mark.parametrize(("came", "reopened"), [(100 + DAY - 1, 0), (100 + DAY, 1)])
def test_a_follow_up_reopens_its_case_after_a_day_of_silence(came, reopened):
    contacts = [answered(0, 0, 0, 1, 100), answered(0, 0, came, came + 1, came + 2)]
    found = tally(*happened(contacts, 3 * DAY, parent=[-1, 0]), lens(3 * DAY))
    assert (count(found, "follow_ups").sum(axis=0)[0], count(found, "reopened").sum(axis=0)[0]) == (1, reopened)


def test_a_case_does_not_reopen_while_another_of_its_contacts_is_open():
    contacts = [answered(0, 0, 0, 1, 100), open_(0, 0, 50), answered(0, 0, 2 * DAY, 2 * DAY + 1, 2 * DAY + 2)]
    found = tally(*happened(contacts, 3 * DAY, parent=[-1, -1, 0]), lens(3 * DAY))
    assert count(found, "reopened").sum() == 0


# Slices


def test_a_label_belongs_to_all_to_its_four_values_and_to_its_cell():
    table = slices(lens(labels=[(0, 0, 0, 0), (0, 1, 2, 1)]))
    names = list(zip(table.by, table.of, strict=True))
    assert [name for name, inside in zip(names, table.member[1], strict=True) if inside] == [
        ("all", ""), ("stream", "s0"), ("channel", "c1"), ("language", "l2"), ("topic", "t1"), ("type", "l2 t1"),
    ]  # fmt: skip
    assert [table.of[row] for row in table.rows("type")] == ["l0 t0", "l0 t1", "l1 t0", "l1 t1", "l2 t0", "l2 t1"]


# Random worlds


def cases_by_loop(world, outcome, look, promise_):
    """Start, label, time on the clock and time elapsed of each judged case, by the rules read aloud."""
    contacts = defaultdict(list)
    for row in range(world.workload.n):
        if outcome.fate[row] != Fate.NEVER:
            contacts[world.workload.case[row]].append((int(outcome.arrived[row]), row))
    for case in sorted(contacts):
        mine = sorted(contacts[case])
        inside = [pair for pair in mine if promise_.scope[world.workload.label[pair[1]]]]
        if not inside or not look.judged[0] <= inside[0][0] < look.judged[1]:
            continue
        start, opener = inside[0]
        rows = [row for _, row in mine]
        every = all(outcome.fate[row] == Fate.ANSWERED for row in rows)
        elapsed = int(max(outcome.ended[rows])) - start if every else inf
        if promise_.clock == "first_reply":
            live = [look.live[look.labels[world.workload.label[row], 1]] for row in rows]
            replies = [int(outcome.begun[row] if alive else outcome.ended[row])
                       for row, alive in zip(rows, live, strict=True)
                       if (outcome.begun[row] >= 0 if alive else outcome.fate[row] == Fate.ANSWERED)]  # fmt: skip
            clock = min((reply - start for reply in replies if reply >= start), default=inf)
        elif promise_.clock == "solved" and every:
            moments = sorted({start, *(int(time) for row in rows for time in (outcome.arrived[row], outcome.ended[row]))})
            clock = sum(
                after - before
                for before, after in pairwise(moments)
                if before >= start and any(outcome.arrived[row] <= before < outcome.ended[row] for row in rows)
            )
        else:
            clock = elapsed
        yield start, int(world.workload.label[opener]), clock, elapsed


def percentiles_by_loop(times):
    ranked = sorted(times)
    return [ranked[ceil(percent * len(ranked) / 100) - 1] if ranked else nan for percent in PERCENTS]


@pytest.mark.parametrize("seed", range(4))
def test_cases_are_those_of_a_loop_over_contacts(seed):
    rng = np.random.default_rng(seed)
    seen = 0
    for _ in range(150):
        world, outcome, look = random_outcome(rng)
        found, table = tally(world, outcome, look), slices(look)
        for row, promise_ in enumerate(look.promises):
            cases, in_time = np.zeros_like(found.cases[row]), np.zeros_like(found.cases[row])
            by_period = np.zeros((2, found.cases_period.shape[1]), int)
            clocks = list(cases_by_loop(world, outcome, look, promise_))
            for start, label, clock, _ in clocks:
                kept = clock <= promise_.within if promise_.within >= 0 else clock < inf
                cases[start // HOUR, table.member[label]] += 1
                in_time[start // HOUR, table.member[label]] += kept
                by_period[:, start // look.period] += [1, kept]
            assert (found.cases[row] == cases).all(), repr_world(world)
            assert (found.in_time[row] == in_time).all(), repr_world(world)
            assert (found.cases_period[row] == by_period[0]).all()
            assert (found.in_time_period[row] == by_period[1]).all()
            np.testing.assert_array_equal(found.times[row], percentiles_by_loop([clock for *_, clock, _ in clocks]))
            elapsed = percentiles_by_loop([whole for *_, whole in clocks]) if promise_.clock == "solved" else [nan] * 3
            np.testing.assert_array_equal(found.elapsed[row], elapsed)
            seen += len(clocks)
    assert seen > 200


@pytest.mark.parametrize("seed", range(4))
def test_contacts_are_those_of_a_loop_over_contacts(seed):
    rng = np.random.default_rng(seed)
    reopened = 0
    for _ in range(150):
        world, outcome, look = random_outcome(rng)
        found, table = tally(world, outcome, look), slices(look)
        counts, sums = ({name: np.zeros(found.counts.shape[1:], int) for name in names} for names in (COUNTS, SUMS))
        for row in range(world.workload.n):
            fate = Fate(outcome.fate[row])
            if fate == Fate.NEVER:
                continue
            arrived, begun, ended = (int(column[row]) for column in (outcome.arrived, outcome.begun, outcome.ended))
            effort = int(world.workload.effort[row])
            earlier = [other for other in range(world.workload.n)
                       if world.workload.case[other] == world.workload.case[row] and outcome.arrived[other] >= 0
                       and (outcome.arrived[other], other) < (arrived, row)]  # fmt: skip
            silent = all(0 <= outcome.ended[other] <= arrived - DAY for other in earlier)
            latent = world.workload.parent[row] >= 0
            here = arrived // HOUR, table.member[world.workload.label[row]]
            facts = {"came": 1, "begun": begun >= 0, fate.name.lower(): 1, "follow_ups": latent, "reopened": latent and silent}
            for name, fact in facts.items():
                counts[name][here] += fact
            sums["waited"][here] += begun - arrived if begun >= 0 else 0
            sums["effort"][here] += effort
            if fate == Fate.ANSWERED:
                sums["handled"][here] += ended - begun
                sums["effort_answered"][here] += effort
        reopened += counts["reopened"][:, 0].sum()
        assert all((count(found, name) == counts[name]).all() for name in COUNTS), repr_world(world)
        assert all((found.sums[SUMS.index(name)] == sums[name]).all() for name in SUMS), repr_world(world)
    assert reopened > 0


def test_the_slices_of_every_dimension_add_up_to_all():
    rng = np.random.default_rng(9)
    for _ in range(50):
        world, outcome, look = random_outcome(rng)
        found, table = tally(world, outcome, look), slices(look)
        for dimension, array in product((*DIMENSIONS, "type"), (found.cases, found.in_time, found.counts, found.sums)):
            assert (array[:, :, table.rows(dimension)].sum(axis=2) == array[:, :, 0]).all()


def test_every_contact_that_came_has_one_fate():
    rng = np.random.default_rng(10)
    for _ in range(50):
        found = tally(*random_outcome(rng))
        fates = sum(count(found, name) for name in ("answered", "abandoned", "blocked", "open"))
        assert (fates == count(found, "came")).all()
