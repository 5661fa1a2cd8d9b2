"""The tables between dice and counts: everything an engine may know, and everything it tells.

All chance is in the arrays that enter an engine, all facts are in the arrays that leave it.  Times are int64 milliseconds
from the earliest instant of any row; -1 means never or none; factors are permille (1600 takes 1.6 times as long).
Sizes: n contacts · k contact types · a agents · s duty segments · g skill groups · m teams · l changes of lines.

Every table is a frozen dataclass of read-only arrays, any size may be 0, and what its comments say is checked once, here:
a table that breaks a rule raises ValueError naming table, column and rule.
"""

from dataclasses import dataclass, field, fields
from enum import IntEnum
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

NEVER = -1  # a time that does not come, a row that does not exist
TIME_MAX = 10**15  # ms, about 30,000 years
EFFORT_MAX = 10**10  # ms, about four months
FACTOR_MAX = 10_000  # permille
ROWS_MAX = 2**31 - 1

Int64 = NDArray[np.int64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]


def permille(factor: float) -> int:
    """A factor as the tables hold it: 1 … 10,000."""
    return min(max(round(factor * 1000), 1), FACTOR_MAX)


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

    NEVER = 0  # not triggered, or due at or after the horizon
    OPEN = 1  # waiting or in hand at the horizon
    ANSWERED = 2
    ABANDONED = 3
    BLOCKED = 4


class Trigger(IntEnum):
    """What makes a contact come."""

    NONE = 0  # it comes from outside, at its time
    ON_REPLY = 1  # its parent was finished


def column(dtype: type, *shape: str | int) -> Any:
    """A field that holds an array of this type, its axes named by size ("n") or fixed (3)."""
    return field(metadata={"dtype": np.dtype(dtype), "shape": shape})


class Table:
    """Base of the tables: turns every column into a read-only array of its type and checks its shape."""

    def __post_init__(self) -> None:
        self._freeze()
        self._check()

    def _freeze(self) -> None:
        sizes: dict[str, int] = {}
        for item in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            if "dtype" not in item.metadata:
                continue
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
    """One row a contact: first those from outside, by time; then the latent ones, each after its parent."""

    time: Int64 = column(np.int64, "n")  # ms, arrival; of a latent contact the delay (at least 1) after its trigger
    case: Int32 = column(np.int32, "n")  # whose matter it is; engines ignore it, the clocks of a case are read from it
    type: Int32 = column(np.int32, "n")  # row of the contact types: what routing tells apart
    label: Int32 = column(np.int32, "n")  # row of the reporting labels; engines ignore it
    effort: Int64 = column(np.int64, "n")  # ms, handle time at pace 1000, at least 1
    patience: Int64 = column(np.int64, "n")  # ms, wait until it abandons; -1 never
    parent: Int32 = column(np.int32, "n")  # row that may trigger it, less than its own; -1 from outside
    trigger: Int8 = column(np.int8, "n")  # Trigger; NONE exactly for those from outside

    @property
    def n(self) -> int:
        """How many contacts, latent ones included."""
        return len(self.time)

    @property
    def outside(self) -> int:
        """How many contacts come from outside: the first so many rows."""
        return int(np.searchsorted(self.parent, 0))  # a search asks of each row only whether it is less

    def _check(self) -> None:
        latent = self.parent >= 0
        self._within("time", 0, TIME_MAX)
        self._within("effort", 1, EFFORT_MAX)
        self._within("patience", NEVER, TIME_MAX)
        self._within("parent", NEVER, self.n)
        self._within("trigger", Trigger.NONE, Trigger.ON_REPLY)
        for name in ("case", "type", "label"):
            self._within(name, 0, ROWS_MAX)
        outside = self.n - np.count_nonzero(latent)
        self._require(np.all(latent[outside:]), "parent", "contacts from outside come first")
        self._require(np.all(self.parent[outside:] < np.arange(outside, self.n)), "parent", "a contact comes after its parent")
        self._require(
            np.array_equal(self.trigger != Trigger.NONE, latent),
            "trigger",
            "is NONE exactly where parent is -1",
        )
        self._require(
            np.all(self.time[1:outside] >= self.time[: max(outside - 1, 0)]), "time", "is sorted for those from outside"
        )
        self._require(np.all(self.time[outside:] >= 1), "time", "a latent contact's delay is at least 1")
        parents = self.parent[outside:]
        self._require(bool(np.array_equal(self.case[outside:], self.case[parents])), "case", "a follow-up shares its parent's")
        keys = parents.astype(np.int64) * len(Trigger) + self.trigger[outside:]
        # Sorted, for np.unique takes a hundred times as long on a million keys.
        self._require(np.all(np.diff(np.sort(keys)) > 0), "parent", "has at most one child a trigger")


