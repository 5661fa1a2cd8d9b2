"""Checks that the parts of a valid scenario fit together; `read` calls `check` on valid models."""

from collections.abc import Iterator, Mapping

from pydantic_core import InitErrorDetails

from sim import units
from sim.clock import Clock
from sim.habits import HABITS
from sim.plan import ALL, BASE, BYSTANDERS, mean_of
from sim.scenario.document.nearest import nearest
from sim.scenario.repeat_count import LATENT_MOST, largest_factor, latent_contacts
from sim.scenario.schema.faults import Names, fault, refuse
from sim.scenario.schema.mixes import Mix, TimeSeries
from sim.scenario.schema.scenario import CLOCKS, LASTS_MOST, PERIOD_MOST, Scenario

NAMES_MOST = 100
KINDS_MOST = 20_000  # streams × channels × languages × topics
PERSON_DAYS_MOST = 5_000_000
CONTACTS_MOST = 50_000_000


def check(scenario: Scenario, names: Names) -> None:
    """Raises every fault between the parts of a scenario, each at the place to mend."""
    refuse(
        [
            *_sizes(scenario),
            *_times(scenario),
            *_volume(scenario),
            *_outside(scenario),
            *_promises(scenario),
            *_days(scenario),
            *_ends(scenario),
            *_channels(scenario),
            *_coverage(scenario),
            *_latent(scenario),
            *_routing(scenario),
            *_sources(scenario, names),
            *_variants(scenario),
        ]
    )


def _sizes(scenario: Scenario) -> Iterator[InitErrorDetails]:
    for key in ("promises", "languages", "channels", "topics", "demand", "teams"):
        size = len(getattr(scenario, key))
        if not 1 <= size <= NAMES_MOST:
            yield fault(f"{size} {key}", f"write at least one and at most {NAMES_MOST}", (key,))
    kinds = len(scenario.demand) * len(scenario.channels) * len(scenario.languages) * len(scenario.topics)
    if kinds > KINDS_MOST:
        help = f"at most {KINDS_MOST:,}: name fewer streams, channels, languages or topics"
        yield fault(f"{kinds:,} kinds of contact", help, ("demand",))
    if BYSTANDERS in scenario.demand:
        help = "choose another name: bystanders' posts are a stream of this name"
        yield fault(f"a stream cannot be named {BYSTANDERS!r}", help, ("demand", BYSTANDERS), key=True)
    person_days = (
        sum(team.people for team in scenario.teams.values()) * (scenario.lasts + scenario.drain) / units.DAY
    )
    if person_days > PERSON_DAYS_MOST:
        yield fault(
            f"{person_days:,.0f} days of work",
            f"plan at most {PERSON_DAYS_MOST:,}: fewer people or days",
            ("teams",),
        )


def _times(scenario: Scenario) -> Iterator[InitErrorDetails]:
    if not Clock(scenario.starts, scenario.timezone).on_the_hour(0):
        yield fault(
            "the scenario does not start on a whole hour",
            "write a start such as '2010-04-14 00:00'",
            ("starts",),
        )
    if scenario.lasts > LASTS_MOST:
        yield fault("the scenario lasts longer than 366 days", "write at most '366 d'", ("lasts",))
    if scenario.period > PERIOD_MOST or units.HOUR % scenario.period or scenario.period < units.MINUTE:
        yield fault("the period does not divide an hour", "write 5, 10, 15, 20, 30 or 60 min", ("period",))
    for name, promise in scenario.promises.items():
        if promise.within is not None and promise.within > scenario.drain:
            text = units.duration_text(promise.within)
            help = f"write drain: {text}, or more; else what came last cannot be judged"
            yield fault(f"the drain is shorter than the {text} of promises.{name}", help, ("drain",))
    if scenario.judged:
        ends = scenario.starts + scenario.lasts
        if not scenario.judged.start < scenario.judged.to:
            yield fault("the judged window ends before it starts", "write a later moment", ("judged", "to"))
        for key, moment in (("from", scenario.judged.start), ("to", scenario.judged.to)):
            if not scenario.starts <= moment <= ends:
                yield fault(
                    "this moment is outside the scenario",
                    "write one between starts and starts + lasts",
                    ("judged", key),
                )
    for name, team in scenario.teams.items():
        call = team.call_up
        if call and call.until is not None and call.until <= call.at:
            yield fault(
                "the team is sent home before it is called",
                "write a later moment",
                ("teams", name, "call_up", "until"),
            )


