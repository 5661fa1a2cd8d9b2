"""The contacts from outside: their kind, handle time and patience, and which of them stay away."""

from typing import Any

import numpy as np

from sim.draw.chains import Links, links
from sim.draw.durations import Durations, efforts_of, patiences_of
from sim.draw.keyed_draws import key, roots
from sim.draw.mixes import Kind, Kinds, Picked, possible, reached, valued
from sim.draw.rng import Dice
from sim.habits import COUNTS
from sim.plan import CLOSED, DIMENSIONS, SELF_SERVICE, Closed, Demand, Helped
from sim.tables import NEVER, Int64

CHANNEL, LANGUAGE, TOPIC = (DIMENSIONS.index(name) for name in ("channel", "language", "topic"))

Columns = dict[str, Any]  # by name arrays [n], or the one value that all have


class Contacts:
    """The contacts of one layer of a stream, drawn block by block."""

    def __init__(self, demand: Demand, row: int, dice: Dice) -> None:
        origin, habits = demand.streams[row], demand.habits
        channels, topics = (
            np.flatnonzero(possible(origin, dimension)).tolist() for dimension in (CHANNEL, TOPIC)
        )
        self._demand, self._row = demand, row
        self._kinds = Kinds(origin, dice)
        self._away = _StayAway(habits.closed, habits.helped, channels, topics, dice)
        self._efforts = Durations(
            dice, "handle time", efforts_of(demand, topics, dice), len(demand.topic_names), least=1
        )
        self._patiences = _Patiences(demand, sorted({*channels, *self._away.channels}), dice, "patience")
        self._linked = bool(demand.habits.follow_ons)
        self._key = key(dice.seed, dice.replication, "contacts", *dice.whose)
        self._done = 0

    def draw(self, time: Int64, picked: Picked) -> tuple[Columns, Links | None]:
        """Columns of the contacts picked from a block at these times, and those that arrive as links.

        The root of a link is its place among those picked; None where no contact brings another.
        """
        kind, size = self._kinds.draw(time, picked), len(time)
        reason = self._away.reasons(time[picked], kind, size, picked)
        cell = kind[CHANNEL], kind[LANGUAGE], kind[TOPIC]
        columns = {
            "type": self._demand.type_of[cell],
            "label": self._demand.label_of[(self._row, *cell)],
            "effort": self._efforts.draw(kind[TOPIC], size, picked),
            "patience": self._patiences.draw(kind[CHANNEL], size, picked),
            "reason": reason,
        }
        if not self._linked:
            return columns, None
        come, numbers = time[picked], roots(self._key, self._done, size)[picked]
        self._done += size
        drawn_links = links(
            numbers,
            root=np.arange(len(come)),
            parent=NEVER,
            question_of=NEVER,
            case_of=NEVER,
            stream=self._row,
            channel=kind[CHANNEL],
            language=kind[LANGUAGE],
            topic=kind[TOPIC],
            began=come,
            arrives=come,
            effort=columns["effort"],
            patience=columns["patience"],
            **dict.fromkeys(COUNTS, 0),
        )
        return columns, drawn_links if isinstance(reason, int) else drawn_links.take(
            np.flatnonzero(reason == NEVER)
        )


class _StayAway:
    """Who stays away, or comes on another channel, because the channel is closed; and who helps himself."""

    def __init__(
        self,
        closed: tuple[Closed | None, ...],
        helped: tuple[Helped | None, ...],
        channels: list[int],
        topics: list[int],
        dice: Dice,
    ) -> None:
        self._closed = {row: hours for row in channels if (hours := closed[row]) is not None}
        self._helped = {row: help for row in topics if (help := helped[row]) is not None}
        self._away = dice.of("closed") if self._closed else None
        self._elsewhere = dice.of("closed to") if self._closed else None
        self._scales = {row: dice.number(help.path, help.scale) for row, help in self._helped.items()}
        self._help = dice.of("self-service") if self._helped else None
        self.channels = {
            row for item in self._closed.values() if item.to is not None for row in reached(item.to)
        }

    def reasons(self, time: Int64, kind: dict[int, Kind], size: int, picked: Picked) -> Int64 | int:
        """[picked] why a contact stays away, -1 if it arrives; sets its channel in `kind` if it moves."""
        reason: Int64 | int = NEVER
        if self._away is not None and self._elsewhere is not None:
            drawn, elsewhere = self._away.random(size)[picked], self._elsewhere.random(size)[picked]
            before = np.broadcast_to(kind[CHANNEL], len(time))
            channel, reason = before.copy(), np.full(len(time), NEVER)
            for row, item in self._closed.items():
                closed_out = np.flatnonzero((before == row) & ~item.is_open(time))
                reason[closed_out[drawn[closed_out] < item.vanish]] = CLOSED
                if item.to is not None:
                    closed_out = closed_out[
                        (drawn[closed_out] >= item.vanish) & (drawn[closed_out] < item.vanish + item.move)
                    ]
                    others = {dimension: _at(rows, closed_out) for dimension, rows in kind.items()}
                    given = 0 if item.to.by is None else others[item.to.by]
                    channel[closed_out] = valued(item.to, time[closed_out], given, elsewhere[closed_out])
            kind[CHANNEL] = channel
        if self._help is not None:
            drawn = self._help.random(size)[picked]
            reason = np.full(len(time), reason) if isinstance(reason, int) else reason
            for row, help in self._helped.items():
                about_it = (np.broadcast_to(kind[TOPIC], len(time)) == row) & (reason == NEVER)
                reason[about_it & (drawn < self._scales[row] * np.interp(time, help.times, help.level))] = (
                    SELF_SERVICE
                )
        return reason


def _at(rows: Kind, where: Int64) -> Kind:
    return rows[where] if isinstance(rows, np.ndarray) else rows


class _Patiences:
    """Patience by channel: some give up at once, others after a time, and on some channels nobody does."""

    def __init__(self, demand: Demand, channels: list[int], dice: Dice, use: str) -> None:
        laws, self._at_once = patiences_of(demand, channels, dice)
        self._waits = Durations(dice, use, laws, len(self._at_once), least=0)
        self._dice = dice.of(f"{use} at once") if self._at_once.any() else None

    def draw(self, channel: Kind, size: int, picked: Picked) -> Int64 | int:
        """[picked] ms; -1 where customers wait for ever."""
        waits = self._waits.draw(channel, size, picked)
        if self._dice is None:
            return waits
        return np.where(self._dice.random(size)[picked] < self._at_once[channel], 0, waits)
