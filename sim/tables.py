"""The tables between chance and counts: all that an engine may know, and all that it reports.

All chance is in the arrays that enter an engine; all facts are in the arrays that leave it.  Times are int64
milliseconds from the earliest instant of any row; -1 means never or none; factors are permille (1600 takes
1.6 times as long).  Chances are draws in 0 … 2³²−2 against thresholds: yes if draw < threshold, so that 0 is
never and 2³²−1 always.  Sizes: n contacts · k contact types · a agents · s duty segments · g skill groups ·
m teams · c contacts in hand · e reasons · l changes of lines.

Every table is a frozen dataclass of read-only arrays, any size may be 0, and what its comments say is checked
once, here: a table that breaks a rule raises ValueError naming table, column and rule.  A column that may be
left out then holds its neutral value.  docs/tables.md lists every column.
"""

from dataclasses import Field, dataclass, field, fields
from enum import IntEnum
from typing import Any, NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

NEVER = -1  # a time that does not come, a row that does not exist
TIME_MAX = 10**15  # ms, about 30,000 years
EFFORT_MAX = 10**10  # ms, about four months
FACTOR_MAX = 10_000  # permille
ROWS_MAX = 2**31 - 1
ALWAYS = 2**32 - 1  # a threshold above every draw
DRAW_MAX = ALWAYS - 1

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Uint32 = NDArray[np.uint32]
Int8 = NDArray[np.int8]
Bool = NDArray[np.bool_]
Rows = TypeVar("Rows", Int64, Int32)


def permille(factor: float) -> int:
    """A factor as the tables hold it: 1 … 10,000."""
    return min(max(round(factor * 1000), 1), FACTOR_MAX)


def threshold(share: float) -> int:
    """A share 0–1 as the tables hold it."""
    return round(share * ALWAYS)


def heads(up: Rows) -> Rows:
    """[n] the row in which each chain ends; `up` holds the next row of a chain, at its end the row itself."""
    while not np.array_equal(up, further := up[up]):  # each step twice as far up as the one before
        up = further
    return up


class Turn(IntEnum):
    """The order of events at one instant; within a turn by row."""

    FINISH = 0  # row of the contact
    LEAVE = 1  # row of the segment
    JOIN = 2  # row of the segment
    LINES = 3  # row of routing.lines
    ARRIVE = 4  # row of the contact, here and below
    RETURN = 5  # a latent contact comes
    ABANDON = 6
    OVERFLOW = 7


class Fate(IntEnum):
    """What became of a contact by the horizon."""

    NEVER = 0  # not triggered, thinned, its question already answered, or due at or after the horizon
    OPEN = 1  # waiting or in hand at the horizon
    ANSWERED = 2
    ABANDONED = 3
    BLOCKED = 4
    MERGED = 5  # recognised as a repeat as it came: no work


class Trigger(IntEnum):
    """What makes a contact come."""

    NONE = 0  # it comes from outside, at its time
    ON_REPLY = 1  # its parent was finished
    ON_ABANDON = 2  # its parent abandoned
    ON_BLOCK = 3  # its parent was blocked, as it came or later
    ON_SILENCE = 4  # its parent came, whatever became of it


def column(dtype: type, unit: str, *shape: str | int) -> Any:
    """A field that holds an array of this type, its axes named by size ("n") or fixed (3)."""
    return field(metadata={"dtype": np.dtype(dtype), "unit": unit, "shape": shape})


def optional(dtype: type, unit: str, *shape: str | int, neutral: int | str) -> Any:
    """A column that may be left out: then it holds its neutral value, a number or what these words say.

    A table makes what words say in its method `_neutral`.
    """
    metadata = {"dtype": np.dtype(dtype), "unit": unit, "shape": shape, "neutral": neutral}
    return field(kw_only=True, default=None, metadata=metadata)


