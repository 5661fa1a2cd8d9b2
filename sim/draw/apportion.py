"""Known staff, person by person: who works which shift, who speaks what, who is off when.

What is known is not random: all of it is dealt out evenly, and the same for every replication.
"""

from functools import lru_cache
from zlib import crc32

import numpy as np

from sim.plan import Bool, Shift, Team
from sim.tables import Int32, Int64

GOLDEN = 0.6180339887498949  # multiples of it modulo 1 lie evenly, however many are taken


@lru_cache(maxsize=256)
def apportioned(shares: tuple[float, ...], people: int) -> Int32:
    """[people] a value for each person; every prefix of people has its share of each value, to within one.

    The next person gets the value, among those due, that could be put off least; ties go to the first
    (Tijdeman 1980).
    """
    share = np.array(shares) / sum(shares)  # a scenario's add up to 1 only to within 1e-9
    slack = 1 / max(2 * len(shares) - 2, 1)
    dealt = np.zeros(len(shares))
    values = np.zeros(people, np.int32)
    for person in range(people):
        missing = share * (person + 1) - dealt
        due = np.flatnonzero((missing >= slack - 1e-9) & (share > 0))
        values[person] = due[np.argmin((1 - slack - missing[due]) / share[due])]
        dealt[values[person]] += 1
    values.flags.writeable = False
    return values


def shift_of(team: Team) -> Int32:
    """[people] the row of the shift that each person works."""
    return apportioned(tuple(shift.share for shift in team.shifts), team.people)


def speakers(team: Team) -> Bool:
    """[people, l] the languages of a named team: the exact shares, rounded, spread evenly over its shifts.

    For each language the people stand in a circle, shift by shift, and those who speak it stand in even
    steps; the steps are turned for each language, so that languages with equal shares do not fall to the same
    people.
    """
    languages = len(team.speaks)
    speaks = np.zeros((team.people, languages), np.bool_)
    count = np.floor(team.people * team.speaks + 0.5).astype(np.int64)
    turn = (np.arange(languages) * GOLDEN % 1 * team.people).astype(np.int64)
    steps = (np.arange(team.people + 1)[:, None] * count + turn) // max(team.people, 1)
    speaks[_circle(team)] = np.diff(steps, axis=0) > 0
    return speaks


def _circle(team: Team) -> Int64:
    """[people] the people shift by shift."""
    return np.argsort(shift_of(team), kind="stable")


def starts(team: Team, speaks: Bool) -> Int64:
    """[people] the day of its rhythm that each person is in on day 0, so that days off fall apart.

    They fall apart among those who share a shift and, in a named team, among those who share a language; the
    first start differs by team, so that those of small teams fall apart too.
    """
    everybody = np.ones(team.people, np.bool_)
    if team.drawn:  # person by person, so that one more moves nobody's days off
        order = np.arange(team.people)
        crowds = np.column_stack([everybody, shift_of(team)[:, None] == np.arange(len(team.shifts))])
        weights = np.ones(crowds.shape[1])
    else:  # those of few people count most
        order = _circle(team)
        crowds = np.column_stack([everybody, speaks[order]])
        weights = 1 / np.maximum(crowds.sum(axis=0), 1)
    first = np.zeros(team.people, np.int64)
    first[order] = _spread(*team.works, crowds.tobytes(), tuple(weights.tolist()))
    return (first + crc32(team.name.encode())) % team.works[1]


@lru_cache(maxsize=256)
def _spread(on: int, of: int, crowds: bytes, weights: tuple[float, ...]) -> Int32:
    """[people] a start of the rhythm for each person, so that of each crowd about as many are off every day.

    crowds: of [people, crowds], who is in which; weights [crowds].  In this order each person gets the days
    off on which the fewest of its crowds are off, by their weights; ties to the first start.
    """
    member = np.frombuffer(crowds, np.bool_).reshape(-1, len(weights))
    off = (np.arange(of)[:, None] + np.arange(of)) % of >= on  # by start and day
    away = np.zeros((of, len(weights)))  # people by day and crowd, weighted
    starts = np.zeros(len(member), np.int32)
    if on < of:
        for person, crowd in enumerate(member * np.array(weights)):
            starts[person] = np.argmin(np.round(off @ (away @ member[person]), 9))
            away += np.outer(off[starts[person]], crowd)
    starts.flags.writeable = False
    return starts


def on_rhythm(team: Team, shift: Shift, start: Int64) -> Bool:
    """[people, days] whether people who start their rhythm so are on, on each day of a shift."""
    on, of = team.works
    return np.asarray((shift.day + start[:, None]) % of < on)
