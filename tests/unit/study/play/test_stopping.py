"""The stopping rule: when it looks, what it waits for, and that it takes no event more."""

from itertools import count, pairwise

import numpy as np
import pytest

from sim.measure.stats.verdicts import Claim
from sim.study.play.stopping import decided, looks, until_decided


def claim(kept, cases=100, dimension="", asked=0.95):
    """A claim on events kept or not."""
    return Claim(
        "reply", dimension, "", 0.9, asked, cases * np.array(kept, np.int64), np.full(len(kept), cases)
    )


def row(kept, **more):
    return lambda events: [claim([kept(event) for event in events], **more)]


def always(event):
    return True


def never(event):
    return False


def until(source, claims, limit=20_000):
    """The events of a source until every verdict on what `claims` makes of those so far is decided."""
    seen = []

    def noted():
        for event in source:
            seen.append(event)
            yield event

    return until_decided(noted(), lambda: claims(seen), limit)


def test_it_is_looked_after_20_replications_then_a_tenth_more_each_time_and_at_the_limit():
    found = list(looks(20_000))
    assert found[:8] == [20, 22, 24, 26, 28, 30, 33, 36]
    assert found[-1] == 20_000
    assert all(first < second <= 1.1 * first for first, second in pairwise(found))
    assert list(looks(20)) == [20]
    assert list(looks(7)) == [7]


def test_the_replications_come_in_order_until_every_verdict_is_decided():
    """Where none is kept at the first look; where all are at the first look from 102 on."""
    assert list(until(count(), row(never))) == list(range(20))
    assert list(until(count(), row(always))) == list(range(103))
    assert 103 in looks(20_000)
    assert not decided([claim([True] * 101)])
    assert decided([claim([True] * 102)])


def test_it_waits_for_the_last_verdict_and_for_all_in_the_same_replication():
    def claims(events):
        return [
            claim([True] * len(events)),
            claim([False] * len(events)),
            claim([event % 10 > 0 for event in events]),
        ]

    assert not decided(claims(range(103)))
    ended = len(list(until(count(), claims)))
    assert ended > 103
    assert decided(claims(range(ended)))
    assert not any(decided(claims(range(look))) for look in looks(20_000) if look < ended)


def test_rows_too_few_to_judge_are_not_waited_for():
    def claims(events):
        hopeless = [event % 20 > 0 for event in events]  # just 95 %
        return [claim([True] * len(events)), claim(hopeless, cases=10, dimension="language")]

    assert len(list(until(count(), claims, limit=500))) == 103


@pytest.mark.parametrize("limit", [1, 20, 21, 500])
def test_what_cannot_be_decided_ends_at_the_limit(limit):
    """19 of 20 events kept: just what is asked."""
    assert len(list(until(count(), row(lambda event: event % 20 > 0), limit))) == limit


def test_nothing_claimed_is_decided_at_the_first_look():
    assert len(list(until(count(), lambda events: []))) == 20


def test_no_replication_is_asked_for_beyond_the_last():
    events = count()
    assert len(list(until(events, row(always)))) == next(events)
    assert len(list(until(events, row(always), limit=5))) == next(events) - 104


def test_replications_that_end_early_are_all_there_is():
    assert list(until(range(5), row(always))) == list(range(5))


def test_a_replication_is_there_before_the_next_is_made():
    """So that what is finished is kept when somebody interrupts, and progress is seen."""
    made = []

    def make():
        for event in count():
            made.append(event)
            yield event

    for event in until(make(), row(always)):
        assert made == list(range(event + 1))


def test_only_the_results_decide_where_it_ends():
    kept = np.random.default_rng(1).random(20_000) < 0.9
    ends = [
        len(list(until(source, row(bool))))
        for source in (kept.tolist(), iter(kept.tolist()), (bool(x) for x in kept))
    ]
    assert ends == [ends[0]] * 3
    assert 50 < ends[0] < 2000