def columns_of(table: "Table | type[Table]") -> list[Field[Any]]:
    """The fields of a table that hold arrays, in order."""
    return [item for item in fields(table) if "dtype" in item.metadata]  # type: ignore[arg-type]  # a dataclass


class Table:
    """Base of the tables: turns every column into a read-only array of its type and checks its shape."""

    def __post_init__(self) -> None:
        self._fill_in()
        self._freeze()
        self._check()

    def _fill_in(self) -> None:
        """Gives the columns that were left out their neutral values."""
        given = {item.name: getattr(self, item.name) for item in columns_of(self)}
        sizes: dict[str | int, int] = {}
        for item in columns_of(self):
            if given[item.name] is not None:
                sizes |= zip(item.metadata["shape"], np.shape(given[item.name]), strict=False)
        missing = [item for item in columns_of(self) if given[item.name] is None]
        # Numbers first, for words may speak of other columns.
        for item in sorted(missing, key=lambda item: isinstance(item.metadata["neutral"], str)):
            neutral, dtype = item.metadata["neutral"], item.metadata["dtype"]
            if isinstance(neutral, str):
                column = self._neutral(item.name)
            else:  # zeros that are never written take no memory
                shape = [sizes.get(axis, 0) for axis in item.metadata["shape"]]
                column = np.full(shape, neutral, dtype) if neutral else np.zeros(shape, dtype)
            object.__setattr__(self, item.name, column)

    def _neutral(self, name: str) -> NDArray[Any]:
        """The neutral value of a column that words describe."""
        raise NotImplementedError(name)

    def _freeze(self) -> None:
        sizes: dict[str, int] = {}
        for item in columns_of(self):
            given = np.asarray(getattr(self, item.name))
            shape = item.metadata["shape"]
            if given.size == 0 and given.ndim == 1 and len(shape) > 1:
                given = given.reshape([0 if isinstance(axis, str) else axis for axis in shape])
            array = np.ascontiguousarray(given, item.metadata["dtype"]).view()
            if array.dtype != given.dtype and given.size and not np.array_equal(array, given):
                self._broken(item.name, f"values fit {array.dtype}")
            if array.ndim != len(shape):
                self._broken(item.name, f"has {len(shape)} axes {list(shape)}, not {array.ndim}")
            for axis, size in zip(shape, array.shape, strict=True):
                expected = sizes.setdefault(axis, size) if isinstance(axis, str) else axis
                if size != expected:
                    self._broken(item.name, f"axis {axis!r} is {expected} long, not {size}")
                if size > ROWS_MAX:
                    self._broken(item.name, f"has at most {ROWS_MAX} rows")
            array.flags.writeable = False
            object.__setattr__(self, item.name, array)

    def _check(self) -> None:
        """The rules of this table beyond types and shapes."""

    def _broken(self, name: str, rule: str) -> NoReturn:
        raise ValueError(f"{type(self).__name__}.{name}: {rule}")

    def _require(self, fact: bool | np.bool_, name: str, rule: str) -> None:
        if not fact:
            self._broken(name, rule)

    def _within(self, name: str, low: int, high: int) -> None:
        array = getattr(self, name)
        if array.size and (array.min() < low or array.max() > high):
            self._broken(name, f"values lie in {low} … {high}")


