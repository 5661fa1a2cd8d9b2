"""A scenario in rows and milliseconds: what `lower` makes of the planner's words, and all that the rooms to
its right see.

Times are ms from the start of the scenario, shares 0–1, rates contacts a ms.  A Number is drawn once a
replication where it is a Spread; everything else here is certain.  Sizes: v streams · h channels · l
languages · o topics · m teams · k contact types
· b labels.
"""

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.clock import Clock
from sim.habits import Habit
from sim.tables import Int32, Int64

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]

DIMENSIONS = ("stream", "channel", "language", "topic")  # the columns of Lens.labels
STAYED_AWAY = (
    "self_service",
    "closed",
)  # the first rows of Routing.odds: why a contact from outside never comes
SELF_SERVICE, CLOSED = range(2)
ALL, BASE = "all", "base"  # what reports call all promises together, and folders a run without a variant
BYSTANDERS = "bystanders"  # the last stream, where a channel has them

# Not printable, or it moves what is printed: C0 and C1 controls but tab and line breaks, separators of lines,
# overrides of the direction of writing, halves of surrogate pairs, byte order marks, non-characters.
CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True)
class Spread:
    """A number drawn once a replication: uniform (low, high), triangular (low, mode, high) or gamma (mean,
    cv).
    """

    law: Literal["uniform", "triangular", "gamma"]
    parameters: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean of the law."""
        return self.parameters[0] if self.law == "gamma" else sum(self.parameters) / len(self.parameters)


Number = float | Spread


def mean_of(number: Number) -> float:
    """The number, or the mean of what it is drawn from."""
    return number.mean if isinstance(number, Spread) else number


@dataclass(frozen=True)
class Law:
    """The law of a duration."""

    law: Literal["lognormal", "gamma", "exponential", "constant"]
    mean: Number  # ms
    cv: float


@dataclass(frozen=True)
class Patience:
    """How long customers of a channel wait."""

    law: Law
    at_once: Number  # share that gives up at once when nobody is free


@dataclass(frozen=True)
class Mixing:
    """Shares of the values of a dimension, on straight lines between times, by the value of another
    dimension.
    """

    by: int | None  # index into DIMENSIONS
    times: Int64  # [t] ms, rising; constant before the first and after the last
    shares: Float  # [t, size of `by` or 1, size], each row adds up to 1


@dataclass(frozen=True)
class FollowOn:
    """A habit of the customers of one channel, topic or stream, in numbers."""

    habit: Habit
    row: int  # of the channel, topic or stream: of `habit.by`
    path: str  # where the scenario says so
    shares: tuple[tuple[str, Number], ...]  # (path, number): one, or one by team that replied
    after: Law
    most: int  # such links in a chain
    to: Mixing | None  # over channels; None on the same channel
    topic: int  # row of the topics; -1 the same topic
    reason: int  # row of the reasons; -1 if the share is the same whichever team replied


@dataclass(frozen=True)
class Closed:
    """Opening hours, and what becomes of demand outside them: the rest comes all the same."""

    opens: Int64  # [x] ms, rising; open from opens to closes
    closes: Int64  # [x] ms, rising
    move: float
    vanish: float
    to: Mixing | None

    def is_open(self, time: Int64) -> Bool:
        """Whether the channel is open at these times."""
        span = np.searchsorted(self.opens, time, "right") - 1
        return (span >= 0) & (time < self.closes[np.maximum(span, 0)])


@dataclass(frozen=True)
class Helped:
    """The share of customers who help themselves: scale × level, on straight lines between times."""

    path: str
    scale: Number
    times: Int64  # [t] ms, rising
    level: Float  # [t]


@dataclass(frozen=True)
class Habits:
    """What customers do, by channel [h] and topic [o]; None: nothing."""

    follow_ons: tuple[FollowOn, ...]  # in the order of HABITS
    happens: Bool  # [Trigger, h] whether a contact on a channel can ever set it off
    closed: tuple[Closed | None, ...]  # [h]
    helped: tuple[Helped | None, ...]  # [o]


@dataclass(frozen=True)
class Bursts:
    """Contacts that bring others."""

    share: float  # of all contacts, brought by others
    after: Law


@dataclass(frozen=True)
class Ends:
    """An end that is announced and moved, and what a stream's level is under each."""

    name: str
    announced: Int64  # [e] ms, rising
    moved: Float  # [e - 1] the chance that each but the last is moved
    levels: tuple[
        tuple[Int64, Float], ...
    ]  # [e] times and level of a Stream if that end is the real one; the last as written


@dataclass(frozen=True)
class Busyness:
    """Coefficients of variation of the random factors on demand."""

    event: float
    day: float
    hour: float


@dataclass(frozen=True)
class Stream:
    """Where contacts of one origin come from: level(t) × scales × profile(t), and how they divide."""

    name: str
    times: Int64  # [x] ms, rising
    level: Float  # [x] straight lines between, constant outside
    scales: tuple[tuple[str, Number], ...]  # (path, number): their product × level is the rate a ms
    profile_times: Int64  # [q] ms, rising from 0
    profile: Float  # [q] factor from that time on, mean about 1 over a local day
    mixes: tuple[tuple[int, Mixing], ...]  # (index into DIMENSIONS, mixing), each after the one it goes by
    busyness: Busyness  # of this stream alone
    bursts: Bursts | None
    ends: Ends | None


