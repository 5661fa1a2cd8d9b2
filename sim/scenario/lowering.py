"""Names → rows, units → ms: a scenario becomes a plan.  The last place that sees pydantic."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from sim import plan
from sim.clock import Clock
from sim.plan import Bool, Plan
from sim.scenario.lowering_demand import demand_of, law_of, reasons_of, streams_of
from sim.scenario.schema.habits import Down
from sim.scenario.schema.mixes import TimeSeries
from sim.scenario.schema.scenario import Promise, Scenario, Source
from sim.scenario.schema.staff import CallUp, Shift, Team
from sim.tables import NEVER, Int32, Int64, permille


def lower(scenario: Scenario, resolved: Mapping[str, Any], changed: Collection[str] = ()) -> Plan:
    """The plan of a scenario that `read` has checked.

    resolved: the scenario as texts, whose words are quoted beside their basis; changed: the paths that a
    variant or an argument wrote, whose numbers have no source any more, unless it wrote that too.
    """
    clock = Clock(scenario.starts, scenario.timezone)
    horizon = scenario.lasts + scenario.drain
    types, rules = _rules(scenario, clock)
    labels = np.indices((len(streams_of(scenario)), *types.shape)).reshape(4, -1).T.astype(np.int32)
    days = np.array(clock.midnights(0, horizon), np.int64)
    return Plan(
        demand=demand_of(scenario, clock, types, days),
        teams=tuple(_team(name, team, scenario, clock, horizon) for name, team in scenario.teams.items()),
        rules=rules,
        lens=_lens(scenario, clock, horizon, labels, types, days),
        horizon=horizon,
        assumptions=tuple(
            _assumption(path, source, _quoted(resolved, path), changed)
            for path, source in scenario.sources.items()
        ),
        expectations=scenario.expect or (),
    )


def _assumption(path: str, source: Source, value: str, changed: Collection[str]) -> plan.Assumption:
    touched = any(
        f"{one}.".startswith(f"{other}.") for made in changed for one, other in ((made, path), (path, made))
    )
    if touched and f"sources.{path}" not in changed:
        return plan.Assumption(path, value, "assumed", "changed", "")
    return plan.Assumption(path, value, source.basis, source.where, source.range)  # type: ignore[arg-type]


def _quoted(tree: Any, path: str) -> str:
    """The words at a dotted path, in the file's own flow style; what is large is only named."""
    for key in path.split("."):
        tree = tree[int(key)] if isinstance(tree, list) else tree[key]

    def flow(node: Any) -> str:
        if isinstance(node, Mapping):
            return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in node.items()) + "}"
        return "[" + ", ".join(map(flow, node)) + "]" if isinstance(node, list) else str(node)

    text = flow(tree)
    return text if len(text) <= 60 else "as in the file"


# --- teams and routing
# -----------------------------------------------------------------------------------------------


def _team(name: str, team: Team, scenario: Scenario, clock: Clock, horizon: int) -> plan.Team:
    return plan.Team(
        name=name,
        people=team.people,
        drawn=team.drawn,
        speaks=np.array([team.speaks.get(language, 0.0) for language in scenario.languages]),
        pace=team.pace,
        slots=team.in_hand,
        works=team.works,
        absence=team.absence,
        call_up=_call_up(team.call_up, clock),
        shifts=tuple(_shift(shift, team.down, clock, horizon) for shift in team.shifts.values()),
    )


def _call_up(call: CallUp | None, clock: Clock) -> plan.CallUp | None:
    if call is None:
        return None
    until = NEVER if call.until is None else call.until - clock.start
    lead = None if call.lead is None else law_of(call.lead)
    return plan.CallUp(call.at - clock.start, until, lead, call.show_up, call.drop_out)


