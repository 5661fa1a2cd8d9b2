"""What contacts are: their kind, how long they take, how long they wait, and what may follow a reply."""

from typing import Any

import numpy as np

from sim.draw.durations import Durations
from sim.draw.kinds import Kind, Kinds, Picked, possible
from sim.draw.streams import Dice
from sim.scenario.plan import DIMENSIONS, Demand, Follow, Law
from sim.tables import Int64

CHANNEL, LANGUAGE, TOPIC = (DIMENSIONS.index(name) for name in ("channel", "language", "topic"))

Columns = dict[str, Any]  # by name arrays [n], or the one value that all have


class Contacts:
    """The contacts of one layer of a stream, drawn block by block."""

    def __init__(self, demand: Demand, row: int, dice: Dice) -> None:
        origin = demand.streams[row]
        channels, topics = (np.flatnonzero(possible(origin, dimension)).tolist() for dimension in (CHANNEL, TOPIC))
        self._kinds = Kinds(origin, dice)
        self._cells = _Cells(demand, row)
        self._efforts = _efforts(demand, topics, dice, "handle time")
        self._patiences = _Patiences(demand, channels, dice, "patience")
        follows = {topic: follow for topic in topics if (follow := demand.then[topic]) is not None}
        self._follow_ups = _FollowUps(demand, self._cells, channels, follows, dice) if follows else None

    def draw(self, time: Int64, picked: Picked) -> tuple[Columns, Columns | None]:
        """Columns of those picked from a block of contacts at these times, and of the follow-ups that their replies bring.

        The parent of a follow-up is its place among those picked.
        """
        kind, size = self._kinds.draw(time, picked), len(time)
        columns = self._cells.of(kind, kind[TOPIC]) | {
            "effort": self._efforts.draw(kind[TOPIC], size, picked),
            "patience": self._patiences.draw(kind[CHANNEL], size, picked),
        }
        return columns, self._follow_ups.draw(kind, size, picked) if self._follow_ups else None


class _Cells:
    """Type and label of the contacts of a stream by channel, language and topic."""

    def __init__(self, demand: Demand, row: int) -> None:
        _, self._languages, self._topics = demand.type_of.shape
        self._types, self._labels = demand.type_of.ravel(), demand.label_of[row].ravel()

    def of(self, kind: dict[int, Kind], topic: Kind) -> Columns:
        """The type and the label of contacts of these kinds about this topic."""
        cell = (kind[CHANNEL] * self._languages + kind[LANGUAGE]) * self._topics + topic
        return {"type": self._types[cell], "label": self._labels[cell]}


class _Patiences:
    """Patience by channel: some give up at once, others wait for a time, and on some channels all for ever."""

    def __init__(self, demand: Demand, channels: list[int], dice: Dice, use: str) -> None:
        laws: dict[int, tuple[str, Law, float] | None] = dict.fromkeys(channels)
        self._at_once = np.zeros(len(demand.channel_names))
        for row in channels:
            path, patience = f"channels.{demand.channel_names[row]}.patience", demand.patience[row]
            if patience is not None:
                laws[row] = path, patience.law, dice.number(f"{path}.mean", patience.law.mean)
                self._at_once[row] = dice.number(f"{path}.at_once", patience.at_once)
        self._waits = Durations(dice, use, laws, len(self._at_once), least=0)
        self._dice = dice.of(f"{use} at once") if self._at_once.any() else None

    def draw(self, channel: Kind, size: int, picked: Picked) -> Int64 | int:
        """[picked] ms; -1 where customers wait for ever."""
        waits = self._waits.draw(channel, size, picked)
        if self._dice is None:
            return waits
        return np.where(self._dice.random(size)[picked] < self._at_once[channel], 0, waits)


class _FollowUps:
    """What may follow a reply, by the topic of the contact replied to.

    All is drawn for every contact, so that another share of follow-ups keeps those that come anyway.
    """

    def __init__(self, demand: Demand, cells: _Cells, channels: list[int], follows: dict[int, Follow], dice: Dice) -> None:
        self._cells = cells
        self._topic = np.zeros(len(demand.topic_names), np.int64)
        self._share = np.zeros(len(demand.topic_names))
        laws: dict[int, tuple[str, Law, float] | None] = {}
        for row, follow in follows.items():
            path = f"then.{demand.topic_names[row]}"
            self._topic[row] = follow.topic
            self._share[row] = dice.number(f"{path}.share", follow.share)
            laws[row] = path, follow.after, dice.number(f"{path}.after.mean", follow.after.mean)
        self._after = Durations(dice, "follow-up after", laws, len(self._topic), least=1)
        self._efforts = _efforts(demand, sorted({follow.topic for follow in follows.values()}), dice, "follow-up handle time")
        self._patiences = _Patiences(demand, channels, dice, "follow-up patience")
        self._dice = dice.of("follow-up")

    def draw(self, kind: dict[int, Kind], size: int, picked: Picked) -> Columns:
        """The columns of the follow-ups of those picked from a block of so many contacts; time is the delay after a reply."""
        parent = np.flatnonzero(self._dice.random(size)[picked] < self._share[kind[TOPIC]])
        picked = parent if isinstance(picked, slice) else picked[parent]
        kind = {dimension: rows[parent] if isinstance(rows, np.ndarray) else rows for dimension, rows in kind.items()}
        topic = self._topic[kind[TOPIC]]
        return self._cells.of(kind, topic) | {
            "time": self._after.draw(kind[TOPIC], size, picked),
            "parent": parent,
            "effort": self._efforts.draw(topic, size, picked),
            "patience": self._patiences.draw(kind[CHANNEL], size, picked),
        }


def _efforts(demand: Demand, topics: list[int], dice: Dice, use: str) -> Durations:
    """The handle times of contacts about these topics."""
    names = demand.topic_names
    laws: dict[int, tuple[str, Law, float] | None] = {}
    for row in topics:
        law = demand.handle_time[row]
        laws[row] = names[row], law, dice.number(f"topics.{names[row]}.handle_time.mean", law.mean)
    return Durations(dice, use, laws, len(names), least=1)