@dataclass(frozen=True)
class Demand:
    """What may come."""

    streams: tuple[Stream, ...]
    busyness: Busyness  # shared by all streams
    days: Int64  # [d+1] ms, local midnights around the event
    lasts: int  # ms
    horizon: int  # ms
    type_of: Int32  # [h, l, o] row of the contact types
    label_of: Int32  # [v, h, l, o] row of the reporting labels; one stream more for bystanders
    topic_names: tuple[str, ...]
    channel_names: tuple[str, ...]
    handle_time: tuple[Law, ...]  # by topic
    patience: tuple[Patience | None, ...]  # by channel
    habits: Habits


@dataclass(frozen=True)
class Shift:
    """When a part of a team is on duty."""

    share: float
    day: Int32  # [x] index into Demand.days of the midnight each working day counts from, rising
    pieces: Int64  # [x, pieces, 2] ms, start and end on duty; breaks fall between them
    weekly: int  # ms on duty in a week of ordinary days, breaks taken off


@dataclass(frozen=True)
class CallUp:
    """A call at a fixed time."""

    at: int  # ms
    until: int  # ms, -1 never
    lead: Law | None
    show_up: Number
    drop_out: Number  # share of those still coming, a day


@dataclass(frozen=True)
class Team:
    """People with the same work."""

    name: str
    people: int
    drawn: bool
    speaks: Float  # [l] share
    pace: Number
    slots: int
    works: tuple[int, int]  # days on, of days
    absence: Number
    call_up: CallUp | None
    shifts: tuple[Shift, ...]


@dataclass(frozen=True)
class Rules:
    """Routing before it is known who speaks what: by team and type, by type."""

    push: Int32  # [m, k] -1 does not answer it, whatever the language
    pull: Int32  # [m, k]
    after: Int64  # [m, k] ms
    language: Int32  # [k] row of the languages
    urgency: Int32  # [k]
    allowance: Int64  # [k] ms
    within: Int64  # [k] ms, -1 none
    channel: Int32  # [k]
    recognised: tuple[tuple[str, Number], ...]  # (path, share) by channel
    duplicate_effort: Int64  # [k] ms
    crowding: Int32  # [m, c] permille
    lines: Int64  # [x, 3]
    fresh_first: bool


@dataclass(frozen=True)
class Promise:
    """What is promised to whom."""

    name: str
    clock: Literal["first_reply", "solved", "answered"]
    within: int  # ms, -1 for answered
    share: float
    events: float
    scope: Bool  # [b] labels it judges
    each: tuple[str, ...]  # dimensions, or "day", with a verdict a value


@dataclass(frozen=True)
class Lens:
    """How to look at what happened: names, windows and promises."""

    name: str
    title: str
    clock: Clock
    lasts: int  # ms
    horizon: int  # ms
    period: int  # ms, divides an hour
    judged: tuple[int, int]  # ms, from (inclusive) to (exclusive)
    days: Int64  # [d+1] ms, local midnights; the first at or before 0, the last at or after the horizon
    streams: tuple[str, ...]
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    topics: tuple[str, ...]
    teams: tuple[str, ...]
    labels: Int32  # [b, 4] rows of streams, channels, languages, topics
    types: Int32  # [b] row of the contact types that a label has
    live: Bool  # [h]
    handle_time: Float  # [o] ms, mean at pace 1000
    handle_cv: Float  # [o]
    wages: Float  # [m] money an hour, NaN where none is given
    reasons: tuple[
        str, ...
    ]  # [e] names of the rows of Routing.odds: STAYED_AWAY, then topics whose follow-ups go by team
    promises: tuple[Promise, ...]

    def names(self, dimension: str) -> tuple[str, ...]:
        """The names of "stream", "channel", "language" or "topic"."""
        columns: dict[str, tuple[str, ...]] = {
            "stream": self.streams,
            "channel": self.channels,
            "language": self.languages,
            "topic": self.topics,
        }
        return columns[dimension]


@dataclass(frozen=True)
class Assumption:
    """A number that a verdict rests on."""

    path: str
    value: str  # as written
    basis: Literal["published", "derived", "assumed"]
    where: str
    range: str


@dataclass(frozen=True)
class Expectation:
    """What a scenario expects of itself: a measure of one row against a value, or a verdict."""

    text: str  # as written
    measure: str  # of the tidy table, or "verdict"
    promise: str  # "" for none; of a verdict "all" for all promises together
    dimension: str  # "all", or the dimension of the row
    member: str
    comparison: str  # >=, >, <= or <; of a verdict == or !=
    value: float  # share, ms, hours, contacts or money
    ruling: str  # of a verdict; "" else


@dataclass(frozen=True)
class Plan:
    """A whole scenario, lowered."""

    demand: Demand
    teams: tuple[Team, ...]
    rules: Rules
    lens: Lens
    horizon: int  # ms
    assumptions: tuple[Assumption, ...]
    expectations: tuple[Expectation, ...]