def _shift(shift: Shift, down: tuple[Down, ...], clock: Clock, horizon: int) -> plan.Shift:
    """Its working days from the day before the start on, whose night shift may reach into it."""
    edges = [shift.hours[0], *(edge for span in shift.placed_breaks() for edge in span), shift.hours[1]]
    first = clock.midnights(0, 0)[0]
    midnights = clock.midnights(first - 1, horizon)
    days = [
        day - 1
        for day, midnight in enumerate(midnights)
        if midnight < horizon and (shift.days is None or clock.weekday(midnight) in shift.days)
    ]
    times = np.array([clock.daily(midnights[day + 1], edge) for day in days for edge in edges], np.int64)
    # A local time that a clock change moves forward may pass the next one: what lies between is empty then.
    pieces = np.maximum.accumulate(times).reshape(len(days), len(edges) // 2, 2)
    for span in down:  # what is left of each piece before and after it, perhaps nothing
        start, end = pieces[..., 0], pieces[..., 1]
        before = np.stack([start, np.clip(span.start - clock.start, start, end)], axis=2)
        after = np.stack([np.clip(span.to - clock.start, start, end), end], axis=2)
        pieces = np.concatenate([before, after], axis=1)
    return plan.Shift(
        1.0 if shift.share is None else shift.share,
        np.array(days, np.int32),
        np.clip(pieces, 0, horizon),
        _weekly(shift),
    )


def _weekly(shift: Shift) -> int:
    """The ms on duty in a week of ordinary days, breaks taken off."""
    spans = [shift.hours, *((on, off) for off, on in shift.placed_breaks())]  # a break counts backwards
    return sum(end - start for start, end in spans) * (7 if shift.days is None else len(shift.days))


def _rules(scenario: Scenario, clock: Clock) -> tuple[Int32, plan.Rules]:
    """The contact types, equal ones merged, and the routing by team and type."""
    names = (tuple(scenario.channels), scenario.languages, tuple(scenario.topics))
    channel, language, topic = np.indices([len(axis) for axis in names]).reshape(3, -1)
    topics = list(scenario.topics.values())
    within = _within(scenario, names)
    routing = scenario.routing
    by_deadline = routing.order == "earliest deadline first"
    columns = [
        *(_push(scenario, team)[channel, topic] for team in scenario.teams),
        *(_rank(routing.take_first.get(team, ()), names[2])[topic] for team in scenario.teams),
        *(
            np.array([routing.overflow.get(team, {}).get(o, 0) for o in names[2]])[topic]
            for team in scenario.teams
        ),
        language,
        np.array([o.urgency for o in topics])[topic],
        np.where(within >= 0, within, scenario.drain) if by_deadline else np.zeros(len(topic)),
        within,
        channel,
        np.array([o.repeat_time for o in topics])[topic],
    ]
    rows, type_of = np.unique(np.stack(columns, axis=1).astype(np.int64), axis=0, return_inverse=True)
    m = len(scenario.teams)
    push, pull, after = (rows[:, start : start + m].T for start in (0, m, 2 * m))
    language, urgency, allowance, within, channel, duplicate_effort = rows[:, 3 * m :].T
    crowding = [team.crowding for team in scenario.teams.values()]
    longest = max(map(len, crowding))
    rules = plan.Rules(
        push=push.astype(np.int32),
        pull=pull.astype(np.int32),
        after=after,
        language=language.astype(np.int32),
        urgency=urgency.astype(np.int32),
        allowance=allowance,
        within=within,
        channel=channel.astype(np.int32),
        recognised=tuple(
            (f"channels.{name}.recognised", item.recognised) for name, item in scenario.channels.items()
        ),
        duplicate_effort=duplicate_effort,
        crowding=np.array(
            [[permille(row[min(i, len(row) - 1)]) for i in range(longest)] for row in crowding], np.int32
        ),
        lines=_line_steps(scenario, clock),
        fresh_first=routing.fresh_first,
    )
    return type_of.reshape([len(axis) for axis in names]).astype(np.int32), rules


def _line_steps(scenario: Scenario, clock: Clock) -> Int64:
    """[x, 3] (time, channel, most contacts held) by channel in order; earlier steps count from the start."""
    steps: list[tuple[int, int, int]] = []
    for row, channel in enumerate(scenario.channels.values()):
        lines = channel.lines
        if isinstance(lines, TimeSeries):
            steps += [
                (max(time - clock.start, 0), row, most)
                for time, most in zip(lines.times, lines.values, strict=True)
            ]
        elif lines != NEVER:
            steps.append((0, row, lines))
    return np.array(steps, np.int64).reshape(-1, 3)


def _rank(first: tuple[str, ...], names: tuple[str, ...]) -> Int64:
    """The place of each name in a list of preference; those not in it come after."""
    return np.array([first.index(name) if name in first else len(first) for name in names], np.int64)


def _push(scenario: Scenario, team: str) -> Int64:
    """[h, o] which place a team has among those a contact prefers, -1 if it does not answer it."""
    item = scenario.teams[team]
    on_channel = np.array([item.channels is None or name in item.channels for name in scenario.channels])
    place = [
        (lambda teams: teams.index(team) if team in teams else len(teams))(
            scenario.routing.prefer.get(topic, ())
        )
        if item.answers is None or topic in item.answers
        else NEVER
        for topic in scenario.topics
    ]
    return np.where(on_channel[:, None], np.array(place, np.int64), NEVER)


def _within(scenario: Scenario, names: tuple[tuple[str, ...], ...]) -> Int64:
    """[h·l·o] the shortest first-reply promise that judges such contacts, -1 none."""
    shortest = np.full([len(axis) for axis in names], NEVER, np.int64)
    for name, promise in scenario.promises.items():
        if (promise.clock or name) == "first_reply" and promise.within is not None:
            judged = _scope(promise, scenario).any(axis=0)
            shorter = judged & ((shortest == NEVER) | (shortest > promise.within))
            shortest[shorter] = promise.within
    return shortest.ravel()


def _scope(promise: Promise, scenario: Scenario) -> Bool:
    """[v, h, l, o] which labels a promise judges."""
    mask = np.ones((), np.bool_)
    streams = promise.scope.stream or tuple(scenario.demand)  # bystanders only where they are named
    for wanted, names in (
        (streams, streams_of(scenario)),
        (promise.scope.channel, scenario.channels),
        (promise.scope.language, scenario.languages),
        (promise.scope.topic, scenario.topics),
    ):
        mask = mask[..., None] & np.array([wanted is None or name in wanted for name in names])
    return mask


# --- lens
# ------------------------------------------------------------------------------------------------------------


def _lens(
    scenario: Scenario, clock: Clock, horizon: int, labels: Int32, types: Int32, days: Int64
) -> plan.Lens:
    laws = [law_of(topic.handle_time) for topic in scenario.topics.values()]
    judged = scenario.judged
    return plan.Lens(
        name=scenario.name,
        title=scenario.title,
        clock=clock,
        lasts=scenario.lasts,
        horizon=horizon,
        period=scenario.period,
        judged=(judged.start - clock.start, judged.to - clock.start) if judged else (0, scenario.lasts),
        days=days,
        streams=streams_of(scenario),
        channels=tuple(scenario.channels),
        languages=scenario.languages,
        topics=tuple(scenario.topics),
        teams=tuple(scenario.teams),
        labels=labels,
        types=np.tile(types.ravel(), len(streams_of(scenario))).astype(np.int32),
        reasons=reasons_of(scenario),
        live=np.array([channel.live for channel in scenario.channels.values()]),
        handle_time=np.array([plan.mean_of(law.mean) for law in laws]),
        handle_cv=np.array([law.cv for law in laws]),
        wages=np.array([np.nan if team.wage is None else team.wage for team in scenario.teams.values()]),
        promises=tuple(
            plan.Promise(
                name=name,
                clock=promise.clock or name,  # type: ignore[arg-type]  # `coherence` sees to it
                within=NEVER if promise.within is None else promise.within,
                share=promise.share,
                events=promise.events,
                scope=_scope(promise, scenario).ravel(),
                each=promise.each or (),
            )
            for name, promise in scenario.promises.items()
        ),
    )
