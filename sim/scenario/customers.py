"""Customers as planners write them: channels, topics, and the streams of contacts.  A field's docstring is its help."""

from typing import Annotated, Self

from pydantic import ValidationInfo, model_validator
from pydantic_core import InitErrorDetails

from sim import units
from sim.scenario.faults import fault, leaf, names_of, plain, refuse
from sim.scenario.fields import (
    Boolean,
    Coefficient,
    Crowd,
    Profile,
    Rates,
    Shares01,
    Topic,
    Zone,
    of_names,
)
from sim.scenario.mixes import DIMENSIONS, Mix, RateOverTime, ShareOverTime, mix
from sim.scenario.strict import Strict
from sim.scenario.timing import Timing


class Patience(Timing):
    """How long a customer waits before giving up."""

    at_once: Shares01 = 0.0
    """The share that gives up at once when nobody is free."""


class ChannelModel(Strict):
    """A way in."""

    live: Boolean = False
    """On a live channel the first reply is when handling begins; on any other when it ends."""
    lines: Annotated[int | None, *leaf(plain(lambda text: units.whole(text, 0, 1_000_000)), type="integer")] = None
    """Most contacts waiting or in hand at once; more are blocked. Default: no limit."""
    patience: Patience | None = None
    """How long customers wait before they give up. Default: for ever."""


class TopicModel(Strict):
    """What a contact is about."""

    handle_time: Timing
    """Time an agent at pace 100 % needs for it."""
    urgency: Annotated[int, *leaf(plain(lambda text: units.whole(text, 0, 99)), type="integer")] = 0
    """Lower is taken first, before anything else counts."""


class Follow(Strict):
    """After a reply some customers come back about something else: a new contact of the same case, once a case."""

    topic: Topic
    """What they come back about."""
    share: Shares01
    """The share of replies that is followed up."""
    after: Timing
    """Time from the reply to the follow-up."""


class Busyness(Strict):
    """Over-dispersion of demand: random factors with mean 1."""

    event: Coefficient = 0.0
    """Coefficient of variation of the one factor on the whole event."""
    day: Coefficient = 0.0
    """… of a factor on every local day."""
    hour: Coefficient = 0.0
    """… of a factor on every hour."""


class Day(Strict):
    """A day profile: how contacts spread over the local hours."""

    timezone: Zone | None = None
    """Whose midnight the hours count from. Default: the scenario's."""
    hours: Profile | None = None
    """24 weights from local midnight; only their ratios count."""
    like: Annotated[str | None, *leaf(of_names("days"), type="string")] = None
    """Take the hours of another profile."""

    @model_validator(mode="after")
    def _hours_once(self) -> Self:
        if (self.hours is None) == (self.like is None):
            refuse([fault("a day profile has either hours or like", "write hours: [24 weights] or like: another")])
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
    day: Annotated[Mix | None, *mix("days", "region")] = None
    """Day profile, or the shares of several. Default: the same at every hour."""
    channel: Annotated[Mix | None, *mix("channel")] = None
    """Shares of the channels; `by: language` or `by: topic` for a mix each; [[moment, mix], …] if it changes."""
    language: Annotated[Mix | None, *mix("language")] = None
    """Shares of the languages, likewise."""
    topic: Annotated[Mix | None, *mix("topic")] = None
    """Shares of the topics, likewise."""
    busyness: Busyness | None = None
    """Random factors of this stream alone, on top of the shared ones."""

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> Self:
        faults = []
        population = {"people": self.people, "affected": self.affected, "contacts_each": self.contacts_each}
        given = [key for key, value in population.items() if value is not None]
        missing = [key for key in population if key not in given]
        if self.rate is not None and given:
            faults.append(fault("a stream has a rate or a population, not both", "leave one out", (given[0],), key=True))
        if self.rate is None and missing:
            help = f"write {missing[0]}: …" if given else "write rate: …, or people, affected and contacts_each"
            faults.append(fault(f"this stream lacks {' and '.join(missing) if given else 'a rate'}", help, (), key=True))
        names = names_of(info)
        for key in ("channel", "language", "topic"):
            known = getattr(names, DIMENSIONS[key])
            if getattr(self, key) is None and len(known) > 1:
                faults.append(fault(f"missing key {key!r}", f"write the share of each {key}: {', '.join(known)}", (), key=True))
        faults += self._circles()
        refuse(faults)
        return self

    def _circles(self) -> list[InitErrorDetails]:
        """Mixes that go by each other in a circle."""
        by = {key: getattr(self, key).by for key in ("channel", "language", "topic") if getattr(self, key) is not None}
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
