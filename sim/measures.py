"""Every measure that a study reports, a row each: what it divides by what, its unit, its rows and its title.

Pooling (`sim.measure.pooled`), `expect:`, the guards of a baseline, the titles of columns and the list in the
README all read these rows.  A row holds names of columns, never a function.
"""

from dataclasses import dataclass
from itertools import chain
from typing import Literal

from sim.plan import DIMENSIONS

Unit = Literal["share", "ms", "contacts", "agents", "hours", "money", "moment"]

SLICES = ("all", *DIMENSIONS, "type")  # a type of work is a language and a topic
COUNTED = (*SLICES, "day", "window")  # a window is an hour of the scenario
WHOLE = ("all",)
PERCENTS = (50, 90, 95)  # of the cases that a time is told for
CLOCKS = {  # in words
    "first_reply": "time to the first reply",
    "solved": "resolution time of a case, counting only while something of it was waiting or in hand",
    "answered": "time to the last answer",
    "elapsed": "calendar resolution time: from the first contact of a case to its last reply",
}


@dataclass(frozen=True)
class Measure:
    """One measure: the sum of `over` ÷ the sum of `under`, or the mean of `over` over replications."""

    name: str
    unit: Unit
    over: str  # numerator: the name of a column; "" if `summary` makes the value of several
    under: str | None  # denominator; None: `over` is a value of its own in each replication
    rows: tuple[str, ...]  # the dimensions it is told by
    meaning: str  # in words, as numerator ÷ denominator
    title: tuple[str, str] = ("", "")  # of a column, in two lines; "" where no table has it
    better: Literal["high", "low", ""] = ""  # which way is better, if either is
    promised: bool = False  # whether each promise has its own
    expected: bool = True  # whether `expect:` may name it
    guarded: tuple[str, ...] = ()  # the rows that a baseline guards

    @property
    def label(self) -> str:
        """The title in one line."""
        return " ".join(self.title).strip()


def _percentile(clock: str, percent: int) -> Measure:
    """The time within which so many percent of the cases are done, by one clock."""
    return Measure(
        f"{clock}_p{percent}", "ms", "elapsed" if clock == "elapsed" else "times", None, WHOLE,
        f"{CLOCKS[clock]}: {percent} % of the cases take at most this",
        ("half of the" if percent == 50 else f"{percent} % of the", "cases within"), "low", promised=True,
    )  # fmt: skip


# fmt: off
SERVICE_LEVEL = Measure(
    "service_level", "share", "in_time", "cases", (*COUNTED, "period", "hour"), "cases in time ÷ cases",
    better="high", promised=True, guarded=("all", "language", "channel"),
)
WORST_DAY = Measure(
    "service_level_worst_day", "share", "", None, WHOLE,
    "service level of the worst day of a simulation, among days with 50 cases or more on average",
    ("worst day", ""), "high", promised=True,
)
FIRST_NIGHT = Measure(
    "service_level_first_night", "share", "in_time", "cases", WHOLE,
    "cases in time ÷ cases, of 23:00 to 07:00 of the first night",
    ("first night", ""), "high", promised=True,
)
TIMES = tuple(_percentile(clock, percent) for clock in CLOCKS for percent in PERCENTS)

HANDLE_TIME = Measure(
    "handle_time", "ms", "handled", "answered", (*COUNTED, "team"),
    "handle time (AHT): time in hand ÷ contacts answered", ("mean", "handle time"), "low", guarded=WHOLE,
)
SOLVED_FIRST = Measure(
    "solved_first", "share", "solved_first", "cases", (*COUNTED, "team"),
    "cases of one contact, answered ÷ cases", ("solved at first", "contact, % of cases"), "high",
)
WASTED = Measure(
    "wasted", "share", "wasted", "handled", (*COUNTED, "team"),
    "handle time on questions already answered ÷ handle time", ("wasted", "% of handle time"), "low",
    guarded=WHOLE,
)

CONTACTS = (  # contacts that came
    Measure("contacts", "contacts", "came", None, COUNTED, "contacts", ("contacts", "per simulation")),
    Measure(
        "answered", "share", "answered", "came", COUNTED, "contacts answered ÷ contacts",
        ("answered", "% of contacts"), "high",
    ),
    Measure(
        "abandoned", "share", "abandoned", "came", COUNTED,
        "abandonment: contacts whose patience ran out ÷ contacts", ("abandoned", "% of contacts"), "low",
        guarded=WHOLE,
    ),
    Measure(
        "blocked", "share", "blocked", "came", COUNTED, "contacts that found no line free ÷ contacts",
        ("blocked", "% of contacts"), "low", guarded=WHOLE,
    ),
    Measure(
        "open", "share", "open", "came", COUNTED, "contacts waiting or in hand at the end ÷ contacts",
        ("open at the end", "% of contacts"), "low",
    ),
    Measure(
        "follow_up", "share", "follow_ups", "came", COUNTED,
        "contacts with the next question of their case, after a reply ÷ contacts",
        ("follow-ups", "% of contacts"),
    ),
    Measure(
        "reopened", "share", "reopened", "came", COUNTED,
        "follow-ups after a day of silence ÷ contacts", ("reopened", "after 24 h, %"), "low",
    ),
    SOLVED_FIRST,
    Measure(
        "wait_served", "ms", "waited", "begun", COUNTED,
        "average speed of answer (ASA): time waited by the contacts that an agent began ÷ those contacts",
        ("mean wait (served", "contacts only) — ASA"), "low", guarded=("all", "language", "channel"),
    ),
    HANDLE_TIME,
)

