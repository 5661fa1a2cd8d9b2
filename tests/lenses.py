"""Lenses built by hand from the columns that matter, and worlds whose outcome is given."""

from dataclasses import replace
from typing import Any

import numpy as np

from sim.clock import Clock, epoch
from sim.engine import run
from sim.plan import STAYED_AWAY, Lens, Promise
from sim.tables import Fate, Outcome, World
from sim.units import DAY, HOUR, MINUTE
from tests.worlds import change, random_world, world


def promise(
    clock: str = "first_reply", within: int = HOUR, share: float = 0.9, scope: Any = True, labels: int = 1
) -> Promise:
    """A promise on a clock, over the labels that `scope` names (True: all)."""
    judged = np.ones(labels, bool) if scope is True else np.isin(np.arange(labels), scope)
    return Promise(clock, clock, within, share, 0.95, judged, ())  # type: ignore[arg-type]


def lens(
    horizon: int = 10 * HOUR,
    period: int = 15 * MINUTE,
    judged: Any = None,
    labels: Any = ((0, 0, 0, 0),),
    types: Any = None,
    live: Any = (),
    teams: int = 1,
    promises: Any = None,
    reasons: tuple[str, ...] = STAYED_AWAY,
) -> Lens:
    """A lens on labels (stream, channel, language, topic), with names enough for them: s0, c0, l0, t0 and
    team m0 come first.

    Without a word about them: one label, no live channel, one team, all cases judged, one first-reply promise
    within an hour.
    """
    labels = np.array(labels, np.int32)
    sizes = labels.max(axis=0) + 1
    names = [
        tuple(f"{letter}{row}" for row in range(size))
        for letter, size in zip("scltm", [*sizes, teams], strict=True)
    ]
    clock = Clock(epoch("2010-04-14 00:00", "Europe/Amsterdam"), "Europe/Amsterdam")
    return Lens(
        name="tiny",
        title="A tiny scenario",
        clock=clock,
        lasts=horizon,
        horizon=horizon,
        period=period,
        judged=(0, horizon) if judged is None else judged,
        days=np.array(clock.midnights(0, max(horizon, DAY))),
        streams=names[0],
        channels=names[1],
        languages=names[2],
        topics=names[3],
        teams=names[4],
        labels=labels,
        types=np.zeros(len(labels), np.int32) if types is None else np.array(types, np.int32),
        live=np.isin(np.arange(sizes[1]), live),
        handle_time=np.full(sizes[3], 5.0 * MINUTE),
        handle_cv=np.ones(sizes[3]),
        wages=np.full(teams, np.nan),
        reasons=reasons,
        promises=(promise(labels=len(labels)),) if promises is None else tuple(promises),
    )


def happened(
    contacts: Any, horizon: int = 10 * HOUR, segments: Any = (), **columns: Any
) -> tuple[World, Outcome]:
    """A world and what is said to have happened in it.

    contacts: (case, label, arrived, begun, ended, fate), as the functions below give them; segments: (agent,
    joined, left). Every contact that was begun is of agent 0, unless `by` says whose.  Other columns are
    those of `world`.
    """
    case, label, arrived, begun, ended, fate = np.array(contacts, np.int64).reshape(-1, 6).T
    agent, joined, left = np.array(segments, np.int64).reshape(-1, 3).T
    by = columns.pop("by", np.zeros(len(case), int))
    agents = columns.pop("agents", 1 + max(int(np.max(agent, initial=0)), int(np.max(by, initial=0))))
    table = world(
        time=columns.pop(
            "time", np.where(np.broadcast_to(columns.get("parent", -1), len(case)) >= 0, 1, arrived)
        ),
        case=case,
        label=label,
        agents=agents,
        agent=agent,
        start=joined,
        end=np.where(left >= 0, left, horizon),
        horizon=horizon,
        **columns,
    )
    return table, Outcome(arrived, begun, ended, np.where(begun >= 0, by, -1), fate, joined, left)


def answered(case: int, label: int, arrived: int, begun: int, ended: int) -> tuple[int, ...]:
    """A contact that was answered."""
    return case, label, arrived, begun, ended, Fate.ANSWERED


def lost(case: int, label: int, arrived: int, ended: int, fate: Fate = Fate.ABANDONED) -> tuple[int, ...]:
    """A contact that abandoned, was blocked or merged."""
    return case, label, arrived, -1, ended, fate


def open_(case: int, label: int, arrived: int, begun: int = -1) -> tuple[int, ...]:
    """A contact that waits, or is in hand, at the horizon."""
    return case, label, arrived, begun, -1, Fate.OPEN


LABELS = [(0, 0, 0, 0), (0, 1, 1, 0), (1, 0, 1, 1), (1, 1, 0, 1)]


def random_outcome(rng: np.random.Generator) -> tuple[World, Outcome, Lens]:
    """A world of random cases and labels with its outcome, stretched so that it spans hours or days, and a
    lens on it.
    """
    tiny = random_world(rng)
    outside, contacts = tiny.workload.outside, tiny.workload.n
    case = rng.integers(0, 1 + contacts // 2, contacts)
    for row in range(outside, contacts):
        parent = tiny.workload.parent[row]
        bystander = tiny.workload.case[row] != tiny.workload.case[parent]
        case[row] = contacts + row if bystander else case[parent]
    label, types = (
        rng.integers(0, len(LABELS), contacts),
        rng.integers(0, len(tiny.routing.urgency), len(LABELS)),
    )
    outcome = run(tiny)
    scale = int(rng.choice([7 * MINUTE, 15 * MINUTE, HOUR, DAY]))
    horizon = tiny.playbook.horizon * scale
    stretched = {
        name: np.where(column >= 0, column * scale, -1)
        for name, column in vars(outcome).items()
        if column.dtype == np.int64
    }
    promises = [
        promise("first_reply", 2 * scale, scope=[0, 2], labels=4),
        promise("solved", 6 * scale, labels=4),
        promise("solved", 3 * scale, scope=[1], labels=4),
        promise("answered", -1, scope=[1, 2], labels=4),
    ]
    window = sorted((rng.integers(0, 14, 2) * scale).tolist()) if rng.random() < 0.5 else None
    return (
        change(tiny, case=case, label=label, horizon=horizon,
               **{name: getattr(tiny.workload, name) * scale for name in ("time", "effort")}),
        replace(outcome, **stretched),
        lens(horizon, judged=window, labels=LABELS, types=types, live=[1],
             teams=len(tiny.routing.crowding), promises=promises),
    )  # fmt: skip
