"""What may come, lowered: streams, their mixes and ends, and what customers do when they are answered and
when they are not.
"""

import numpy as np

from sim import plan
from sim.clock import Clock
from sim.plan import Float
from sim.scenario.schema.customers import ChannelModel, Stream, TopicModel
from sim.scenario.schema.durations import Timing
from sim.scenario.schema.habits import Bystanders, End, TriesAgain, WritesAgain
from sim.scenario.schema.mixes import Mix, Points
from sim.scenario.schema.scenario import Scenario
from sim.tables import NEVER, Int32, Int64

MIXED = ("channel", "language", "topic")


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
        habits=_habits(scenario, clock),
    )


def law_of(timing: Timing) -> plan.Law:
    """The law of a duration."""
    cv = timing.cv if timing.cv is not None else float(timing.law == "exponential")
    law = "constant" if cv == 0 else timing.law or "lognormal"
    return plan.Law(law, timing.mean, cv)  # type: ignore[arg-type]  # the schema allows no other word


def _habits(scenario: Scenario, clock: Clock) -> plan.Habits:
    channels = scenario.channels

    def again(name: str, habit: str) -> plan.Again | None:
        return _again(f"channels.{name}.{habit}", getattr(channels[name], habit), scenario, clock)

    return plan.Habits(
        gives_up=tuple(again(name, "gives_up") for name in channels),
        writes_again=tuple(again(name, "writes_again") for name in channels),
        bystanders=tuple(again(name, "bystanders") for name in channels),
        closed=tuple(_closed(channel, scenario, clock) for channel in channels.values()),
        blocks=tuple(
            isinstance(channel.lines, Points) or channel.lines != NEVER for channel in channels.values()
        ),
        helped=tuple(
            _helped(f"topics.{name}.self_service", topic, clock) for name, topic in scenario.topics.items()
        ),
        then=tuple(_follow(scenario, topic) for topic in scenario.topics),
    )


def _again(
    path: str, habit: TriesAgain | WritesAgain | Bystanders | None, scenario: Scenario, clock: Clock
) -> plan.Again | None:
    if habit is None:
        return None
    mix = None if isinstance(habit, Bystanders) else habit.to
    to = None if mix is None else _mixing("channel", mix, scenario, clock)
    return plan.Again(path, habit.share, law_of(habit.after), to, habit.most)


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
    if isinstance(topic.self_service, Points):
        return plan.Helped(path, 1.0, *_lines(topic.self_service, clock))
    return (
        plan.Helped(path, topic.self_service, np.zeros(1, np.int64), np.ones(1))
        if topic.self_service
        else None
    )


def _follow(scenario: Scenario, topic: str) -> plan.Follow | None:
    follow = scenario.then.get(topic)
    if follow is None:
        return None
    path = f"then.{topic}"
    return plan.Follow(
        topic=list(scenario.topics).index(follow.topic),
        shares=tuple(
            (f"{path}.by.{team}", follow.by[team]) if team in follow.by else (f"{path}.share", follow.share)
            for team in scenario.teams
        ),
        after=law_of(follow.after),
        most=follow.most,
        reason=reasons_of(scenario).index(path) if follow.by else NEVER,
    )


def _stream(name: str, stream: Stream, scenario: Scenario, clock: Clock) -> plan.Stream:
    path = f"demand.{name}"
    scales: tuple[tuple[str, plan.Number], ...] = ()
    if stream.affected is not None and stream.people is not None and stream.contacts_each is not None:
        times, level = _lines(stream.affected, clock)
        scales = ((f"{path}.people", stream.people), (f"{path}.contacts_each", stream.contacts_each))
    elif isinstance(stream.rate, Points):
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
    again = end.again
    return plan.Ends(
        name=name,
        announced=announced,
        moved=np.array(chances),
        levels=(
            *(_ended(times, level, int(one), int(announced[-1])) for one in announced[:-1]),
            (times, level),
        ),
        again=None
        if again is None
        else plan.Again(f"ends.{name}.again", again.share, law_of(again.after), None, len(chances)),
    )


def _ended(times: Int64, level: Float, end: int, last: int) -> tuple[Int64, Float]:
    """The level of a stream if it ends at `end` and not at the last end: what comes from that on comes so
    much earlier.
    """
    before, after = times < end, times > last
    at = np.interp([end, last], times, level)
    return (
        np.concatenate([times[before], [end, end + 1], times[after] - last + end]),
        np.concatenate([level[before], at, level[after]]),
    )


def _moments(points: Points, clock: Clock) -> Int64:
    """[t] ms from the start, rising: of a jump the second point comes 1 ms after the first."""
    times = np.array(points.times, np.int64) - clock.start
    for row in range(1, len(times)):
        times[row] = max(times[row], times[row - 1] + 1)
    return times


def _lines(points: Points, clock: Clock) -> tuple[Int64, Float]:
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
        rows = part.values if isinstance(part, Points) else (part,)
        shares = np.array([[row.get(value, 0.0) for value in names] for row in rows])
        times = _moments(part, clock) if isinstance(part, Points) else np.zeros(1, np.int64)
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
