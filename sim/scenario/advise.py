"""What the numbers of a plan promise before any dice: demand and duty on average, hour by hour, and what follows from them.

Averages throughout: uncertain numbers at their means, follow-ups in the hour of what they follow, absence and no-shows as
shares, people called ready after the mean lead.  Sizes: u hours from the start to the horizon · l languages · o topics.
"""

from dataclasses import dataclass

import numpy as np

from sim.scenario.plan import DIMENSIONS, Bool, Float, Plan, Promise, Stream, Team, mean_of
from sim.tables import NEVER, Int64
from sim.theory import offered_load
from sim.units import DAY, HOUR, MINUTE, WEEK

CHANNEL, LANGUAGE, TOPIC = (DIMENSIONS.index(name) for name in ("channel", "language", "topic"))
NOBODY = 1e-9  # agents on duty on average


@dataclass(frozen=True)
class Unserved:
    """A kind of contact that comes at hours at which nobody on duty may take it."""

    language: str
    topic: str
    hours: tuple[int, ...]  # local hours of the day at which that happens on some day
    contacts: float  # that come in such hours, in the whole event


@dataclass(frozen=True)
class Cap:
    """The highest share of a first-reply promise that any number of people on the same hours could keep."""

    promise: str
    share: float


@dataclass(frozen=True)
class Advice:
    """What `sim validate` says beside "well formed"."""

    contacts: tuple[tuple[str, float], ...]  # by stream, in the whole event
    load: Float  # [u, l] agents that the work of each language keeps busy, at the pace of the whole staff on average
    duty: Float  # [u, l] agents on duty who speak it
    unserved: tuple[Unserved, ...]
    productive: tuple[tuple[str, float], ...]  # by team: hours on duty a head a week, breaks and absence taken off
    caps: tuple[Cap, ...]


def advise(plan: Plan) -> Advice:
    """What the averages of a plan say."""
    lens = plan.lens
    coming = [_contacts(plan, stream) for stream in plan.demand.streams]  # each [u, h, l, o]
    work = _with_follow_ups(plan, sum(coming, np.zeros((1, 1, 1, 1)))).sum(axis=1)  # [u, l, o] contacts an hour
    duty = [_duty(plan, team) for team in plan.teams]  # each [minutes]
    return Advice(
        contacts=tuple((stream.name, float(found.sum())) for stream, found in zip(plan.demand.streams, coming, strict=True)),
        load=_load(plan, work),
        duty=_hourly(np.stack([duty[m] for m in range(len(duty))], axis=1) @ np.stack([team.speaks for team in plan.teams])),
        unserved=_unserved(plan, work, duty),
        productive=tuple((team.name, _productive(team)) for team in plan.teams),
        caps=tuple(
            Cap(promise.name, _cap(plan, promise, coming, duty)) for promise in lens.promises if promise.clock == "first_reply"
        ),
    )


def _hours(plan: Plan) -> Int64:
    return np.arange(0, plan.horizon, HOUR, dtype=np.int64)


def _contacts(plan: Plan, stream: Stream) -> Float:
    """The mean contacts of a stream from outside by hour, channel, language and topic [u, h, l, o]."""
    start = _hours(plan)
    length = np.clip(plan.demand.lasts - start, 0, HOUR)
    middle = start + length // 2
    rate = np.interp(middle, stream.times, stream.level) * np.prod([mean_of(number) for _, number in stream.scales])
    step = stream.profile[np.searchsorted(stream.profile_times, middle, "right") - 1]
    joint: Float = (rate * step * length)[:, None, None, None]
    for dimension, mixing in stream.mixes:
        shares = np.stack(
            [
                np.stack([np.interp(middle, mixing.times, column) for column in given.T], axis=1)
                for given in mixing.shares.transpose(1, 0, 2)
            ],
            axis=1,
        )  # [u, given, size]
        shape = [len(start), 1, 1, 1]
        shape[dimension] = shares.shape[2]
        if mixing.by is not None:
            shape[mixing.by] = shares.shape[1]
            if mixing.by > dimension:
                shares = shares.transpose(0, 2, 1)
        joint = joint * shares.reshape(shape)
    return joint


def _with_follow_ups(plan: Plan, coming: Float) -> Float:
    """The contacts [u, h, l, o] with what follows when all are answered."""
    whole: Float = coming.copy()
    for topic, follow in enumerate(plan.demand.then):
        if follow is not None:
            whole[..., follow.topic] += mean_of(follow.share) * coming[..., topic]
    return whole


def _load(plan: Plan, work: Float) -> Float:
    """The offered load [u, l] in agents (Mt/G/∞ by hour; Eick, Massey & Whitt 1993), each topic at its teams' mean pace."""
    people = np.array([team.people for team in plan.teams], np.float64)
    load = np.zeros(work.shape[:2])
    for topic, law in enumerate(plan.demand.handle_time):
        serves = people * _answers(plan)[:, topic]
        pace = np.array([mean_of(team.pace) for team in plan.teams])
        factor = float(serves @ pace / serves.sum()) if serves.sum() else 1.0
        for language in range(work.shape[1]):
            load[:, language] += offered_load(work[:, language, topic] / HOUR, HOUR, [mean_of(law.mean) * factor])
    return load