@dataclass(frozen=True, eq=False)
class Workload(Table):
    """One row a contact: first those from outside, by time; then the latent ones, each after its parent.

    A question is what one customer wants to know.  A contact from outside asks one of its own; a redial, a
    move to another channel or a nudge repeats the question of its parent; a follow-up (ON_REPLY) asks a new
    one in the same case; a bystander's post (ON_SILENCE in another case) has its own case and question.
    """

    time: Int64 = column(np.int64, "ms", "n")  # arrival; of a latent contact the delay after its trigger
    case: Int32 = column(np.int32, "number", "n")  # a customer's matter; engines ignore it
    # What is asked; left out, a question has the number of the row that asks it first.
    question: Int32 = optional(np.int32, "number", "n", neutral="its parent's for a repeat, else its own")
    type: Int32 = column(np.int32, "row of the contact types", "n")  # what routing tells apart
    label: Int32 = optional(
        np.int32, "row of the labels", "n", neutral=0
    )  # what reports tell apart; engines ignore it
    effort: Int64 = column(np.int64, "ms", "n")  # handle time at pace 1000, at least 1
    patience: Int64 = optional(np.int64, "ms", "n", neutral=NEVER)  # wait until it abandons; -1 never
    parent: Int32 = optional(
        np.int32, "row of the contacts", "n", neutral=NEVER
    )  # may trigger it; -1 from outside
    trigger: Int8 = optional(np.int8, "Trigger", "n", neutral=0)  # NONE exactly for those from outside
    reason: Int32 = optional(np.int32, "row of Routing.odds", "n", neutral=NEVER)  # -1 always comes
    chance: Uint32 = optional(np.uint32, "draw", "n", neutral=0)  # whether it comes at all
    merge: Uint32 = optional(np.uint32, "draw", "n", neutral=0)  # whether it is recognised as a repeat

    @property
    def n(self) -> int:
        """How many contacts, latent ones included."""
        return len(self.time)

    @property
    def outside(self) -> int:
        """How many contacts come from outside: the first so many rows."""
        return int(np.searchsorted(self.parent, 0))  # a search asks of each row only whether it is less

    @property
    def repeats(self) -> Bool:
        """[n] whether a contact repeats the question of its parent."""
        repeats = np.zeros(self.n, np.bool_)
        latent = slice(self.outside, self.n)
        repeats[latent] = self.question[latent] == self.question[self.parent[latent]]
        return repeats

    def _neutral(self, name: str) -> NDArray[Any]:
        assert name == "question"
        return _questions(*(np.asarray(given, np.int64) for given in (self.parent, self.trigger, self.case)))

    def _check(self) -> None:
        latent = self.parent >= 0
        self._within("time", 0, TIME_MAX)
        self._within("effort", 1, EFFORT_MAX)
        self._within("patience", NEVER, TIME_MAX)
        self._within("parent", NEVER, self.n)
        self._within("trigger", Trigger.NONE, Trigger.ON_SILENCE)
        self._within("reason", NEVER, ROWS_MAX)
        for name in ("chance", "merge"):
            self._within(name, 0, DRAW_MAX)
        for name in ("case", "question", "type", "label"):
            self._within(name, 0, ROWS_MAX)
        outside = self.n - int(np.count_nonzero(latent))
        self._require(np.all(latent[outside:]), "parent", "contacts from outside come first")
        self._require(
            np.all(self.parent[outside:] < np.arange(outside, self.n)),
            "parent",
            "a contact comes after its parent",
        )
        self._require(
            np.array_equal(self.trigger != Trigger.NONE, latent),
            "trigger",
            "is NONE exactly where parent is -1",
        )
        self._require(
            np.all(self.time[1:outside] >= self.time[: max(outside - 1, 0)]),
            "time",
            "is sorted for those from outside",
        )
        self._require(np.all(self.time[outside:] >= 1), "time", "a latent contact's delay is at least 1")
        parents, trigger = self.parent[outside:], self.trigger[outside:]
        keys = parents.astype(np.int64) * len(Trigger) + trigger
        # Sorted, for np.unique takes a hundred times as long on a million keys.
        self._require(np.all(np.diff(np.sort(keys)) > 0), "parent", "has at most one child a trigger")
        self._check_questions(outside, parents, trigger)

    def _check_questions(self, outside: int, parents: Int32, trigger: Int8) -> None:
        own_case = self.case[outside:] != self.case[parents]
        repeats = self.question[outside:] == self.question[parents]
        silence = trigger == Trigger.ON_SILENCE
        self._require(
            not np.any(own_case & ~silence),
            "case",
            "is the parent's, but for a bystander's post (ON_SILENCE)",
        )
        self._require(
            not np.any(repeats & (trigger == Trigger.ON_REPLY)), "question", "of a follow-up is a new one"
        )
        again = (trigger == Trigger.ON_ABANDON) | (trigger == Trigger.ON_BLOCK) | (silence & ~own_case)
        self._require(np.all(repeats[again]), "question", "of a redial, a move or a nudge is the parent's")
        self._require(not np.any(repeats & own_case), "question", "of a bystander's post is its own")
        first = np.concatenate([self.question[:outside], self.question[outside:][~repeats]])
        rising = np.all(first[1:] > first[:-1])  # as draw numbers them; else they are sorted to look
        self._require(
            rising or np.all(np.diff(np.sort(first)) > 0), "question", "is asked first by one contact only"
        )


