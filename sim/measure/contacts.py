"""What became of the contacts of one world: how many there were of each kind, by hour and label, and how long they took."""

import numpy as np

from sim.measure.blocks import blocks, count_into
from sim.measure.clocks import NO_TIME, Histories, reply_within
from sim.measure.origins import ORIGINS, REPEATS, Latent, Origin, origins
from sim.measure.slices import by_label, places, totals
from sim.scenario.plan import STAYED_AWAY, Float, Lens
from sim.tables import NEVER, Fate, Outcome, World
from sim.units import DAY

COUNTS = (  # contacts that came, by where they came, and …
    "came",
    "begun",  # somebody took it
    "answered",  # what became of it by the horizon: this and the next four
    "abandoned",
    "blocked",
    "merged",
    "open",
    "follow_ups",  # the next question of its case, after a reply
    "reopened",  # of these, those that came when every earlier contact of the case had ended 24 h before or earlier
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
REOPENED = DAY  # a follow-up after so much silence reopens its case


def contacts(world: World, outcome: Outcome, lens: Lens, histories: Histories, came: Latent) -> tuple[Float, Float]:
    """The COUNTS [COUNTS, u, b] and SUMS [SUMS, u, b] of contacts by whole hours from 0 and label; told at `Tally`."""
    counts, sums = _fates(world, outcome, lens)
    counts |= _latent(world, outcome, lens, came) | _stayed_away(world, outcome, lens)
    more, worth = _histories(world, outcome, lens, histories)
    whole = {"cases": counts["came"], "solved_first": counts["answered"]}  # as if every case were one contact
    counts |= more | {name: whole[name] - more[name] for name in whole}
    sums |= worth
    return np.stack([counts[name] for name in COUNTS]), np.stack([sums[name] for name in SUMS])


def _fates(world: World, outcome: Outcome, lens: Lens) -> tuple[dict[str, Float], dict[str, Float]]:
    """What became of contacts, whatever brought them."""
    workload, fates = world.workload, len(Fate)
    counts, efforts = totals(lens, fates), totals(lens, fates)
    in_hand, waited, handled = (totals(lens) for _ in range(3))
    for block in blocks(workload.n):
        arrived, begun, ended, fate = (getattr(outcome, name)[block] for name in ("arrived", "begun", "ended", "fate"))
        place = places(arrived, workload.label[block], lens)
        count_into(waited, place, np.maximum(begun, arrived) - arrived)
        count_into(handled, place, (ended - begun) * (fate == Fate.ANSWERED))
        count_into(in_hand, place[(fate == Fate.OPEN) & (begun >= 0)])
        place *= fates
        place += fate
        count_into(counts, place)
        count_into(efforts, place, workload.effort[block])
    fate, effort = by_label(counts, lens, fates), by_label(efforts, lens, fates)
    in_hand, waited, handled = (by_label(column, lens)[0] for column in (in_hand, waited, handled))
    found = {kind.name.lower(): fate[kind] for kind in Fate if kind != Fate.NEVER}
    found |= {"came": sum(fate), "begun": found["answered"] + in_hand}
    return found, {
        "waited": waited, "handled": handled, "effort": sum(effort), "effort_answered": effort[Fate.ANSWERED],
    }  # fmt: skip


def _latent(world: World, outcome: Outcome, lens: Lens, came: Latent) -> dict[str, Float]:
    """The latent contacts that came, by what made them come."""
    kinds = len(ORIGINS)
    counted, moved = totals(lens, kinds), totals(lens)
    place = places(outcome.arrived[came.row], world.workload.label[came.row], lens)
    count_into(moved, place[came.moved])
    count_into(counted, place * kinds + came.origin)
    origin = by_label(counted, lens, kinds)
    return {
        "follow_ups": origin[Origin.FOLLOW_UP], "repeats": origin[list(REPEATS)].sum(axis=0),
        "bystanders": origin[Origin.BYSTANDER], "moved": by_label(moved, lens)[0],
    }  # fmt: skip


def _stayed_away(world: World, outcome: Outcome, lens: Lens) -> dict[str, Float]:
    """The contacts from outside that did not come, by the reason: placed at the time at which they would have."""
    workload = world.workload
    row = np.flatnonzero(outcome.fate[: workload.outside] == Fate.NEVER)
    row = row[workload.time[row] < lens.horizon]
    place = places(workload.time[row], workload.label[row], lens)
    found = {}
    for name in STAYED_AWAY:
        counted = totals(lens)
        count_into(counted, place[workload.reason[row] == lens.reasons.index(name)])
        found[name] = by_label(counted, lens)[0]
    return found


def _histories(world: World, outcome: Outcome, lens: Lens, histories: Histories) -> tuple[dict[str, Float], dict[str, Float]]:
    """What only the other contacts of a case can tell; "cases" and "solved_first": what to take off all contacts for them."""
    workload, row, arrived = world.workload, histories.row, histories.arrived
    place = places(arrived, histories.label, lens)
    later = np.ones(len(row), bool)
    later[histories.first] = False
    follow_up = origins(workload, lens, row) == Origin.FOLLOW_UP
    silent = (histories.covered > NEVER) & (arrived - histories.covered >= REOPENED)
    replied = follow_up & (histories.replied < NO_TIME)
    waited = np.where(replied, histories.replied - arrived, 0)
    within = reply_within(lens)
    kinds = {
        "reopened": follow_up & silent,
        "duplicates": histories.again,
        "next_replied": replied,
        "next_in_time": replied & (waited <= within) if within is not None else np.zeros(len(row), bool),
        "cases": later,
        "solved_first": outcome.fate[row] == Fate.ANSWERED,
    }
    counts = {name: totals(lens) for name in kinds}
    for name, kind in kinds.items():
        count_into(counts[name], place[kind])
    sums = {"wasted": totals(lens), "next_waited": totals(lens)}
    again = row[histories.again]
    count_into(sums["wasted"], place[histories.again], outcome.ended[again] - outcome.begun[again])
    count_into(sums["next_waited"], place, waited)
    found, worth = ({name: by_label(column, lens)[0] for name, column in some.items()} for some in (counts, sums))
    return found, worth
