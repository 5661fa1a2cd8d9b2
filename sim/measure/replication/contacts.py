"""What became of the contacts of one world: how many there were of each kind, by hour and by label, and how
long they took.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication.cases import NO_TIME, Histories, reply_within
from sim.measure.replication.intervals import blocks, count_into
from sim.measure.replication.origins import Latent, Origin, origins, repeats
from sim.measure.replication.slices import by_label, places, totals
from sim.measure.replication.windows import in_judged_hours, judged_windows
from sim.plan import STAYED_AWAY, Bool, Float, Lens
from sim.tables import NEVER, Fate, Int32, Int64, Outcome, World
from sim.units import DAY, HOUR

COUNTS = (  # contacts that came, by where they came, and …
    "came",
    "begun",  # somebody took it
    "answered",  # what became of it by the horizon: this and the next four
    "abandoned",
    "blocked",
    "merged",
    "open",
    "follow_ups",  # the next question of its case, after a reply
    # of these, those that came when every earlier contact of the case had ended 24 h before or earlier
    "reopened",
    "next_replied",  # of the follow-ups, those with a reply to any contact of their question
    "next_in_time",  # … within `reply_within` of their arrival; none if no first reply is promised
    "repeats",  # of the question of its parent: redials, moves and nudges
    "moved",  # of these, those on another channel than their parent's
    "bystanders",  # drawn by an unanswered post of somebody else
    "duplicates",  # answered when its question already was: work for nothing
    "cases",  # the first of its case
    "solved_first",  # the only one of its case, and answered
    "self_service",  # stayed away and never came: by the time at which it would have; and the next
    "closed",
)
SUMS = (  # ms, of the same contacts by where they came
    "waited",  # of those begun
    "handled",  # of those answered
    "effort",  # handle time at pace 1000 of all
    "effort_answered",  # … and of those answered
    "wasted",  # handled, of the duplicates
    "next_waited",  # from the arrival of a follow-up to the reply, of those "next_replied"
)
WORK = ("effort", "handled", "effort_answered")  # the SUMS that agents needed are told from
REOPENED = DAY  # a follow-up after so much silence reopens its case
Marginals = tuple[
    NDArray[Any], NDArray[Any]
]  # by hour [u], of all contacts; and by label [b], of those of the judged hours


@dataclass(frozen=True)
class Contacts:
    """Contacts by the hour u in which they came (whole hours from 0) and by label b."""

    counts: Int32  # [COUNTS, b] of the judged hours
    counts_hour: Int32  # [COUNTS, u]
    sums: Int64  # [SUMS, b] ms, of the judged hours
    sums_hour: Int64  # [SUMS, u] ms
    effort: Int64  # [u, b] ms
    work: Int64  # [WORK, b] ms, of all hours
    answered: Int32  # [b] of all hours


def contacts(world: World, outcome: Outcome, lens: Lens, histories: Histories, came: Latent) -> Contacts:
    """The COUNTS and SUMS of one world."""
    names, whole = _fates(world, outcome, lens)
    found = dict(
        zip(
            names,
            zip(whole.sum(axis=2), whole[:, judged_windows(lens)].sum(axis=1), strict=True),
            strict=True,
        )
    )
    found |= _latent(world, outcome, lens, came) | _stayed_away(world, outcome, lens)
    later, answered, more = _histories(world, outcome, lens, histories)
    # As if every case were one contact, less what only others of its case can tell.
    for name, all_, less in (("cases", "came", later), ("solved_first", "answered", answered)):
        found[name] = found[all_][0] - less[0], found[all_][1] - less[1]
    found |= more

    def stacked(names: Sequence[str], axis: int) -> Float:
        return np.stack([found[name][axis] for name in names])

    return Contacts(
        counts=stacked(COUNTS, 1).astype(np.int32),
        counts_hour=stacked(COUNTS, 0).astype(np.int32),
        sums=stacked(SUMS, 1).astype(np.int64),
        sums_hour=stacked(SUMS, 0).astype(np.int64),
        effort=whole[names.index("effort")].astype(np.int64),
        work=whole[[names.index(name) for name in WORK]].sum(axis=1).astype(np.int64),
        answered=whole[names.index("answered")].sum(axis=0).astype(np.int32),
    )


def _fates(world: World, outcome: Outcome, lens: Lens) -> tuple[list[str], Float]:
    """What became of contacts, whatever brought them, and their times: names [·] and totals [·, u, b]."""
    workload, fates = world.workload, len(Fate)
    counts, efforts = totals(lens, fates), totals(lens, 2)
    in_hand, waited, handled = (totals(lens) for _ in range(3))
    for block in blocks(workload.n):
        arrived, begun, ended, fate = (
            getattr(outcome, name)[block] for name in ("arrived", "begun", "ended", "fate")
        )
        place, answered = places(arrived, workload.label[block], lens), fate == Fate.ANSWERED
        count_into(waited, place, np.maximum(begun, arrived) - arrived)
        count_into(handled, place, (ended - begun) * answered)
        count_into(efforts, place * 2 + answered, workload.effort[block])
        count_into(in_hand, place[(fate == Fate.OPEN) & (begun >= 0)])
        place *= fates
        place += fate
        count_into(counts, place)
    fate, effort = by_label(counts, lens, fates), by_label(efforts, lens, 2)
    found = {kind.name.lower(): fate[kind] for kind in Fate if kind != Fate.NEVER}
    found |= {name: by_label(column, lens)[0] for name, column in (("waited", waited), ("handled", handled))}
    found |= {"came": fate.sum(axis=0), "begun": found["answered"] + by_label(in_hand, lens)[0]}
    found |= {"effort": effort.sum(axis=0), "effort_answered": effort[1]}
    return list(found), np.stack(list(found.values()))


class _Few:
    """Some few contacts [x], to be counted by the kind."""

    def __init__(self, time: Int64, label: Int32, lens: Lens) -> None:
        self.hour, self.label, self.inside = time // HOUR, label, in_judged_hours(time, lens)
        self.sizes = -(-lens.horizon // HOUR), len(lens.labels)

    def count(self, kind: Bool, weights: Int64 | None = None) -> Marginals:
        """How many [x] of them are of the kind, or the sum of their weights [x]."""
        counted = kind if weights is None else weights * kind
        return np.bincount(self.hour, counted, self.sizes[0]), np.bincount(
            self.label, counted * self.inside, self.sizes[1]
        )


def _latent(world: World, outcome: Outcome, lens: Lens, came: Latent) -> dict[str, Marginals]:
    """The latent contacts that came, by what made them come."""
    few, origin = _Few(outcome.arrived[came.row], world.workload.label[came.row], lens), came.origin
    return {
        "follow_ups": few.count(origin == Origin.FOLLOW_UP),
        "repeats": few.count(repeats(origin)),
        "moved": few.count(came.moved),
        "bystanders": few.count(origin == Origin.BYSTANDER),
    }


def _stayed_away(world: World, outcome: Outcome, lens: Lens) -> dict[str, Marginals]:
    """The contacts from outside that did not come, by the reason: at the time at which they would have."""
    workload = world.workload
    row = np.flatnonzero(outcome.fate[: workload.outside] == Fate.NEVER)
    row = row[workload.time[row] < lens.horizon]
    few, reason = _Few(workload.time[row], workload.label[row], lens), workload.reason[row]
    return {name: few.count(reason == lens.reasons.index(name)) for name in STAYED_AWAY}


def _histories(
    world: World, outcome: Outcome, lens: Lens, histories: Histories
) -> tuple[Marginals, Marginals, dict[str, Marginals]]:
    """Contacts that are not the first of their case, those answered of all of them, and what else their cases
    tell.
    """
    row, arrived = histories.row, histories.arrived
    few = _Few(arrived, histories.label, lens)
    later = np.ones(len(row), bool)
    later[histories.first] = False
    follow_up = origins(world.workload, lens, row) == Origin.FOLLOW_UP
    silent = (histories.covered > NEVER) & (arrived - histories.covered >= REOPENED)
    replied = follow_up & (histories.replied < NO_TIME)
    waited, within = np.where(replied, histories.replied - arrived, NO_TIME), reply_within(lens)
    return few.count(later), few.count(outcome.fate[row] == Fate.ANSWERED), {
        "reopened": few.count(follow_up & silent),
        "next_replied": few.count(replied),
        "next_in_time": few.count(waited <= (NEVER if within is None else within)),
        "duplicates": few.count(histories.again),
        "wasted": few.count(histories.again, outcome.ended[row] - outcome.begun[row]),
        "next_waited": few.count(replied, waited),
    }  # fmt: skip


TEAM = (
    "answered",  # contacts that the team answered
    "handled",  # ms, of these
    "wasted",  # ms, of those of them whose question had been answered
    "followed_up",  # of those answered, those that drew the next question
    "cases",  # of those answered, those that were the first of their case
    "solved_first",  # of these, those that were the only one
)


def teams(world: World, outcome: Outcome, lens: Lens, histories: Histories, came: Latent) -> Float:
    """What TEAM counts and sums [TEAM, m], by the team that answered."""

    def by_team(agent: Int32, weights: Int64 | None = None) -> Float:
        return np.bincount(world.roster.team[agent], weights, len(lens.teams)).astype(np.float64)

    answered, handled = np.zeros((2, world.roster.agents + 1))  # by agent, after those of nobody
    for block in blocks(world.workload.n):
        arrived, begun, ended = outcome.arrived[block], outcome.begun[block], outcome.ended[block]
        agent = (outcome.agent[block] + 1) * (
            (outcome.fate[block] == Fate.ANSWERED) & in_judged_hours(arrived, lens)
        )
        count_into(answered, agent)
        count_into(handled, agent, ended - begun)
    whole, time = (
        np.bincount(world.roster.team, column[1:], len(lens.teams)) for column in (answered, handled)
    )

    mine = (outcome.fate[histories.row] == Fate.ANSWERED) & in_judged_hours(histories.arrived, lens)
    again = histories.row[mine & histories.again]
    parent = came.parent[came.origin == Origin.FOLLOW_UP]
    several = by_team(outcome.agent[histories.row[mine]])
    first = histories.first[mine[histories.first]]
    return np.array([
        whole,
        time,
        by_team(outcome.agent[again], outcome.ended[again] - outcome.begun[again]),
        by_team(outcome.agent[parent[in_judged_hours(outcome.arrived[parent], lens)]]),
        whole - several + by_team(outcome.agent[histories.row[first]]),
        whole - several,
    ])  # fmt: skip
