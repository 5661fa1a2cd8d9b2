"""What became of the contacts of one world: counts by hour and by label, and how long they took."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.habits import Origin
from sim.measure.replication.cases import NO_TIME, Histories, reply_within
from sim.measure.replication.intervals import blocks, count_into
from sim.measure.replication.origins import Arrived, origins, repeats
from sim.measure.replication.slices import by_label, places, totals
from sim.measure.replication.windows import in_judged_hours, judged_windows
from sim.plan import STAYED_AWAY, Bool, Float, Lens
from sim.tables import NEVER, Fate, Int32, Int64, Outcome, World
from sim.units import DAY, HOUR

COUNTS = (  # contacts, by the hour in which they came and by label
    "came",
    "begun",  # an agent began it
    "answered",  # what became of it by the horizon: this and the next four
    "abandoned",
    "blocked",
    "merged",
    "open",
    "follow_ups",  # the next question of its case, after a reply
    # … that came when every earlier contact of the case had ended 24 h before or earlier
    "reopened",
    "next_replied",  # follow-ups with a reply to any contact of their question
    "next_in_time",  # … within `reply_within` of their arrival; none if no first reply is promised
    "repeats",  # repeats the question of its parent: redials, moves and nudges
    "moved",  # … on another channel than its parent
    "bystanders",  # drawn by an unanswered post of another customer
    "duplicates",  # answered although its question already was: wasted work
    "cases",  # the first of its case
    "solved_first",  # the only one of its case, and answered
    "self_service",  # this and the next never came: by the time at which they would have
    "closed",
)
SUMS = (  # ms, by the hour in which contacts came and by label
    "waited",  # by contacts begun
    "handled",  # by contacts answered
    "effort",  # handle time at pace 1000, of all contacts
    "effort_answered",  # … and of contacts answered
    "wasted",  # handle time of duplicates
    "next_waited",  # from the arrival of a follow-up to the reply, if it is one of next_replied
)
WORK = ("effort", "handled", "effort_answered")  # the SUMS that agents needed follow from
REOPENED = DAY  # a follow-up after this much silence reopens its case
# By hour [u], of all contacts; and by label [b], of the contacts of the judged hours.
Marginals = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class ContactCounts:
    """Counts and sums of contacts by the hour u in which they came (whole hours from 0) and by label b."""

    counts: Int32  # [COUNTS, b] of the judged hours
    counts_hour: Int32  # [COUNTS, u]
    sums: Int64  # [SUMS, b] ms, of the judged hours
    sums_hour: Int64  # [SUMS, u] ms
    effort: Int64  # [u, b] ms
    work: Int64  # [WORK, b] ms, of all hours
    answered: Int32  # [b] of all hours


def contact_counts(
    world: World, outcome: Outcome, lens: Lens, histories: Histories, latent: Arrived
) -> ContactCounts:
    """The COUNTS and SUMS of one world."""
    names, by_hour = _fates(world, outcome, lens)
    marginals = dict(
        zip(
            names,
            zip(by_hour.sum(axis=2), by_hour[:, judged_windows(lens)].sum(axis=1), strict=True),
            strict=True,
        )
    )
    marginals |= _latent(world, outcome, lens, latent) | _stayed_away(world, outcome, lens)
    later, answered, more = _histories(world, outcome, lens, histories)
    # As if every case were one contact, less the contacts that are not the first of theirs.
    for name, base, repeated in (("cases", "came", later), ("solved_first", "answered", answered)):
        marginals[name] = marginals[base][0] - repeated[0], marginals[base][1] - repeated[1]
    marginals |= more

    def stacked(names: Sequence[str], axis: int) -> Float:
        return np.stack([marginals[name][axis] for name in names])

    return ContactCounts(
        counts=stacked(COUNTS, 1).astype(np.int32),
        counts_hour=stacked(COUNTS, 0).astype(np.int32),
        sums=stacked(SUMS, 1).astype(np.int64),
        sums_hour=stacked(SUMS, 0).astype(np.int64),
        effort=by_hour[names.index("effort")].astype(np.int64),
        work=by_hour[[names.index(name) for name in WORK]].sum(axis=1).astype(np.int64),
        answered=by_hour[names.index("answered")].sum(axis=0).astype(np.int32),
    )


def _fates(world: World, outcome: Outcome, lens: Lens) -> tuple[list[str], Float]:
    """What became of contacts of any origin, and their times: names [·] and totals [·, u, b]."""
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
    columns = {kind.name.lower(): fate[kind] for kind in Fate if kind != Fate.NEVER}
    columns |= {"waited": by_label(waited, lens)[0], "handled": by_label(handled, lens)[0]}
    columns |= {"came": fate.sum(axis=0), "begun": columns["answered"] + by_label(in_hand, lens)[0]}
    columns |= {"effort": effort.sum(axis=0), "effort_answered": effort[1]}
    return list(columns), np.stack(list(columns.values()))


class _Selection:
    """A few contacts [x], to be counted by kind."""

    def __init__(self, time: Int64, label: Int32, lens: Lens) -> None:
        self.hour, self.label, self.inside = time // HOUR, label, in_judged_hours(time, lens)
        self.sizes = -(-lens.horizon // HOUR), len(lens.labels)

    def count(self, kind: Bool, weights: Int64 | None = None) -> Marginals:
        """How many of them are of the kind [x], or the sum of their weights [x]."""
        counted = kind if weights is None else weights * kind
        return np.bincount(self.hour, counted, self.sizes[0]), np.bincount(
            self.label, counted * self.inside, self.sizes[1]
        )


def _latent(world: World, outcome: Outcome, lens: Lens, latent: Arrived) -> dict[str, Marginals]:
    """The latent contacts that came, by origin."""
    selected = _Selection(outcome.arrived[latent.row], world.workload.label[latent.row], lens)
    origin = latent.origin
    return {
        "follow_ups": selected.count(origin == Origin.FOLLOW_UP),
        "repeats": selected.count(repeats(origin)),
        "moved": selected.count(latent.moved),
        "bystanders": selected.count(origin == Origin.BYSTANDER),
    }


def _stayed_away(world: World, outcome: Outcome, lens: Lens) -> dict[str, Marginals]:
    """The contacts from outside that stayed away, by reason, at the time at which they would have come."""
    workload = world.workload
    row = np.flatnonzero(outcome.fate[: workload.outside] == Fate.NEVER)
    row = row[workload.time[row] < lens.horizon]
    selected, reason = _Selection(workload.time[row], workload.label[row], lens), workload.reason[row]
    return {name: selected.count(reason == lens.reasons.index(name)) for name in STAYED_AWAY}


def _histories(
    world: World, outcome: Outcome, lens: Lens, histories: Histories
) -> tuple[Marginals, Marginals, dict[str, Marginals]]:
    """What only cases with several contacts tell.

    Returns the contacts that are not the first of their case, those of all of them that were answered, and
    further counts and sums by name.
    """
    row, arrived = histories.row, histories.arrived
    selected = _Selection(arrived, histories.label, lens)
    later = np.ones(len(row), bool)
    later[histories.first] = False
    follow_up = origins(world.workload, lens, row) == Origin.FOLLOW_UP
    silent = (histories.covered > NEVER) & (arrived - histories.covered >= REOPENED)
    replied = follow_up & (histories.replied < NO_TIME)
    waited, within = np.where(replied, histories.replied - arrived, NO_TIME), reply_within(lens)
    return selected.count(later), selected.count(outcome.fate[row] == Fate.ANSWERED), {
        "reopened": selected.count(follow_up & silent),
        "next_replied": selected.count(replied),
        "next_in_time": selected.count(waited <= (NEVER if within is None else within)),
        "duplicates": selected.count(histories.again),
        "wasted": selected.count(histories.again, outcome.ended[row] - outcome.begun[row]),
        "next_waited": selected.count(replied, waited),
    }  # fmt: skip


TEAM = (
    "answered",  # contacts that the team answered
    "handled",  # ms, handle time of these
    "wasted",  # ms, … of duplicates
    "followed_up",  # contacts answered that drew the next question
    "cases",  # contacts answered that were the first of their case
    "solved_first",  # … and the only one
)


def teams(world: World, outcome: Outcome, lens: Lens, histories: Histories, latent: Arrived) -> Float:
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
    contacts, time = (
        np.bincount(world.roster.team, column[1:], len(lens.teams)) for column in (answered, handled)
    )

    counted = (outcome.fate[histories.row] == Fate.ANSWERED) & in_judged_hours(histories.arrived, lens)
    again = histories.row[counted & histories.again]
    parent = latent.parent[latent.origin == Origin.FOLLOW_UP]
    several = by_team(outcome.agent[histories.row[counted]])
    first = histories.first[counted[histories.first]]
    return np.array([
        contacts,
        time,
        by_team(outcome.agent[again], outcome.ended[again] - outcome.begun[again]),
        by_team(outcome.agent[parent[in_judged_hours(outcome.arrived[parent], lens)]]),
        contacts - several + by_team(outcome.agent[histories.row[first]]),
        contacts - several,
    ])  # fmt: skip