HABITS = (  # only where customers come again, draw bystanders or stay away
    Measure(
        "next_reply", "share", "next_in_time", "follow_ups", COUNTED,
        "follow-ups replied to in the time of the first-reply promise ÷ follow-ups",
        ("next reply", "within {within}, %"), "high",
    ),
    Measure(
        "next_reply_time", "ms", "next_waited", "next_replied", COUNTED,
        "time from a follow-up to its reply ÷ follow-ups replied to", ("mean time to", "next reply"), "low",
    ),
    Measure(
        "repeat", "share", "repeats", "came", COUNTED,
        "contacts that repeat a question (redials, moves, nudges) ÷ contacts",
        ("repeats", "% of contacts"), "low",
    ),
    Measure(
        "moved", "share", "moved", "came", COUNTED,
        "repeats on another channel than the contact before ÷ contacts", ("from another", "channel, %"),
    ),
    Measure(
        "merged", "share", "merged", "came", COUNTED,
        "contacts recognised as a repeat and merged, without work ÷ contacts", ("merged", "% of contacts"),
    ),
    WASTED,
    Measure(
        "bystander", "share", "bystanders", "came", COUNTED,
        "contacts drawn by an unanswered post of another customer ÷ contacts",
        ("bystanders", "% of contacts"),
    ),
    Measure(
        "self_service", "contacts", "self_service", None, COUNTED, "contacts that self-service kept away",
        ("self-service", "contacts"),
    ),
    Measure(
        "closed", "contacts", "closed", None, COUNTED, "contacts that a closed channel kept away",
        ("closed", "contacts"),
    ),
)

TEAMS = (  # by the team that answered
    Measure(
        "handled", "contacts", "answered", None, ("team",), "contacts that the team answered",
        ("answered", "contacts"), expected=False,
    ),
    HANDLE_TIME,
    WASTED,
    Measure(
        "followed_up", "share", "followed_up", "answered", ("team",),
        "contacts whose answer drew the next question ÷ contacts answered",
        ("followed up", "% of answers"), expected=False,
    ),
    SOLVED_FIRST,
)

FLOW = Measure(
    "flow", "contacts", "flow", None, ("all", "origin", "channel", "fate", "origin_fate", "flow"),
    "contacts by where they came from, channel, and what became of them", ("contacts", "per simulation"),
    expected=False,
)
MOVES = Measure(
    "moves", "contacts", "moves", None, ("move",), "contacts that moved from one channel to another",
    expected=False,
)

STATES = (  # at the end of each period, of the backlog by language at the end of each hour too
    Measure(
        "backlog", "contacts", "backlog", None, ("period", "language"), "contacts waiting", better="low",
        expected=False,
    ),
    Measure(
        "oldest", "ms", "oldest", None, ("period",), "time that the oldest contact has waited", better="low",
        expected=False,
    ),
    Measure("in_hand", "contacts", "in_hand", None, ("period",), "contacts in hand", expected=False),
)

BACKLOG_MEAN = Measure(
    "backlog_mean", "contacts", "", None, ("all", "channel", "language", "day"),
    "contacts waiting at the end of an hour, on average over hours", ("contacts waiting", "on average"),
    "low", guarded=WHOLE,
)
PEAKS = (
    Measure(
        "backlog_peak", "contacts", "backlog_peak", None, WHOLE, "most contacts waiting at once",
        ("most contacts", "waiting at once"), "low", guarded=WHOLE,
    ),
    Measure(
        "oldest_peak", "ms", "oldest_peak", None, WHOLE, "longest wait of one contact",
        ("longest wait", "of one contact"), "low",
    ),
)
CLEARED = Measure(
    "cleared", "moment", "", None, WHOLE,
    "when the backlog is down to a hundredth of its peak, for the first time after it",
    ("backlog cleared", ""), "low", expected=False,
)

OCCUPANCY = Measure(
    "occupancy", "share", "busy", "on_duty", ("all", "team", "day", "period"),
    "time on duty with a contact in hand ÷ time on duty", ("occupancy", "%"),
)
STAFF = (  # by period
    Measure("on_duty", "agents", "on_duty", None, ("period",), "agents on duty", expected=False),
    Measure(
        "busy", "agents", "busy", None, ("period",), "agents on duty with a contact in hand", expected=False
    ),
    OCCUPANCY,
)
EFFORT = (  # by team
    OCCUPANCY,
    Measure(
        "agent_hours", "hours", "paid", None, ("all", "team", "day"), "hours on duty and in overtime",
        ("agent-hours", "h"), "low",
    ),
    Measure(
        "overtime", "hours", "overtime", None, ("all", "team", "day"),
        "hours worked after the end of duty", ("overtime", "h"), "low", guarded=WHOLE,
    ),
    Measure(
        "cost", "money", "cost", None, ("all", "team", "day"), "wages of the agent-hours",
        ("cost", "money"), "low",
    ),
)

NEEDED = Measure(  # by `sim.study.run`
    "needed", "agents", "", None, ("period",), "agents needed for the work that came, to be in time",
    expected=False,
)
KEPT = Measure(  # by `sim.study.compare`
    "replications_kept", "share", "", None, ("all", *DIMENSIONS, "day"),
    "simulations that keep the promise ÷ simulations", better="high", promised=True, expected=False,
)

# fmt: on

MEASURES = {
    measure.name: measure
    for measure in chain(
        (SERVICE_LEVEL, WORST_DAY, FIRST_NIGHT),
        TIMES,
        CONTACTS,
        HABITS,
        TEAMS,
        (FLOW, MOVES),
        STATES,
        (BACKLOG_MEAN, *PEAKS, CLEARED),
        STAFF,
        EFFORT,
        (NEEDED, KEPT),
    )
}