def _questions(parent: Int64, trigger: Int64, case: Int64) -> Int64:
    """[n] the question of each contact, numbered by the row that asks it first: a repeat has its parent's."""
    latent = np.flatnonzero(parent >= 0)
    repeats = latent[(case[latent] == case[parent[latent]]) & (trigger[latent] != Trigger.ON_REPLY)]
    asked = np.arange(len(parent))
    asked[repeats] = parent[repeats]
    return heads(asked)


@dataclass(frozen=True, eq=False)
class Roster(Table):
    """Agents, and when they are on duty: a row an agent, and a row a segment of duty (a break makes two)."""

    team: Int32 = column(np.int32, "row of the teams", "a")
    group: Int32 = column(np.int32, "row of the skill groups", "a")
    slots: Int32 = optional(np.int32, "contacts", "a", neutral=1)  # in hand at once, at least 1
    agent: Int32 = column(np.int32, "row of the agents", "s")
    start: Int64 = column(np.int64, "ms", "s")  # 0 <= start < end
    end: Int64 = column(np.int64, "ms", "s")  # segments of one agent may touch, never overlap

    @property
    def agents(self) -> int:
        """How many agents."""
        return len(self.team)

    @property
    def segments(self) -> int:
        """How many segments of duty."""
        return len(self.agent)

    def _check(self) -> None:
        for name in ("team", "group"):
            self._within(name, 0, ROWS_MAX)
        self._within("slots", 1, ROWS_MAX)
        self._within("agent", 0, self.agents - 1)
        self._within("start", 0, TIME_MAX)
        self._within("end", 0, TIME_MAX)
        self._require(np.all(self.start < self.end), "end", "a segment ends after it starts")
        order = np.lexsort((self.start, self.agent))
        same = self.agent[order][1:] == self.agent[order][:-1]
        apart = self.start[order][1:] >= self.end[order][:-1]
        self._require(np.all(apart | ~same), "start", "segments of one agent do not overlap")


