"""The averages of a plan before any simulation: demand and duty hour by hour, and what follows from them.

Uncertain numbers stand at their means, follow-ups in the hour of the contact they follow, absence and
no-shows as shares; people who are called are ready after the mean lead.  Nobody tries again or writes
again, because only waiting leads to that.

Sizes: u hours from the start to the horizon · l languages · o topics.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.draw.apportion import on_rhythm, shift_of, speakers, starts
from sim.plan import Bool, CallUp, Float, FollowOn, Plan, Promise, Spread, Stream, Team, mean_of
from sim.tables import NEVER, Int64, Trigger
from sim.theory import offered_load
from sim.units import HOUR, MINUTE

NOBODY = 1e-9  # agents on duty on average


@dataclass(frozen=True)
class Unserved:
    """Contacts of a language and topic that arrive in hours in which nobody on duty may take them."""

    language: str
    topic: str
    hours: tuple[int, ...]  # local hours of the day at which that happens on some day
    contacts: float  # number that arrives in such hours, over the whole event


@dataclass(frozen=True)
class Cap:
    """The highest mean share that any number of people on the same hours could reach; 1 if unknown."""

    promise: str
    share: float


@dataclass(frozen=True)
class Advice:
    """What `sim validate` says beside "well formed"."""

    contacts: tuple[tuple[str, float], ...]  # by stream, in the whole event
    load: Float  # [u, l] agents that the work of each language keeps busy, at the mean pace of its teams
    duty: Float  # [u, l] agents on duty who speak it
    people: Float  # [u] agents on duty, whatever they speak
    constant: tuple[str, ...]  # topics whose handle time never varies, which flatters every wait
    unserved: tuple[Unserved, ...]
    productive: tuple[tuple[str, float], ...]  # by team: hours a head a week, without breaks and absence
    caps: tuple[Cap, ...]


def advise(plan: Plan) -> Advice:
    """The advice that follows from the averages of a plan."""
    streams = plan.demand.streams
    coming = np.stack([_contacts(plan, stream) for stream in streams])  # [v, minutes]
    mixes = [_mix(plan, stream) for stream in streams]  # each [u, h, l, o]
    outside = sum(_sums(coming[row])[:, None, None, None] * mix for row, mix in enumerate(mixes))
    work = _with_follow_ups(plan, np.asarray(outside))  # [u, h, l, o] contacts an hour
    duty = np.stack([_speaking(plan, team) for team in plan.teams])  # [m, 1 + l, minutes]
    on_duty = _hourly(duty).sum(axis=0).T  # [u, 1 + l]
    return Advice(
        contacts=tuple(
            (stream.name, float((_sums(contacts) * mix.sum(axis=(1, 2, 3))).sum()))
            for stream, contacts, mix in zip(streams, coming, mixes, strict=True)
        ),
        load=_load(plan, work.sum(axis=1)),
        duty=on_duty[:, 1:],
        people=on_duty[:, 0],
        constant=tuple(
            name
            for name, law in zip(plan.lens.topics, plan.demand.handle_time, strict=True)
            if law.law == "constant"
        ),
        unserved=_unserved(plan, work, _hourly(duty[:, 1:])),
        productive=tuple((team.name, _productive(team)) for team in plan.teams),
        caps=_caps(plan, coming, mixes),
    )


def _hours(plan: Plan) -> Int64:
    return np.arange(0, plan.horizon, HOUR, dtype=np.int64)


def _minutes(plan: Plan) -> Int64:
    return np.arange(0, plan.horizon, MINUTE, dtype=np.int64)


def _contacts(plan: Plan, stream: Stream) -> Float:
    """[minutes] the mean contacts of a stream; exact if its rate bends and jumps on whole minutes."""
    start = _minutes(plan)
    length = np.clip(plan.demand.lasts - start, 0, MINUTE)
    middle = start + length // 2
    rate = _level(stream, middle) * np.prod([mean_of(number) for _, number in stream.scales])
    return np.asarray(
        rate * stream.profile[np.searchsorted(stream.profile_times, middle, "right") - 1] * length
    )


def _level(stream: Stream, at: Int64) -> Float:
    """The mean level of a stream at these times, averaged over its possible ends."""
    if stream.ends is None:
        return np.interp(at, stream.times, stream.level)
    moved = stream.ends.moved
    chances = np.append(1 - moved, 1) * np.cumprod(np.append(1, moved))
    levels = [np.interp(at, times, level) for times, level in stream.ends.levels]
    return np.asarray(chances @ np.stack(levels))


def _mix(plan: Plan, stream: Stream) -> Float:
    """[u, h, l, o] the mix of a stream in mid-hour; it sums to less than 1 if some stay away."""
    middle = _hours(plan) + HOUR // 2
    joint = np.ones((len(middle), 1, 1, 1))
    for dimension, mixing in stream.mixes:
        shares = np.stack(
            [
                np.stack([np.interp(middle, mixing.times, column) for column in given.T], axis=1)
                for given in mixing.shares.transpose(1, 0, 2)
            ],
            axis=1,
        )  # [u, given, size]
        shape = [len(middle), 1, 1, 1]
        shape[dimension] = shares.shape[2]
        if mixing.by is not None:
            shape[mixing.by] = shares.shape[1]
            if mixing.by > dimension:
                shares = shares.transpose(0, 2, 1)
        joint = joint * shares.reshape(shape)
    return _come(plan, joint, middle)


def _come(plan: Plan, joint: Float, middle: Int64) -> Float:
    """[u, h, l, o] the shares that arrive after self-service and after closed channels lose or move some."""
    habits, come = plan.demand.habits, joint.copy()
    for channel, closed in enumerate(habits.closed):
        if closed is not None:
            shut = np.where(closed.is_open(middle), 0.0, 1.0)[:, None, None] * joint[:, channel]
            come[:, channel] -= (closed.vanish + closed.move) * shut
            if closed.to is not None:
                to = closed.to.shares.mean(axis=(0, 1))
                come += closed.move * to[:, None, None] * shut[:, None]
    for topic, helped in enumerate(habits.helped):
        if helped is not None:
            share = mean_of(helped.scale) * np.interp(middle, helped.times, helped.level)
            come[..., topic] *= 1 - share[:, None, None]
    return come


def _with_follow_ups(plan: Plan, coming: Float) -> Float:
    """[u, h, l, o] the contacts with their follow-ups if all are answered."""
    total: Float = coming.copy()
    then, shares = _then(plan), _followed(plan)
    for links in range(max((follow.most for follow in then.values()), default=0)):
        follow_ups = np.zeros_like(coming)
        for topic, follow in then.items():
            if links < follow.most:
                follow_ups[..., follow.topic] += shares[topic] * coming[..., topic]
        total += follow_ups
        coming = follow_ups
    return total


def _then(plan: Plan) -> dict[int, FollowOn]:
    """The follow-on of a reply, by topic."""
    return {
        item.row: item for item in plan.demand.habits.follow_ons if Trigger.ON_REPLY in item.habit.triggers
    }


def _followed(plan: Plan) -> Float:
    """[o] the share of replies that are followed up, averaged over the people who answer the topic."""
    people = np.array([team.people for team in plan.teams], np.float64)
    shares = np.zeros(len(plan.demand.topic_names))
    for topic, follow in _then(plan).items():
        weights = people * _answers(plan)[:, topic]
        if weights.sum():
            shares[topic] = np.average([mean_of(share) for _, share in follow.shares], weights=weights)
    return shares


def _load(plan: Plan, work: Float) -> Float:
    """[u, l] the offered load in agents, each topic at its teams' mean pace.

    Mt/G/∞ by hour: Eick, Massey & Whitt (1993).
    """
    people = np.array([team.people for team in plan.teams], np.float64)
    load = np.zeros(work.shape[:2])
    for topic, law in enumerate(plan.demand.handle_time):
        serves = people * _answers(plan)[:, topic]
        pace = np.array([mean_of(team.pace) for team in plan.teams])
        factor = float(serves @ pace / serves.sum()) if serves.sum() else 1.0
        for language in range(work.shape[1]):
            load[:, language] += offered_load(
                work[:, language, topic] / HOUR, HOUR, [mean_of(law.mean) * factor]
            )
    return load


def _answers(plan: Plan) -> Bool:
    """[m, o] whether a team answers a topic on some channel."""
    types = plan.demand.type_of  # [h, l, o]
    return np.asarray((plan.rules.push[:, types] >= 0).any(axis=(1, 2)))


def _ready_usually(call: CallUp) -> int:
    """The time at which people who are called are ready, after the mean lead."""
    return call.at + (round(mean_of(call.lead.mean)) if call.lead else 0)


def _ready_at_best(call: CallUp) -> int:
    """The earliest time at which one of any number of people who are called can be ready."""
    certain = call.lead is not None and call.lead.law == "constant" and not isinstance(call.lead.mean, Spread)
    return _ready_usually(call) if certain else call.at


def _speaking(plan: Plan, team: Team) -> Float:
    """[1 + l, minutes] the mean number of people on duty: all of them, then the speakers of each language."""
    speaks = np.broadcast_to(team.speaks, (team.people, len(team.speaks))) if team.drawn else speakers(team)
    shift, start = shift_of(team), starts(team, np.asarray(speaks))
    counts = np.column_stack([np.ones(team.people), speaks])
    weights = []
    for row, item in enumerate(team.shifts):
        people = shift == row
        working = on_rhythm(team, item, start[people]).T.astype(np.float64)
        weights.append(working @ counts[people])  # [days, 1 + l]
    return _on_duty(plan, team, weights, _ready_usually).T


def _somebody(plan: Plan, team: Team) -> Bool:
    """[minutes] whether anybody could be on duty, however many people there are."""
    weights = [np.full((len(item.day), 1), item.share * (team.people > 0)) for item in team.shifts]
    return np.asarray(_on_duty(plan, team, weights, _ready_at_best)[:, 0] > NOBODY)


def _on_duty(plan: Plan, team: Team, weights: list[Float], ready_of: Callable[[CallUp], int]) -> Float:
    """[minutes, x] the weights [days, x] of the shifts on duty, less the mean share away."""
    minutes = len(_minutes(plan))
    change = np.zeros((minutes + 1, weights[0].shape[1]))
    call = team.call_up
    present, ready, until = 1 - mean_of(team.absence), 0, plan.horizon
    if call is not None:
        present *= mean_of(call.show_up)
        ready = ready_of(call)
        until = until if call.until == NEVER else call.until
    for shift, weight in zip(team.shifts, weights, strict=True):
        staying = np.full(len(shift.day), present)
        if call is not None:
            called = np.searchsorted(plan.demand.days, call.at, "right") - 1
            staying = staying * (1 - mean_of(call.drop_out)) ** np.maximum(shift.day - called, 0)
        for piece in range(shift.pieces.shape[1]):
            start, end = (np.clip(shift.pieces[:, piece, edge], ready, until) for edge in (0, 1))
            counted = np.where(start < end, staying, 0.0)[:, None] * weight
            np.add.at(change, start // MINUTE, counted)
            np.add.at(change, end // MINUTE, -counted)
    duty: Float = np.cumsum(change, axis=0)[:minutes]
    return np.where(duty > NOBODY, duty, 0.0)


def _sums(by_minute: Float) -> Float:
    """Sums by hour […, u] of [… minutes]."""
    return np.asarray(np.add.reduceat(by_minute, np.arange(0, by_minute.shape[-1], 60), axis=-1))


def _hourly(by_minute: Float) -> Float:
    """Means by hour [… u] of [… minutes]."""
    return _sums(by_minute) / _sums(np.ones(by_minute.shape[-1]))


def _serves(plan: Plan) -> Bool:
    """[m, h, l, o] whether somebody in a team may take such contacts."""
    speaks = np.stack([team.speaks for team in plan.teams]) > 0
    return np.asarray((plan.rules.push[:, plan.demand.type_of] >= 0) & speaks[:, None, :, None])


def _unserved(plan: Plan, work: Float, duty: Float) -> tuple[Unserved, ...]:
    """The contacts that nobody on duty may take; duty [m, l, u]: the mean number of speakers on duty."""
    lens, unserved, serves = plan.lens, [], _serves(plan)
    hour = np.array([lens.clock.hour(int(start)) for start in _hours(plan)])
    for language, topic in np.ndindex(work.shape[2:]):
        lost = np.zeros(len(work))
        for channel in range(work.shape[1]):
            served = duty[serves[:, channel, language, topic], language].sum(axis=0) > NOBODY
            lost += np.where(served, 0.0, work[:, channel, language, topic])
        if lost.any():
            hours = tuple(sorted(set(hour[lost > 0].tolist())))
            unserved.append(Unserved(lens.languages[language], lens.topics[topic], hours, float(lost.sum())))
    return tuple(unserved)


def _productive(team: Team) -> float:
    """Mean hours on duty a head a week over many weeks, without breaks, days off and absence."""
    on, of = team.works
    hours = sum(shift.share * shift.weekly for shift in team.shifts) / HOUR
    return hours * on / of * (1 - mean_of(team.absence))


def _caps(plan: Plan, coming: Float, mixes: list[Float]) -> tuple[Cap, ...]:
    """The caps of the first-reply promises; coming [v, minutes], mixes [v] of [u, h, l, o]."""
    duty = np.stack([_somebody(plan, team) for team in plan.teams])  # [m, minutes]
    promises = [promise for promise in plan.lens.promises if promise.clock == "first_reply"]
    return tuple(Cap(promise.name, _cap(plan, promise, coming, mixes, duty)) for promise in promises)


def _cap(plan: Plan, promise: Promise, coming: Float, mixes: list[Float], duty: Bool) -> float:
    """The share of judged contacts in scope for which somebody who may take them is on duty in time."""
    start = _minutes(plan)
    judged = (start >= plan.lens.judged[0]) & (start < plan.lens.judged[1])
    until = np.minimum(np.arange(len(start)) + -(-promise.within // MINUTE) + 1, len(start))
    scope, serves = promise.scope.reshape(-1, *plan.demand.type_of.shape)[: len(coming)], _serves(plan)
    shares = _followed(plan)
    reached = total = 0.0
    for stream, channel, language, topic in np.ndindex(scope.shape):
        contacts = coming[stream] * np.repeat(mixes[stream][:, channel, language, topic], 60)[: len(start)]
        follow = _then(plan).get(topic)
        if not contacts.any():
            continue
        if scope[stream, channel, language, topic]:
            opened = np.concatenate([[0], np.cumsum(duty[serves[:, channel, language, topic]].any(axis=0))])
            reached += float(contacts[judged & (opened[until] > opened[:-1])].sum())
            total += float(contacts[judged].sum())
        elif follow is not None and scope[stream, channel, language, follow.topic]:
            # The follow-up brings the case into scope, and it arrives while somebody is on duty.
            reached += float(shares[topic] * contacts.sum())
            total += float(shares[topic] * contacts.sum())
    return reached / total if total and not _moves_in(plan, scope) else 1.0


def _moves_in(plan: Plan, scope: Bool) -> bool:
    """Whether cases can get into scope [v, h, l, o] by another channel; only a simulation tells how many."""
    inside, complete = np.asarray(scope.any(axis=(0, 2, 3))), np.asarray(scope.all(axis=(0, 2, 3)))
    return any(
        item.habit.by == "channel"
        and not complete[item.row]
        and item.to is not None
        and (item.to.shares[..., inside] > 0).any()
        for item in plan.demand.habits.follow_ons
    )
