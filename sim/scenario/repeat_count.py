"""How many latent contacts the habits of a scenario make for each contact from outside, before any dice.

A contact may bring a follow-up, a next try for each of the two ways to fail, and a repeat or a bystander's
post; each of them may bring more, as long as `most` allows.  Where a number is uncertain or a mix changes,
the most is taken that it may be: uncertain shares at their upper end, of a mix over time or by another
dimension each value at its largest share, and contacts from outside on the channel and about the topic that
bring the most.  Of certain and steady numbers it is the mean of the draw. Sizes: h channels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from sim.plan import Float, Number, Spread
from sim.scenario.schema.habits import Follow, TriesAgain, WritesAgain
from sim.scenario.schema.mixes import Mix, Points
from sim.scenario.schema.scenario import Scenario
from sim.tables import NEVER

LATENT_MOST = 8.0  # expected latent contacts a contact from outside
FACTORS_TRIED = 5  # habits that are left out one by one, for the one that makes the most
HABITS = ("gives_up", "writes_again", "bystanders")


@dataclass(frozen=True)
class _Chain:
    """Where a chain stands: the kinds of links so far, as in `draw.latent`."""

    channel: str
    tries: int
    nudges: int
    posts: int


def latent_contacts(scenario: Scenario) -> float:
    """The latent contacts that are drawn for a contact from outside, expected; of the kind of contact that
    has the most.
    """
    asked = {name: _asked_again(scenario, name) for name in scenario.demand}
    counts = {again: _Counts(scenario, again) for again in set(asked.values())}
    return max((_of_stream(scenario, name, counts[asked[name]]) for name in scenario.demand), default=0.0)


def largest_factor(scenario: Scenario) -> tuple[str, ...]:
    """The place of the habit without which there would be the fewest latent contacts."""
    likely = sorted(_without_one(scenario), key=lambda habit: -habit[1])[:FACTORS_TRIED]
    without = {place: latent_contacts(less) for place, _, less in likely}
    return min(without, key=lambda place: without[place])


def _without_one(scenario: Scenario) -> Iterator[tuple[tuple[str, ...], float, Scenario]]:
    """The place of each habit, its share times its most, and the scenario without it."""
    for name, channel in scenario.channels.items():
        for habit in HABITS:
            found = getattr(channel, habit)
            if found is not None:
                less = {**scenario.channels, name: channel.model_copy(update={habit: None})}
                yield (
                    ("channels", name, habit),
                    _most(found.share) * found.most,
                    scenario.model_copy(update={"channels": less}),
                )
    for topic, follow in scenario.then.items():
        rest = {key: other for key, other in scenario.then.items() if key != topic}
        yield ("then", topic), _most(follow.share) * follow.most, scenario.model_copy(update={"then": rest})
    for name, end in scenario.ends.items():
        if end.again is not None:
            settled = {**scenario.ends, name: end.model_copy(update={"again": None})}
            yield (
                ("ends", name, "again"),
                _most(end.again.share),
                scenario.model_copy(update={"ends": settled}),
            )


def _most(share: Number) -> float:
    """The largest that a share may be."""
    return max(share.parameters) if isinstance(share, Spread) else share


def _of_stream(scenario: Scenario, name: str, counts: "_Counts") -> float:
    stream = scenario.demand[name]
    channels, topics = list(scenario.channels), list(scenario.topics)
    comes = _largest(stream.channel, channels) if stream.channel else np.ones(len(channels))
    for channel in scenario.channels.values():
        if channel.closed is not None and channel.closed.to is not None:
            comes = comes + _largest(channel.closed.to, channels)
    about = _largest(stream.topic, topics) if stream.topic else np.ones(len(topics))
    kinds = ((channels[h], topics[o]) for h in np.flatnonzero(comes) for o in np.flatnonzero(about))
    return max(counts.contacts(channel, topic, 0, 0) - 1 for channel, topic in kinds)


def _asked_again(scenario: Scenario, name: str) -> float:
    """How often a contact of the stream is repeated because ends are moved, at most: as if it were never
    answered.
    """
    until = scenario.demand[name].until
    again = None if until is None else scenario.ends[until].again
    if until is None or again is None:
        return 0.0
    return _most(again.share) * float(np.cumprod(scenario.ends[until].chances()).sum())


def _largest(mix: Mix, names: list[str]) -> Float:
    """The largest share that each name has in a mix, whatever it goes by and at any time."""
    rows = [
        [shares.get(name, 0.0) for name in names]
        for part in mix.of.values()
        for shares in (part.values if isinstance(part, Points) else (part,))
    ]
    return np.asarray(np.max(rows, axis=0))


class _Counts:
    """Expected contacts of chains."""

    def __init__(self, scenario: Scenario, asked_again: float) -> None:
        self._scenario, self._asked_again = scenario, asked_again
        self._names = list(scenario.channels)
        self.contacts = cache(self._contacts)  # they end: every step goes on towards a `most`
        self._same_question = cache(self._same_question_)

    def _contacts(self, channel: str, topic: str, replies: int, posts: int) -> float:
        """A contact and all that it may bring."""
        same, drawn = self._same_question(_Chain(channel, 0, 0, posts))
        if (
            posts == replies == 0
        ):  # whom an end concerns: a repeat that comes of it counts as a nudge, and may be nudged itself
            again = self._same_question(_Chain(channel, 0, 1, posts))
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
        share = max(map(_most, (follow.share, *follow.by.values())))
        return share * self.contacts(channel, follow.topic, replies + 1, posts)

    def _same_question_(self, at: _Chain) -> tuple[Float, Float]:
        """By channel [h] the contacts that ask the question from here on, this one with them, and the posts
        they draw.
        """
        channel = self._scenario.channels[at.channel]
        here = np.array([name == at.channel for name in self._names], np.float64)
        same, drawn = here.copy(), np.zeros(len(here))
        ways = (channel.patience is not None) + (isinstance(channel.lines, Points) or channel.lines != NEVER)
        for name, chance in self._next(channel.gives_up, at.channel, at.tries):
            found = self._same_question(_Chain(name, at.tries + 1, at.nudges, at.posts))
            same, drawn = same + ways * chance * found[0], drawn + ways * chance * found[1]
        posts = 0.0
        if at.nudges and channel.bystanders is not None and at.posts < channel.bystanders.most:
            posts = _most(channel.bystanders.share)
            drawn = drawn + posts * here
        for name, chance in self._next(channel.writes_again, at.channel, at.nudges):
            found = self._same_question(_Chain(name, at.tries, at.nudges + 1, at.posts))
            alone = (1 - posts) * chance  # who drew a post leaves it to others
            same, drawn = same + alone * found[0], drawn + alone * found[1]
        return same, drawn

    def _next(
        self, habit: TriesAgain | WritesAgain | None, channel: str, done: int
    ) -> Iterator[tuple[str, float]]:
        """The channels of the next link with their chances."""
        if habit is None or done >= habit.most:
            return
        to: Mapping[str, float] = {channel: 1.0}
        if habit.to is not None:
            to = dict(zip(self._names, _largest(habit.to, self._names), strict=True))
        for name, share in to.items():
            if share:
                yield name, _most(habit.share) * share