@dataclass(frozen=True, eq=False)
class Routing(Table):
    """Which agents may take which contacts, in which order, and how long it takes them."""

    push: Int32 = column(np.int32, "rank", "g", "k")  # which agents a contact prefers, low first; -1 cannot
    pull: Int32 = optional(
        np.int32, "rank", "g", "k", neutral=0
    )  # which contacts an agent prefers, low first
    after: Int64 = optional(
        np.int64, "ms", "g", "k", neutral=0
    )  # may take it only once it has waited so long: overflow
    pace: Int32 = optional(np.int32, "permille", "g", "k", neutral=1000)  # on the effort
    urgency: Int32 = optional(np.int32, "rank", "k", neutral=0)  # low first, before everything else
    allowance: Int64 = optional(
        np.int64, "ms", "k", neutral=0
    )  # added to the arrival in the order of contacts
    within: Int64 = optional(
        np.int64, "ms", "k", neutral=NEVER
    )  # overdue once it has waited longer; -1 never overdue
    channel: Int32 = optional(np.int32, "row of the channels", "k", neutral=0)
    merge_odds: Uint32 = optional(np.uint32, "threshold", "k", neutral=0)  # recognised as a repeat
    duplicate_effort: Int64 = optional(np.int64, "ms", "k", neutral=1)  # effort once its question is answered
    crowding: Int32 = column(np.int32, "permille", "m", "c")  # by contacts in hand, this one included
    # A contact of this reason comes: ON_REPLY by the team that replied, any other by the last column.
    odds: Uint32 = optional(np.uint32, "threshold", "e", "m+1", neutral="no rows")
    # From this time on a channel holds at most so many contacts, -1 no limit; rows in any order.
    lines: Int64 = optional(np.int64, "ms, row of the channels, contacts", "l", 3, neutral="no rows")
    fresh_first: bool = False  # contacts not yet overdue go before those that are

    def _neutral(self, name: str) -> NDArray[Any]:
        return np.zeros((0, len(self.crowding) + 1 if name == "odds" else 3))  # no odds, no lines

    def _check(self) -> None:
        self._within("push", NEVER, ROWS_MAX)
        self._within("pull", 0, ROWS_MAX)
        self._within("after", 0, TIME_MAX)
        self._within("pace", 1, FACTOR_MAX)
        self._within("urgency", 0, ROWS_MAX)
        self._within("allowance", 0, TIME_MAX)
        self._within("within", NEVER, TIME_MAX)
        self._within("channel", 0, ROWS_MAX)
        self._within("crowding", 1, FACTOR_MAX)
        self._within("merge_odds", 0, ALWAYS)
        self._within("duplicate_effort", 1, EFFORT_MAX)
        self._within("odds", 0, ALWAYS)
        types = self.push.shape[1]
        self._require(types == len(self.urgency), "push", "has a column for every contact type")
        self._require(
            self.crowding.shape[0] == 0 or self.crowding.shape[1] >= 1,
            "crowding",
            "has at least one entry a team",
        )
        teams = len(self.crowding)
        self._require(
            len(self.odds) == 0 or self.odds.shape[1] == teams + 1, "odds", "has a column a team and one more"
        )
        times, channels, limits = self.lines.T
        self._require(np.all((times >= 0) & (times <= TIME_MAX)), "lines", "times lie in 0 … 10^15")
        self._require(np.all((channels >= 0) & (limits >= NEVER)), "lines", "channel >= 0, limit >= -1")


@dataclass(frozen=True, eq=False)
class Playbook(Table):
    """What stops the run."""

    horizon: int  # ms; what is due then or later does not happen

    def _check(self) -> None:
        self._require(0 <= self.horizon <= TIME_MAX, "horizon", "lies in 0 … 10^15")


@dataclass(frozen=True, eq=False)
class World:
    """One replication of one plan, with all chance drawn."""

    workload: Workload
    roster: Roster
    routing: Routing
    playbook: Playbook

    def __post_init__(self) -> None:
        groups, types = self.routing.push.shape
        for name, array, size in (
            ("Workload.type", self.workload.type, types),
            ("Roster.group", self.roster.group, groups),
            ("Roster.team", self.roster.team, len(self.routing.crowding)),
            ("Workload.reason", self.workload.reason, len(self.routing.odds)),
        ):
            if array.size and int(array.max()) >= size:
                raise ValueError(f"{name}: routing has only {size} rows for it")


@dataclass(frozen=True, eq=False)
class Outcome(Table):
    """What happened: a row for every contact and every segment of the world."""

    arrived: Int64 = column(np.int64, "ms", "n")  # -1 if it never came
    begun: Int64 = column(np.int64, "ms", "n")  # -1 if never begun
    ended: Int64 = column(np.int64, "ms", "n")  # finished, abandoned, blocked or merged; -1 if open or never
    agent: Int32 = column(np.int32, "row of the agents", "n")  # that took it; -1 none
    fate: Int8 = column(np.int8, "Fate", "n")
    joined: Int64 = column(np.int64, "ms", "s")  # -1 if the segment was never joined
    left: Int64 = column(np.int64, "ms", "s")  # -1 if never joined or still on duty at the horizon
