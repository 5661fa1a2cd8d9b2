"""Latent contacts: what each contact may bring, drawn up front, link by link, up to the limits of the habits.

Each row of HABITS is drawn for all contacts of one generation at once.  A trigger brings one contact: where
several habits share a trigger, the first in the table that applies takes it, but those that bring the same
kind of link race, and the earlier comes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draw.chains import Links, joined
from sim.draw.durations import Inverted, efforts_of
from sim.draw.habits import AtMovedEnds, Due, FollowOns, Patiences
from sim.draw.keyed_draws import chances, children, key, uniform
from sim.draw.rng import Dice
from sim.habits import Habit
from sim.plan import Demand
from sim.tables import NEVER, Int64, Trigger

FAR = 2**62  # later than every delay

BROUGHT = {trigger: key(trigger.name.lower().replace("_", " ")) for trigger in Trigger}  # "on reply"
EFFORT, MERGE = key("effort"), key("merge")


@dataclass(frozen=True)
class Children:
    """Contacts brought by others through one trigger; `parent` is still that of their parents."""

    links: Links
    habit: Habit
    trigger: Trigger
    delay: Int64  # [x] ms
    chance: NDArray[np.uint32]  # [x]
    reason: Int64  # [x]


class LatentDraws:
    """What the contacts of one replication may bring."""

    def __init__(self, demand: Demand, dice: Dice, moved: Sequence[Int64]) -> None:
        """moved: by stream [j] ms, when announced ends that it goes by are moved."""
        self._demand, self._happens = demand, demand.habits.happens
        self._bystanders = len(demand.label_of) - 1
        self._groups = [
            [_follow_ons(demand, habit, dice, moved) for habit in group] for group in _groups(demand)
        ]
        triggers = [trigger for group in self._groups for trigger in group[0].habit.triggers]
        self._shared = {trigger for trigger in triggers if triggers.count(trigger) > 1}
        self._efforts = Inverted(
            efforts_of(demand, range(len(demand.topic_names)), dice), len(demand.topic_names), least=1
        )
        self._patiences = Patiences(demand, range(len(demand.channel_names)), dice)

    def draw(self, links: Links) -> dict[str, Any]:
        """Columns of all that these contacts may bring, each after its parent; indices as in Links."""
        parts: list[dict[str, Any]] = []
        rows = 0
        while True:
            generation = []
            for child in list(self._children(links)):
                own = rows + np.arange(len(child.links))
                rows += len(own)
                question = own if child.habit.new_question else child.links.question_of
                case = own if child.habit.new_case else child.links.case_of
                parts.append(self._columns(child, question, case))
                generation.append(
                    child.links.take(slice(None), parent=own, question_of=question, case_of=case)
                )
            if not generation:
                break
            links = joined(generation)
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}

    def _columns(self, child: Children, question: Int64, case: Int64) -> dict[str, Any]:
        links, demand = child.links, self._demand
        cell = links.channel, links.language, links.topic
        return {
            "root": links.root,
            "parent": links.parent,
            "question_of": question,
            "case_of": case,
            "time": child.delay,
            "trigger": np.full(len(links), child.trigger, np.int8),
            "type": demand.type_of[cell],
            "label": demand.label_of[(links.stream, *cell)],
            "effort": links.effort,
            "patience": links.patience,
            "reason": child.reason,
            "chance": child.chance,
            "merge": chances(uniform(links.number, MERGE)),
        }

    def _children(self, links: Links) -> Iterator[Children]:
        """What these contacts may bring, by habit and trigger."""
        taken = {trigger: np.zeros(len(links), np.bool_) for trigger in self._shared}  # by a habit before
        for group in self._groups:
            due = _soonest(group, links)
            if group[0].habit.timed:
                due = self._timed(links, due)
            for trigger in group[0].habit.triggers:
                free = self._happens[trigger][links.channel[due.rows]]
                if trigger in taken:
                    free &= ~taken[trigger][due.rows]
                    taken[trigger][due.rows[free]] = True
                brought = due if free.all() else due.take(free)
                if len(brought.rows):
                    yield self._child(group[0], trigger, links, brought)

    def _timed(self, links: Links, due: Due) -> Due:
        """Those due before the horizon, as far as that is known, with the time at which they arrive."""
        came = links.arrives[due.rows]
        arrives = np.where(came >= 0, came + due.delay, NEVER)
        soon = arrives < self._demand.horizon
        return replace(due.take(soon), arrives=arrives[soon])

    def _child(self, item: FollowOns, trigger: Trigger, links: Links, due: Due) -> Children:
        habit, rows, size = item.habit, due.rows, len(due.rows)
        number = children(links.number[rows], BROUGHT[trigger])
        changed: dict[str, Any] = {
            "channel": due.channel,
            "arrives": due.arrives,
            "patience": self._patiences.draw(due.channel, number),
            habit.counts: links.column(habit.counts)[rows] + 1,
            **dict.fromkeys(habit.restarts, 0),
        }
        if habit.new_question:
            topic = changed["topic"] = item.topics(links, rows)
            changed["effort"] = self._efforts.draw(topic, uniform(number, EFFORT))
        if habit.new_case:
            changed["stream"] = self._bystanders
        chance, reason = np.zeros(size, np.uint32), np.full(size, NEVER)
        if due.draws is not None:
            chance, reason = chances(due.draws), item.reasons(links, rows)
        return Children(links.take(rows, number, **changed), habit, trigger, due.delay, chance, reason)


def _groups(demand: Demand) -> Iterator[list[Habit]]:
    """The habits that a demand has, those together that race."""
    habits = dict.fromkeys(item.habit for item in demand.habits.follow_ons)
    for _, group in groupby(habits, lambda habit: (habit.triggers, habit.counts)):
        yield list(group)


def _follow_ons(demand: Demand, habit: Habit, dice: Dice, moved: Sequence[Int64]) -> FollowOns:
    """A habit in one replication."""
    rows = [item for item in demand.habits.follow_ons if item.habit == habit]
    size = {
        "stream": len(demand.label_of),
        "channel": len(demand.channel_names),
        "topic": len(demand.topic_names),
    }[habit.by]
    if habit.at_moved_ends:
        return AtMovedEnds(habit, rows, size, dice, moved)
    return FollowOns(habit, rows, size, dice)


def _soonest(group: Sequence[FollowOns], links: Links) -> Due:
    """The next contacts by whichever of some habits brings them first."""
    first, *others = (item.due(links) for item in group)
    if not others:
        return first
    delay, channel = np.full(len(links), FAR), links.channel.copy()
    delay[first.rows], channel[first.rows] = first.delay, first.channel
    for due in others:
        sooner = due.delay < delay[due.rows]
        rows = due.rows[sooner]
        delay[rows], channel[rows] = due.delay[sooner], due.channel[sooner]
    rows = np.flatnonzero(delay < FAR)
    return Due(rows, delay[rows], channel[rows])
