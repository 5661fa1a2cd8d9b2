"""Agents and their duty: who speaks what, who works when, who comes when called.

What is known is not random: shifts, days off and the languages of a named team are apportioned, once for all
replications. Drawn are absence (a person a shift), and of people who are called: lead, show-up and drop-out;
of teams marked `drawn` also who speaks what.  Every draw is made for a person, in order, so that a larger
drawn team holds the smaller one, person by person.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.draw.apportion import on_rhythm, shift_of, speakers, starts
from sim.draw.durations import durations
from sim.draw.memo import remembered
from sim.draw.rng import number, stream
from sim.plan import Bool, CallUp, Float, Team
from sim.tables import NEVER, Int32, Int64, Roster

WEEK = 7  # days whose absence is drawn at once


@dataclass(frozen=True)
class Groups:
    """Agents of one team with the same languages, by team and then by languages."""

    of: Int32  # [a] row of the groups
    team: Int32  # [g] row of the teams
    speaks: Bool  # [g, l]


@dataclass(frozen=True)
class Supply:
    """The roster, and what its skill groups stand for."""

    roster: Roster
    group_team: Int32  # [g] row of the teams
    group_speaks: Bool  # [g, l]


@dataclass(frozen=True)
class Due:
    """The known part of all teams: duty without absence or call-up, and languages as apportioned."""

    team: Int32  # [a] row of the teams
    slots: Int32  # [a]
    mine: tuple[slice, ...]  # [m] the agents of each team
    speaks: Bool  # [a, l]
    groups: Groups
    agent: Int32  # [s] by start, then by agent; here and below
    day: Int32  # [s] index of the midnight that the working day counts from
    start: Int64  # [s] ms
    end: Int64  # [s] ms


def draw_supply(
    teams: tuple[Team, ...], languages: tuple[str, ...], days: Int64, seed: int, replication: int
) -> Supply:
    """The agents of one replication, team by team and person by person.

    languages [l]: their names; days [d+1] ms: local midnights, the first at or before 0.
    """
    due = _due(teams, days)
    groups = due.groups
    if any(team.drawn for team in teams):
        groups = _grouped(due.team, _speakers(teams, due, languages, seed, replication))
    agent, start, end = _duty(teams, due, days, seed, replication)
    roster = Roster(team=due.team, group=groups.of, slots=due.slots, agent=agent, start=start, end=end)
    return Supply(roster, groups.team, groups.speaks)


@remembered(8)
def _due(teams: tuple[Team, ...], days: Int64) -> Due:
    """What is known of these teams, for replications to share."""
    people = [team.people for team in teams]
    ends = np.cumsum(people).tolist()
    mine = tuple(slice(end - size, end) for end, size in zip(ends, people, strict=True))
    of_team = [speakers(team) for team in teams]
    speaks = np.concatenate(of_team)
    parts = [
        part
        for team, known, rows in zip(teams, of_team, mine, strict=True)
        for part in _shifts(team, known, rows.start)
    ]
    agent, day, start, end = (np.concatenate([part[column] for part in parts]) for column in range(4))
    start, end = np.maximum(start, 0), np.minimum(end, days[-1] + 1)
    rows = np.lexsort((agent, start))
    rows = rows[start[rows] < end[rows]]
    team = np.repeat(np.arange(len(teams), dtype=np.int32), people)
    slots = np.repeat(np.array([team.slots for team in teams], np.int32), people)
    return Due(
        team, slots, mine, speaks, _grouped(team, speaks), agent[rows], day[rows], start[rows], end[rows]
    )


def _shifts(team: Team, speaks: Bool, first: int) -> Iterator[tuple[Int32, Int32, Int64, Int64]]:
    """Agent, day, start and end of each piece of duty, by shift; the team starts at agent `first`."""
    shift, start_of = shift_of(team), starts(team, speaks)
    for row, item in enumerate(team.shifts):
        person = np.flatnonzero(shift == row).astype(np.int32)
        who, when = np.nonzero(on_rhythm(team, item, start_of[person]))
        pieces = item.pieces[when].reshape(-1, 2)
        times = item.pieces.shape[1]
        yield (
            np.repeat(person[who] + np.int32(first), times),
            np.repeat(item.day[when], times),
            pieces[:, 0],
            pieces[:, 1],
        )


def _grouped(team: Int32, speaks: Bool) -> Groups:
    """The groups of these agents [a], [a, l]."""
    # Languages as numbers of 64 bits that sort like their rows: thousands of agents are sorted by few of
    # them.
    bits = np.packbits(speaks, axis=1)
    words = np.pad(bits, ((0, 0), (0, -bits.shape[1] % 8))).view(">u8").astype(np.uint64)
    order = np.lexsort((*words.T[::-1], team))
    rows = np.column_stack([team.astype(np.uint64), words])[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    of = np.empty(len(order), np.int32)
    of[order] = np.cumsum(new) - 1
    return Groups(of, team[order[new]], speaks[order[new]])


def _speakers(
    teams: tuple[Team, ...], due: Due, languages: tuple[str, ...], seed: int, replication: int
) -> Bool:
    """[a, l] who speaks what: as apportioned, of drawn teams drawn person by person."""
    speaks = due.speaks.copy()
    for team, mine in zip(teams, due.mine, strict=True):
        if team.drawn:
            for row, (language, share) in enumerate(zip(languages, team.speaks.tolist(), strict=True)):
                known = share in (0, 1)
                speaks[mine, row] = (
                    share if known else _drawn(team, seed, replication, "speaks", team.name, language) < share
                )
    return speaks


def _drawn(team: Team, seed: int, replication: int, *use: str) -> Float:
    """[people] a number below 1 for each person of a team."""
    return stream(seed, replication, *use).random(team.people)


def _duty(
    teams: tuple[Team, ...], due: Due, days: Int64, seed: int, replication: int
) -> tuple[Int32, Int64, Int64]:
    """Agent, start and end of every segment of duty, by start and then by agent."""
    agent, day, start, end = due.agent, due.day, due.start, due.end
    present = _present(teams, due, len(days), seed, replication)
    if present is not None:
        here = np.flatnonzero(present[day + 1, agent])
        agent, day, start, end = agent[here], day[here], start[here], end[here]
    if all(team.call_up is None for team in teams):
        return agent, start, end
    ready, until, away_from = _called(teams, due, days, seed, replication)
    start, end = np.maximum(start, ready[agent]), np.minimum(end, until[agent])
    real = np.flatnonzero((start < end) & (day < away_from[agent]))
    order = real[np.lexsort((agent[real], start[real]))]
    return agent[order], start[order], end[order]


def _present(teams: tuple[Team, ...], due: Due, days: int, seed: int, replication: int) -> Bool | None:
    """[1 + days, a] whether a person comes if due, from the day before the first; None if all always do."""
    absences = [number(seed, replication, f"teams.{team.name}.absence", team.absence) for team in teams]
    if not any(absences):
        return None
    weeks = -(-(1 + days) // WEEK)
    present = np.ones((weeks * WEEK, len(due.team)), np.bool_)
    for team, mine, absence in zip(teams, due.mine, absences, strict=True):
        if absence:
            # Week by week, person by person, so that neither more people nor more days move what is drawn for
            # another.
            dice = (stream(seed, replication, "absence", team.name, str(week)) for week in range(weeks))
            drawn = np.stack([die.random((team.people, WEEK)) for die in dice])
            present[:, mine] = drawn.swapaxes(1, 2).reshape(weeks * WEEK, team.people) >= absence
    return present


def _called(
    teams: tuple[Team, ...], due: Due, days: Int64, seed: int, replication: int
) -> tuple[Int64, Int64, Int64]:
    """From when each agent is ready and until when [a] ms, and the first day [a] on which each stays away."""
    never = int(days[-1]) + 1
    size = len(due.team)
    ready, until, away_from = np.zeros(size, np.int64), np.full(size, never), np.full(size, len(days))
    for team, mine in zip(teams, due.mine, strict=True):
        if team.call_up is not None:
            ready[mine] = _ready(team, team.call_up, never, seed, replication)
            away_from[mine] = _away_from(team, team.call_up, days, seed, replication)
            if team.call_up.until != NEVER:
                until[mine] = team.call_up.until
    return ready, until, away_from


def _ready(team: Team, call: CallUp, never: int, seed: int, replication: int) -> Int64:
    """[people] ms, from when each person who was called is ready; `never` for those who do not show up."""
    path = f"teams.{team.name}.call_up"
    ready = np.full(team.people, call.at, np.int64)
    if call.lead is not None:
        mean = number(seed, replication, f"{path}.lead.mean", call.lead.mean)
        ready += durations(stream(seed, replication, "lead", team.name), call.lead, mean, team.people)
    show_up = number(seed, replication, f"{path}.show_up", call.show_up)
    if show_up < 1:
        ready[_drawn(team, seed, replication, "show-up", team.name) >= show_up] = never
    return ready


def _away_from(team: Team, call: CallUp, days: Int64, seed: int, replication: int) -> Int64:
    """[people] the first day on which each person who was called stays away; the number of days if none."""
    drop_out = number(seed, replication, f"teams.{team.name}.call_up.drop_out", call.drop_out)
    if drop_out == 0:
        return np.full(team.people, len(days), np.int64)
    # Geometric: who comes on one day comes on the next with chance 1 − drop_out.
    drawn = _drawn(team, seed, replication, "drop-out", team.name)
    stays = np.floor(np.log1p(-drawn) / np.log1p(-min(drop_out, 1 - 1e-12)))
    called = np.searchsorted(days, call.at, "right") - 1
    away_from: Int64 = np.minimum(called + 1 + stays, len(days)).astype(np.int64)
    return away_from