def _answers(plan: Plan) -> Bool:
    """[m, o] whether a team answers a topic on some channel."""
    types = plan.demand.type_of  # [h, l, o]
    return np.asarray((plan.rules.push[:, types] >= 0).any(axis=(1, 2)))


def _duty(plan: Plan, team: Team) -> Float:
    """The mean number of people on duty in each minute from the start to the horizon."""
    minutes = -(-plan.horizon // MINUTE)
    change = np.zeros(minutes + 1)
    call = team.call_up
    present = team.people * team.works[0] / team.works[1] * (1 - mean_of(team.absence))
    ready, until = 0, plan.horizon
    if call is not None:
        present *= mean_of(call.show_up)
        ready = call.at + (round(mean_of(call.lead.mean)) if call.lead else 0)
        until = until if call.until == NEVER else call.until
    for shift in team.shifts:
        staying = np.ones(len(shift.day))
        if call is not None:
            called = np.searchsorted(plan.demand.days, call.at, "right") - 1
            staying = (1 - mean_of(call.drop_out)) ** np.maximum(shift.day - called, 0)
        start, end = np.clip(shift.pieces[..., 0], ready, until), np.clip(shift.pieces[..., 1], ready, until)
        weight = np.broadcast_to((present * shift.share * staying)[:, None], start.shape)
        np.add.at(change, start // MINUTE, np.where(start < end, weight, 0.0))
        np.add.at(change, end // MINUTE, np.where(start < end, -weight, 0.0))
    duty: Float = np.cumsum(change)[:minutes]
    return duty


def _hourly(by_minute: Float) -> Float:
    """Means by hour [u, …] of what holds by minute [minutes, …]."""
    starts = np.arange(0, len(by_minute), 60)
    sizes = np.minimum(60, len(by_minute) - starts)
    return np.asarray(np.add.reduceat(by_minute, starts, axis=0) / sizes.reshape(-1, *[1] * (by_minute.ndim - 1)))


def _serves(plan: Plan, team: int) -> Bool:
    """[h, l, o] whether somebody of a team may take such contacts."""
    speaks = plan.teams[team].speaks > 0
    return np.asarray((plan.rules.push[team][plan.demand.type_of] >= 0) & speaks[None, :, None])


def _open(plan: Plan, duty: list[Float], kind: tuple[int, int, int]) -> Bool:
    """[minutes] whether anybody who may take contacts of a channel, language and topic is on duty."""
    open_ = np.zeros(len(duty[0]), np.bool_)
    for team in range(len(plan.teams)):
        if _serves(plan, team)[kind]:
            open_ |= duty[team] > NOBODY
    return open_


def _unserved(plan: Plan, work: Float, duty: list[Float]) -> tuple[Unserved, ...]:
    lens, found = plan.lens, []
    hour = np.array([lens.clock.hour(int(start)) for start in _hours(plan)])
    for language, topic in np.ndindex(work.shape[1:]):
        served = np.zeros(len(work))
        for team in range(len(plan.teams)):
            if _serves(plan, team)[:, language, topic].any():
                served += _hourly(duty[team])
        nobody = (served <= NOBODY) & (work[:, language, topic] > 0)
        if nobody.any():
            hours = tuple(sorted(set(hour[nobody].tolist())))
            contacts = float(work[nobody, language, topic].sum())
            found.append(Unserved(lens.languages[language], lens.topics[topic], hours, contacts))
    return tuple(found)


def _productive(team: Team) -> float:
    """Hours on duty a head a week, breaks, days off and absence taken off: the mean of a long row of weeks."""
    on, of = team.works
    hours = 0.0
    for shift in team.shifts:
        if len(shift.day):
            # The longest day stands for all: the first and the last may be cut off by the event.
            whole = float((shift.pieces[..., 1] - shift.pieces[..., 0]).sum(axis=1).max()) / HOUR
            days = len(shift.day) / (shift.day[-1] - shift.day[0] + 1) if len(shift.day) > 1 else 1.0
            hours += shift.share * whole * days
    return float(hours * WEEK / DAY * on / of * (1 - mean_of(team.absence)))


def _cap(plan: Plan, promise: Promise, coming: list[Float], duty: list[Float]) -> float:
    """The share of the judged contacts in scope that come when, within `within`, somebody who may take them is on duty."""
    minutes = np.arange(len(duty[0])) * MINUTE
    judged = (minutes >= plan.lens.judged[0]) & (minutes < plan.lens.judged[1])
    scope = promise.scope.reshape(len(coming), *plan.demand.type_of.shape)  # [v, h, l, o]
    asked = sum((found * scope[row] for row, found in enumerate(coming)), np.zeros((1, 1, 1, 1)))  # [u, h, l, o]
    reached = whole = 0.0
    for kind in np.ndindex(asked.shape[1:]):
        rate = np.where(judged, np.repeat(asked[(slice(None), *kind)] / 60, 60)[: len(minutes)], 0.0)
        if rate.any():
            opened = np.concatenate([[0], np.cumsum(_open(plan, duty, kind))])
            until = np.minimum(np.arange(len(minutes)) + promise.within // MINUTE + 1, len(minutes))
            reached += float(rate[opened[until] > opened[:-1]].sum())
            whole += float(rate.sum())
    return reached / whole if whole else 1.0
