"""How many latent contacts the habits of a scenario make for each contact from outside, before any dice.

A contact may bring a follow-up, a next try for each of the two ways to fail, and a repeat or a bystander's post; each of them
may bring more, as long as `most` allows.  Uncertain shares count with their mean, mixes that change over time evenly; the share
of a follow-up is the largest that any team gives, for that is what is drawn; nobody stays away.  Sizes: h channels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from sim.scenario.habits import MOST, Follow, TriesAgain, WritesAgain
from sim.scenario.mixes import Mix, Points
from sim.scenario.plan import Float, mean_of
from sim.scenario.schema import Scenario
from sim.tables import NEVER

LATENT_MOST = 8.0  # expected latent contacts a contact from outside
HABITS = ("gives_up", "writes_again", "bystanders")


@dataclass(frozen=True)
class _Chain:
    """Where a chain stands: the kinds of links so far, as in `draw.latent`."""

    channel: str
    tries: int
    nudges: int


def latent_contacts(scenario: Scenario) -> float:
    """The latent contacts that are drawn for each contact from outside, expected; of the stream that has the most."""
    return max((_of_stream(scenario, name) for name in scenario.demand), default=0.0)


def largest_factor(scenario: Scenario) -> tuple[str, ...]:
    """The place of the habit without which there would be the fewest latent contacts."""
    without = {place: latent_contacts(less) for place, less in _without_one(scenario)}
    return min(without, key=lambda place: without[place])


def _without_one(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], Scenario]]:
    """The scenario without each of its habits."""
    for name, channel in scenario.channels.items():
        for habit in HABITS:
            if getattr(channel, habit) is not None:
                less = channel.model_copy(update={habit: None})
                yield ("channels", name, habit), scenario.model_copy(update={"channels": {**scenario.channels, name: less}})
    for topic in scenario.then:
        rest = {key: follow for key, follow in scenario.then.items() if key != topic}
        yield ("then", topic), scenario.model_copy(update={"then": rest})
    for name, end in scenario.ends.items():
        less_again = end.model_copy(update={"again": None})
        yield ("ends", name, "again"), scenario.model_copy(update={"ends": {**scenario.ends, name: less_again}})


def _of_stream(scenario: Scenario, name: str) -> float:
    stream = scenario.demand[name]
    channels, topics = list(scenario.channels), list(scenario.topics)
    counts = _Counts(scenario, _asked_again(scenario, name))
    channel = _mean_shares(stream.channel, channels) if stream.channel else np.full(len(channels), 1 / len(channels))
    topic = _mean_shares(stream.topic, topics) if stream.topic else np.full(len(topics), 1 / len(topics))
    return float(
        sum(
            channel[h] * topic[o] * (counts.contacts(channels[h], topics[o], 0, 0) - 1)
            for h in np.flatnonzero(channel)
            for o in np.flatnonzero(topic)
        )
    )


def _asked_again(scenario: Scenario, name: str) -> float:
    """How often a contact of the stream is repeated because ends are moved, at most: as if it were never answered."""
    until = scenario.demand[name].until
    again = None if until is None else scenario.ends[until].again
    if until is None or again is None:
        return 0.0
    end = scenario.ends[until]
    chances = end.moved * (len(end.announced) - 1) if len(end.moved) == 1 else end.moved
    return mean_of(again.share) * float(np.cumprod(chances).sum())


def _mean_shares(mix: Mix, names: list[str]) -> Float:
    """The shares of names in a mix, over what it goes by and over time."""
    rows = [
        [shares.get(name, 0.0) for name in names]
        for part in mix.of.values()
        for shares in (part.values if isinstance(part, Points) else (part,))
    ]
    return np.asarray(np.mean(rows, axis=0))


class _Counts:
    """Expected contacts of chains."""

    def __init__(self, scenario: Scenario, asked_again: float) -> None:
        self._scenario, self._asked_again = scenario, asked_again
        self._names = list(scenario.channels)
        self.contacts = cache(self._contacts)  # they end: every step goes on towards a `most`
        self._same_question = cache(self._same_question_)

    def _contacts(self, channel: str, topic: str, replies: int, posts: int) -> float:
        """A contact and all that it may bring."""
        same, drawn = self._same_question(_Chain(channel, 0, 0))
        if posts == replies == 0:  # whom an end concerns; a repeat that comes of it counts as one more nudge
            again = self._same_question(_Chain(channel, 0, MOST))
            same, drawn = same + self._asked_again * again[0], drawn + self._asked_again * again[1]
        follow = self._scenario.then.get(topic)
        total = 0.0
        for name, many, others in zip(self._names, same, drawn, strict=True):
            if many:
                total += many * (1 + self._followed(follow, name, replies, posts))
            habit = self._scenario.channels[name].bystanders
            if others and habit is not None and posts < habit.most:
                total += others * self.contacts(name, topic, 0, posts + 1)
        return total

    def _followed(self, follow: Follow | None, channel: str, replies: int, posts: int) -> float:
        if follow is None or replies >= follow.most:
            return 0.0
        share = max([mean_of(follow.share), *(mean_of(share) for share in follow.by.values())])
        return share * self.contacts(channel, follow.topic, replies + 1, posts)

    def _same_question_(self, at: _Chain) -> tuple[Float, Float]:
        """By channel [h] the contacts that ask the question from here on, this one with them, and the posts they draw."""
        channel = self._scenario.channels[at.channel]
        here = np.array([name == at.channel for name in self._names], np.float64)
        same, drawn = here.copy(), np.zeros(len(here))
        ways = (channel.patience is not None) + (isinstance(channel.lines, Points) or channel.lines != NEVER)
        for name, chance in self._next(channel.gives_up, at.channel, at.tries):
            found = self._same_question(_Chain(name, at.tries + 1, at.nudges))
            same, drawn = same + ways * chance * found[0], drawn + ways * chance * found[1]
        posts = 0.0
        if at.nudges and channel.bystanders is not None:
            posts = mean_of(channel.bystanders.share)
            drawn = drawn + posts * here
        for name, chance in self._next(channel.writes_again, at.channel, at.nudges):
            found = self._same_question(_Chain(name, at.tries, at.nudges + 1))
            same, drawn = same + (1 - posts) * chance * found[0], drawn + (1 - posts) * chance * found[1]
        return same, drawn

    def _next(self, habit: TriesAgain | WritesAgain | None, channel: str, done: int) -> Iterator[tuple[str, float]]:
        """The channels of the next link with their chances."""
        if habit is None or done >= habit.most:
            return
        to: Mapping[str, float] = {channel: 1.0}
        if habit.to is not None:
            to = dict(zip(self._names, _mean_shares(habit.to, self._names), strict=True))
        for name, share in to.items():
            if share:
                yield name, mean_of(habit.share) * share
