"""The demand, lowered: streams, their mixes and ends, and the habits of customers."""

from collections.abc import Iterator

import numpy as np

from sim import plan
from sim.clock import Clock
from sim.habits import HABITS, Habit
from sim.plan import Bool, Float
from sim.scenario.schema.customers import ChannelModel, Stream, TopicModel
from sim.scenario.schema.durations import Timing
from sim.scenario.schema.habits import Again, Bystanders, End, Follow, TriesAgain, WritesAgain
from sim.scenario.schema.mixes import Mix, TimeSeries
from sim.scenario.schema.scenario import Scenario
from sim.tables import NEVER, Int32, Int64, Trigger

MIXED = ("channel", "language", "topic")
_Model = Follow | TriesAgain | WritesAgain | Bystanders | Again


def streams_of(scenario: Scenario) -> tuple[str, ...]:
    """The names of the streams; bystanders' posts are one of their own, the last, if there are any."""
    drawn = any(channel.bystanders for channel in scenario.channels.values())
    return (*scenario.demand, *([plan.BYSTANDERS] if drawn else []))


def reasons_of(scenario: Scenario) -> tuple[str, ...]:
    """The names of the rows of Routing.odds."""
    return (*plan.STAYED_AWAY, *(f"then.{topic}" for topic, follow in scenario.then.items() if follow.by))


def demand_of(scenario: Scenario, clock: Clock, types: Int32, days: Int64) -> plan.Demand:
    """The demand of a scenario; types [h, l, o] rows of the contact types."""
    streams = len(streams_of(scenario))
    return plan.Demand(
        streams=tuple(_stream(name, stream, scenario, clock) for name, stream in scenario.demand.items()),
        busyness=plan.Busyness(scenario.busyness.event, scenario.busyness.day, scenario.busyness.hour),
        days=days,
        lasts=scenario.lasts,
        horizon=scenario.lasts + scenario.drain,
        type_of=types,
        label_of=np.arange(streams * types.size, dtype=np.int32).reshape(streams, *types.shape),
        topic_names=tuple(scenario.topics),
        channel_names=tuple(scenario.channels),
        handle_time=tuple(law_of(topic.handle_time) for topic in scenario.topics.values()),
        patience=tuple(
            None
            if channel.patience is None
            else plan.Patience(law_of(channel.patience), channel.patience.at_once)
            for channel in scenario.channels.values()
        ),
        habits=plan.Habits(
            follow_ons=follow_ons_of(scenario, clock),
            happens=happens_of(scenario),
            closed=tuple(_closed(channel, scenario, clock) for channel in scenario.channels.values()),
            helped=tuple(
                _helped(f"topics.{name}.self_service", topic, clock)
                for name, topic in scenario.topics.items()
            ),
        ),
    )


def law_of(timing: Timing) -> plan.Law:
    """The law of a duration."""
    cv = timing.cv if timing.cv is not None else float(timing.law == "exponential")
    law = "constant" if cv == 0 else timing.law or "lognormal"
    return plan.Law(law, timing.mean, cv)  # type: ignore[arg-type]  # the schema allows no other word


def follow_ons_of(scenario: Scenario, clock: Clock) -> tuple[plan.FollowOn, ...]:
    """The habits that bring one more contact, in the order of HABITS."""
    return tuple(
        plan.FollowOn(
            habit=habit,
            row=row,
            path=path,
            shares=_shares(path, model, scenario),
            after=law_of(model.after),
            most=most,
            to=_mixing("channel", to, scenario, clock) if (to := getattr(model, "to", None)) else None,
            topic=list(scenario.topics).index(model.topic) if isinstance(model, Follow) else NEVER,
            reason=reasons_of(scenario).index(path) if getattr(model, "by", None) else NEVER,
        )
        for habit in HABITS
        for row, path, model, most in _written(habit, scenario)
    )