def _volume(scenario: Scenario) -> Iterator[InitErrorDetails]:
    """Streams that bring more contacts than anybody can mean, by the peak of their points."""
    for name, stream in scenario.demand.items():
        peak = max(stream.rate.values) if isinstance(stream.rate, TimeSeries) else mean_of(stream.rate or 0.0)
        if stream.people is not None and stream.contacts_each is not None and stream.affected is not None:
            peak = mean_of(stream.people) * mean_of(stream.contacts_each) * max(stream.affected.values)
        if peak * scenario.lasts > CONTACTS_MOST:
            help = f"bring at most {CONTACTS_MOST:,}: check the units of its rates"
            yield fault(
                f"about {peak * scenario.lasts:,.0f} contacts at its peak rate",
                help,
                ("demand", name),
                key=True,
            )


def _outside(scenario: Scenario) -> Iterator[InitErrorDetails]:
    """Series with no point in the event, and days outside it: usually a mistyped year or month."""
    ends = scenario.starts + scenario.lasts
    for name, stream in scenario.demand.items():
        for key in ("rate", "affected"):
            points = getattr(stream, key)
            if isinstance(points, TimeSeries) and (
                points.times[-1] < scenario.starts or points.times[0] > ends
            ):
                when = "before the event" if points.times[0] < scenario.starts else "after the event"
                help = "write moments between starts and starts + lasts"
                yield fault(f"all points lie {when}", help, ("demand", name, key))
    clock, judged = Clock(scenario.starts, scenario.timezone), scenario.judged
    start, end = (judged.start, judged.to) if judged else (scenario.starts, ends)
    first, last = (clock.date(moment - scenario.starts) for moment in (start, end - 1))
    for row, item in enumerate(scenario.expect or ()):
        if item.dimension == "day" and not first <= item.member <= last:
            yield fault(
                f"no case of {item.member} is judged", f"write a day from {first} to {last}", ("expect", row)
            )


def _promises(scenario: Scenario) -> Iterator[InitErrorDetails]:
    for name, promise in scenario.promises.items():
        clock = promise.clock or name
        if name == ALL:
            help = "choose another name: the report calls all promises together so"
            yield fault(f"a promise cannot be named {ALL!r}", help, ("promises", name), key=True)
        if promise.events >= 1:
            help = "ask for less, such as 99 %: no number of events can show that all would hold"
            yield fault(
                "a promise for 100 % of events can never be shown to hold", help, ("promises", name, "events")
            )
        if clock not in CLOCKS:
            help = f"name it {', '.join(CLOCKS)}, or write clock: …"
            yield fault(
                f"promise {name!r} does not say which clock it is about", help, ("promises", name), key=True
            )
        elif (promise.within is None) != (clock == "answered"):
            if promise.within is None:
                yield fault("missing key 'within'", "write within: 1 h", ("promises", name), key=True)
            else:
                yield fault(
                    "an answered promise has no time limit",
                    "leave out within",
                    ("promises", name, "within"),
                    key=True,
                )


def _ends(scenario: Scenario) -> Iterator[InitErrorDetails]:
    ends = scenario.starts + scenario.lasts
    for name, end in scenario.ends.items():
        for row, moment in enumerate(end.announced):
            if not scenario.starts < moment <= ends:
                help = "write one after starts, up to starts + lasts"
                yield fault("this end is outside the scenario", help, ("ends", name, "announced", row))
    for name, stream in scenario.demand.items():
        if stream.until is not None and stream.affected is None and not isinstance(stream.rate, TimeSeries):
            help = "write rate or affected as [[moment, …], …], for the last end announced"
            yield fault("a constant rate has no end to move", help, ("demand", name, "until"))


def _channels(scenario: Scenario) -> Iterator[InitErrorDetails]:
    ends = scenario.starts + scenario.lasts + scenario.drain
    for name, channel in scenario.channels.items():
        place = ("channels", name)
        if isinstance(channel.lines, TimeSeries):
            if channel.lines.times[0] > scenario.starts:
                help = "write a first step at starts or before it, such as [moment, unlimited]"
                yield fault("the number of lines at the start is missing", help, (*place, "lines", 0))
            for row, moment in enumerate(channel.lines.times):
                if moment > ends:
                    yield fault(
                        "this moment is after the end",
                        "write one before the drain ends",
                        (*place, "lines", row, 0),
                    )
        if channel.closed is not None and any(part.get(name) for part in _parts(channel.closed.to)):
            help = "name other channels; `wait` is the share that comes all the same"
            yield fault("contacts cannot move to the channel that is closed", help, (*place, "closed", "to"))
    for name, team in scenario.teams.items():
        for row, span in enumerate(team.down):
            if span.to <= scenario.starts or span.start >= ends:
                yield fault(
                    "this span is outside the scenario",
                    "write one between starts and the end of the drain",
                    ("teams", name, "down", row),
                )


