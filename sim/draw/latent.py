"""Latent contacts: what each contact may bring, drawn up front, link by link, until a chain is as long as its
habits allow.

A contact may bring four more: a follow-up once it is answered (ON_REPLY), the next try once it abandons or is
blocked (ON_ABANDON, ON_BLOCK: the same try, for only one of the two can happen), and, while there is no
answer, the same customer again or a bystander's post (ON_SILENCE).  Silence has one child: a post that a
repeat drew, else whichever comes first of the next nudge and the question that is asked again when an
announced end is moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draw.chains import Links, joined
from sim.draw.durations import Inverted, efforts_of
from sim.draw.habits import Habit, Patiences, Then
from sim.draw.keyed_draws import chances, children, key, uniform
from sim.draw.rng import Dice
from sim.plan import Demand
from sim.tables import NEVER, Int64, Trigger

FAR = 2**62  # later than every delay

# What brings a contact, and what is drawn of it.
REPLY, ABANDONED, BLOCKED, SILENCE = map(key, ("on reply", "on abandon", "on block", "on silence"))
FOLLOWS, FOLLOWS_AFTER, TRIES, TRIES_AFTER, TRIES_ON = map(
    key, ("follows", "follows after", "tries", "tries after", "tries on")
)
NUDGES, NUDGES_AFTER, NUDGES_ON, DRAWS, DRAWS_AFTER = map(
    key, ("nudges", "nudges after", "nudges on", "draws", "draws after")
)
EFFORT, MERGE = key("effort"), key("merge")


def any_habit(demand: Demand) -> bool:
    """Whether any contact may bring another."""
    habits = demand.habits
    ends = (stream.ends and stream.ends.again for stream in demand.streams)
    return any((*habits.gives_up, *habits.writes_again, *habits.then, *ends))


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
    """What the contacts of one replication may bring."""

    def __init__(self, demand: Demand, dice: Dice, slips: Sequence[Int64]) -> None:
        """slips: by stream [j] ms, when announced ends that it goes by are moved."""
        self._demand, habits = demand, demand.habits
        self._bystanders = len(demand.label_of) - 1
        self._gives_up = Habit(habits.gives_up, dice)
        self._writes_again = Habit(habits.writes_again, dice)
        self._posts = Habit(habits.bystanders, dice)
        self._ask_again = [
            (row, moved, Habit((stream.ends.again,), dice))
            for row, (stream, moved) in enumerate(zip(demand.streams, slips, strict=True))
            if stream.ends is not None and stream.ends.again is not None and len(moved)
        ]
        self._then = Then(habits.then, demand.topic_names, dice)
        self._blocks = np.array(habits.blocks)
        self._efforts = Inverted(
            efforts_of(demand, range(len(demand.topic_names)), dice), len(demand.topic_names), least=1
        )
        self._patiences = Patiences(demand, range(len(demand.channel_names)), dice)

    def draw(self, links: Links) -> dict[str, Any]:
        """Columns of all that these contacts from outside may bring, each after its parent; up, asks, matter
        as in Links.
        """
        parts: list[dict[str, Any]] = []
        rows = 0
        while True:
            brought = [found for found in self._bring(links) if len(found.links)]
            follow = []
            for found in brought:
                mine = rows + np.arange(len(found.links))
                rows += len(mine)
                asks = mine if found.opens else found.links.asks
                matter = mine if found.begins else found.links.matter
                parts.append(self._columns(found, asks, matter))
                follow.append(found.links.some(slice(None), up=mine, asks=asks, matter=matter))
            if not follow:
                break
            links = joined(follow)
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
            arrives=NEVER, tries=0, nudges=0,
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
                rows[at],
                number=number,
                channel=channel[at],
                patience=self._patiences.draw(channel[at], number),
                tries=links.tries[rows[at]] + 1,
                arrives=NEVER,
            )
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
            stream=self._bystanders, arrives=NEVER, tries=0, nudges=0, replies=0,
        )  # fmt: skip
        return _certain(some, Trigger.ON_SILENCE, delay, own=True)

    def _again(self, links: Links) -> Brought:
        """The same customers again: the next nudge, or the question after a moved end, whichever
        comes first.
        """
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
        """[x] ms from each contact to its customer's question after an end that was moved since; FAR if there
        is none.
        """
        delay = np.full(len(links), FAR)
        for stream, slips, habit in self._ask_again:
            mine = (links.stream == stream) & (links.arrives >= 0)
            for j, slip in enumerate(slips.tolist()):
                rows = np.flatnonzero(mine & (links.arrives < slip) & (delay == FAR))
                rows = rows[uniform(links.number[rows], key("asks again", j)) < habit.share[0]]
                after = habit.after.draw(
                    np.zeros(len(rows), np.int64), uniform(links.number[rows], key("asks again after", j))
                )
                delay[rows] = slip - links.arrives[rows] + after
        return delay


def _certain(links: Links, trigger: Trigger, delay: Int64, own: bool = False) -> Brought:
    """What comes whatever team replied; with a case and a question of its own, or with those of its
    parent.
    """
    size = len(links)
    return Brought(
        links, trigger, delay, np.zeros(size, np.uint32), np.full(size, NEVER), opens=own, begins=own
    )
