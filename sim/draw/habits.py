"""The habits of customers in one replication, as tables to look up: by channel, topic or stream."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.draw.chains import Links
from sim.draw.durations import Inverted, Laws, patiences_of
from sim.draw.keyed_draws import Uint64, key, uniform
from sim.draw.mixes import Kind, valued
from sim.draw.rng import Dice
from sim.habits import Habit
from sim.plan import DIMENSIONS, Bool, Demand, Float, FollowOn
from sim.tables import NEVER, Int64

LANGUAGE, TOPIC = DIMENSIONS.index("language"), DIMENSIONS.index("topic")
PATIENCE, AT_ONCE = key("patience"), key("at once")

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Due:
    """The next contacts [x] that a habit brings, whatever sets them off."""

    rows: Rows  # of the contacts that bring them
    delay: Int64  # ms
    channel: Int64
    draws: Float | None = None  # by which they come, where the engine thins by them
    arrives: Int64 | int = NEVER  # ms, when they come if they do; -1 where that depends on the engine

    def take(self, which: Bool) -> "Due":
        """Some of them."""
        draws = None if self.draws is None else self.draws[which]
        arrives = self.arrives if isinstance(self.arrives, int) else self.arrives[which]
        return Due(self.rows[which], self.delay[which], self.channel[which], draws, arrives)


class FollowOns:
    """A habit in one replication: its numbers, to look up by row of what it depends on."""

    def __init__(self, habit: Habit, rows: Sequence[FollowOn], size: int, dice: Dice) -> None:
        self.habit = habit
        self._share, self._most = np.zeros(size), np.zeros(size, np.int64)
        self._topic, self._reason = np.full((2, size), NEVER)
        laws: Laws = {}
        for item in rows:
            row, path = item.row, item.path
            # The largest share that any team can give: the engine thins by the team that replied.
            self._share[row] = max((dice.number(path, share) for path, share in item.shares), default=0.0)
            self._most[row], self._topic[row], self._reason[row] = item.most, item.topic, item.reason
            laws[row] = path, item.after, dice.number(f"{path}.after.mean", item.after.mean)
        self._after = Inverted(laws, size, least=1)
        self._to = [(item.row, item.to) for item in rows if item.to is not None]
        self._comes, self._delays, self._moves = map(
            key, (habit.draws, f"{habit.draws} after", f"{habit.draws} on")
        )

    def due(self, links: Links) -> Due:
        """What contacts bring by this habit, those in order that follow it."""
        habit = self.habit
        rows = np.flatnonzero(links.column(habit.counts) < self._most[links.column(habit.by)])
        if habit.needs:
            rows = rows[links.column(habit.needs)[rows] > 0]
        draws = uniform(links.number[rows], self._comes)
        follow = draws < self._share[self._of(links, rows)]
        rows = rows[follow]
        delay = self._after.draw(self._of(links, rows), uniform(links.number[rows], self._delays))
        return Due(rows, delay, self._channels(links, rows), draws[follow] if habit.by_team else None)

    def topics(self, links: Links, rows: Rows) -> Int64:
        """[rows] the topics of the next contacts."""
        topic = self._topic[self._of(links, rows)]
        return np.where(topic < 0, links.topic[rows], topic)

    def reasons(self, links: Links, rows: Rows) -> Int64:
        """[rows] the reasons of the next contacts."""
        return self._reason[self._of(links, rows)]

    def _of(self, links: Links, rows: Rows) -> Int64:
        """The rows of what the habit depends on, of these contacts."""
        return links.column(self.habit.by)[rows]

    def _channels(self, links: Links, rows: Rows) -> Int64:
        channel = links.channel[rows]
        if not self._to:
            return channel
        draws, before = uniform(links.number[rows], self._moves), channel.copy()
        for row, to in self._to:
            here = np.flatnonzero(before == row)
            at = rows[here]
            given: dict[int | None, Kind] = {None: 0, LANGUAGE: links.language[at], TOPIC: links.topic[at]}
            channel[here] = valued(to, links.began[at], given[to.by], draws[here])
        return channel


class AtMovedEnds(FollowOns):
    """A habit that counts from the announced ends of a stream that are moved after a contact came."""

    def __init__(
        self, habit: Habit, rows: Sequence[FollowOn], size: int, dice: Dice, moved: Sequence[Int64]
    ) -> None:
        """moved: by stream [j] ms, rising, when announced ends are moved."""
        super().__init__(habit, rows, size, dice)
        self._ends = [(item.row, moved[item.row]) for item in rows]

    def due(self, links: Links) -> Due:
        """What contacts bring after the first moved end after which they do."""
        delay = np.full(len(links), NEVER)
        for row, ends in self._ends:
            asks = (links.column(self.habit.by) == row) & (links.arrives >= 0)
            for j, end in enumerate(ends.tolist()):
                rows = np.flatnonzero(asks & (links.arrives < end) & (delay < 0))
                rows = rows[uniform(links.number[rows], key(self.habit.draws, j)) < self._share[row]]
                after = self._after.draw(
                    np.full(len(rows), row), uniform(links.number[rows], key(f"{self.habit.draws} after", j))
                )
                delay[rows] = end - links.arrives[rows] + after
        rows = np.flatnonzero(delay >= 0)
        return Due(rows, delay[rows], links.channel[rows])


class Patiences:
    """Patience by channel of contacts that draw by their number."""

    def __init__(self, demand: Demand, channels: range, dice: Dice) -> None:
        laws, self._at_once = patiences_of(demand, channels, dice)
        self._waits = Inverted(laws, len(self._at_once), least=0)
        self._gives_up = np.array([laws[row] is not None for row in channels])

    def draw(self, channel: Int64, number: Uint64) -> Int64:
        """[x] ms; -1 where customers wait for ever."""
        waits = np.full(len(channel), NEVER, np.int64)
        rows = np.flatnonzero(self._gives_up[channel])
        waits[rows] = self._waits.draw(channel[rows], uniform(number[rows], PATIENCE))
        rows = np.flatnonzero(self._at_once[channel])
        if len(rows):
            waits[rows[uniform(number[rows], AT_ONCE) < self._at_once[channel[rows]]]] = 0
        return waits
