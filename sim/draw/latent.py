"""Latent contacts: what each contact may bring, drawn up front, link by link, until a chain is as long as its habits allow.

A contact may bring four more: a follow-up once it is answered (ON_REPLY), the next try once it abandons or is blocked
(ON_ABANDON, ON_BLOCK: the same try, for only one of the two can happen), and, while there is no answer, the same customer again
or a bystander's post (ON_SILENCE).  Silence has one child: a post that a repeat drew, else whichever comes first of the next
nudge and the question that is asked again when an announced end is moved.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draw.durations import Inverted, Laws
from sim.draw.identity import Uint64, chances, children, key, uniform
from sim.draw.kinds import Kind, valued
from sim.draw.laws import efforts_of, patiences_of
from sim.draw.streams import Dice
from sim.scenario.plan import DIMENSIONS, Again, Demand, Float, Follow
from sim.tables import NEVER, Int64, Trigger

LANGUAGE, TOPIC = DIMENSIONS.index("language"), DIMENSIONS.index("topic")
FAR = 2**62  # later than every delay

# What brings a contact, and what is drawn of it.
REPLY, ABANDONED, BLOCKED, SILENCE = map(key, ("on reply", "on abandon", "on block", "on silence"))
FOLLOWS, FOLLOWS_AFTER, TRIES, TRIES_AFTER, TRIES_ON = map(
    key, ("follows", "follows after", "tries", "tries after", "tries on")
)
NUDGES, NUDGES_AFTER, NUDGES_ON, DRAWS, DRAWS_AFTER = map(key, ("nudges", "nudges after", "nudges on", "draws", "draws after"))
EFFORT, PATIENCE, AT_ONCE, MERGE = map(key, ("effort", "patience", "at once", "merge"))


@dataclass(frozen=True)
class Links:
    """Contacts that may bring more, and what the next link of a chain has to know; arrays [x]."""

    number: Uint64  # `identity`
    root: Int64  # place of the contact from outside that all began with
    up: Int64  # its own row among the latent contacts of this block; -1 from outside
    asks: Int64  # row, likewise, of the contact that asked its question first; -1 from outside
    matter: Int64  # row of the contact that began its case; -1 from outside
    stream: Int64
    channel: Int64
    language: Int64
    topic: Int64
    began: Int64  # ms, when the contact from outside came: shares that change over time go by it
    arrives: Int64  # ms, when it comes if it does; -1 where that depends on the engine
    effort: Int64  # ms
    patience: Int64  # ms
    tries: Int64  # links so far: tries after the first, repeats, follow-ups, posts drawn one by the other
    nudges: Int64
    replies: Int64
    posts: Int64

    def __len__(self) -> int:
        return len(self.number)

    def some(self, rows: NDArray[np.intp], **changed: Any) -> "Links":
        """These of them, with other columns."""
        return replace(
            self, **{item.name: getattr(self, item.name)[rows] for item in fields(self) if item.name not in changed}, **changed
        )


@dataclass(frozen=True)
class Brought:
    """Links brought by others in one way; `up` is still that of their parents."""

    links: Links
    trigger: Trigger
    delay: Int64  # [x] ms
    chance: NDArray[np.uint32]  # [x]
    reason: Int64  # [x]
    opens: bool  # whether each asks a question of its own
    begins: bool  # whether each begins a case of its own


class Latent:
    """What the contacts of one layer of a stream may bring."""

    def __init__(self, demand: Demand, row: int, dice: Dice, slips: Int64) -> None:
        """slips [j] ms: when announced ends of this stream are moved in this replication."""
        self._demand, self._slips, habits = demand, slips, demand.habits
        self._bystanders = len(demand.label_of) - 1
        self._gives_up = _Habit(habits.gives_up, dice)
        self._writes_again = _Habit(habits.writes_again, dice)
        self._posts = _Habit(habits.bystanders, dice)
        ends = demand.streams[row].ends
        self._asks_again = None if ends is None or ends.again is None else _Habit((ends.again,), dice)
        self._then = _Then(habits.then, demand.topic_names, dice)
        self._blocks = np.array(habits.blocks)
        self._efforts = Inverted(efforts_of(demand, range(len(demand.topic_names)), dice), len(demand.topic_names), least=1)
        self._patiences = Patiences(demand, range(len(demand.channel_names)), dice)

    def draw(self, links: Links) -> dict[str, Any]:
        """Columns of all that these contacts from outside may bring, each after its parent; up, asks, matter as in Links."""
        parts: list[dict[str, Any]] = []
        rows = 0
        while len(links):
            brought = [found for found in self._bring(links) if len(found.links)]
            follow = []
            for found in brought:
                mine = rows + np.arange(len(found.links))
                rows += len(mine)
                asks = mine if found.opens else found.links.asks
                matter = mine if found.begins else found.links.matter
                parts.append(self._columns(found, asks, matter))
                follow.append(replace(found.links, up=mine, asks=asks, matter=matter))
            links = _joined(follow) if follow else links.some(np.zeros(0, np.intp))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}

    def _columns(self, found: Brought, asks: Int64, matter: Int64) -> dict[str, Any]:
        links, demand = found.links, self._demand
        cell = links.channel, links.language, links.topic
        return {
            "root": links.root,
            "up": links.up,
            "asks": asks,
            "matter": matter,
            "time": found.delay,
            "trigger": np.full(len(links), found.trigger, np.int8),
            "type": demand.type_of[cell],
            "label": demand.label_of[(links.stream, *cell)],
            "effort": links.effort,
            "patience": links.patience,
            "reason": found.reason,
            "chance": found.chance,
            "merge": chances(uniform(links.number, MERGE)),
        }

    def _bring(self, links: Links) -> list[Brought]:
        return [self._follow_ups(links), *self._tries(links), *self._silence(links)]

    def _follow_ups(self, links: Links) -> Brought:
        then = self._then
        rows = np.flatnonzero(links.replies < then.most[links.topic])
        comes = uniform(links.number[rows], FOLLOWS)
        may = comes < then.share[links.topic[rows]]
        rows, comes = rows[may], comes[may]
        delay = then.after.draw(links.topic[rows], uniform(links.number[rows], FOLLOWS_AFTER))
        number, topic = children(links.number[rows], REPLY), then.topic[links.topic[rows]]
        some = links.some(
            rows, number=number, topic=topic, effort=self._efforts.draw(topic, uniform(number, EFFORT)),
            patience=self._patiences.draw(links.channel[rows], number), replies=links.replies[rows] + 1,
            arrives=_none(rows), tries=_zero(rows), nudges=_zero(rows),
        )  # fmt: skip
        reason = then.reason[links.topic[rows]]
        return Brought(some, Trigger.ON_REPLY, delay, chances(comes), reason, opens=True, begins=False)

    def _tries(self, links: Links) -> list[Brought]:
        habit = self._gives_up
        rows = habit.rows(links, TRIES, links.tries)
        delay = habit.after.draw(links.channel[rows], uniform(links.number[rows], TRIES_AFTER))
        channel = habit.moved(links, rows, uniform(links.number[rows], TRIES_ON))
        found = []
        for trigger, brought, can in (
            (Trigger.ON_ABANDON, ABANDONED, links.patience[rows] >= 0),
            (Trigger.ON_BLOCK, BLOCKED, self._blocks[links.channel[rows]]),
        ):
            at = np.flatnonzero(can)
            number = children(links.number[rows[at]], brought)
            some = links.some(
                rows[at], number=number, channel=channel[at], patience=self._patiences.draw(channel[at], number),
                tries=links.tries[rows[at]] + 1, arrives=_none(at),
            )  # fmt: skip
            found.append(_certain(some, trigger, delay[at]))
        return found

    def _silence(self, links: Links) -> list[Brought]:
        posts = self._posts.rows(links, DRAWS, links.posts)
        posts = posts[links.nudges[posts] > 0]
        alone = np.ones(len(links), np.bool_)
        alone[posts] = False
        return [self._drawn(links, posts), self._again(links.some(np.flatnonzero(alone)))]

    def _drawn(self, links: Links, rows: NDArray[np.intp]) -> Brought:
        """Posts of bystanders."""
        delay = self._posts.after.draw(links.channel[rows], uniform(links.number[rows], DRAWS_AFTER))
        number = children(links.number[rows], SILENCE)
        some = links.some(
            rows, number=number, effort=self._efforts.draw(links.topic[rows], uniform(number, EFFORT)),
            patience=self._patiences.draw(links.channel[rows], number), posts=links.posts[rows] + 1,
            stream=np.full(len(rows), self._bystanders), arrives=_none(rows), tries=_zero(rows), nudges=_zero(rows),
            replies=_zero(rows),
        )  # fmt: skip
        return _certain(some, Trigger.ON_SILENCE, delay, own=True)

    def _again(self, links: Links) -> Brought:
        """The same customers again: the next nudge, or the question after a moved end, whichever comes first."""
        habit, size = self._writes_again, len(links)
        delay, channel = np.full(size, FAR), links.channel.copy()
        rows = habit.rows(links, NUDGES, links.nudges)
        delay[rows] = habit.after.draw(links.channel[rows], uniform(links.number[rows], NUDGES_AFTER))
        channel[rows] = habit.moved(links, rows, uniform(links.number[rows], NUDGES_ON))
        slipped = self._after_slip(links)
        sooner = slipped < delay
        delay[sooner], channel[sooner] = slipped[sooner], links.channel[sooner]
        arrives = np.where(links.arrives >= 0, links.arrives + delay, NEVER)
        rows = np.flatnonzero((delay < FAR) & (arrives < self._demand.horizon))
        number = children(links.number[rows], SILENCE)
        some = links.some(
            rows, number=number, channel=channel[rows], patience=self._patiences.draw(channel[rows], number),
            nudges=links.nudges[rows] + 1, arrives=arrives[rows],
        )  # fmt: skip
        return _certain(some, Trigger.ON_SILENCE, delay[rows])

    def _after_slip(self, links: Links) -> Int64:
        """[x] ms from each contact to its customer's question after an end that was moved since; FAR if there is none."""
        delay = np.full(len(links), FAR)
        if self._asks_again is None:
            return delay
        habit = self._asks_again
        for j, slip in enumerate(self._slips.tolist()):
            rows = np.flatnonzero((links.arrives >= 0) & (links.arrives < slip) & (delay == FAR))
            rows = rows[uniform(links.number[rows], key("asks again", j)) < habit.share[0]]
            after = habit.after.draw(np.zeros(len(rows), np.int64), uniform(links.number[rows], key("asks again after", j)))
            delay[rows] = slip - links.arrives[rows] + after
        return delay


