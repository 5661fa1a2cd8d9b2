"""The habits of customers in one replication, as tables to look up: by channel, or by the topic
replied to.
"""

import numpy as np
from numpy.typing import NDArray

from sim.draw.chains import Links
from sim.draw.durations import Inverted, Laws, patiences_of
from sim.draw.keyed_draws import Uint64, key, uniform
from sim.draw.mixes import Kind, valued
from sim.draw.rng import Dice
from sim.plan import DIMENSIONS, Again, Demand, Float, Follow
from sim.tables import NEVER, Int64

LANGUAGE, TOPIC = DIMENSIONS.index("language"), DIMENSIONS.index("topic")
PATIENCE, AT_ONCE = key("patience"), key("at once")


class Habit:
    """What customers of each channel do, with a share, after a time, and perhaps on another channel."""

    def __init__(self, habits: tuple[Again | None, ...], dice: Dice) -> None:
        self._habits = habits
        self.share, self._most = np.zeros(len(habits)), np.zeros(len(habits), np.int64)
        laws: Laws = {}
        for row, habit in enumerate(habits):
            if habit is not None:
                self.share[row], self._most[row] = dice.number(f"{habit.path}.share", habit.share), habit.most
                laws[row] = habit.path, habit.after, dice.number(f"{habit.path}.after.mean", habit.after.mean)
        self.after = Inverted(laws, len(habits), least=1)

    def rows(self, links: Links, use: np.uint64, done: Int64) -> NDArray[np.intp]:
        """Which of the contacts follow it, by their draws for this use and the links of this kind so far."""
        rows = np.flatnonzero(done < self._most[links.channel])
        return rows[uniform(links.number[rows], use) < self.share[links.channel[rows]]]

    def moved(self, links: Links, rows: NDArray[np.intp], draws: Float) -> Int64:
        """The channel on which each of these comes again."""
        channel = links.channel[rows]
        before = channel.copy()
        for row, habit in enumerate(self._habits):
            if habit is not None and habit.to is not None:
                mine = np.flatnonzero(before == row)
                at = rows[mine]
                kinds: dict[int | None, Kind] = {
                    None: 0,
                    LANGUAGE: links.language[at],
                    TOPIC: links.topic[at],
                }
                channel[mine] = valued(habit.to, links.began[at], kinds[habit.to.by], draws[mine])
        return channel


class Then:
    """What may follow a reply, by the topic replied to."""

    def __init__(self, then: tuple[Follow | None, ...], names: tuple[str, ...], dice: Dice) -> None:
        size = len(then)
        self.topic, self.most, self.reason = (
            np.zeros(size, np.int64),
            np.zeros(size, np.int64),
            np.full(size, NEVER, np.int64),
        )
        self.share = np.zeros(size)  # the largest that any team can give
        laws: Laws = {}
        for row, follow in enumerate(then):
            if follow is not None:
                self.topic[row], self.most[row], self.reason[row] = follow.topic, follow.most, follow.reason
                self.share[row] = max(
                    (dice.number(path, share) for path, share in follow.shares), default=0.0
                )
                path = f"then.{names[row]}"
                laws[row] = path, follow.after, dice.number(f"{path}.after.mean", follow.after.mean)
        self.after = Inverted(laws, size, least=1)


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