def _written(habit: Habit, scenario: Scenario) -> Iterator[tuple[int, str, _Model, int]]:
    """What a scenario says of a habit: row of what it belongs to, path, model and most."""
    if habit.by == "channel":
        for row, (name, channel) in enumerate(scenario.channels.items()):
            if (model := getattr(channel, habit.name)) is not None:
                yield row, f"channels.{name}.{habit.name}", model, model.most
    elif habit.by == "topic":
        section = getattr(scenario, habit.name)
        for row, topic in enumerate(scenario.topics):
            if topic in section:
                yield row, f"{habit.name}.{topic}", section[topic], section[topic].most
    else:
        for row, stream in enumerate(scenario.demand.values()):
            end = scenario.ends[stream.until] if stream.until is not None else None
            if end is not None and (again := getattr(end, habit.name)) is not None:
                yield row, f"ends.{stream.until}.{habit.name}", again, len(end.chances())


def _shares(path: str, model: _Model, scenario: Scenario) -> tuple[tuple[str, plan.Number], ...]:
    """(path, share), one or one by team."""
    whatever = f"{path}.share", model.share
    if not isinstance(model, Follow):
        return (whatever,)
    return tuple(
        (f"{path}.by.{team}", model.by[team]) if team in model.by else whatever for team in scenario.teams
    )


def happens_of(scenario: Scenario) -> Bool:
    """[Trigger, h] whether a contact on a channel can ever set it off."""
    happens = np.ones((len(Trigger), len(scenario.channels)), np.bool_)
    happens[Trigger.NONE] = False
    for row, channel in enumerate(scenario.channels.values()):
        happens[Trigger.ON_ABANDON, row] = channel.patience is not None
        happens[Trigger.ON_BLOCK, row] = isinstance(channel.lines, TimeSeries) or channel.lines != NEVER
    return happens


def _closed(channel: ChannelModel, scenario: Scenario, clock: Clock) -> plan.Closed | None:
    if channel.open is None or channel.closed is None:
        return None
    midnights = clock.midnights(-1, scenario.lasts)
    spans = sorted(
        (clock.daily(midnight, start), clock.daily(midnight, end))
        for midnight in midnights
        for start, end in channel.open
    )
    opens, closes = np.array(spans, np.int64).T
    to = None if channel.closed.to is None else _mixing("channel", channel.closed.to, scenario, clock)
    return plan.Closed(opens, np.maximum.accumulate(closes), channel.closed.move, channel.closed.vanish, to)


def _helped(path: str, topic: TopicModel, clock: Clock) -> plan.Helped | None:
    if isinstance(topic.self_service, TimeSeries):
        return plan.Helped(path, 1.0, *_lines(topic.self_service, clock))
    return (
        plan.Helped(path, topic.self_service, np.zeros(1, np.int64), np.ones(1))
        if topic.self_service
        else None
    )


def _stream(name: str, stream: Stream, scenario: Scenario, clock: Clock) -> plan.Stream:
    path = f"demand.{name}"
    scales: tuple[tuple[str, plan.Number], ...] = ()
    if stream.affected is not None and stream.people is not None and stream.contacts_each is not None:
        times, level = _lines(stream.affected, clock)
        scales = ((f"{path}.people", stream.people), (f"{path}.contacts_each", stream.contacts_each))
    elif isinstance(stream.rate, TimeSeries):
        times, level = _lines(stream.rate, clock)
    else:
        assert stream.rate is not None  # the schema refuses a stream with neither
        times, level = np.zeros(1, np.int64), np.ones(1)
        scales = ((f"{path}.rate", stream.rate),)
    profile_times, profile = _profile(stream.day, scenario, clock)
    own = stream.busyness
    return plan.Stream(
        name=name,
        times=times,
        level=level,
        scales=scales,
        profile_times=profile_times,
        profile=profile,
        mixes=_mixes(stream, scenario, clock),
        busyness=plan.Busyness(own.event, own.day, own.hour) if own else plan.Busyness(0.0, 0.0, 0.0),
        bursts=plan.Bursts(stream.bursts.share, law_of(stream.bursts.after))
        if stream.bursts and stream.bursts.share
        else None,
        ends=None
        if stream.until is None
        else _ends(stream.until, scenario.ends[stream.until], times, level, clock),
    )


