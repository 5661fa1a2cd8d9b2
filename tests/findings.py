"""Synthetic findings of an event like the ash cloud: what a study would return, from a fluid sketch in place
of a simulation.

Nine days and a day of drain from Wed 14 Apr 2010, five languages, two channels, two topics, three teams,
three promises, 200 events.  A crowd that asks twice as much (`crowd=2`) breaks the first-reply promise; a
tenth of it (`crowd=0.1`) breaks none.
"""

from dataclasses import fields, replace
from functools import cache
from math import inf, nan, sin, sqrt
from typing import Any

import numpy as np

from sim.clock import Clock, epoch
from sim.forecast import Advice, Cap
from sim.measure.pooled.breaks import Break
from sim.measure.pooled.shortfall import Shortfall
from sim.measure.stats.verdicts import Ruling, Verdict
from sim.plan import STAYED_AWAY, Assumption, Lens, Promise
from sim.study.findings import Estimates, Findings
from sim.units import DAY, HOUR, MINUTE

NASTY = "</script><b>&\"'</b><!--{{ 7 * 7 }}\u2028%{x}"  # a name that would be markup
ZONE = "Europe/Amsterdam"
PERIOD = 15 * MINUTE
LASTS, HORIZON = 9 * DAY, 10 * DAY
JUDGED = (43 * HOUR, 8 * DAY)
STREAMS, CHANNELS, TOPICS = ("everyday", "stranded"), ("facebook", "twitter"), ("information", "rebooking")
LANGUAGES, TEAMS = ("nl", "en", "de", "fr", "es"), ("staff", "desk", "volunteers")
SHARES = {
    "stream": (0.2, 0.8),
    "channel": (0.6, 0.4),
    "topic": (0.75, 0.25),
    "language": (0.55, 0.3, 0.1, 0.035, 0.015),
}
HOME = (
    2.7,
    1.3,
    0.9,
    0.8,
    1.0,
    1.6,
    2.7,
    4.0,
    5.2,
    5.8,
    6.0,
    6.0,
    5.6,
    5.4,
    5.4,
    5.3,
    5.2,
    5.2,
    5.4,
    5.8,
    6.0,
    5.6,
    4.6,
    3.5,
)
CLOCKS = {"first_reply": (HOUR, 0.9), "solved": (DAY, 0.9), "answered": (-1, 0.999)}


def lens() -> Lens:
    """Names, days and promises."""
    clock = Clock(epoch("2010-04-14 00:00", ZONE), ZONE)
    labels = (
        np.stack(np.meshgrid(*(np.arange(len(names)) for names in (STREAMS, CHANNELS, LANGUAGES, TOPICS))))
        .reshape(4, -1)
        .T
    )
    promises = tuple(
        Promise(name, name, within, share, 0.95, np.ones(len(labels), bool), ())  # type: ignore[arg-type]
        for name, (within, share) in CLOCKS.items()
    )
    return Lens(
        "ashcloud",
        "Ash cloud over Europe, April 2010",
        clock,
        LASTS,
        HORIZON,
        PERIOD,
        JUDGED,
        np.array(clock.midnights(0, HORIZON)),
        STREAMS,
        CHANNELS,
        LANGUAGES,
        TOPICS,
        TEAMS,
        labels.astype(np.int32),
        np.arange(len(labels), dtype=np.int32),
        np.zeros(2, bool),
        np.array([5.0, 12.0]) * MINUTE,
        np.array([0.8, 1.0]),
        np.array([nan, 32.0, nan]),
        STAYED_AWAY,
        promises,
    )


