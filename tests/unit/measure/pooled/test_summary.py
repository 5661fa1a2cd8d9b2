"""Every row of a study against a direct count, contact by contact and minute by minute, and what the extremes
mean.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from math import ceil, inf, isnan, nan
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from sim.clock import Clock, epoch
from sim.measure.pooled.replications import Replications
from sim.measure.pooled.rows import Rows
from sim.measure.pooled.summary import first_night, summary
from sim.measure.replication.observation import observe
from sim.measure.replication.tally import tally
from sim.measure.stats.estimate import quantiles, ratio
from sim.plan import DIMENSIONS, Lens
from sim.tables import Fate, Outcome, Trigger, World
from sim.units import DAY, HOUR, MINUTE
from tests.lenses import LABELS, answered, happened, lens, lost, open_, promise

ZONE = "Europe/Amsterdam"
STARTS = {
    "spring": "2010-03-27 12:00",
    "autumn": "2010-10-30 12:00",
}  # of Sunday's 23 and 25 hours all are seen
MINUTES = 2 * 24 * 60 + 2 * 60 + 20  # the last hour and the last period are cut short
PERIOD, WITHIN, TEAMS = 15, 20, 3  # minutes; the third team has nobody
WAGES = (30.0, nan, 40.0)
REPLICATIONS = 3

Key = tuple[str, str, str, str, int, int]
Sums = dict[Key, list[Any]]  # [over, under] by replication, under None for a mean over replications


def look(start: str, minutes: int = MINUTES, judged: tuple[int, int] | None = None, **changes: Any) -> Lens:
    """A lens on the four labels that begins at a local moment, with a promise on each clock."""
    clock, horizon = Clock(epoch(start, ZONE), ZONE), minutes * MINUTE
    promises = [
        replace(promise("first_reply", WITHIN * MINUTE, labels=4), name="reply"),
        replace(promise("answered", -1, scope=[1, 2], labels=4), name="answered"),
        replace(promise("solved", 2 * WITHIN * MINUTE, scope=[0, 3], labels=4), name="solved"),
    ]
    made = lens(horizon, PERIOD * MINUTE, judged, LABELS, live=[1], teams=TEAMS, promises=promises)
    return replace(
        made, clock=clock, days=np.array(clock.midnights(0, horizon)), wages=np.array(WAGES), **changes
    )


def random_replication(rng: np.random.Generator) -> tuple[World, Outcome]:
    """Whatever may have happened, on whole minutes: contacts of random cases and fates, four agents on and
    off duty.

    Of 240 contacts the first 20 stayed away; the last 80 are latent, each of another parent, and some of them
    never came.
    """
    outside, latent, away = 160, 80, 20
    arrived = np.sort(rng.integers(0, MINUTES, outside))
    contacts = [
        fate(rng, int(rng.integers(0, 120)), int(rng.integers(0, 4)), int(time), -1) for time in arrived
    ]
    reason = np.full(outside + latent, -1)
    for row in range(away):
        contacts[row], reason[row] = (*contacts[row][:2], -1, -1, -1, Fate.NEVER), rng.integers(0, 2)
    parents, triggers = rng.choice(np.arange(away, outside), latent, replace=False).tolist(), []
    for parent in parents:
        case, label, came, *_, became = contacts[parent]
        at_once = {
            Fate.ANSWERED: Trigger.ON_REPLY,
            Fate.ABANDONED: Trigger.ON_ABANDON,
            Fate.BLOCKED: Trigger.ON_BLOCK,
        }
        trigger = at_once.get(Fate(became), Trigger.ON_SILENCE) if rng.random() < 0.6 else Trigger.ON_SILENCE
        bystander = trigger == Trigger.ON_SILENCE and rng.random() < 0.3
        label = label if rng.random() < 0.5 else int(rng.integers(0, 4))
        time = came // MINUTE + int(rng.integers(1, 900))
        case = 1000 + len(contacts) if bystander else case
        never = time >= MINUTES or Fate(became) == Fate.NEVER
        contacts.append(
            (case, label, -1, -1, -1, Fate.NEVER) if never else fate(rng, case, label, time, parent)
        )
        triggers.append(trigger)
    segments = [
        (agent, joined * MINUTE, left * MINUTE if left < MINUTES else -1)
        for agent in range(4)
        for joined, left in np.sort(rng.choice(MINUTES + 300, 6, replace=False)).reshape(3, 2).tolist()
        if joined < MINUTES
    ]
    dimension, effort = rng.integers(0, 4, len(contacts)), rng.integers(1, 50, len(contacts)) * MINUTE
    return played(
        contacts,
        MINUTES * MINUTE,
        segments,
        by=dimension,
        agents=4,
        team=[0, 0, 1, 1],
        effort=effort,
        reason=reason,
        time=np.append(arrived * MINUTE, np.ones(latent)),
        parent=[-1] * outside + parents,
        trigger=[Trigger.NONE] * outside + triggers,
    )


def fate(rng: np.random.Generator, case: int, label: int, arrived: int, parent: int) -> tuple[int, ...]:
    """What may have become of a contact; given in minutes, told in ms."""
    begun = arrived + int(rng.choice([0, 5, 30, 120]))
    ended = begun + int(rng.integers(1, 40))
    rows = [open_(case, label, arrived), lost(case, label, arrived, arrived, Fate.BLOCKED)]
    if parent >= 0:
        rows += [(case, label, -1, -1, -1, Fate.NEVER), lost(case, label, arrived, arrived, Fate.MERGED)]
    if begun < MINUTES:
        rows.append(lost(case, label, arrived, begun))
        rows += [
            answered(case, label, arrived, begun, ended)
            if ended < MINUTES
            else open_(case, label, arrived, begun)
        ] * 6
    row = rows[int(rng.integers(len(rows)))]
    return case, label, *(time * MINUTE if time >= 0 else -1 for time in row[2:5]), row[5]


def played(contacts: Any, horizon: int, segments: Any = (), **columns: Any) -> tuple[World, Outcome]:
    """A world with a row for every team, and what is said to have happened in it."""
    return happened(contacts, horizon, segments, crowding=np.full((TEAMS, 1), 1000), **columns)


def found(happenings: list[tuple[World, Outcome]], view: Lens) -> dict[Key, tuple[Rows, int]]:
    """The rows of the summary by what they are about, each once."""
    replications = Replications(view, (observe(*pair, view) for pair in happenings))
    rows: dict[Key, tuple[Rows, int]] = {}
    for part in summary(replications):
        for x in range(len(part.member)):
            key = (
                part.measure,
                part.promise,
                part.dimension,
                part.member[x],
                int(part.time[x]),
                int(part.hour[x]),
            )
            assert key not in rows
            rows[key] = (part, x)
    return rows


def is_percentile(measure: str) -> bool:
    return measure[-4:] in ("_p50", "_p90", "_p95")


class Count:
    """The same by loops over contacts, cases and minutes, all times in minutes."""

    def __init__(self, view: Lens, happenings: list[tuple[World, Outcome]]) -> None:
        self.view, self.minutes = view, view.horizon // MINUTE
        self.sums: Sums = defaultdict(lambda: [[0.0] * len(happenings), [0.0] * len(happenings)])
        for self.replication, (world, outcome) in enumerate(happenings):
            contacts = self.contacts(world, outcome)
            self.cases(contacts)
            self.states(contacts)
            self.staff(world, outcome, contacts)

    def contacts(self, world: World, outcome: Outcome) -> list[dict[str, Any]]:
        """The contacts that came; who stayed away is counted here."""
        made, work = [], world.workload
        for row in range(work.n):
            times = {
                name: int(getattr(outcome, name)[row]) // MINUTE for name in ("arrived", "begun", "ended")
            }
            label, parent = LABELS[work.label[row]], int(work.parent[row])
            contact = {name: time for name, time in times.items() if time >= 0}
            contact |= {"row": row, "label": int(work.label[row]), "live": label[1] == 1}
            contact |= {"case": int(work.case[row]), "question": int(work.question[row]), "parent": parent}
            contact |= {"fate": Fate(int(outcome.fate[row])).name.lower(), "agent": int(outcome.agent[row])}
            contact |= {
                "member": [self.view.names(name)[label[place]] for place, name in enumerate(DIMENSIONS)]
            }
            elsewhere = parent >= 0 and label[1] != LABELS[work.label[parent]][1]
            contact["from"] = f"c{LABELS[work.label[parent]][1]}" if elsewhere else ""
            contact["kind"] = {
                Trigger.NONE: "outside", Trigger.ON_REPLY: "follow-up",
                Trigger.ON_SILENCE: "nudge" if work.case[row] == work.case[parent] else "bystander",
            }.get(Trigger(int(work.trigger[row])), "move" if elsewhere else "redial")  # fmt: skip
            if contact["fate"] != "never":
                made.append(contact)
            elif work.reason[row] >= 0 and parent < 0:
                contact["arrived"] = int(work.time[row]) // MINUTE
                self.stayed_away(contact, ("self_service", "closed")[work.reason[row]])
        return made

    def stayed_away(self, contact: dict[str, Any], reason: str) -> None:
        for dimension, member, at in self.rows(contact):
            self.add(reason, dimension, member, 1, None, at=at)
        self.way(contact, reason.replace("_", "-"))

    def way(self, contact: dict[str, Any], became: str) -> None:
        """Where a contact came from and what became of it."""
        kind, channel = contact["kind"], contact["member"][1]
        if self.judged(contact["arrived"]):
            ways = {
                "all": "",
                "origin": kind,
                "channel": channel,
                "fate": became,
                "origin_fate": f"{kind} > {became}",
                "flow": f"{kind} > {channel} > {became}",
            }
            for dimension, member in ways.items():
                self.add("flow", dimension, member, 1, None)

    def rows(self, contact: dict[str, Any]) -> list[tuple[str, str, int]]:
        """What a contact is counted in."""
        judged = self.judged(contact["arrived"])
        rows = (
            [
                *((dimension, member, -1) for dimension, member in self.slices(contact)),
                ("day", *self.day(contact["arrived"])),
            ]
            if judged
            else []
        )
        return [*rows, ("window", "", contact["arrived"] // 60 * HOUR)]

    def local(self, minute: int) -> datetime:
        """The local time of the hour from the start that a minute lies in."""
        start = (self.view.clock.start + minute // 60 * HOUR) // 1000
        return datetime.fromtimestamp(start, UTC).astimezone(ZoneInfo(ZONE))

    def day(self, minute: int) -> tuple[str, int]:
        """The local date of the hour that a minute lies in, and the first hour of the scenario on that date,
        ms.
        """
        date = self.local(minute).date()
        first = next(hour for hour in range(minute // 60 + 1) if self.local(60 * hour).date() == date)
        return date.isoformat(), first * HOUR

    def add(
        self,
        measure: str,
        dimension: str,
        member: str,
        over: float,
        under: float | None,
        promise: str = "",
        at: int = -1,
        hour: int = -1,
    ) -> None:
        sums = self.sums[measure, promise, dimension, member, at, hour]
        sums[0][self.replication] += over
        if under is None:
            sums[1] = None
        else:
            sums[1][self.replication] += under

    def judged(self, minute: int) -> bool:
        """Whether a minute lies in an hour that promises judge, be it in part."""
        hour = minute // 60 * HOUR
        return self.view.judged[0] < hour + HOUR and hour < self.view.judged[1]

    def slices(self, contact: dict[str, Any]) -> list[tuple[str, str]]:
        _, _, language, topic = contact["member"]
        return [
            ("all", ""),
            *zip(DIMENSIONS, contact["member"], strict=True),
            ("type", f"{language} {topic}"),
        ]

    def contact(
        self, contact: dict[str, Any], earlier: list[dict[str, Any]], case: list[dict[str, Any]]
    ) -> None:
        """What is counted of a contact, those of its case that came before it, and all of its case."""
        fate, ends, kind = contact["fate"], contact.get("ended", 0), contact["kind"]
        silent = (
            earlier
            and contact["arrived"] - max(other.get("ended", self.minutes) for other in earlier) >= 24 * 60
        )
        asking = [other for other in case if other["question"] == contact["question"]]
        answers = [(other["ended"], other["row"]) for other in asking if other["fate"] == "answered"]
        again = fate == "answered" and min(answers) < (ends, contact["row"])
        reply = min((self.reply(other) for other in asking), default=inf) - contact["arrived"]
        moved = bool(contact["from"]) and kind in ("redial", "move", "nudge")
        handled = (ends - contact.get("begun", 0)) * MINUTE
        for dimension, member, at in self.rows(contact):
            self.add("contacts", dimension, member, 1, None, at=at)
            for name in ("answered", "abandoned", "blocked", "open", "merged"):
                self.add(name, dimension, member, fate == name, 1, at=at)
            for name, is_so in (
                ("follow_up", kind == "follow-up"),
                ("reopened", kind == "follow-up" and bool(silent)),
                ("repeat", kind in ("redial", "move", "nudge")),
                ("moved", moved),
                ("bystander", kind == "bystander"),
            ):
                self.add(name, dimension, member, is_so, 1, at=at)
            if not earlier:
                self.add(
                    "solved_first", dimension, member, case == [contact] and fate == "answered", 1, at=at
                )
            if kind == "follow-up":
                self.add("next_reply", dimension, member, reply <= WITHIN, 1, at=at)
                if reply < inf:
                    self.add("next_reply_time", dimension, member, reply * MINUTE, 1, at=at)
            if "begun" in contact:
                self.add(
                    "wait_served",
                    dimension,
                    member,
                    (contact["begun"] - contact["arrived"]) * MINUTE,
                    1,
                    at=at,
                )
            if fate == "answered":
                self.add("handle_time", dimension, member, handled, 1, at=at)
                self.add("wasted", dimension, member, handled * again, handled, at=at)
        self.way(contact, "answered again" if again else fate)
        if not self.judged(contact["arrived"]):
            return
        if moved:
            self.add("moves", "move", f"{contact['from']} > {contact['member'][1]}", 1, None)
        if fate == "answered":
            team = f"m{contact['agent'] // 2}"
            followed = any(
                other["parent"] == contact["row"] and other["kind"] == "follow-up" for other in case
            )
            self.add("handled", "team", team, 1, None)
            self.add("handle_time", "team", team, handled, 1)
            self.add("wasted", "team", team, handled * again, handled)
            self.add("followed_up", "team", team, followed, 1)
            if not earlier:
                self.add("solved_first", "team", team, case == [contact], 1)

    def reply(self, contact: dict[str, Any]) -> float:
        """When somebody replied to a contact."""
        if contact["live"]:
            return float(contact.get("begun", inf))
        return float(contact["ended"] if contact["fate"] == "answered" else inf)

    def cases(self, contacts: list[dict[str, Any]]) -> None:
        cases = defaultdict(list)
        for contact in sorted(contacts, key=lambda contact: (contact["arrived"], contact["row"])):
            cases[contact["case"]].append(contact)
        for case in cases.values():
            for place, contact in enumerate(case):
                self.contact(contact, case[:place], case)
        for item in self.view.promises:
            for case in cases.values():
                first = next((contact for contact in case if item.scope[contact["label"]]), None)
                if (
                    first is not None
                    and self.view.judged[0] <= first["arrived"] * MINUTE < self.view.judged[1]
                ):
                    self.case(item.name, first, self.in_time(item.clock, item.within, case, first["arrived"]))

    def in_time(self, clock: str, within: int, case: list[dict[str, Any]], since: int) -> bool:
        if clock == "first_reply":
            return any(since <= self.reply(contact) <= since + within // MINUTE for contact in case)
        answers = {
            question: min(
                (c["ended"] for c in case if c["question"] == question and c["fate"] == "answered"),
                default=inf,
            )
            for question in {contact["question"] for contact in case}
        }
        done = max(answers.values())
        if clock == "answered" or done == inf:
            return done < inf
        until = {contact["row"]: min(contact.get("ended", self.minutes), int(done)) for contact in case}
        active = {
            minute
            for contact in case
            for minute in range(max(contact["arrived"], since), until[contact["row"]])
        }
        return len(active) <= within // MINUTE

    def case(self, name: str, first: dict[str, Any], in_time: bool) -> None:
        came = first["arrived"]
        rows = [
            *((dimension, member, -1, -1) for dimension, member in self.slices(first)),
            ("day", *self.day(came), -1),
            ("window", "", came // 60 * HOUR, -1),
            ("period", "", came // PERIOD * PERIOD * MINUTE, -1),
            ("hour", first["member"][2], -1, self.local(came).hour),
        ]
        for dimension, member, at, hour in rows:
            self.add("service_level", dimension, member, in_time, 1, name, at, hour)

    def states(self, contacts: list[dict[str, Any]]) -> None:
        hours = [start for start in range(0, self.minutes, 60) if self.judged(start)]
        for start in range(0, self.minutes, 60):
            end = min(start + 60, self.minutes)
            day = self.day(start)
            in_day = sum(self.day(hour) == day for hour in hours)
            for contact in contacts:
                if contact["arrived"] < end <= contact.get("begun", contact.get("ended", inf)):
                    self.add("backlog", "language", contact["member"][2], 1, None, at=start * MINUTE)
                    if start in hours:
                        for dimension, member in (
                            ("all", ""),
                            ("channel", contact["member"][1]),
                            ("language", contact["member"][2]),
                        ):
                            self.add("backlog_mean", dimension, member, 1 / len(hours), None)
                        self.add("backlog_mean", "day", day[0], 1 / in_day, None, at=day[1])
        judged = [edge / MINUTE for edge in self.view.judged]
        gone = [(c["arrived"], c.get("begun", c.get("ended", self.minutes))) for c in contacts]
        instants = [judged[0], *(minute for minute in range(self.minutes) if judged[0] <= minute < judged[1])]
        most = max(sum(came <= instant < left for came, left in gone) for instant in instants)
        longest = max((left - came for came, left in gone if judged[0] <= came < judged[1]), default=0)
        self.add("backlog_peak", "all", "", most, None)
        self.add("oldest_peak", "all", "", longest * MINUTE, None)
        for start in range(0, self.minutes, PERIOD):
            end = min(start + PERIOD, self.minutes)
            waiting = [
                contact
                for contact in contacts
                if contact["arrived"] < end <= contact.get("begun", contact.get("ended", inf))
            ]
            in_hand = [
                contact
                for contact in contacts
                if contact.get("begun", inf) < end <= contact.get("ended", inf)
            ]
            oldest = max((end - contact["arrived"] for contact in waiting), default=0) * MINUTE
            for name, value in (("backlog", len(waiting)), ("oldest", oldest), ("in_hand", len(in_hand))):
                self.add(name, "period", "", value, None, at=start * MINUTE)

    def staff(self, world: World, outcome: Outcome, contacts: list[dict[str, Any]]) -> None:
        def minutes(start: int, end: int) -> range:
            return range(start, end if end >= 0 else self.minutes)

        duty, hands = defaultdict(set), defaultdict(set)
        for agent, joined, left in zip(
            world.roster.agent.tolist(), outcome.joined.tolist(), outcome.left.tolist(), strict=True
        ):
            if joined >= 0:
                duty[agent] |= set(minutes(joined // MINUTE, left // MINUTE))
        for contact in contacts:
            if "begun" in contact:
                hands[contact["agent"]] |= set(minutes(contact["begun"], contact.get("ended", -1)))
        for start in range(0, self.minutes, PERIOD):
            inside, length = (
                set(range(start, min(start + PERIOD, self.minutes))),
                min(PERIOD, self.minutes - start),
            )
            for agent, team in enumerate(world.roster.team.tolist()):
                on, busy = len(inside & duty[agent]), len(inside & duty[agent] & hands[agent])
                over, wage = len(inside & hands[agent] - duty[agent]), WAGES[team]
                for measure, value in (("on_duty", on), ("busy", busy)):
                    self.add(measure, "period", "", value / length, None, at=start * MINUTE)
                self.add("occupancy", "period", "", busy, on, at=start * MINUTE)
                rows = [("all", "", -1), ("team", self.view.teams[team], -1)] if self.judged(start) else []
                for dimension, member, at in (*rows, ("day", *self.day(start))):
                    self.add("occupancy", dimension, member, busy, on, at=at)
                    self.add("agent_hours", dimension, member, (on + over) / 60, None, at=at)
                    self.add("overtime", dimension, member, over / 60, None, at=at)
                    self.add(
                        "cost",
                        dimension,
                        member,
                        0 if isnan(wage) and dimension != "team" else (on + over) / 60 * wage,
                        None,
                        at=at,
                    )


@pytest.mark.parametrize("season", STARTS)
def test_every_row_is_what_a_count_over_contacts_and_minutes_gives(season: str) -> None:
    """An hour, a day, a label or a replication put in the wrong row would show: all but sums of hours are
    exact.
    """
    rng = np.random.default_rng(3)
    view = look(STARTS[season], judged=(3 * HOUR + 7 * MINUTE, 45 * HOUR + 13 * MINUTE))
    happenings = [random_replication(rng) for _ in range(REPLICATIONS)]
    rows, counted = found(happenings, view), Count(view, happenings).sums
    special = ("service_level_worst_day", "service_level_first_night", "cleared")
    looked = 0
    for key, (part, x) in rows.items():
        if key[0] in special or is_percentile(key[0]):
            continue
        nothing = [0.0] * REPLICATIONS
        over, under = counted.get(key, [nothing, None if isnan(part.cases[x]) else nothing])
        estimate = part.estimate
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.array(over) if under is None else np.divide(over, under)
        expected = np.mean(over) if under is None else np.sum(over) / np.sum(under) if np.sum(under) else nan
        values = estimate.mean[x], estimate.p10[x], estimate.p50[x], estimate.p90[x]
        np.testing.assert_allclose(values, (expected, *quantiles(own)), rtol=1e-12, err_msg=str(key))
        if under is None:
            assert isnan(part.cases[x])
        elif key[0] != "occupancy":  # there it is agent-ms
            assert part.cases[x] == np.sum(under) / REPLICATIONS
        looked += 1
    missing = {
        key for key, (over, under) in counted.items() if key not in rows and (any(over) or any(under or ()))
    }
    assert not missing
    assert looked > 2000


@pytest.fixture(scope="module")
def autumn() -> dict[Key, tuple[Rows, int]]:
    rng = np.random.default_rng(4)
    return found([random_replication(rng) for _ in range(REPLICATIONS)], look(STARTS["autumn"]))


def summed(
    rows: dict[Key, tuple[Rows, int]], measure: str, dimension: str, promise: str = ""
) -> tuple[float, float]:
    """Cases in time (or contacts), and cases, of a replication, added up over the rows by a dimension."""
    pairs = [
        (part.estimate.mean[x], part.cases[x])
        for key, (part, x) in rows.items()
        if key[:3] == (measure, promise, dimension)
    ]
    if measure == "contacts":
        return sum(mean for mean, _ in pairs), 0.0
    return sum(mean * cases for mean, cases in pairs if cases), sum(cases for _, cases in pairs)


@pytest.mark.parametrize("dimension", [*DIMENSIONS, "day"])
def test_contacts_of_all_rows_of_a_dimension_are_all_contacts(
    autumn: dict[Key, tuple[Rows, int]], dimension: str
) -> None:
    assert summed(autumn, "contacts", dimension) == pytest.approx(summed(autumn, "contacts", "all"))


@pytest.mark.parametrize("dimension", [*DIMENSIONS, "day", "window", "period", "hour"])
@pytest.mark.parametrize("name", ["reply", "answered", "solved"])
def test_cases_and_those_in_time_are_the_same_however_they_are_divided(
    autumn: dict[Key, tuple[Rows, int]], dimension: str, name: str
) -> None:
    total = summed(autumn, "service_level", "all", name)
    assert min(total) > 0
    assert summed(autumn, "service_level", dimension, name) == pytest.approx(total)


def test_intervals_are_those_of_ratios_across_replications(autumn: dict[Key, tuple[Rows, int]]) -> None:
    rng = np.random.default_rng(4)
    view = look(STARTS["autumn"])
    tallies = [tally(*random_replication(rng), view) for _ in range(REPLICATIONS)]
    over, under = ([getattr(made, name)[0, :, 0].sum() for made in tallies] for name in ("in_time", "cases"))
    expected = ratio(over, under)
    part, x = autumn["service_level", "reply", "all", "", -1, -1]
    assert (part.estimate.lower[x], part.estimate.upper[x]) == (expected.lower, expected.upper)


def test_a_day_of_a_clock_change_has_the_hours_it_has() -> None:
    """One case in every hour: 12 on Saturday, 23 or 25 on Sunday."""
    for season, hours in (("spring", 23), ("autumn", 25)):
        came = [answered(hour, 0, hour * HOUR, hour * HOUR, hour * HOUR + 1) for hour in range(48)]
        view = look(STARTS[season], 48 * 60)
        rows = found([played(came, view.horizon)], view)
        cases = {
            key[3]: part.cases[x]
            for key, (part, x) in rows.items()
            if key[:3] == ("service_level", "reply", "day")
        }
        assert list(cases.values()) == [12, hours, 48 - 12 - hours]
        repeated = {
            key[5]: part.cases[x]
            for key, (part, x) in rows.items()
            if key[:4] == ("service_level", "reply", "hour", "l0")
        }
        assert repeated[2] == {"spring": 1, "autumn": 3}[season]  # none, or two, on Sunday, and one on Monday


# Cost


def duty(wages: tuple[float, ...]) -> dict[Key, tuple[Rows, int]]:
    """Team m0 on duty for two hours, m1 for one."""
    view = replace(look(STARTS["autumn"], 180), wages=np.array(wages))
    segments = [(0, 0, 2 * HOUR), (1, 0, HOUR)]
    return found([played([], view.horizon, segments, team=[0, 1])], view)


def test_a_team_without_a_wage_is_not_in_the_cost_and_not_free() -> None:
    rows = duty((30.0, nan, nan))
    cost = {key[2:4]: part.estimate.mean[x] for key, (part, x) in rows.items() if key[0] == "cost"}
    assert cost == pytest.approx(
        {
            ("team", "m0"): 60,
            ("team", "m1"): nan,
            ("team", "m2"): nan,
            ("all", ""): 60,
            ("day", "2010-10-30"): 60,
        },
        nan_ok=True,
    )


def test_where_no_wage_is_known_no_cost_is_claimed() -> None:
    assert not any(key[0] == "cost" for key in duty((nan, nan, nan)))
    assert {
        key[3]: part.estimate.mean[x] for key, (part, x) in duty((0.0, nan, nan)).items() if key[0] == "cost"
    }[""] == 0


# Who comes again


AGAIN = {
    "next_reply",
    "next_reply_time",
    "repeat",
    "moved",
    "merged",
    "wasted",
    "bystander",
    "self_service",
    "closed",
}


def means(contacts: Any, promises: Any = None, **columns: Any) -> dict[tuple[str, str, str], float]:
    """The means of a scenario of one replication, by measure, dimension and value."""
    view = look("2010-06-07 00:00", 180)
    view = replace(view, promises=promises) if promises is not None else view
    pairs = [played(contacts, view.horizon, **columns)]
    return {
        (measure, dimension, member): part.estimate.mean[x]
        for (measure, _, dimension, member, *_), (part, x) in found(pairs, view).items()
    }


def test_where_nobody_comes_again_or_stays_away_no_measure_speaks_of_it_but_of_where_contacts_came_from() -> (
    None
):
    rows = means([answered(0, 0, 1, 2, 3), answered(1, 1, 1, 2, 3)])
    assert not AGAIN & {measure for measure, dimension, _ in rows if dimension != "team"}
    ways = {
        member: mean
        for (measure, dimension, member), mean in rows.items()
        if (measure, dimension) == ("flow", "flow")
    }
    assert ways == {"outside > c0 > answered": 1, "outside > c1 > answered": 1}
    assert not any(measure == "moves" for measure, *_ in rows)


@pytest.mark.parametrize(
    ("second", "parent", "trigger"),
    [
        (answered(0, 0, 9, 10, 11), 0, Trigger.ON_REPLY),
        (lost(0, 0, 2, 2, Fate.MERGED), 0, Trigger.ON_SILENCE),
        (open_(7, 0, 2), 0, Trigger.ON_SILENCE),
        ((1, 0, -1, -1, -1, Fate.NEVER), -1, Trigger.NONE),
    ],
    ids=["follow-up", "repeat", "bystander", "stayed away"],
)
def test_whoever_comes_again_or_stays_away_makes_all_of_them_be_told(
    second: Any, parent: int, trigger: Trigger
) -> None:
    first = answered(0, 0, 1, 2, 3)
    rows = means(
        [first, second],
        parent=[-1, parent],
        trigger=[Trigger.NONE, trigger],
        reason=[-1, 0 if parent < 0 else -1],
        time=[1, 1],
    )
    assert {measure for measure, dimension, _ in rows if dimension == "all"} >= AGAIN


def test_next_replies_are_in_time_only_where_a_first_reply_is_promised() -> None:
    contacts = [answered(0, 0, 1, 2, 3), answered(0, 0, 9, 10, 11)]
    rows = means(contacts, promises=(promise("answered", -1, labels=4),), parent=[-1, 0])
    assert {measure for measure, dimension, _ in rows if dimension == "all"} & AGAIN == AGAIN - {"next_reply"}


# Extremes


def worst(happenings: list[list[tuple[int, int]]]) -> Rows | None:
    """The worst day from, by replication and day, (cases, cases in time), all that come at noon."""
    view = look("2010-06-07 00:00", 3 * 24 * 60)
    pairs = []
    for days in happenings:
        came = [
            (day * DAY + 12 * HOUR, row < kept)
            for day, (cases, kept) in enumerate(days)
            for row in range(cases)
        ]
        contacts = [answered(case, 0, time, time, time + 1) if kept else open_(case, 0, time)
                    for case, (time, kept) in enumerate(came)]  # fmt: skip
        pairs.append(played(contacts, view.horizon))
    return next((part for (measure, name, *_), (part, _) in found(pairs, view).items()
                 if (measure, name) == ("service_level_worst_day", "reply")), None)  # fmt: skip


def test_the_worst_day_is_that_of_each_event_among_days_with_50_cases_on_average() -> None:
    part = worst(
        [[(50, 40), (60, 30), (2, 0)], [(50, 10), (60, 60), (97, 0)]]
    )  # the third day: 49.5 on average
    assert part is not None
    estimate = part.estimate
    assert (estimate.mean[0], estimate.p10[0], estimate.p90[0]) == (0.35, 0.2, 0.5)


def test_a_day_without_a_case_is_not_the_worst() -> None:
    part = worst([[(100, 90), (0, 0), (0, 0)], [(100, 80), (100, 100), (0, 0)]])
    assert part is not None
    assert part.estimate.mean[0] == pytest.approx(0.85)


def test_without_a_day_of_50_cases_there_is_no_worst_day() -> None:
    assert worst([[(49, 0), (49, 49), (0, 0)]]) is None


@pytest.mark.parametrize(
    ("judged", "night"),
    [
        (("2010-06-07 08:00", "2010-06-10 00:00"), ("2010-06-07 23:00", "2010-06-08 07:00")),
        (("2010-06-07 00:00", "2010-06-10 00:00"), ("2010-06-07 00:00", "2010-06-07 07:00")),
        (("2010-06-07 06:59", "2010-06-10 00:00"), ("2010-06-07 06:59", "2010-06-07 07:00")),
        (("2010-06-07 07:00", "2010-06-10 00:00"), ("2010-06-07 23:00", "2010-06-08 07:00")),
        (("2010-06-07 23:30", "2010-06-10 00:00"), ("2010-06-07 23:30", "2010-06-08 07:00")),
        (("2010-06-07 08:00", "2010-06-08 03:00"), ("2010-06-07 23:00", "2010-06-08 03:00")),
        (("2010-03-27 12:00", "2010-03-29 00:00"), ("2010-03-27 23:00", "2010-03-28 07:00")),  # 7 hours long
        (("2010-10-30 12:00", "2010-11-01 00:00"), ("2010-10-30 23:00", "2010-10-31 07:00")),  # 9 hours long
        (
            ("2010-11-01 03:00", "2010-11-02 00:00"),
            ("2010-11-01 03:00", "2010-11-01 07:00"),
        ),  # after a day of 25 hours
        (
            ("2010-03-29 00:30", "2010-03-30 00:00"),
            ("2010-03-29 00:30", "2010-03-29 07:00"),
        ),  # after a day of 23 hours
    ],
)
def test_the_first_night_is_the_first_23_to_7_that_is_judged(
    judged: tuple[str, str], night: tuple[str, str]
) -> None:
    view = look("2010-03-01 00:00", 300 * 24 * 60)
    clock = view.clock
    view = replace(view, judged=(clock.at(judged[0]), clock.at(judged[1])))
    assert first_night(view) == (clock.at(night[0]), clock.at(night[1]))


def kept_at_night(judged: tuple[int, int], times: list[int]) -> Iterator[tuple[float, float, int]]:
    """Share, cases and start of the first night of a scenario from 12:00 in which every other case is
    answered.
    """
    view = look("2010-06-07 12:00", 48 * 60, judged)
    came = [
        answered(row, 0, time, time, time + 1) if row % 2 else open_(row, 0, time)
        for row, time in enumerate(times)
    ]
    for (measure, name, *_), (part, x) in found([played(came, view.horizon)], view).items():
        if (measure, name) == ("service_level_first_night", "reply"):
            yield part.estimate.mean[x], part.cases[x], int(part.time[x])


def test_cases_of_the_first_night_come_from_23_to_before_7() -> None:
    times = [11 * HOUR - 1, 11 * HOUR - 1, 11 * HOUR, 15 * HOUR, 19 * HOUR - 1, 19 * HOUR, 20 * HOUR]
    assert list(kept_at_night((0, 48 * HOUR), times)) == [(pytest.approx(1 / 3), 3, 11 * HOUR)]


def test_a_night_in_which_judging_begins_is_counted_from_then() -> None:
    times = [12 * HOUR, 13 * HOUR, 13 * HOUR + 30 * MINUTE, 14 * HOUR]
    assert list(kept_at_night((13 * HOUR + 30 * MINUTE, 48 * HOUR), times)) == [
        (0.5, 2, 13 * HOUR + 30 * MINUTE)
    ]


@pytest.mark.parametrize("judged", [(0, 10 * HOUR), (0, 48 * HOUR)])
def test_a_first_night_without_a_case_or_not_judged_is_no_row(judged: tuple[int, int]) -> None:
    assert list(kept_at_night(judged, [0, HOUR, 40 * HOUR])) == []


def cleared(*leaves: list[int]) -> Rows | None:
    """When the backlog is cleared if contacts of each replication begin in these hours, -1 never."""
    view = look("2010-06-07 00:00", 10 * 60)
    pairs = []
    for times in leaves:
        contacts = [answered(row, 0, 1, hour * HOUR + 1, hour * HOUR + 2) if hour >= 0 else open_(row, 0, 1)
                    for row, hour in enumerate(times)]  # fmt: skip
        pairs.append(played(contacts, view.horizon))
    return next(
        (part for (measure, *_), (part, _) in found(pairs, view).items() if measure == "cleared"), None
    )


def test_a_backlog_is_cleared_at_the_end_of_the_first_period_with_a_hundredth_of_its_peak() -> None:
    part = cleared([3] * 99 + [5])
    assert part is not None
    assert part.estimate.mean[0] == 3 * HOUR + PERIOD * MINUTE
    part = cleared([3] * 98 + [5] * 2)
    assert part is not None
    assert part.estimate.mean[0] == 5 * HOUR + PERIOD * MINUTE


def test_a_backlog_that_stays_is_never_cleared() -> None:
    part = cleared([3, -1], [3, 3])
    assert part is not None
    assert (part.estimate.mean[0], part.estimate.p10[0], part.estimate.p90[0]) == (inf, 3.25 * HOUR, inf)


def test_where_nobody_waits_nothing_is_cleared() -> None:
    assert cleared([0, 0], []) is None
    part = cleared([0, 0], [3])
    assert part is not None
    assert part.estimate.mean[0] == 3.25 * HOUR


# Times


def test_percentiles_are_means_over_events_and_time_elapsed_stands_beside_solved_alone(
    autumn: dict[Key, tuple[Rows, int]],
) -> None:
    rng = np.random.default_rng(4)
    view = look(STARTS["autumn"])
    tallies = [tally(*random_replication(rng), view) for _ in range(REPLICATIONS)]
    medians = {key[:2]: part.estimate.p50[x] for key, (part, x) in autumn.items() if is_percentile(key[0])}
    clocks = (
        (0, "first_reply", "times"),
        (1, "answered", "times"),
        (2, "solved", "times"),
        (2, "elapsed", "elapsed"),
    )
    expected = {
        (f"{name}_p{percent}", view.promises[q].name): quantiles(
            [getattr(made, column)[q, row] for made in tallies]
        )[1]
        for q, name, column in clocks
        for row, percent in enumerate((50, 90, 95))
    }
    assert medians == expected


def test_the_horizon_may_cut_an_hour_and_a_period_short(autumn: dict[Key, tuple[Rows, int]]) -> None:
    for dimension, step in (("window", 60), ("period", PERIOD)):
        starts = [key[4] for key in autumn if key[:3] == ("service_level", "reply", dimension)]
        assert starts == [row * step * MINUTE for row in range(ceil(MINUTES / step))]
