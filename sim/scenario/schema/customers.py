"""Customers as planners write them: channels, topics, streams.  A field's docstring is its help."""

from typing import Annotated, Self

from pydantic import ValidationInfo, model_validator
from pydantic_core import InitErrorDetails

from sim import clock, units
from sim.scenario.schema.base import Strict
from sim.scenario.schema.durations import Timing
from sim.scenario.schema.faults import fault, leaf, names_of, plain, refuse
from sim.scenario.schema.fields import (
    Boolean,
    Coefficient,
    Crowd,
    Positive,
    Profile,
    Rates,
    Shares01,
    Zone,
    listed,
    of_names,
)
from sim.scenario.schema.habits import Bursts, Bystanders, Closed, TriesAgain, WritesAgain
from sim.scenario.schema.mixes import DIMENSIONS, Lines, Mix, RateOverTime, ShareOverTime, SomeShare, mix
from sim.tables import NEVER


class Patience(Timing):
    """How long a customer waits before giving up."""

    at_once: Shares01 = 0.0
    """The share that gives up at once when nobody is free."""


class ChannelModel(Strict):
    """A channel on which customers contact the hub."""

    live: Boolean = False
    """On a live channel the first reply is when handling begins; on any other when it ends."""
    lines: Lines = NEVER
    """The most contacts waiting or in hand at once; more are blocked. A number, or steps: [[moment, 200],
    [moment, 0], [moment, unlimited]], the first at the start or before; what waits when it falls is blocked
    too. Default: unlimited.
    """
    patience: Patience | None = None
    """How long customers wait before they give up. Default: for ever."""
    recognised: Shares01 = 0.0
    """The share of repeats that is recognised as such here and merged with what waits or is in hand: no work.
    """
    gives_up: TriesAgain | None = None
    """What customers do after they abandon or are blocked here. Default: nothing more."""
    writes_again: WritesAgain | None = None
    """What customers do while they wait here without an answer. Default: they wait."""
    bystanders: Bystanders | None = None
    """What repeats in public lead to. Default: nothing."""
    open: Annotated[
        tuple[tuple[int, int], ...] | None, *listed(lambda text, _: clock.hours(text), type="string")
    ] = None
    """Opening hours, local: '08:00-23:00', or several spans. Default: always. Shifts are set under `teams`.
    """
    closed: Closed | None = None
    """What happens to demand outside the opening hours."""

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.open is None) != (self.closed is None):
            lacking, help = (
                ("closed", "{wait: 60 %, vanish: 40 %}") if self.closed is None else ("open", "08:00-23:00")
            )
            refuse([fault(f"missing key {lacking!r}", f"write {lacking}: {help}", (), key=True)])
        return self


class TopicModel(Strict):
    """What a contact is about."""

    handle_time: Timing
    """Time an agent at pace 100 % needs for it."""
    repeat_time: Positive = units.MINUTE
    """Time it takes to see that the question of a repeat has been answered meanwhile."""
    self_service: SomeShare = 0.0
    """The share that uses self-service and never comes: a share, or [[moment, share], …], lines between."""
    urgency: Annotated[int, *leaf(plain(lambda text: units.whole(text, 0, 99)), type="integer")] = 0
    """Topics with a lower number are taken first, before any other rule."""


class Busyness(Strict):
    """Over-dispersion of demand: random factors with mean 1."""

    event: Coefficient = 0.0
    """Coefficient of variation of the one factor on the whole event."""
    day: Coefficient = 0.0
    """Coefficient of variation of the factor on each local day."""
    hour: Coefficient = 0.0
    """Coefficient of variation of the factor on each hour."""


class Day(Strict):
    """A day profile: how contacts spread over the local hours."""

    timezone: Zone | None = None
    """The time zone whose midnight the hours count from. Default: the scenario's."""
    hours: Profile | None = None
    """24 weights from local midnight; only their ratios count."""
    like: Annotated[str | None, *leaf(of_names("days"), type="string")] = None
    """Another profile whose hours this one takes."""

    @model_validator(mode="after")
    def _hours_once(self) -> Self:
        if (self.hours is None) == (self.like is None):
            refuse(
                [
                    fault(
                        "a day profile has either hours or like", "write hours: [24 weights] or like: another"
                    )
                ]
            )
        return self


class Stream(Strict):
    """Contacts of one origin: how many over time, and how they divide."""

    rate: RateOverTime | None = None
    """Contacts from outside: constant ('300 / d'), or [[moment, rate], …] with straight lines between."""
    people: Crowd | None = None
    """Affected population, with `affected` and `contacts_each`, in place of `rate`."""
    affected: ShareOverTime | None = None
    """Share of the population affected: [[moment, share], …], straight lines between."""
    contacts_each: Rates | None = None
    """Contacts of one affected person, such as '0.06 / d'."""
    until: Annotated[str | None, *leaf(of_names("ends"), type="string")] = None
    """The end (under `ends`) that this stream goes by: its points over time are written for the last one
    announced; in a replication that ends earlier, what comes from then on comes so much earlier.
    """
    bursts: Bursts | None = None
    """Contacts that bring others. Default: every contact comes by itself."""
    day: Annotated[Mix | None, *mix("days", "region")] = None
    """Day profile, or the shares of several. Default: the same at every hour."""
    channel: Annotated[Mix | None, *mix("channel")] = None
    """Shares of the channels; `by: language` or `by: topic` for a mix each; [[moment, mix], …] if it changes.
    """
    language: Annotated[Mix | None, *mix("language")] = None
    """Shares of the languages, written as those of the channels."""
    topic: Annotated[Mix | None, *mix("topic")] = None
    """Shares of the topics, written as those of the channels."""
    busyness: Busyness | None = None
    """Random factors of this stream alone, on top of the shared ones."""

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> Self:
        faults = []
        population = {"people": self.people, "affected": self.affected, "contacts_each": self.contacts_each}
        given = [key for key, value in population.items() if value is not None]
        missing = [key for key in population if key not in given]
        if self.rate is not None and given:
            faults.append(
                fault("a stream has a rate or a population, not both", "leave one out", (given[0],), key=True)
            )
        if self.rate is None and missing:
            help = (
                f"write {missing[0]}: …" if given else "write rate: …, or people, affected and contacts_each"
            )
            faults.append(
                fault(f"this stream lacks {' and '.join(missing) if given else 'a rate'}", help, (), key=True)
            )
        names = names_of(info)
        for key in ("channel", "language", "topic"):
            known = getattr(names, DIMENSIONS[key])
            if getattr(self, key) is None and len(known) > 1:
                faults.append(
                    fault(
                        f"missing key {key!r}",
                        f"write the share of each {key}: {', '.join(known)}",
                        (),
                        key=True,
                    )
                )
        faults += self._circles()
        refuse(faults)
        return self

    def _circles(self) -> list[InitErrorDetails]:
        """The mixes that depend on each other in a circle."""
        by = {
            key: getattr(self, key).by
            for key in ("channel", "language", "topic")
            if getattr(self, key) is not None
        }
        for key in by:
            seen, at = [key], by.get(key)
            while at is not None and at not in seen:
                seen.append(at)
                at = by.get(at)
            if at == key:
                return [
                    fault(
                        f"the mixes go by each other: {' by '.join([*seen, key])}",
                        "give one of them a plain mix",
                        (key, "by"),
                    )
                ]
        return []
