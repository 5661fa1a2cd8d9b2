"""One line a contact, exactly."""

import json
import re
from typing import Any

from sim.plan import DIMENSIONS
from sim.show.terminal.trace import contacts as contacts_of
from sim.show.terminal.trace import lines
from sim.tables import Fate, Outcome, Trigger, World
from sim.units import HOUR, MINUTE, SECOND
from tests.lenses import answered, happened, lens, lost, open_

LABELS = [(0, 0, 0, 0), (0, 1, 1, 1)]
LOOK = lens(labels=LABELS, live=[1], teams=2)
NEVER_CAME = (0, 0, -1, -1, -1, Fate.NEVER)


def small() -> tuple[World, Outcome]:
    """Two follow-ups, one of which never came; the rest one of each fate, some at one instant."""
    outside = [
        answered(0, 0, 90 * MINUTE + 1500, 2 * HOUR, 2 * HOUR + 5 * MINUTE),
        lost(1, 1, 10 * HOUR - 61 * SECOND, 10 * HOUR - SECOND),
        lost(2, 0, 10 * HOUR - 61 * SECOND, 10 * HOUR - 61 * SECOND, Fate.BLOCKED),
        open_(3, 1, 10 * HOUR - 30 * SECOND, 10 * HOUR - 30 * SECOND),
        open_(4, 0, 10 * HOUR - 20 * SECOND),
    ]
    follow_up = answered(0, 1, 3 * HOUR, 3 * HOUR + 250, 3 * HOUR + 1250)
    parent = [-1] * 5 + [0, 1]
    return happened([*outside, follow_up, (1, *NEVER_CAME[1:])], parent=parent, by=[1, 0, 0, 2, 0, 0, 0],
                    team=[0, 1, 1], agents=3, crowding=[[1000]] * 2)  # fmt: skip


def test_a_small_event_reads_so() -> None:
    assert [re.split(" {2,}", line) for line in lines(*small(), LOOK)] == [
        ["arrived", "case", "contact", "kind", *DIMENSIONS, "waited", "handled", "fate", "agent"],
        [
            "Wed 14 Apr 01:30:01",
            "0",
            "0",
            "outside",
            "s0",
            "c0",
            "l0",
            "t0",
            "29 min 58 s",
            "5 min",
            "answered",
            "m1 1",
        ],
        [
            "Wed 14 Apr 03:00:00",
            "0",
            "5",
            "follow-up after 0",
            "s0",
            "c1",
            "l1",
            "t1",
            "250 ms",
            "1 s",
            "answered",
            "m0 0",
        ],
        ["Wed 14 Apr 09:58:59", "1", "1", "outside", "s0", "c1", "l1", "t1", "1 min", "–", "abandoned", "–"],
        ["Wed 14 Apr 09:58:59", "2", "2", "outside", "s0", "c0", "l0", "t0", "0 s", "–", "blocked", "–"],
        ["Wed 14 Apr 09:59:30", "3", "3", "outside", "s0", "c1", "l1", "t1", "0 s", "–", "open", "m1 2"],
        ["Wed 14 Apr 09:59:40", "4", "4", "outside", "s0", "c0", "l0", "t0", "–", "–", "open", "–"],
    ]


def test_a_line_says_what_kind_of_contact_it_is() -> None:
    """Who finds no line calls again, then posts, writes again and is recognised, draws a bystander, is
    answered, asks more.
    """
    contacts = [
        lost(0, 1, 10, 10, Fate.BLOCKED),
        lost(0, 1, 20, 30),
        open_(0, 0, 40),
        lost(0, 0, 50, 50, Fate.MERGED),
        open_(9, 0, 60),
        answered(0, 1, 70, 71, 80),
        answered(0, 1, 90, 91, 92),
    ]
    none, reply, abandon, block, silence = Trigger
    pair = happened(
        contacts,
        parent=[-1, 0, 1, 2, 3, 1, 5],
        trigger=[none, block, abandon, silence, silence, silence, reply],
    )
    rows = list(contacts_of(*pair, LOOK))
    assert [row["kind"] for row in rows] == [
        "outside",
        "redial",
        "move",
        "nudge",
        "bystander",
        "nudge",
        "follow-up",
    ]
    assert [row["question"] for row in rows] == [0, 0, 0, 0, 4, 0, 6]
    header, *told = lines(*pair, LOOK)
    kind = slice(header.index("kind"), header.index("stream"))
    assert [line[kind].strip() for line in told] == [
        "outside",
        "redial after 0",
        "move after 1",
        "nudge after 2",
        "bystander after 3",
        "nudge after 1",
        "follow-up after 5",
    ]
    assert [line[header.index("fate") :].split()[0] for line in told] == [
        "blocked", "abandoned", "open", "merged", "open", "answered", "answered",
    ]  # fmt: skip


def test_columns_stand_below_each_other() -> None:
    found = list(lines(*small(), LOOK))
    for word in ("case", "stream", "waited", "fate"):
        at = found[0].index(word)
        assert all(line[at - 1] == " " and line[at] != " " for line in found)


def test_for_machines_times_are_ms_and_minus_one_is_none() -> None:
    rows = list(contacts_of(*small(), LOOK))
    assert json.loads(json.dumps(rows)) == rows
    assert [row["contact"] for row in rows] == [0, 5, 1, 2, 3, 4]
    follow: dict[str, Any] = rows[1]
    assert follow == {
        "contact": 5,
        "case": 0,
        "question": 5,
        "parent": 0,
        "kind": "follow-up",
        "stream": "s0",
        "channel": "c1",
        "language": "l1",
        "topic": "t1",
        "arrived": 3 * HOUR,
        "begun": 3 * HOUR + 250,
        "ended": 3 * HOUR + 1250,
        "agent": 0,
        "team": "m0",
        "fate": "ANSWERED",
    }
    assert [(row["begun"], row["ended"], row["agent"], row["team"]) for row in rows[3:]] == [
        (-1, 10 * HOUR - 61 * SECOND, -1, ""), (10 * HOUR - 30 * SECOND, -1, 2, "m1"), (-1, -1, -1, ""),
    ]  # fmt: skip


def test_an_event_without_contacts_is_a_header() -> None:
    assert len(list(lines(*happened([]), lens()))) == 1
