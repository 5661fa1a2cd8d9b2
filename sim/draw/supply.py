"""Agents and their duty: who speaks what, who works when, who comes when called.

What is known is not random: shifts, days off and the languages of a named team are apportioned.  Drawn are absence (a person a
shift), and of people who are called: lead, show-up and drop-out; of teams marked `drawn` also who speaks what.  Every draw is
made for a person, in order, so that a larger drawn team holds the smaller one, person by person.
"""

from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from sim.draw.streams import durations, number, stream
from sim.scenario.plan import Bool, Float, Team
from sim.tables import NEVER, Int32, Int64, Roster

GOLDEN = 0.6180339887498949  # multiples of it modulo 1 lie evenly, however many are taken


@dataclass(frozen=True)
class Supply:
    """The roster, and what its skill groups stand for."""

    roster: Roster
    group_team: Int32  # [g] row of the teams
    group_speaks: Bool  # [g, l]


def draw_supply(teams: tuple[Team, ...], languages: tuple[str, ...], days: Int64, seed: int, replication: int) -> Supply:
    """The agents of one replication, team by team and person by person.

    languages [l]: their names; days [d+1] ms: local midnights, the first at or before 0.
    """
    speaks, segments = [], []
    first = 0
    for team in teams:
        speaks.append(_speakers(team, languages, seed, replication))
        agent, start, end = _duty(team, speaks[-1], days, seed, replication)
        segments.append((agent + first, start, end))
        first += team.people
    person_team = np.repeat(np.arange(len(teams), dtype=np.int32), [team.people for team in teams])
    skills = np.column_stack([person_team, np.concatenate(speaks)])
    groups, group = np.unique(skills, axis=0, return_inverse=True)
    agent, start, end = (np.concatenate([part[column] for part in segments]) for column in range(3))
    order = np.lexsort((agent, start))
    roster = Roster(
        team=person_team,
        group=group.reshape(-1).astype(np.int32),
        slots=np.repeat([team.slots for team in teams], [team.people for team in teams]),
        agent=agent[order],
        start=start[order],
        end=end[order],
    )
    return Supply(roster, groups[:, 0].astype(np.int32), groups[:, 1:].astype(np.bool_))


@lru_cache(maxsize=256)
def apportioned(shares: tuple[float, ...], people: int) -> Int32:
    """[people] a value for each person, dealt so that every first so many have their share of each, to within one.

    Of the values that are due, the next person gets the one that could be put off least; ties to the first (Tijdeman 1980).
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


def _shift_of(team: Team) -> Int32:
    return apportioned(tuple(shift.share for shift in team.shifts), team.people)


def _speakers(team: Team, languages: tuple[str, ...], seed: int, replication: int) -> Bool:
    """[people, l] who speaks what: drawn, or exactly the share of the team, rounded, spread evenly over its shifts.

    For each language the people stand in a circle, shift by shift, and those who speak it stand in even steps; the steps are
    turned for each language, so that languages with equal shares do not fall to the same people.
    """
    speaks = np.zeros((team.people, len(languages)), np.bool_)
    if team.drawn:
        for row, language in enumerate(languages):
            speaks[:, row] = stream(seed, replication, "speaks", team.name, language).random(team.people) < team.speaks[row]
        return speaks
    speakers = np.floor(team.people * team.speaks + 0.5).astype(np.int64)
    turn = (np.arange(len(languages)) * GOLDEN % 1 * team.people).astype(np.int64)
    steps = (np.arange(team.people + 1)[:, None] * speakers + turn) // max(team.people, 1)
    speaks[_circle(team)] = np.diff(steps, axis=0) > 0
    return speaks


def _circle(team: Team) -> Int64:
    """[people] the people shift by shift."""
    return np.argsort(_shift_of(team), kind="stable")


def _starts(team: Team, speaks: Bool) -> Int64:
    """[people] the day of its rhythm that each person is in on day 0, so that days off fall apart.

    They fall apart among those who share a shift and, in a named team, among those who share a language; the first start
    differs by team, so that those of small teams fall apart too.
    """
    everybody = np.ones(team.people, np.bool_)
    if team.drawn:  # person by person, so that one more moves nobody's days off
        order = np.arange(team.people)
        crowds = np.column_stack([everybody, _shift_of(team)[:, None] == np.arange(len(team.shifts))])
        weights = np.ones(crowds.shape[1])
    else:  # those of few people count most
        order = _circle(team)
        crowds = np.column_stack([everybody, speaks[order]])
        weights = 1 / np.maximum(crowds.sum(axis=0), 1)
    starts = np.zeros(team.people, np.int64)
    starts[order] = _spread(*team.works, crowds.tobytes(), tuple(weights.tolist()))
    return (starts + crc32(team.name.encode())) % team.works[1]


@lru_cache(maxsize=256)
def _spread(on: int, of: int, crowds: bytes, weights: tuple[float, ...]) -> Int32:
    """[people] a start of the rhythm for each person, so that of each crowd about as many are off every day.

    crowds: of [people, crowds], who is in which; weights [crowds].  In this order each person gets the days off on which the
    fewest of its crowds are off, by their weights; ties to the first start.
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


