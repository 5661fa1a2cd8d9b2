"""Agents and their duty: who speaks what, who works when, who comes when called.

What is known is not random: shifts, days off and the languages of a named team are apportioned.  Drawn are absence (a person a
shift), and of people who are called: lead, show-up and drop-out; of teams marked `drawn` also who speaks what.  Every draw is
made for a person, in order, so that a larger drawn team holds the smaller one, person by person.
"""

from dataclasses import dataclass

import numpy as np

from sim.draw.streams import durations, number, stream
from sim.scenario.apportion import on_rhythm, shift_of, speakers, starts
from sim.scenario.plan import Bool, Float, Team
from sim.tables import NEVER, Int32, Int64, Roster


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


def _speakers(team: Team, languages: tuple[str, ...], seed: int, replication: int) -> Bool:
    """[people, l] who speaks what: apportioned, or drawn person by person."""
    if not team.drawn:
        return speakers(team)
    dice = (stream(seed, replication, "speaks", team.name, language).random(team.people) for language in languages)
    return np.stack(list(dice), axis=1) < team.speaks


def _duty(team: Team, speaks: Bool, days: Int64, seed: int, replication: int) -> tuple[Int32, Int64, Int64]:
    """Person, start and end of every segment of duty of a team."""
    shift, start_of = shift_of(team), starts(team, speaks)
    present = _present(team, len(days), seed, replication)
    ready, until, away_from = _callable(team, days, seed, replication)
    columns: list[tuple[Int32, Int64, Int64]] = []
    for row, item in enumerate(team.shifts):
        person = np.flatnonzero(shift == row).astype(np.int32)
        works = on_rhythm(team, item, start_of[person]) & present[item.day + 1][:, person].T
        who, when = np.nonzero(works & (item.day < away_from[person][:, None]))
        pieces = item.pieces[when]
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