def _ends(name: str, end: End, times: Int64, level: Float, clock: Clock) -> plan.Ends:
    announced = np.array(end.announced, np.int64) - clock.start
    chances = end.chances()
    return plan.Ends(
        name=name,
        announced=announced,
        moved=np.array(chances),
        levels=(
            *(_ended(times, level, int(one), int(announced[-1])) for one in announced[:-1]),
            (times, level),
        ),
    )


def _ended(times: Int64, level: Float, end: int, last: int) -> tuple[Int64, Float]:
    """The level of a stream that ends at `end`: points from there on move earlier by the difference."""
    before, after = times < end, times > last
    at = np.interp([end, last], times, level)
    return (
        np.concatenate([times[before], [end, end + 1], times[after] - last + end]),
        np.concatenate([level[before], at, level[after]]),
    )


def _moments(points: TimeSeries, clock: Clock) -> Int64:
    """[t] ms from the start, rising: of a jump the second point comes 1 ms after the first."""
    times = np.array(points.times, np.int64) - clock.start
    for row in range(1, len(times)):
        times[row] = max(times[row], times[row - 1] + 1)
    return times


def _lines(points: TimeSeries, clock: Clock) -> tuple[Int64, Float]:
    return _moments(points, clock), np.array(points.values, np.float64)


def _profile(mix: Mix | None, scenario: Scenario, clock: Clock) -> tuple[Int64, Float]:
    """Steps of a mix of day profiles, each by its own local hours and 1 on average over its day."""
    if mix is None:
        return np.zeros(1, np.int64), np.ones(1)
    steps = []
    for name, share in mix.of[None].items():  # type: ignore[union-attr]  # regions have plain shares
        day = scenario.days[name]
        hours = day.hours if day.like is None else scenario.days[day.like].hours
        assert hours is not None  # `coherence` sees to it
        times, local = clock.local_hours(0, scenario.lasts, day.timezone or scenario.timezone)
        steps.append((np.array(times), share * np.array(hours)[local] * 24 / sum(hours)))
    union = np.unique(np.concatenate([times for times, _ in steps])).astype(np.int64)
    return union, sum(
        (values[np.searchsorted(times, union, "right") - 1] for times, values in steps), np.zeros(len(union))
    )


def _mixes(stream: Stream, scenario: Scenario, clock: Clock) -> tuple[tuple[int, plan.Mixing], ...]:
    """The mixes in an order in which each comes after the one it goes by."""
    waiting = {name: getattr(stream, name) for name in MIXED}
    ordered: list[tuple[int, plan.Mixing]] = []
    while waiting:
        for name, mix in waiting.items():
            if mix is None or mix.by not in waiting:
                ordered.append((plan.DIMENSIONS.index(name), _mixing(name, mix, scenario, clock)))
                del waiting[name]
                break
    return tuple(ordered)


def _mixing(name: str, mix: Mix | None, scenario: Scenario, clock: Clock) -> plan.Mixing:
    values = {"channel": scenario.channels, "language": scenario.languages, "topic": scenario.topics}
    names = tuple(values[name])
    if mix is None:  # a scenario with one value needs no mix
        return plan.Mixing(None, np.zeros(1, np.int64), np.ones((1, 1, 1)))
    parts = [mix.of[given] for given in values[mix.by]] if mix.by else [mix.of[None]]
    lines = []
    for part in parts:
        rows = part.values if isinstance(part, TimeSeries) else (part,)
        shares = np.array([[row.get(value, 0.0) for value in names] for row in rows])
        times = _moments(part, clock) if isinstance(part, TimeSeries) else np.zeros(1, np.int64)
        lines.append((times, shares))
    union = np.unique(np.concatenate([times for times, _ in lines]))
    table = np.stack(
        [
            np.stack([np.interp(union, times, column) for column in shares.T], axis=1)
            for times, shares in lines
        ],
        axis=1,
    )
    return plan.Mixing(plan.DIMENSIONS.index(mix.by) if mix.by else None, union, table)
