"""The model behind the YAML of a scenario; the text under a field is its help in `sim schema`.

Moments are ms since 1970, durations ms, shares 0–1, rates events a ms.  What fields refer to is checked
against `Names`.
"""

from typing import Annotated, Any

from pydantic import Field

from sim import units
from sim.plan import Expectation
from sim.scenario.schema.base import Strict
from sim.scenario.schema.customers import Busyness, ChannelModel, Day, Stream, TopicModel
from sim.scenario.schema.expectations import expectation
from sim.scenario.schema.faults import Names, leaf, plain
from sim.scenario.schema.fields import (
    Boolean,
    Duration,
    Moment,
    Name,
    Positive,
    Share,
    TeamName,
    Text,
    Topic,
    Version,
    Zone,
    choice,
    listed,
    name,
    of_names,
)
from sim.scenario.schema.habits import End, Follow
from sim.scenario.schema.staff import Team

LASTS_MOST = 366 * units.DAY
PERIOD_MOST = units.HOUR


class Scope(Strict):
    """The cases that a promise judges: those with a contact that fits every line."""

    channel: Annotated[
        tuple[str, ...] | None, *listed(of_names("channels"), everything="all", type="string")
    ] = None
    """Only these channels."""
    language: Annotated[
        tuple[str, ...] | None, *listed(of_names("languages"), everything="all", type="string")
    ] = None
    """Only these languages."""
    topic: Annotated[tuple[str, ...] | None, *listed(of_names("topics"), everything="all", type="string")] = (
        None
    )
    """Only these topics."""
    stream: Annotated[
        tuple[str, ...] | None, *listed(of_names("streams"), everything="all", type="string")
    ] = None
    """Only these streams of demand."""


CLOCKS = ("first_reply", "solved", "answered")


class Promise(Strict):
    """What the hub promises its customers; the name says which clock, or `clock` does."""

    clock: Annotated[str | None, *leaf(choice(*CLOCKS), type="string")] = None
    """first_reply: a human reply; solved: the time a case was waiting or in hand; answered: every contact of
    it, by the end.
    """
    within: Positive | None = None
    """The longest time that keeps the promise; answered has none."""
    share: Share
    """The share of cases that must be in time."""
    events: Share = 0.95
    """The share of simulations in which that must be so."""
    scope: Scope = Field(default=Scope(), alias="for")
    """Which cases it judges. Default: all."""
    each: Annotated[
        tuple[str, ...] | None,
        *listed(lambda text, _: choice("language", "channel", "topic", "day")(text, Names()), type="string"),
    ] = ()
    """One verdict more for every language, channel, topic or day."""


ORDERS = ("oldest first", "earliest deadline first")


class RoutingModel(Strict):
    """Rules for which contact goes to which agent."""

    order: Annotated[str, *leaf(choice(*ORDERS), type="string")] = "oldest first"
    """Waiting contacts go oldest first (default), or earliest deadline first (first-reply `within`)."""
    fresh_first: Boolean = False
    """true: contacts that can still be in time go before those already late."""
    prefer: dict[Topic, Annotated[tuple[str, ...], *listed(of_names("teams"), type="string")]] = Field(
        default_factory=dict
    )
    """Which teams a contact of a topic goes to, best first; teams that answer it but aren't named come last.
    """
    take_first: dict[TeamName, Annotated[tuple[str, ...], *listed(of_names("topics"), type="string")]] = (
        Field(default_factory=dict)
    )
    """Which topics an agent of a team takes, best first; topics not named come last."""
    overflow: dict[TeamName, dict[Topic, Duration]] = Field(default_factory=dict)
    """A team takes a topic only after it has waited this long: {volunteers: {rebooking: 30 min}}."""


class Judged(Strict):
    """The window of arrival of the cases that promises judge."""

    start: Moment = Field(alias="from")
    """Its start."""
    to: Moment
    """Its end."""


class Source(Strict):
    """Where a number comes from."""

    basis: Annotated[str, *leaf(choice("published", "derived", "assumed"), type="string")]
    """published: a source says it; derived: computed from published figures; assumed: nobody measured it."""
    where: Text = ""
    """The source, or how it was derived."""
    range: Text = ""
    """The range it may lie in."""


class Scenario(Strict):
    """One event, one staffing plan and the promises it is held to."""

    schema_version: Version = Field(alias="schema")
    """Version of this language: 1."""
    name: Name
    """Short name; the folder under results/."""
    title: Text
    """One line for headings."""
    starts: Moment
    """First instant, local; on a whole hour."""
    lasts: Positive
    """From the first instant to the last arrival from outside."""
    judged: Judged | None = None
    """Cases that came in this window are judged. Default: all."""
    drain: Duration = units.DAY
    """Time for which service and follow-ups go on after the last arrival; at least the longest `within`."""
    timezone: Zone
    """Time zone of the hub, such as Europe/Amsterdam; clock changes are honoured."""
    period: Positive = 15 * units.MINUTE
    """Planning interval of measures and plots; it divides an hour."""
    promises: dict[Name, Promise]
    """The promises by name."""
    days: dict[Name, Day] = Field(default_factory=dict)
    """Day profiles by name."""
    languages: Annotated[tuple[str, ...], *listed(plain(name), type="string")]
    """The languages customers write in."""
    channels: dict[Name, ChannelModel]
    """The channels, by name."""
    topics: dict[Name, TopicModel]
    """What contacts are about, by name."""
    then: dict[Topic, Follow] = Field(default_factory=dict)
    """What customers come back about after a reply, by the topic replied to."""
    ends: dict[Name, End] = Field(default_factory=dict)
    """Ends that are announced and moved, by name."""
    busyness: Busyness = Busyness()
    """Random factors on all demand."""
    demand: dict[Name, Stream]
    """Streams of contacts by name."""
    teams: dict[Name, Team]
    """Teams by name."""
    routing: RoutingModel = RoutingModel()
    """Which contact goes to which agent."""
    expect: Annotated[tuple[Expectation, ...] | None, *listed(expectation, type="string")] = ()
    """Conditions that `sim check` tests, one a line: service_level{promise=first_reply, language=es} >= 85 %,
    backlog_peak < 400, verdict(first_reply) == HOLDS.
    """
    variants: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    """Named changes: {name: {dotted.path: value}}; each is checked as a whole scenario."""
    sources: dict[str, Source] = Field(default_factory=dict)
    """Basis of the numbers, by dotted path."""