@dataclass(frozen=True, eq=False)
class Roster(Table):
    """Who may work, and when they are on duty: one row an agent, one row a segment of duty (a break makes two)."""

    team: Int32 = column(np.int32, "a")  # row of the teams
    group: Int32 = column(np.int32, "a")  # row of the skill groups
    slots: Int32 = column(np.int32, "a")  # contacts in hand at once, at least 1
    agent: Int32 = column(np.int32, "s")  # row of the agents
    start: Int64 = column(np.int64, "s")  # ms
    end: Int64 = column(np.int64, "s")  # ms; 0 <= start < end; segments of one agent may touch, never overlap

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
    """Who may take what, in which order, and how long it takes them."""

    push: Int32 = column(np.int32, "g", "k")  # which agents a contact prefers, low first; -1 cannot serve it
    pull: Int32 = column(np.int32, "g", "k")  # which contacts an agent prefers, low first
    after: Int64 = column(np.int64, "g", "k")  # ms, may take it only once it has waited so long: overflow
    pace: Int32 = column(np.int32, "g", "k")  # permille on the effort
    urgency: Int32 = column(np.int32, "k")  # low first, before everything else
    allowance: Int64 = column(np.int64, "k")  # ms added to the arrival when contacts are put in order: 0 is oldest first
    within: Int64 = column(np.int64, "k")  # ms, overdue once it has waited longer; -1 never overdue
    channel: Int32 = column(np.int32, "k")  # row of the channels
    crowding: Int32 = column(np.int32, "m", "c")  # permille by contacts in hand with this one, the first entry: one
    lines: Int64 = column(np.int64, "l", 3)  # (time, channel, most contacts held; -1 no limit), in any order
    fresh_first: bool = False  # contacts not yet overdue go before those that are

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
        types = self.push.shape[1]
        self._require(types == len(self.urgency), "push", "has a column for every contact type")
        self._require(self.crowding.shape[0] == 0 or self.crowding.shape[1] >= 1, "crowding", "has at least one entry a team")
        times, channels, limits = self.lines.T
        self._require(np.all((times >= 0) & (times <= TIME_MAX)), "lines", "times lie in 0 … 10^15")
        self._require(np.all((channels >= 0) & (limits >= NEVER)), "lines", "channel >= 0, limit >= -1")


@dataclass(frozen=True, eq=False)
class Playbook(Table):
    """What stops the run; rules that act during it come with the issue that needs them."""

    horizon: int  # ms; what is due then or later does not happen

    def _check(self) -> None:
        self._require(0 <= self.horizon <= TIME_MAX, "horizon", "lies in 0 … 10^15")


@dataclass(frozen=True, eq=False)
class World:
    """One event and one plan, with every die already thrown."""

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
        ):
            if array.size and int(array.max()) >= size:
                raise ValueError(f"{name}: routing has only {size} rows for it")


@dataclass(frozen=True, eq=False)
class Outcome(Table):
    """What happened: a row for every contact and every segment of the world."""

    arrived: Int64 = column(np.int64, "n")  # ms, -1 if it never came
    begun: Int64 = column(np.int64, "n")  # ms, -1 if never begun
    ended: Int64 = column(np.int64, "n")  # ms, finished, abandoned or blocked; -1 if open or never
    agent: Int32 = column(np.int32, "n")  # who took it, -1 nobody
    fate: Int8 = column(np.int8, "n")  # Fate
    joined: Int64 = column(np.int64, "s")  # ms, -1 if the segment was never joined
    left: Int64 = column(np.int64, "s")  # ms, -1 if never joined or still on duty at the horizon