def _latent(scenario: Scenario) -> Iterator[InitErrorDetails]:
    """Habits that make more latent contacts than an event can hold."""
    latent = latent_contacts(scenario)
    if latent > LATENT_MOST:
        place = largest_factor(scenario)
        yield fault(
            f"each contact would generate {latent:,.1f} follow-on contacts on average "
            f"(limit {LATENT_MOST:.0f})",
            f"lower a share or a `most`; {'.'.join(place)} makes the most of them",
            place,
            key=True,
        )


def _days(scenario: Scenario) -> Iterator[InitErrorDetails]:
    for name, day in scenario.days.items():
        if day.like is not None and scenario.days[day.like].hours is None:
            yield fault(
                f"profile {day.like!r} has no hours of its own", "name one with hours", ("days", name, "like")
            )


def _parts(mix: Mix | None) -> Iterator[Mapping[str, float]]:
    for part in mix.of.values() if mix else ():
        yield from part.values if isinstance(part, TimeSeries) else (part,)


def _asked(
    scenario: Scenario, dimension: str, every: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """The names of a dimension that some stream brings, with the place that says so."""
    for name, stream in scenario.demand.items():
        mix = getattr(stream, dimension)
        found = (
            {key for part in _parts(mix) for key, share in part.items() if share > 0} if mix else set(every)
        )
        for key in every:
            if key in found:
                yield key, ("demand", name, dimension) if mix else ("demand", name)


def _coverage(scenario: Scenario) -> Iterator[InitErrorDetails]:
    teams = scenario.teams.values()
    spoken = {word for team in teams for word, share in team.speaks.items() if share > 0}
    topics, channels = tuple(scenario.topics), tuple(scenario.channels)
    answered = {topic for team in teams for topic in (topics if team.answers is None else team.answers)}
    manned = {channel for team in teams for channel in (channels if team.channels is None else team.channels)}
    followed = [(follow.topic, ("then", topic, "topic")) for topic, follow in scenario.then.items()]
    for kind, asked, served, help in (
        ("language", _asked(scenario, "language", scenario.languages), spoken, "speaks"),
        ("topic", [*_asked(scenario, "topic", topics), *followed], answered, "answers"),
        ("channel", [*_asked(scenario, "channel", channels), *_moved(scenario)], manned, "channels"),
    ):
        reported = set()
        for name, place in asked:
            if name not in served and name not in reported:
                reported.add(name)
                yield fault(
                    f"nobody serves {kind} {name!r}",
                    f"add it to `{help}` of a team, or remove it from demand",
                    place,
                )


def _moved(scenario: Scenario) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """The channels that customers move to, with the place that says so."""
    for name, channel in scenario.channels.items():
        for key in (*(habit.name for habit in HABITS if habit.by == "channel"), "closed"):
            for part in _parts(getattr(getattr(channel, key), "to", None)):
                yield from ((to, ("channels", name, key, "to")) for to, share in part.items() if share > 0)


def _routing(scenario: Scenario) -> Iterator[InitErrorDetails]:
    def answers(team: str, topic: str) -> bool:
        topics = scenario.teams[team].answers
        return topics is None or topic in topics

    routing = scenario.routing
    uses: list[tuple[str, str, tuple[str | int, ...]]] = [
        *(
            (team, topic, ("prefer", topic, row))
            for topic, teams in routing.prefer.items()
            for row, team in enumerate(teams)
        ),
        *(
            (team, topic, ("take_first", team, row))
            for team, topics in routing.take_first.items()
            for row, topic in enumerate(topics)
        ),
        *(
            (team, topic, ("overflow", team, topic))
            for team, topics in routing.overflow.items()
            for topic in topics
        ),
    ]
    for team, topic, place in uses:
        if not answers(team, topic):
            yield fault(
                f"team {team!r} does not answer {topic!r}",
                f"add it to teams.{team}.answers",
                ("routing", *place),
            )


def _variants(scenario: Scenario) -> Iterator[InitErrorDetails]:
    if BASE in scenario.variants:
        help = "choose another name: results without a variant go into a folder of this name"
        yield fault(f"a variant cannot be named {BASE!r}", help, ("variants", BASE), key=True)


def _sources(scenario: Scenario, names: Names) -> Iterator[InitErrorDetails]:
    for path in scenario.sources:
        if path not in names.paths:
            yield fault(f"unknown path {path!r}", nearest(path, names.paths), ("sources", path), key=True)
