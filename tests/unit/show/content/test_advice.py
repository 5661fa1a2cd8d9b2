"""What `sim validate` prints, line by line, from averages made by hand."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from sim.clock import Clock, epoch
from sim.forecast import Advice, Cap, Unserved
from sim.plan import Lens
from sim.show.content.advice import notes
from sim.show.terminal.validate import advice_document, advice_text
from sim.units import DAY, HOUR
from tests.lenses import lens, promise

LONG = tuple((f"a-team-with-quite-a-long-name-{row}", 20.0) for row in range(12))


def view(hours: int = 24, judged: tuple[int, int] | None = None, start: str = "2010-06-07 00:00") -> Lens:
    """Two languages and one promise from a local midnight on."""
    made = lens(
        hours * HOUR, judged=judged, labels=[(0, 0, 0, 0), (0, 0, 1, 0)], promises=[promise(labels=2)]
    )
    clock = Clock(epoch(start, "Europe/Amsterdam"), "Europe/Amsterdam")
    return replace(made, clock=clock, days=np.array(clock.midnights(0, hours * HOUR)))


def said(load: float = 1.0, duty: float = 2.0, hours: int = 24, **changes: object) -> Advice:
    """The same load and duty at every hour, l1 at half of each; all who are there speak l0."""
    half = np.array([1.0, 0.5])
    plain = Advice(
        contacts=(("s0", 1234.5), ("s1", 0.4)),
        load=load * np.ones((hours, 1)) * half,
        duty=duty * np.ones((hours, 1)) * half,
        people=np.full(hours, duty),
        constant=(),
        unserved=(),
        productive=(("m0", 26.25),),
        caps=(Cap("first_reply", 0.87),),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_day_of_advice_reads_so() -> None:
    nights = said()
    nights.load[:6], nights.duty[:6] = (0.9, 0.04), 0
    nights.duty[23], nights.people[:6], nights.people[23] = (0.96, 0.5), 0, 0.96
    gaps = (Unserved("l1", "t0", (0, 1, 2, 23), 7.4), Unserved("l0", "t0", (3,), 1200.0))
    table = [
        f"{hour:02}–{hour + 1:02}   0.9 of 0.0  SHORT   0.9 of 0.0  SHORT   0.0 of 0.0" for hour in range(6)
    ]
    table += [
        f"{hour:02}–{hour + 1:02}   1.5 of 2.0          1.0 of 2.0          0.5 of 1.0"
        for hour in range(6, 23)
    ]
    table += ["23–24   1.5 of 1.0  SHORT   1.0 of 1.0  SHORT   0.5 of 0.5"]
    assert advice_text(replace(nights, unserved=gaps), view()).splitlines() == [
        "Contacts from outside on average: 1,235 (s0 1,234, s1 0)",
        "",
        "first reply within 1 h: at most 87.0 % on average at these hours of work, however many people",
        "",
        "Productive hours per head and week, after breaks and absence (shrinkage): m0 26.2",
        "",
        "On some day of the event nobody on duty answers:",
        "  l0 t0  at 03–04; about 1,200 contacts arrive then",
        "  l1 t0  at 00–03, 23–24; about 7 contacts arrive then",
        "",
        "Offered load and agents on duty (who speak the language), by local hour on the tightest judged day;",
        "an agent with several languages counts for each; topics are not considered",
        "hour    all                 l0                  l1",
        "        load of duty        load of duty        load of duty",
        *table,
    ]


def test_where_everything_is_served_one_line_says_so() -> None:
    assert (
        "At every hour somebody on duty answers every language and topic."
        in advice_text(said(), view()).splitlines()
    )


@pytest.mark.parametrize(
    ("share", "text"), [(0.86999, "86.9"), (0.9999, "99.9"), (0.3 * 3, "90.0"), (1.0, "100.0"), (0.0, "0.0")]
)
def test_a_cap_is_rounded_down_for_it_promises_no_more_than_there_is(share: float, text: str) -> None:
    assert f"at most {text} % on average at" in advice_text(said(caps=(Cap("first_reply", share),)), view())


def row(advice: Advice, look: Lens, hour: int) -> str:
    """What is said of l0 at a local hour."""
    line = next(line for line in advice_text(advice, look).splitlines() if line.startswith(f"{hour:02}–"))
    return re.split(" {3,}", line)[2]


def test_of_several_days_the_tightest_that_is_judged_counts() -> None:
    """At 10 the second day has less load but fewer people; the third, fewer still, is not judged."""
    advice = said(hours=72)
    advice.load[[10, 34, 58], 0], advice.duty[[10, 34, 58], 0] = (4, 3, 3), (8, 5, 1)
    assert row(advice, view(72, (0, 2 * DAY)), 10) == "3.0 of 5.0"
    assert row(advice, view(72, (0, 3 * DAY)), 10) == "3.0 of 1.0  SHORT"
    assert row(advice, view(72, (0, DAY)), 10) == "4.0 of 8.0"


def test_an_hour_in_which_judging_begins_is_judged_and_one_that_is_not_has_no_number() -> None:
    look = view(24, (10 * HOUR + 1, 12 * HOUR))
    assert [row(said(), look, hour) for hour in (9, 10, 11, 12)] == ["–", "1.0 of 2.0", "1.0 of 2.0", "–"]


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    """Twelve hours from 00:00 of a day on which the clock skips 02:00."""
    look = view(12, start="2010-03-28 00:00")
    assert [row(said(hours=12), look, hour) for hour in (1, 2, 3, 12, 13)] == [
        "1.0 of 2.0",
        "–",
        "1.0 of 2.0",
        "1.0 of 2.0",
        "–",
    ]


def test_work_that_nobody_is_there_for_is_tighter_than_any_other() -> None:
    advice = said(hours=48)
    advice.load[[10, 34], 0], advice.duty[[10, 34], 0] = (9, 0.2), (1, 0)
    assert row(advice, view(48), 10) == "0.2 of 0.0  SHORT"


def test_what_rounding_leaves_of_nobody_is_no_negative_number() -> None:
    assert "-0.0" not in advice_text(said(load=0, duty=-1e-16), view())


@pytest.mark.parametrize("hours", [tuple(range(0, 24, 2)), tuple(range(24))])
def test_no_line_is_longer_than_100(hours: tuple[int, ...]) -> None:
    long = said(
        productive=LONG, contacts=LONG, unserved=(Unserved("a-language-with-a-long-name", "t0", hours, 1e6),)
    )
    assert max(map(len, advice_text(long, view()).splitlines())) <= 100


def test_handle_times_that_never_vary_are_named() -> None:
    assert "Handle times without variation make waits too short: t0; real ones" in advice_text(
        said(constant=("t0",)), view()
    )
    assert "never vary" not in advice_text(said(), view())


def test_a_run_says_what_no_number_of_people_can_mend() -> None:
    rows = tuple(Unserved("l1", f"t{row}", (0, 1), 100.0 + row) for row in range(4))
    few = Unserved("l0", "t9", (3,), 6.0)  # of 1,235 contacts
    assert notes(said(unserved=(*rows, few)), view(), 100) == [
        "first reply within 1 h can be met for at most 87.0 % on average at these hours, however many people",
        "nobody on duty answers l1 t3 at 00–02: about 103 contacts",
        "nobody on duty answers l1 t2 at 00–02: about 102 contacts",
        "nobody on duty answers l1 t1 at 00–02: about 101 contacts",
        "and 1 more kind: `sim validate` lists them",
    ]
    assert notes(said(caps=(Cap("first_reply", 1.0),)), view(), 100) == []


def test_the_document_says_the_same_for_machines() -> None:
    gaps = (Unserved("l1", "t0", (0, 23), 7.4),)
    document = json.loads(json.dumps(advice_document(said(unserved=gaps, hours=2), view()), allow_nan=False))
    assert document == {
        "contacts": {"s0": 1234.5, "s1": 0.4},
        "caps": {"first_reply": 0.87},
        "productive_hours": {"m0": 26.25},
        "unserved": [{"language": "l1", "topic": "t0", "hours": [0, 23], "contacts": 7.4}],
        "hours": ["2010-06-07T00:00+02:00", "2010-06-07T01:00+02:00"],
        "load": {"l0": [1.0, 1.0], "l1": [0.5, 0.5]},
        "on_duty": {"l0": [2.0, 2.0], "l1": [1.0, 1.0]},
    }