class _Habit:
    """A habit of the customers of each channel."""

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
        for row, habit in enumerate(self._habits):
            if habit is not None and habit.to is not None:
                mine = np.flatnonzero(links.channel[rows] == row)
                at = rows[mine]
                kinds: dict[int | None, Kind] = {None: 0, LANGUAGE: links.language[at], TOPIC: links.topic[at]}
                channel[mine] = valued(habit.to, links.began[at], kinds[habit.to.by], draws[mine])
        return channel


class _Then:
    """What may follow a reply, by the topic replied to."""

    def __init__(self, then: tuple[Follow | None, ...], names: tuple[str, ...], dice: Dice) -> None:
        size = len(then)
        self.topic, self.most, self.reason = np.zeros(size, np.int64), np.zeros(size, np.int64), np.full(size, NEVER, np.int64)
        self.share = np.zeros(size)  # the largest that any team can give
        laws: Laws = {}
        for row, follow in enumerate(then):
            if follow is not None:
                self.topic[row], self.most[row], self.reason[row] = follow.topic, follow.most, follow.reason
                self.share[row] = max((dice.number(path, share) for path, share in follow.shares), default=0.0)
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
        waits[rows[uniform(number[rows], AT_ONCE) < self._at_once[channel[rows]]]] = 0
        return waits


def _certain(links: Links, trigger: Trigger, delay: Int64, own: bool = False) -> Brought:
    """What comes whatever team replied; with a case and a question of its own, or with those of its parent."""
    size = len(links)
    return Brought(links, trigger, delay, np.zeros(size, np.uint32), np.full(size, NEVER), opens=own, begins=own)


def _joined(parts: list[Links]) -> Links:
    return Links(*(np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Links)))


def _none(rows: NDArray[np.intp]) -> Int64:
    return np.full(len(rows), NEVER, np.int64)


def _zero(rows: NDArray[np.intp]) -> Int64:
    return np.zeros(len(rows), np.int64)
