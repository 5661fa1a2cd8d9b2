"""Workload W2, at any size: a week of a hub with types of contact, agents with some skills each, and a surge.

Contacts come in a daily wave of ± 60 % that peaks at 15:00, twice as many on the fourth day from 12:00 to
14:00.  Agents work shifts of eight hours, split 1:2:2 over night, day and evening; agents of one group answer
the same types, all alike.  The mean handle time loads those on duty to 0.89; patience is exponential, 5.6
handle times on average.
"""

import math
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from sim.draw.rng import stream
from sim.tables import (
    EFFORT_MAX,
    NEVER,
    TIME_MAX,
    Int32,
    Int64,
    Playbook,
    Roster,
    Routing,
    Trigger,
    Workload,
    World,
)
from sim.units import DAY, HOUR, MINUTE, WEEK

LOAD = 0.893
PATIENCE = 300 / 54  # handle times
SPREAD = 0.8  # standard deviation of the logarithm of the handle time
SHIFTS = (0, 8, 16, 8, 16)  # the hour at which each of five agents starts work
SHIFT = 8 * HOUR


@dataclass(frozen=True)
class Shape:
    """The sizes of a workload W2."""

    contacts: int = 200_000
    agents: int = 60
    types: int = 8
    skills: int = 2  # types that an agent answers
    groups: int = 28  # sets of types
    seed: int = 1


@dataclass(frozen=True, eq=False)
class Arrays:
    """The arrays that the yardsticks read: a little-endian file each, named by column and number type."""

    arrive: Int64  # [n] ms, ascending
    effort: Int64  # [n] ms
    patience: Int64  # [n] ms
    type: Int32  # [n]
    skill: Int32  # [a, skills] the types each agent answers, all alike
    duty_time: Int64  # [d] ms; duties go by (time, turn, agent)
    duty_turn: Int32  # [d] 0 leaves, 1 joins
    duty_agent: Int32  # [d]
    shape: Int32  # [3] agents, types, skills

    def write(self, folder: Path) -> None:
        """Leaves every array in the folder: arrive.i8, type.i4, …"""
        for item in fields(self):
            array = getattr(self, item.name)
            array.astype(f"<i{array.itemsize}", copy=False).tofile(folder / f"{item.name}.i{array.itemsize}")


def make(shape: Shape) -> Arrays:
    """The workload of this shape; the same shape gives the same arrays."""
    handle_time = LOAD * (shape.agents / 3) * WEEK / shape.contacts
    duty_time, duty_turn, duty_agent = duties(shape)
    return Arrays(
        arrive=arrivals(shape),
        effort=efforts(shape, handle_time),
        patience=patiences(shape, PATIENCE * handle_time),
        type=dice(shape, "type").integers(0, shape.types, shape.contacts, np.int32),
        skill=skill_sets(shape)[np.arange(shape.agents) % shape.groups],
        duty_time=duty_time,
        duty_turn=duty_turn,
        duty_agent=duty_agent,
        shape=np.array([shape.agents, shape.types, shape.skills], np.int32),
    )


def dice(shape: Shape, use: str) -> np.random.Generator:
    """The random generator of one use."""
    return stream(shape.seed, 0, "W2", use)


def arrivals(shape: Shape) -> Int64:
    """[n] ms, ascending: this many points of a Poisson process with the rate of the week."""
    start = np.arange(0, WEEK, MINUTE)
    rate = 1 + 0.6 * np.cos(2 * np.pi * ((start + MINUTE / 2) / DAY - 15 / 24))
    rate[(start >= 3 * DAY + 12 * HOUR) & (start < 3 * DAY + 14 * HOUR)] *= 2
    expected = np.concatenate([[0.0], np.cumsum(rate)])
    # Given how many there are, points lie as sorted uniforms do: sums of exponential gaps over their total.
    gaps = dice(shape, "arrivals").standard_exponential(shape.contacts + 1)
    points = np.cumsum(gaps, out=gaps)
    points *= expected[-1] / points[-1]
    times: Int64 = np.interp(points[:-1], expected, np.append(start, WEEK)).astype(np.int64)
    return times


