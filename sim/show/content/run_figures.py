"""The data of the pictures of a run, computed once: the sheet and the page draw it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.habits import ORIGINS
from sim.measure.pooled.breaks import Break
from sim.measure.replication.flow import FATES
from sim.plan import Lens
from sim.show.content.palette import BLACK, BLUE, GREEN, PROMISES, RED, SKY, Look, promise_looks
from sim.show.content.tables import pick
from sim.show.content.words import estimate, promise_names, promise_words, shortfall_words
from sim.study.findings import Estimates, Findings
from sim.units import HOUR, percent_text

NIGHT = ((0, 7), (23, 24))  # local hours
UNJUDGED, UNJUDGED_LEAST = "not judged", 1 / 20  # of the horizon: a stretch that is worth the words
ROOM = 1.6  # times the most agents: the height of a picture of staffing, with room for words
SHORTFALLS, TEAMS = 3, 3  # drawn at most
IN_BREAKING = "in simulations that break"  # over which a shortfall is a mean


@dataclass(frozen=True)
class Line:
    """An estimate by period, what it is called, and its look."""

    name: str
    colour: str
    dash: str
    rows: Estimates


@dataclass(frozen=True)
class Level:
    """A share that is promised, or asked: a level line."""

    share: float
    words: str  # "promised 90 %"
    promises: str = ""  # that promise it: "first reply and solved"


@dataclass(frozen=True)
class Upright:
    """A moment at which a promise breaks first, or is safe again: an upright line."""

    time: int
    promise: str  # in words
    words: str  # "breaks first"
    colour: str
    dash: str


@dataclass(frozen=True)
class Broken:
    """The time from where a promise breaks first until it is safe again, or the judged hours end."""

    start: int
    end: int
    uprights: Sequence[Upright]


@dataclass(frozen=True)
class ServiceLevel:
    """The share of cases in time by the period they came in, of every promise."""

    title: ClassVar[str] = "Cases in time"
    lines: Sequence[Line]
    levels: Sequence[Level]
    unjudged: Sequence[tuple[int, int]]  # start, end


@dataclass(frozen=True)
class Backlog:
    """Contacts waiting, and how long the oldest of them has waited."""

    title: ClassVar[str] = "Backlog and its oldest contact"
    waiting: Line
    oldest: Line


@dataclass(frozen=True)
class Missing:
    """A shortfall: a time, and how many agents are missing."""

    start: int
    end: int
    words: str  # "short by 14 nl agents"


@dataclass(frozen=True)
class Staffing:
    """Agents on duty, those of them that are busy, and agents needed."""

    title: ClassVar[str] = "Agents on duty against agents needed"
    gap_name: ClassVar[str] = "missing"
    duty: Line
    busy: Line
    needed: Line
    gap: NDArray[np.bool_]  # by period: where more are needed; empty if the two have different periods
    most: float  # agents on duty or needed in nine of ten simulations, at least 1
    largest: Sequence[Missing]

    @property
    def top(self) -> float:
        """The height of the picture, in agents."""
        return ROOM * self.most


@dataclass(frozen=True)
class Occupancy:
    """The share of time on duty that agents are busy, and its mean for the largest teams."""

    title: ClassVar[str] = "Occupancy"
    all_teams: Line
    by_team: Estimates
    largest: Sequence[tuple[int, Look]]  # a row of `by_team` and the look of its level line


Way = tuple[str, str, str]  # origin, channel, fate


@dataclass(frozen=True)
class Flow:
    """Mean contacts by where they came from, on which channel, and what became of them."""

    title: ClassVar[str] = "Where contacts came from and what became of them"
    ways: Mapping[Way, float]
    sizes: Sequence[Mapping[str, float]]  # of each name, by place: origins, channels, fates
    words: Sequence[Mapping[str, str]]  # the same with their intervals


def service_level(findings: Findings) -> ServiceLevel:
    """Lines of the promises that have cases, and the levels of all."""
    lens = findings.lens
    lines = [
        Line(promise_words(promise), *look, rows)
        for promise, look in zip(lens.promises, promise_looks(len(lens.promises)), strict=True)
        if len((rows := pick(findings.estimates, "service_level", "period", promise.name)).mean)
    ]
    outside = ((0, lens.judged[0]), (lens.judged[1], lens.horizon))
    unjudged = [(start, end) for start, end in outside if end - start > UNJUDGED_LEAST * lens.horizon]
    return ServiceLevel(lines, levels(lens), unjudged)


def levels(lens: Lens) -> list[Level]:
    """The shares that are promised, and by which promises."""
    return [
        promised(
            share,
            " and ".join(
                promise_words(promise).split(" within ")[0]
                for promise in lens.promises
                if promise.share == share
            ),
        )
        for share in sorted({promise.share for promise in lens.promises})
    ]


def promised(share: float, promises: str = "") -> Level:
    """The level of a share that is promised."""
    return Level(share, f"promised {percent_text(share)}", promises)


def backlog(findings: Findings) -> Backlog:
    """Both by period, with 10–90 % of simulations."""
    waiting, oldest = (pick(findings.estimates, measure, "period") for measure in ("backlog", "oldest"))
    return Backlog(
        Line("contacts waiting", BLUE, "solid", waiting), Line("wait of the oldest", BLACK, "dash", oldest)
    )


def staffing(findings: Findings) -> Staffing:
    """The agents by period, and the largest shortfalls."""
    duty, busy, needed = (
        pick(findings.estimates, measure, "period") for measure in ("on_duty", "busy", "needed")
    )
    both = np.array_equal(duty.time, needed.time)
    return Staffing(
        Line("on duty", BLUE, "solid", duty),
        Line("busy", SKY, "solid", busy),
        Line("needed on average", RED, "dash", needed),
        needed.mean > duty.mean if both else np.zeros(0, bool),
        max(1.0, *(float(np.nanmax(rows.p90, initial=0)) for rows in (duty, needed))),
        [
            Missing(item.start, item.end, shortfall_words(item)[0])
            for item in findings.shortfalls[:SHORTFALLS]
        ],
    )


def occupancy(findings: Findings) -> Occupancy:
    """Of all teams by period; the largest teams have the most agent-hours."""
    rows = pick(findings.estimates, "occupancy", "period")
    teams, hours = (pick(findings.estimates, measure, "team") for measure in ("occupancy", "agent_hours"))
    sizes = hours.mean if len(hours.member) == len(teams.member) else np.zeros(len(teams.member))
    largest = np.argsort(-sizes, kind="stable")[:TEAMS].tolist()
    looks = PROMISES[1 : 1 + len(largest)]
    return Occupancy(Line("all teams", BLUE, "solid", rows), teams, list(zip(largest, looks, strict=True)))


def flow(findings: Findings) -> Flow | None:
    """The ways of contacts; None where they were not counted."""
    rows = pick(findings.estimates, "flow", "flow")
    if not len(rows.mean):
        return None
    parts = [tuple(str(member).split(" > ")) for member in rows.member]
    ways = {(way[0], way[1], way[2]): float(mean) for way, mean in zip(parts, rows.mean, strict=True)}
    names = (ORIGINS, findings.lens.channels, FATES)
    sizes = [
        {name: sum(ways[way] for way in ways if way[place] == name) for name in names[place]}
        for place in range(3)
    ]
    dimensions = ("origin", "channel", "fate")
    return Flow(ways, sizes, [_in_words(pick(findings.estimates, "flow", each)) for each in dimensions])


def _in_words(rows: Estimates) -> dict[str, str]:
    bounds = zip(rows.member, rows.mean, rows.lower, rows.upper, strict=True)
    return {
        str(member): " ".join(estimate(float(mean), float(lower), float(upper)))
        for member, mean, lower, upper in bounds
    }


def broken(findings: Findings) -> list[Broken]:
    """Where promises as a whole break, in every picture over time."""
    return [
        _broken(item, findings.lens)
        for item in findings.breaks
        if item.dimension == "all" and item.broken >= 0
    ]


def _broken(item: Break, lens: Lens) -> Broken:
    promise = promise_names(lens)[item.promise]
    uprights = [Upright(item.broken, promise, "breaks first", RED, "solid")]
    if item.safe >= 0:
        uprights.append(Upright(item.safe, promise, "safe again", GREEN, "dash"))
    return Broken(item.broken, item.safe if item.safe >= 0 else lens.judged[1], uprights)


def nights(lens: Lens) -> list[tuple[int, int]]:
    """The dark hours of every day, from and until."""
    return [
        (lens.clock.daily(midnight, start * HOUR), lens.clock.daily(midnight, end * HOUR))
        for midnight, _ in pairwise(map(int, lens.days))
        for start, end in NIGHT
    ]


def noons(lens: Lens) -> list[tuple[int, str]]:
    """The noon of every day, and the day's name."""
    return [
        (lens.clock.daily(midnight, 12 * HOUR), lens.clock.day_words(midnight))
        for midnight, _ in pairwise(map(int, lens.days))
    ]
