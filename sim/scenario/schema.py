"""A scenario as planners write it: the models behind the YAML.  The text under a field is its help in `sim schema`.

Moments are ms since 1970, durations ms, shares 0–1, rates events a ms.  What fields refer to is checked against `Names`.
"""

from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from sim import clock, units
from sim.scenario.fields import (
    DIMENSIONS,
    Boolean,
    Coefficient,
    Crowd,
    Duration,
    Factors,
    Hours,
    Mix,
    Moment,
    Name,
    Names,
    People,
    Positive,
    Positives,
    Profile,
    RateOverTime,
    Rates,
    Share,
    ShareOverTime,
    Shares01,
    Speech,
    TeamName,
    Text,
    Topic,
    Version,
    Wage,
    Zone,
    check_sum,
    choice,
    factor,
    fault,
    leaf,
    listed,
    mix,
    name,
    names_of,
    nearest,
    of_names,
    plain,
    refuse,
    unknown,
)

LASTS_MOST = 366 * units.DAY
PERIOD_MOST = units.HOUR
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Strict(BaseModel):
    """Base of all models: no unknown key, every fault at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _every_fault(cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo) -> Self:
        """Unknown keys with the nearest known one, besides whatever else is wrong."""
        if isinstance(data, cls):
            return data
        data = cls.written_short(data)
        if not isinstance(data, dict):
            found = "a list" if isinstance(data, list) else "a single value" if isinstance(data, str) else "nothing"
            refuse([fault(f"keys and values are due here, not {found}", f"write {cls._first_key()}: …")])
        known = [item.alias or key for key, item in cls.model_fields.items()]
        faults = [unknown("key", key, known, (key,), key=True) for key in data if key not in known]
        try:
            model = handler({key: value for key, value in data.items() if key in known})
        except ValidationError as error:
            refuse(faults + [_again(item) for item in error.errors(include_url=False)])
            raise
        refuse(faults)
        return model

    @classmethod
    def written_short(cls, data: Any) -> Any:
        """The long form of a short notation; most models have none."""
        return data

    @classmethod
    def _first_key(cls) -> str:
        key, item = next(iter(cls.model_fields.items()))
        return item.alias or key


def _again(error: ErrorDetails) -> InitErrorDetails:
    """A fault of an inner model, to be reported with those of the outer one."""
    place = error["loc"]
    if error["type"] == "fault":
        return InitErrorDetails(type=PydanticCustomError("fault", "{message}", error["ctx"]), loc=place, input=None)
    if error["type"] == "missing":
        return fault(f"missing key {place[-1]!r}", f"write {place[-1]}: …", place[:-1], key=True)
    if error["type"] == "dict_type":
        found = "a list" if isinstance(error["input"], list) else "a single value"
        return fault(f"keys and values are due here, not {found}", "write name: …, or {} for none", place)
    return fault(error["msg"][:1].lower() + error["msg"][1:], at=place)


class Timing(Strict):
    """A duration that differs from case to case, by mean and coefficient of variation."""

    mean: Positives
    """The mean, such as '5 min'; may be a distribution, drawn once a replication."""
    cv: Coefficient | None = None
    """Standard deviation ÷ mean: 0 is constant, 1 exponential."""
    law: Annotated[str | None, *leaf(choice("lognormal", "gamma", "exponential", "constant"), type="string")] = None
    """lognormal (default), gamma, exponential or constant."""

    @classmethod
    def written_short(cls, data: Any) -> Any:
        """'5 min' is a constant of 5 minutes."""
        return {"mean": data, "law": "constant"} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _law_fits(self) -> Self:
        faults = []
        if self.law == "constant" and self.cv:
            faults.append(fault("a constant does not vary", "leave out cv, or choose another law", ("cv",)))
        if self.law == "exponential" and self.cv not in (None, 1.0):
            faults.append(fault("an exponential law has cv 1", "leave out cv, or write law: gamma", ("cv",)))
        if self.law in (None, "lognormal", "gamma") and self.cv is None:
            faults.append(fault("missing key 'cv'", "write cv: 0.8, or law: constant", (), key=True))
        refuse(faults)
        return self


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
    """After a reply some customers come back about something else: a new contact of the same case."""

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


class Shift(Strict):
    """Hours of work of a part of the team."""

    hours: Hours
    """Start and end, local: '07:00-15:00'; an end before the start is on the next day."""
    share: Share = 1.0
    """The share of the team on this shift; the shifts of a team add up to 100 %."""
    days: Annotated[tuple[int, ...] | None, *listed(lambda text, _: _weekday(text), everything="all", type="string")] = None
    """Days of the week on which it starts: [mon, tue, …]. Default: all."""
    breaks: Annotated[tuple[tuple[int, int], ...] | None, *listed(lambda text, _: _break(text), type="string")] = ()
    """Hours off duty within the shift: ['11:00-11:30']."""

    @model_validator(mode="after")
    def _breaks_within(self) -> Self:
        start, end = self.hours
        faults = []
        latest = start
        for row, (off, on) in enumerate(self.placed_breaks()):
            if not (start < off and on < end):
                faults.append(
                    fault(
                        "this break is not within the shift",
                        "write a span after its start and before its end",
                        ("breaks", row),
                    )
                )
            elif off < latest:
                faults.append(fault("this break is not after the one before it", "write breaks in order", ("breaks", row)))
            latest = on
        refuse(faults)
        return self

    def placed_breaks(self) -> list[tuple[int, int]]:
        """Breaks in ms after the midnight at which the shift's day began: of a night shift some are past 24 h."""
        placed = []
        for off, on in self.breaks or ():
            later = units.DAY if off < self.hours[0] else 0
            placed.append((off + later, on + later))
        return placed


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise units.UnitError(f"{text!r} is not a day of the week", nearest(text, WEEKDAYS))
    return WEEKDAYS.index(text)


