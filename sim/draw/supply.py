"""Agents and their duty: who speaks what, who works when, who comes when called.

What is known is not random: shifts, days off and the languages of a named team are apportioned.  Drawn are absence (a person a
shift), and of people who are called: lead, show-up and drop-out; of teams marked `drawn` also who speaks what.  Every draw is
made for a person, in order, so that a larger team holds the smaller one, person by person.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sim.draw.streams import durations, number, stream
from sim.scenario.plan import Bool, Float, Shift, Team
from sim.tables import NEVER, Int32, Int64, Roster

GOLDEN = 0.6180339887498949  # multiples of it modulo 1 lie evenly, however many are taken


@dataclass(frozen=True)
class Supply:
    """The roster, and what its skill groups stand for."""

    roster: Roster
    group_team: Int32  # [g] row of the teams
    group_speaks: Bool  # [g, l]


def draw_supply(teams: tuple[Team, ...], days: Int64, seed: int, replication: int) -> Supply:
    """The agents of one replication, team by team and person by person.

    days [d+1] ms: local midnights, the first at or before 0.
    """
    speaks, segments = [], []
    first = 0
    for team in teams:
        speaks.append(_speakers(team, seed, replication))
        agent, start, end = _duty(team, days, seed, replication)
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

    The next person goes where most is missing; ties to the first.
    """
    dealt = np.zeros(len(shares))
    values = np.zeros(people, np.int32)
    for person in range(people):
        values[person] = np.argmax(np.array(shares) * (person + 1) - dealt)
        dealt[values[person]] += 1
    values.flags.writeable = False
    return values


def _shift_of(team: Team) -> Int32:
    return apportioned(tuple(shift.share for shift in team.shifts), team.people)


def _circle(team: Team) -> Int64:
    """[people] everybody, shift by shift."""
    return np.argsort(_shift_of(team), kind="stable").astype(np.int64)


def _speakers(team: Team, seed: int, replication: int) -> Bool:
    """[people, l] who speaks what: drawn, or exactly the share of the team, rounded, spread evenly over its shifts.

    For each language the people stand in a circle, shift by shift, and every (1 ÷ share)-th speaks it; the circle is turned
    for each language, so that languages with equal shares do not fall to the same people.
    """
    languages = len(team.speaks)
    if team.drawn:
        return stream(seed, replication, "languages", team.name).random((team.people, languages)) < team.speaks
    circle = _circle(team)
    turn = np.round(np.arange(languages) * GOLDEN % 1 * team.people).astype(np.int64)
    place = (np.arange(team.people)[:, None] + turn) % max(team.people, 1)
    speaks = np.zeros((team.people, languages), np.bool_)
    speaks[circle] = np.floor((place + 1) * team.speaks + 0.5) > np.floor(place * team.speaks + 0.5)
    return speaks


def _duty(team: Team, days: Int64, seed: int, replication: int) -> tuple[Int32, Int64, Int64]:
    """Person, start and end of every segment of duty of a team."""
    shift_of = _shift_of(team)
    ready, until, away_from = _callable(team, days, seed, replication)
    columns: list[tuple[Int32, Int64, Int64]] = []
    for row, shift in enumerate(team.shifts):
        person = np.flatnonzero(shift_of == row).astype(np.int32)
        works = _works(team, shift, person, len(days), seed, replication) & (shift.day < away_from[person][:, None])
        who, when = np.nonzero(works)
        pieces = shift.pieces[when]
        start = np.maximum(pieces[:, :, 0], ready[person[who]][:, None])
        end = np.minimum(pieces[:, :, 1], until)
        real = start < end
        columns.append((np.broadcast_to(person[who][:, None], real.shape)[real], start[real], end[real]))
    agent, start, end = (np.concatenate([part[column] for part in columns]) for column in range(3))
    return agent, start, end


def _works(team: Team, shift: Shift, person: Int32, days: int, seed: int, replication: int) -> Bool:
    """[x, y] whether each person of a shift works on each of its days: by the rhythm of the team, less absence."""
    on, of = team.works
    rhythm = (shift.day[None, :] + _phase(team)[person][:, None]) % of < on
    absence = number(seed, replication, f"teams.{team.name}.absence", team.absence)
    drawn = stream(seed, replication, "absence", team.name).random((team.people, days + 1))
    present: Bool = rhythm & (drawn[person[:, None], shift.day + 1] >= absence)
    return present


def _phase(team: Team) -> Int64:
    """[people] the day of its rhythm that each person is at as the event starts.

    Golden multiples around the circle of the team, so that neither the people of a small shift nor those who share a language
    have the same days off; from a place that differs by team, so that small teams do not either.
    """
    place = np.empty(team.people)
    place[_circle(team)] = np.arange(team.people)
    first = int.from_bytes(hashlib.blake2b(team.name.encode(), digest_size=4).digest(), "big") / 2**32
    return np.floor((first + place * GOLDEN) % 1 * team.works[1]).astype(np.int64)


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