def _duty(team: Team, speaks: Bool, days: Int64, seed: int, replication: int) -> tuple[Int32, Int64, Int64]:
    """Person, start and end of every segment of duty of a team."""
    shift_of, starts = _shift_of(team), _starts(team, speaks)
    present = _present(team, len(days), seed, replication)
    ready, until, away_from = _callable(team, days, seed, replication)
    columns: list[tuple[Int32, Int64, Int64]] = []
    for row, shift in enumerate(team.shifts):
        person = np.flatnonzero(shift_of == row).astype(np.int32)
        on_rhythm = (shift.day + starts[person][:, None]) % team.works[1] < team.works[0]
        works = on_rhythm & present[shift.day + 1][:, person].T & (shift.day < away_from[person][:, None])
        who, when = np.nonzero(works)
        pieces = shift.pieces[when]
        start = np.maximum(pieces[:, :, 0], ready[person[who]][:, None])
        end = np.minimum(pieces[:, :, 1], until)
        real = start < end
        columns.append((np.broadcast_to(person[who][:, None], real.shape)[real], start[real], end[real]))
    agent, start, end = (np.concatenate([part[column] for part in columns]) for column in range(3))
    return agent, start, end


def _present(team: Team, days: int, seed: int, replication: int) -> Bool:
    """[1 + days, people] whether each person comes on each day from the day before the first on, if it should."""
    absence = number(seed, replication, f"teams.{team.name}.absence", team.absence)
    if absence == 0:
        return np.ones((1 + days, team.people), np.bool_)
    # Day by day, so that neither more people nor more days move what is drawn for another.
    dice = (stream(seed, replication, "absence", team.name, str(day)) for day in range(-1, days))
    return np.stack([die.random(team.people) for die in dice]) >= absence


def _callable(team: Team, days: Int64, seed: int, replication: int) -> tuple[Int64, int, Int64]:
    """From when each person is ready [people] ms, until when all are, and the first day [people] each stays away."""
    call = team.call_up
    never = int(days[-1]) + 1
    forever = np.full(team.people, len(days), np.int64)
    if call is None:
        return np.zeros(team.people, np.int64), never, forever

    def drawn(use: str) -> Float:
        return stream(seed, replication, use, team.name).random(team.people)

    path = f"teams.{team.name}.call_up"
    ready = np.full(team.people, call.at, np.int64)
    if call.lead is not None:
        mean = number(seed, replication, f"{path}.lead.mean", call.lead.mean)
        ready += durations(stream(seed, replication, "lead", team.name), call.lead, mean, team.people)
    ready[drawn("show-up") >= number(seed, replication, f"{path}.show_up", call.show_up)] = never
    drop_out = number(seed, replication, f"{path}.drop_out", call.drop_out)
    away_from = forever
    if drop_out > 0:
        # Geometric: who comes on one day comes on the next with chance 1 − drop_out.
        stays = np.floor(np.log1p(-drawn("drop-out")) / np.log1p(-min(drop_out, 1 - 1e-12)))
        called = np.searchsorted(days, call.at, "right") - 1
        away_from = np.minimum(called + 1 + stays, len(days)).astype(np.int64)
    return ready, never if call.until == NEVER else call.until, away_from