def _break(text: str) -> tuple[int, int]:
    return clock.hours(text)


def _works(text: str) -> tuple[int, int]:
    words = text.split()
    if len(words) == 4 and words[1] == "of" and words[3] == "d" and words[0].isdecimal() and words[2].isdecimal():
        on, of = int(words[0]), int(words[2])
        if 1 <= on <= of <= 28:
            return on, of
    raise units.UnitError(f"{text!r} is not a rhythm of work", "write days on of days, such as '5 of 7 d'")


class CallUp(Strict):
    """People who are not on the roster until they are called."""

    at: Moment
    """When the call goes out."""
    lead: Timing | None = None
    """Time from the call until somebody is ready to work. Default: at once."""
    show_up: Shares01 = 1.0
    """The share of those called that comes at all."""
    drop_out: Shares01 = 0.0
    """The share of those still coming that stays away from the next day on, a day."""
    until: Moment | None = None
    """When they are sent home. Default: never."""


class Team(Strict):
    """People with the same work, wage and pace."""

    people: People
    """How many."""
    drawn: Boolean = False
    """true: who speaks what is drawn (people nobody has met yet); false: apportioned exactly."""
    speaks: Speech
    """The share of the team that speaks each language: {nl: 100 %, en: 95 %}."""
    answers: Annotated[tuple[str, ...] | None, *listed(of_names("topics"), everything="all", type="string")] = None
    """Topics they answer: [information, …] or all (default)."""
    channels: Annotated[tuple[str, ...] | None, *listed(of_names("channels"), everything="all", type="string")] = None
    """Channels they answer on: [facebook, …] or all (default)."""
    pace: Factors = 1.0
    """Factor on the handle time: 160 % takes 1.6 times as long."""
    in_hand: Annotated[int, *leaf(plain(lambda text: units.whole(text, 1, 20)), type="integer")] = 1
    """Contacts one of them can have in hand at once."""
    crowding: Annotated[tuple[float, ...], *listed(plain(factor), type="string")] = (1.0,)
    """Factor on the handle time with one, two, three … contacts in hand; beyond the last the last counts."""
    works: Annotated[tuple[int, int], *leaf(plain(_works), type="string", examples=["5 of 7 d"])] = (7, 7)
    """Days on in a rhythm of days, such as '5 of 7 d'; the starts are spread evenly over the team."""
    absence: Shares01 = 0.0
    """The share of shifts not worked, drawn a person a shift."""
    wage: Wage | None = None
    """Money an hour on duty, overtime included; without it the team is not in the cost."""
    call_up: CallUp | None = None
    """For people who come only when called."""
    shifts: dict[Name, Shift]
    """When they work, by name of the shift."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        faults = []
        if not self.shifts:
            faults.append(fault("this team has no shift", "write shifts: {day: {hours: 07:00-15:00}}", ("shifts",)))
        else:
            check_sum([shift.share for shift in self.shifts.values()], faults, ("shifts",))
        if not self.crowding:
            faults.append(fault("no factors", "write [100 %, 120 %, …], or leave it out", ("crowding",)))
        refuse(faults)
        return self


class Scope(Strict):
    """The cases that a promise judges: those with a contact that fits every line."""

    channel: Annotated[tuple[str, ...] | None, *listed(of_names("channels"), everything="all", type="string")] = None
    """Only these channels."""
    language: Annotated[tuple[str, ...] | None, *listed(of_names("languages"), everything="all", type="string")] = None
    """Only these languages."""
    topic: Annotated[tuple[str, ...] | None, *listed(of_names("topics"), everything="all", type="string")] = None
    """Only these topics."""
    stream: Annotated[tuple[str, ...] | None, *listed(of_names("streams"), everything="all", type="string")] = None
    """Only these streams of demand."""


CLOCKS = ("first_reply", "solved", "answered")


class Promise(Strict):
    """What the hub promises its customers; the name says which clock, or `clock` does."""

    clock: Annotated[str | None, *leaf(choice(*CLOCKS), type="string")] = None
    """first_reply: a human reply; solved: the time a case was waiting or in hand; answered: every contact of it, by the end."""
    within: Positive | None = None
    """The longest time that keeps the promise; answered has none."""
    share: Share
    """The share of cases that must be in time."""
    events: Share = 0.95
    """The share of such events in which that must be so."""
    scope: Scope = Field(default=Scope(), alias="for")
    """Which cases it judges. Default: all."""
    each: Annotated[
        tuple[str, ...] | None,
        *listed(lambda text, _: choice("language", "channel", "topic", "day")(text, Names()), type="string"),
    ] = ()
    """One verdict more for every language, channel, topic or day."""


ORDERS = ("oldest first", "earliest deadline first")


class RoutingModel(Strict):
    """Which contact meets which agent."""

    order: Annotated[str, *leaf(choice(*ORDERS), type="string")] = "oldest first"
    """What waits is taken oldest first (default), or earliest deadline first (by `within` of the first-reply promise)."""
    fresh_first: Boolean = False
    """true: what can still be in time goes before what is already late."""
    prefer: dict[Topic, Annotated[tuple[str, ...], *listed(of_names("teams"), type="string")]] = Field(default_factory=dict)
    """Which teams a contact of a topic goes to, best first; teams that answer it but aren't named come last."""
    take_first: dict[TeamName, Annotated[tuple[str, ...], *listed(of_names("topics"), type="string")]] = Field(
        default_factory=dict
    )
    """Which topics an agent of a team takes, best first; topics not named come last."""
    overflow: dict[TeamName, dict[Topic, Duration]] = Field(default_factory=dict)
    """A team that may take a topic only once it has waited so long: {volunteers: {rebooking: 30 min}}."""


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
    """Service and follow-ups go on so long after the last arrival; at least the longest `within`."""
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
    """The ways in, by name."""
    topics: dict[Name, TopicModel]
    """What contacts are about, by name."""
    then: dict[Topic, Follow] = Field(default_factory=dict)
    """What customers come back about after a reply, by the topic replied to."""
    busyness: Busyness = Busyness()
    """Random factors on all demand."""
    demand: dict[Name, Stream]
    """Streams of contacts by name."""
    teams: dict[Name, Team]
    """Teams by name."""
    routing: RoutingModel = RoutingModel()
    """Who gets what."""
    variants: dict[Name, dict[str, Any]] = Field(default_factory=dict)
    """Named changes: {name: {dotted.path: value}}; each is checked as a whole scenario."""
    sources: dict[str, Source] = Field(default_factory=dict)
    """Basis of the numbers, by dotted path."""