def efforts(shape: Shape, mean: float) -> Int64:
    """[n] ms, at least 1: lognormal."""
    times = dice(shape, "effort").lognormal(np.log(mean) - SPREAD**2 / 2, SPREAD, shape.contacts)
    return np.clip(times, 1, EFFORT_MAX, out=times).astype(np.int64)


def patiences(shape: Shape, mean: float) -> Int64:
    """[n] ms: exponential."""
    return dice(shape, "patience").exponential(mean, shape.contacts).astype(np.int64)


def skill_sets(shape: Shape) -> Int32:
    """[groups, skills] the types a group answers: evenly spaced, wider with every turn round all types."""
    group, types = np.arange(shape.groups), shape.types
    first = group % types if shape.groups >= types else group * types // shape.groups
    sets = (first[:, None] + np.arange(shape.skills) * (1 + group[:, None] // types)) % types
    assert all(len(set(row)) == shape.skills for row in sets.tolist()), "a group answers no type twice"
    return sets.astype(np.int32)


def duties(shape: Shape) -> tuple[Int64, Int32, Int32]:
    """[d] the time, whether the agent joins, and the agent: everybody works the same shift every day."""
    agent = np.arange(shape.agents)
    # Moved on when groups and shifts would meet as they met before, so that a group is not all on one shift.
    turns = agent // math.lcm(shape.groups, len(SHIFTS))
    start = np.array(SHIFTS)[(agent + turns) % len(SHIFTS)] * HOUR
    joins = np.add.outer(np.arange(0, WEEK, DAY), start).ravel()
    time = np.concatenate([joins, joins + SHIFT])
    turn = np.repeat(np.array([1, 0], np.int32), len(joins))
    agents = np.tile(agent, len(time) // shape.agents).astype(np.int32)
    order = np.lexsort((agents, turn, time))
    return time[order], turn[order], agents[order]


def world(arrays: Arrays) -> World:
    """The same workload as an engine reads it: agents with the same set of types are one group, all else is
    equal.

    Every column takes memory of its own, as one that was drawn would; zeros that nobody wrote take none.
    """
    contacts, (agents, types, _) = len(arrays.arrive), arrays.shape.tolist()
    sets, group = np.unique(np.sort(arrays.skill, axis=1), axis=0, return_inverse=True)
    push = np.full((len(sets), types), NEVER, np.int32)
    np.put_along_axis(push, sets, 0, axis=1)
    agent, start, end = segments(arrays)
    return World(
        Workload(
            time=arrays.arrive,
            case=np.arange(contacts, dtype=np.int32),
            type=arrays.type,
            label=np.full(contacts, 0, np.int32),
            effort=arrays.effort,
            patience=arrays.patience,
            trigger=np.full(contacts, Trigger.NONE, np.int8),
        ),
        Roster(
            team=np.zeros(agents, np.int32),
            group=group.reshape(-1).astype(np.int32),
            agent=agent,
            start=start,
            end=end,
        ),
        Routing(push=push, crowding=np.full((1, 1), 1000, np.int32)),
        Playbook(TIME_MAX),
    )


def segments(arrays: Arrays) -> tuple[Int32, Int64, Int64]:
    """[s] agent, start and end of duty, by (start, agent): an agent's n-th leaving ends what its n-th joining
    began.
    """
    joins = arrays.duty_turn == 1
    by_agent = [
        np.flatnonzero(which)[np.argsort(arrays.duty_agent[which], kind="stable")]
        for which in (joins, ~joins)
    ]
    agent, start, end = arrays.duty_agent[by_agent[0]], *(arrays.duty_time[rows] for rows in by_agent)
    order = np.lexsort((agent, start))
    return agent[order], start[order], end[order]
