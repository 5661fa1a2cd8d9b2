"""How many latent contacts the habits of a scenario make for each contact from outside, before any draw.

Where a number is uncertain or a mix changes, the largest is taken that it may be: uncertain shares at their
upper end, of a mix over time or by another dimension each value at its largest share, and contacts from
outside on the channel and about the topic that bring the most; habits that race are both counted.  With
certain and steady numbers it is the mean of the draw.  Sizes: h channels · o topics.
"""

from collections.abc import Iterable, Mapping
from functools import cache

import numpy as np

from sim.clock import Clock
from sim.habits import COUNTS, HABITS, Habit
from sim.plan import Bool, Float, FollowOn, Number, Spread
from sim.scenario.lowering_demand import follow_ons_of, happens_of
from sim.scenario.schema.mixes import Mix, TimeSeries
from sim.scenario.schema.scenario import Scenario
from sim.tables import Trigger

LATENT_MOST = 8.0  # expected latent contacts a contact from outside
FACTORS_TRIED = 5  # habits that are left out one by one, for the one that makes the most

Links = tuple[int, ...]  # by COUNTS: links of each kind so far in a chain
NONE: Links = (0,) * len(COUNTS)


def latent_contacts(scenario: Scenario) -> float:
    """The expected number of latent contacts drawn for a contact from outside, of the kind that has most."""
    return _latent(scenario, _follow_ons(scenario))


def largest_factor(scenario: Scenario) -> tuple[str, ...]:
    """The place of the habit without which there would be the fewest latent contacts."""
    follow_ons = _follow_ons(scenario)
    factors = {item.path: _most(item) * item.most for item in follow_ons}
    likely = sorted(factors, key=lambda path: -factors[path])[:FACTORS_TRIED]
    path = min(likely, key=lambda path: _latent(scenario, [item for item in follow_ons if item.path != path]))
    return tuple(path.split("."))


def _follow_ons(scenario: Scenario) -> tuple[FollowOn, ...]:
    return follow_ons_of(scenario, Clock(scenario.starts, scenario.timezone))


def _most(follow_on: FollowOn) -> float:
    """The largest that the share of a habit may be."""

    def largest(share: Number) -> float:
        return max(share.parameters) if isinstance(share, Spread) else share

    return max((largest(share) for _, share in follow_on.shares), default=0.0)


def _latent(scenario: Scenario, follow_ons: Iterable[FollowOn]) -> float:
    sizes = {"channel": len(scenario.channels), "topic": len(scenario.topics)}
    by_habit = {habit: [item for item in follow_ons if item.habit == habit] for habit in HABITS}
    laws = [_Law(habit, items, sizes) for habit, items in by_habit.items() if items and habit.by in sizes]
    chains = _Chains(laws, happens_of(scenario), sizes)
    most = 0.0
    for row, name in enumerate(scenario.demand):
        contacts = chains.contacts(NONE)
        for item in (item for items in by_habit.values() for item in items):
            if item.habit.at_moved_ends and item.row == row:
                moved = _moved(scenario, name)
                contacts = contacts + _most(item) * moved * chains.contacts(_next(item.habit, NONE))
        most = max(most, float(contacts[_kinds(scenario, name)].max()) - 1)
    return most


def _moved(scenario: Scenario, stream: str) -> float:
    """How many announced ends of a stream are moved, expected."""
    until = scenario.demand[stream].until
    return 0.0 if until is None else float(np.cumprod(scenario.ends[until].chances()).sum())


def _kinds(scenario: Scenario, name: str) -> Bool:
    """[h, o] the kinds that contacts of a stream may have as they come from outside."""
    stream, channels, topics = scenario.demand[name], list(scenario.channels), list(scenario.topics)
    comes = _largest(stream.channel, channels) if stream.channel else np.ones(len(channels))
    for channel in scenario.channels.values():
        if channel.closed is not None and channel.closed.to is not None:
            comes = comes + _largest(channel.closed.to, channels)
    about = _largest(stream.topic, topics) if stream.topic else np.ones(len(topics))
    return np.logical_and.outer(comes > 0, about > 0)


def _largest(mix: Mix, names: list[str]) -> Float:
    """The largest share that each name has in a mix, whatever it depends on and at any time."""
    rows = [
        [shares.get(name, 0.0) for name in names]
        for part in mix.of.values()
        for shares in (part.values if isinstance(part, TimeSeries) else (part,))
    ]
    return np.asarray(np.max(rows, axis=0))


def _next(habit: Habit, links: Links) -> Links:
    """The links so far of the contact that a habit brings."""
    counts = dict(zip(COUNTS, links, strict=True))
    counts |= {habit.counts: counts[habit.counts] + 1, **dict.fromkeys(habit.restarts, 0)}
    return tuple(counts.values())


class _Law:
    """A habit with all its numbers at their largest, [h, 1] or [1, o] by what it depends on."""

    def __init__(self, habit: Habit, follow_ons: Iterable[FollowOn], sizes: Mapping[str, int]) -> None:
        self.habit = habit
        size = sizes[habit.by]
        share, most = np.zeros(size), np.zeros(size, np.int64)
        self._to, self._topic = np.eye(sizes["channel"]), np.arange(sizes["topic"])
        for item in follow_ons:
            share[item.row], most[item.row] = _most(item), item.most
            if item.to is not None:
                self._to[item.row] = item.to.shares.max(axis=(0, 1))
            if item.topic >= 0:
                self._topic[item.row] = item.topic
        shape = (-1, 1) if habit.by == "channel" else (1, -1)
        self._share, self._limit = share.reshape(shape), most.reshape(shape)

    def chance(self, links: Links) -> Float:
        """The share that follows the habit, of contacts with so many links before them."""
        counts = dict(zip(COUNTS, links, strict=True))
        if self.habit.needs and not counts[self.habit.needs]:
            return np.zeros_like(self._share)
        return np.where(counts[self.habit.counts] < self._limit, self._share, 0.0)

    def brought(self, contacts: Float) -> Float:
        """[h, o] what it brings to a contact, where contacts [h, o] come of each next one."""
        return np.asarray((self._to @ contacts)[:, self._topic])


class _Chains:
    """Expected contacts of chains."""

    def __init__(self, laws: Iterable[_Law], happens: Bool, sizes: Mapping[str, int]) -> None:
        self._laws, self._happens = tuple(laws), happens
        self._shape = sizes["channel"], sizes["topic"]
        self.contacts = cache(self._contacts)  # they end: every step goes on towards a `most`

    def _contacts(self, links: Links) -> Float:
        """[h, o] a contact with so many links before it, and all that it may bring."""
        contacts = np.ones(self._shape)
        left: dict[Trigger, Float] = {}  # [h, o] the share of contacts to which no habit before brings one
        for law in self._laws:
            chance = law.chance(links)
            if not chance.any():
                continue
            brought = law.brought(self.contacts(_next(law.habit, links)))
            for trigger in law.habit.triggers:
                free = left.get(trigger, np.ones(self._shape))
                contacts += self._happens[trigger][:, None] * free * chance * brought
                left[trigger] = free * (1 - chance)
        return contacts