def fluid(crowd: float) -> dict[str, np.ndarray]:
    """By period: contacts that come, agents on duty, needed and busy, contacts waiting, oldest ms, share in
    time.
    """
    time = np.arange(0, HORIZON, PERIOD)
    hours = time / HOUR
    ramp = np.interp(hours, [0, 43, 60, 140.5, 192, 216], [0, 0, 0.8, 0.8, 0, 0])
    weight = np.array(HOME)[(hours % 24).astype(int)] / 100
    coming = np.where(hours < 216, (300 + 3300 * crowd * ramp) * weight / 4, 0.0)
    shift = np.array([0.2, 0.4, 0.4])[((hours + 1) % 24 // 8).astype(int)]
    onduty = np.round(4 + 3 * (hours % 24 > 8) + 70 * shift * np.interp(hours, [47, 54], [0, 1]))
    speed = 2.1  # contacts an agent and period
    waiting, backlog = 0.0, np.zeros(len(time))
    for row in range(len(time)):
        waiting = max(0.0, waiting + coming[row] - onduty[row] * speed)
        backlog[row] = waiting
    delay = backlog / (onduty * speed) * PERIOD
    busy = np.minimum(onduty, (coming + np.roll(backlog, 1)) / speed)
    kept = 0.985 / (1 + np.exp((delay - HOUR) / (18 * MINUTE)))
    return {
        "time": time,
        "contacts": coming,
        "on_duty": onduty,
        "busy": busy,
        "backlog": backlog,
        "oldest": delay,
        "service_level": kept,
        "needed": np.ceil(coming / speed + sqrt(2) * np.sqrt(coming / speed)),
    }


WAYS = {  # contacts of the judged hours, as shares of all that came
    ("outside", "facebook", "answered"): 0.42,
    ("outside", "facebook", "open"): 0.001,
    ("outside", "twitter", "answered"): 0.24,
    ("outside", "twitter", "answered again"): 0.012,
    ("follow-up", "facebook", "answered"): 0.11,
    ("follow-up", "twitter", "answered"): 0.06,
    ("nudge", "facebook", "merged"): 0.07,
    ("nudge", "facebook", "answered again"): 0.03,
    ("nudge", "twitter", "answered"): 0.02,
    ("bystander", "twitter", "answered"): 0.037,
}


class Builder:
    """Collects rows of Estimates; values and spreads are made up, but consistent: lower ≤ mean ≤ upper, p10 ≤
    p50 ≤ p90.
    """

    def __init__(self, events: int) -> None:
        self.events = events
        self.rows: list[tuple[Any, ...]] = []

    def add(
        self,
        measure: str,
        unit: str,
        mean: float,
        dimension: str = "all",
        member: str = "",
        promise: str = "",
        time: int = -1,
        hour: int = -1,
        cases: float = 1000.0,
        sd: float | None = None,
    ) -> None:
        """A row whose events scatter with standard deviation `sd` (default: a tenth of the mean)."""
        top = 1.0 if unit == "share" else inf
        if sd is None:
            sd = sqrt(max(mean * (1 - mean), 0) / max(cases, 1) * 4) if unit == "share" else 0.1 * abs(mean)
        low, high = mean - 1.96 * sd / sqrt(self.events), mean + 1.96 * sd / sqrt(self.events)
        quantiles = [max(0.0, mean - 1.28 * sd), mean, min(top, mean + 1.28 * sd)]
        if mean == inf:
            low, high, quantiles = inf, inf, [inf] * 3
        self.rows.append(
            (
                measure,
                promise,
                dimension,
                member,
                time,
                hour,
                mean,
                max(0.0, low),
                min(top, high),
                *quantiles,
                cases,
                unit,
            )
        )

    def table(self) -> Estimates:
        """The rows as columns."""
        names = [item.name for item in fields(Estimates)]
        types = {
            "time": np.int64,
            "hour": np.int64,
            "measure": str,
            "promise": str,
            "dimension": str,
            "member": str,
            "unit": str,
        }
        columns = zip(*self.rows, strict=True) if self.rows else ([] for _ in names)
        return Estimates(
            **{
                name: np.array(column, types.get(name, float))
                for name, column in zip(names, columns, strict=True)
            }
        )


@cache
def estimates(crowd: float = 2.0, events: int = 200) -> Estimates:
    """The whole tidy table."""
    flow, view, build = fluid(crowd), lens(), Builder(events)
    hours = {name: array.reshape(-1, 4) for name, array in flow.items()}
    days = [str(view.clock.date(int(midnight))) for midnight in view.days[:-1]]
    pooled = np.average(flow["service_level"][172:768], weights=flow["contacts"][172:768])
    rows = [("all", "", -1, 1.0, pooled, float(flow["contacts"].sum()))]
    for dimension, shares in SHARES.items():
        for member, share in zip(view.names(dimension), shares, strict=True):
            rows.append(
                (
                    dimension,
                    member,
                    -1,
                    share,
                    pooled ** (1 + 0.1 / sqrt(share)),
                    share * float(flow["contacts"].sum()),
                )
            )
    for row, day in enumerate(days):
        span = slice(96 * row, 96 * row + 96)
        coming = flow["contacts"][span]
        kept = np.average(flow["service_level"][span], weights=coming) if coming.sum() else nan
        rows.append(("day", day, int(view.days[row]), 1.0, float(kept), float(coming.sum())))
    for dimension, member, time, share, kept, cases in rows:
        if kept == kept and (time < 0 or JUDGED[0] - DAY < time < JUDGED[1]):
            for promise, (value, scatter) in later(kept).items():
                build.add(
                    "service_level",
                    "share",
                    value,
                    dimension,
                    member,
                    promise=promise,
                    time=time,
                    cases=cases,
                    sd=scatter,
                )
        build.add("contacts", "contacts", cases, dimension, member, time=time, cases=cases)
        for measure, value in (
            ("answered", 0.97),
            ("abandoned", 0.0),
            ("blocked", 0.0),
            ("open", 0.001),
            ("follow_up", 0.18),
        ):
            build.add(measure, "share", value, dimension, member, time=time, cases=cases)
        build.add(
            "wait_served",
            "ms",
            (2 - kept) * 20 * MINUTE if kept == kept else nan,
            dimension,
            member,
            time=time,
            cases=cases,
        )
        build.add("handle_time", "ms", 7.5 * MINUTE, dimension, member, time=time, cases=cases * share)
    for row in range(len(flow["time"])):
        periods(build, flow, row)
    for hour in range(JUDGED[0] // HOUR, JUDGED[1] // HOUR):
        coming = hours["contacts"][hour]
        kept = float(np.average(hours["service_level"][hour], weights=coming))
        for promise, (value, scatter) in later(kept).items():
            time = hour * HOUR
            build.add(
                "service_level",
                "share",
                value,
                "window",
                promise=promise,
                time=time,
                cases=float(coming.sum()),
                sd=scatter,
            )
    for hour in range(24):
        span = hours["contacts"][hour + 48 : 192 : 24], hours["service_level"][hour + 48 : 192 : 24]
        for member, share in zip(LANGUAGES, SHARES["language"], strict=True):
            kept = float(np.average(span[1].ravel(), weights=span[0].ravel())) ** (1 + 0.1 / sqrt(share))
            for promise, (value, scatter) in later(kept).items():
                cases = share * float(span[0].sum())
                build.add(
                    "service_level",
                    "share",
                    value,
                    "hour",
                    member,
                    promise=promise,
                    hour=hour,
                    cases=cases,
                    sd=scatter,
                )
    totals(build, flow)
    ways(build, float(flow["contacts"][172:768].sum()), WAYS)
    return build.table()


def later(kept: float) -> dict[str, tuple[float, float]]:
    """(mean, standard deviation over events) of the three promises where the first-reply promise is
    kept so.
    """
    return {
        "first_reply": (kept, 0.12 * sqrt(kept * (1 - kept)) + 0.005),
        "solved": (1 - 0.15 * (1 - kept), 0.01),
        "answered": (1 - 0.0004 * (1 - kept), 0.0001),
    }


def periods(build: Builder, flow: dict[str, np.ndarray], row: int) -> None:
    """The rows of one planning period."""
    at = {"dimension": "period", "time": int(flow["time"][row])}
    wobble = 1 + 0.01 * sin(row)
    for measure, unit in (
        ("backlog", "contacts"),
        ("oldest", "ms"),
        ("on_duty", "agents"),
        ("busy", "agents"),
        ("needed", "agents"),
    ):
        scatter = None if measure != "on_duty" else 2.0
        build.add(
            measure,
            unit,
            float(flow[measure][row]) * (1 if measure == "on_duty" else wobble),
            **at,
            sd=scatter,
        )
    build.add("in_hand", "contacts", float(flow["busy"][row]), **at)
    build.add("occupancy", "share", float(flow["busy"][row] / flow["on_duty"][row]), **at)
    if JUDGED[0] <= at["time"] < JUDGED[1]:
        for promise, (value, scatter) in later(
            min(float(flow["service_level"][row]) * wobble, 0.995)
        ).items():
            build.add(
                "service_level",
                "share",
                value,
                promise=promise,
                **at,
                cases=float(flow["contacts"][row]),
                sd=scatter,
            )


def totals(build: Builder, flow: dict[str, np.ndarray]) -> None:
    """The rows of the whole event and of teams."""
    low = float(flow["service_level"][172:].min())
    for promise, (value, _) in later(min(low + 0.1, 0.98)).items():
        build.add("service_level_worst_day", "share", value, promise=promise, sd=0.05 * (1.001 - value))
        build.add(
            "service_level_first_night", "share", value**0.5, promise=promise, sd=0.05 * (1.001 - value)
        )
    for clock, times in (
        ("first_reply", (24, 130, 260)),
        ("solved", (40, 600, 1500)),
        ("elapsed", (70, 900, inf)),
    ):
        promise = "first_reply" if clock == "first_reply" else "solved"
        for quantile, minutes in zip(("p50", "p90", "p95"), times, strict=True):
            build.add(f"{clock}_{quantile}", "ms", minutes * MINUTE, promise=promise)
    build.add("cleared", "moment", 147.25 * HOUR)
    build.add("backlog_peak", "contacts", float(flow["backlog"].max()))
    build.add("oldest_peak", "ms", float(flow["oldest"].max()))
    for member, hours, occupancy in (
        ("", 6900.0, 0.62),
        ("staff", 960.0, 0.81),
        ("desk", 1480.0, 0.55),
        ("volunteers", 4460.0, 0.58),
    ):
        dimension = "team" if member else "all"
        build.add("agent_hours", "hours", hours, dimension, member)
        build.add("overtime", "hours", hours / 400, dimension, member)
        build.add("occupancy", "share", occupancy, dimension, member, sd=0.05)
        build.add("cost", "money", {"": 47360.0, "desk": 47360.0}.get(member, nan), dimension, member)


def ways(build: Builder, contacts: float, shares: dict[tuple[str, str, str], float]) -> None:
    """The rows on where contacts came from and what became of them, and on who came again."""
    summed: dict[tuple[str, str], float] = {}
    for (origin, channel, fate), share in shares.items():
        build.add("flow", "contacts", share * contacts, "flow", f"{origin} > {channel} > {fate}")
        names = {
            "all": "",
            "origin": origin,
            "channel": channel,
            "fate": fate,
            "origin_fate": f"{origin} > {fate}",
        }
        for dimension, member in names.items():
            summed[dimension, member] = summed.get((dimension, member), 0.0) + share
    for (dimension, member), share in summed.items():
        build.add("flow", "contacts", share * contacts, dimension, member)
    build.add("moves", "contacts", 0.02 * contacts, "move", "facebook > twitter")
    for dimension, member in (("all", ""), *(("channel", name) for name in CHANNELS)):
        for measure, value in (
            ("repeat", 0.12),
            ("moved", 0.02),
            ("merged", 0.07),
            ("wasted", 0.031),
            ("bystander", 0.037),
            ("solved_first", 0.71),
            ("next_reply", 0.83),
        ):
            build.add(measure, "share", value, dimension, member, cases=contacts)
        build.add("next_reply_time", "ms", 31 * MINUTE, dimension, member, cases=contacts)
    for team, part in zip(TEAMS, (0.3, 0.2, 0.5), strict=True):
        build.add("handled", "contacts", part * contacts, "team", team)
        build.add("handle_time", "ms", 6.5 * MINUTE, "team", team)
        for measure, value in (("wasted", 0.031), ("followed_up", 0.3 * part), ("solved_first", 0.71)):
            build.add(measure, "share", value, "team", team, cases=contacts)


def verdict(**changes: Any) -> Verdict:
    """A verdict that breaks at 138 of 200 simulations, or one that differs."""
    decisive = Verdict(
        "first_reply",
        "",
        "",
        0.9,
        0.95,
        138,
        200,
        0.62,
        0.75,
        Ruling.BREAKS,
        None,
        0.85,
        0.835,
        0.865,
        0.71,
        18_400.0,
    )
    return replace(decisive, **changes)


ALL = verdict(
    promise="all",
    target=nan,
    confidence_asked=0.85,
    kept=130,
    lower=0.58,
    upper=0.72,
    mean=nan,
    mean_lower=nan,
    mean_upper=nan,
    worst=nan,
)


ADVICE = Advice(
    contacts=(("stranded", 30_000.0),),
    load=np.zeros((1, 5)),
    duty=np.zeros((1, 5)),
    people=np.zeros(1),
    constant=(),
    unserved=(),
    productive=(("desk", 26.3),),
    caps=(Cap("first_reply", 1.0),),
)


def findings(crowd: float = 2.0, events: int = 200, **changes: Any) -> Findings:
    """Everything a study returns; `changes` replace fields."""
    solved = verdict(
        promise="solved",
        kept=191,
        lower=0.916,
        upper=0.979,
        ruling=Ruling.UNDECIDED,
        enough=3200,
        mean=0.967,
        mean_lower=0.965,
        mean_upper=0.969,
        worst=0.93,
    )
    answered = verdict(
        promise="answered",
        target=0.999,
        kept=200,
        lower=0.982,
        upper=1.0,
        ruling=Ruling.HOLDS,
        mean=0.99984,
        mean_lower=0.99982,
        mean_upper=0.99986,
        worst=0.9996,
    )
    times = (hours * HOUR for hours in (60, 66, 73, 96, 97))
    causes = (("language", "es"), ("topic", "information"))
    broken = Break("first_reply", "all", "", 67 * HOUR, 147 * HOUR, 71, *times, 0.18, causes)
    breaks = (
        broken,
        replace(
            broken,
            dimension="language",
            member="es",
            broken=62 * HOUR,
            safe=-1,
            broken_late=-1,
            worst_share=0.05,
        ),
        Break("solved", "all", "", -1, -1, 0, -1, -1, -1, 96 * HOUR, 97 * HOUR, 0.97, ()),
    )
    shortfalls = tuple(
        Shortfall(agents, ((language, topic, agents - 0.2),), start * HOUR, (start + lasts) * HOUR)
        for agents, language, topic, start, lasts in (
            (14, "nl", "information", 91, 6),
            (8, "en", "information", 92, 3),
            (5, "nl", "rebooking", 92, 3),
            (3, "es", "information", 80, 12),
            (12, "nl", "information", 115, 6),
            (2, "de", "information", 93, 1),
            (1, "fr", "information", 94, 1),
        )
    )
    assumptions = (
        Assumption(
            "demand.stranded.people",
            "{triangular: [50000, 55000, 65000]}",
            "published",
            "004_dc08a8c5701cf7ad",
            "",
        ),
        Assumption(
            "demand.stranded.contacts_each", "{mean: 0.06 / d, cv: 20 %}", "assumed", "", "0.04–0.08 / d"
        ),
        Assumption("teams.volunteers.pace", "160 %", "assumed", "volunteers nobody has met yet", "130–200 %"),
    )
    record = {
        "scenario": "ashcloud",
        "variant": "hundred",
        "changes": [],
        "seed": 1,
        "replications": events,
        "versions": {"sim": "0.1.0"},
        "command": ["sim", "run", "scenarios/ashcloud.yaml", "-v", "hundred"],
    }
    by_event = {"replication": np.arange(events), "promise": np.full(events, "first_reply")}
    table = estimates(crowd, events)
    verdicts = (verdict(), solved, answered, ALL)
    made = Findings(record, lens(), verdicts, table, breaks, shortfalls, assumptions, ADVICE, by_event)
    return replace(made, **changes)


def without(table: Estimates, *measures: str) -> Estimates:
    """The table without some measures."""
    keep = ~np.isin(table.measure, measures)
    return Estimates(**{item.name: getattr(table, item.name)[keep] for item in fields(Estimates)})


def nasty() -> Findings:
    """Findings in which every text that a user may write would be markup."""
    view, table = lens(), findings().estimates
    names = {name: f"{NASTY}{name}" for name in (*view.languages, *view.teams, *view.channels)}
    renamed = np.array([names.get(member, member) for member in table.member.tolist()])
    return findings(
        lens=replace(
            view,
            title=NASTY,
            name=NASTY,
            languages=tuple(names[member] for member in view.languages),
            teams=tuple(names[member] for member in view.teams),
            channels=tuple(names[member] for member in view.channels),
        ),
        estimates=replace(table, member=renamed),
        shortfalls=(Shortfall(3, ((NASTY, NASTY, 3.0),), 91 * HOUR, 93 * HOUR),),
        assumptions=(Assumption(NASTY, NASTY, "assumed", NASTY, NASTY),),
        record={
            **findings().record,
            "variant": NASTY,
            "changes": [NASTY],
            "command": ["sim", NASTY],
            "resolved": {NASTY: NASTY},
        },
    )
