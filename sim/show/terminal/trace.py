"""One replication as text: a line for each contact, or the story of one case."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.habits import ORIGINS
from sim.measure.replication.origins import origins
from sim.plan import DIMENSIONS, Lens
from sim.tables import NEVER, Fate, Outcome, World
from sim.units import duration_text

HEADER = ("arrived", "case", "contact", "kind", *DIMENSIONS, "waited", "handled", "fate", "agent")


def contacts(world: World, outcome: Outcome, lens: Lens) -> Iterator[dict[str, Any]]:
    """Every contact that came, by time of arrival; times are ms from the start, -1 for none."""
    teams = world.roster.team
    came = np.flatnonzero(outcome.fate != Fate.NEVER)
    kinds = origins(world.workload, lens, np.arange(world.workload.n))
    for row in came[np.argsort(outcome.arrived[came], kind="stable")].tolist():
        begun, ended, agent = int(outcome.begun[row]), int(outcome.ended[row]), int(outcome.agent[row])
        label = lens.labels[world.workload.label[row]]
        yield {
            "contact": row,
            "case": int(world.workload.case[row]),
            "question": int(world.workload.question[row]),
            "parent": int(world.workload.parent[row]),
            "kind": ORIGINS[kinds[row]],
            **{name: lens.names(name)[label[column]] for column, name in enumerate(DIMENSIONS)},
            "arrived": int(outcome.arrived[row]),
            "begun": begun,
            "ended": ended,
            "agent": agent,
            "team": lens.teams[teams[agent]] if agent != NEVER else "",
            "fate": Fate(int(outcome.fate[row])).name,
        }


def lines(world: World, outcome: Outcome, lens: Lens) -> Iterator[str]:
    """A header, then a line for each contact; a follow-on contact names the contact that it came after."""
    rows = [_words(row, lens) for row in contacts(world, outcome, lens)]
    widths = [max(map(len, column)) for column in zip(HEADER, *rows, strict=True)]
    for row in (HEADER, *rows):
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _words(row: dict[str, Any], lens: Lens) -> tuple[str, ...]:
    begun, ended = row["begun"], row["ended"]
    stopped = begun if begun != NEVER else ended
    return (
        _moment(row, lens),
        str(row["case"]),
        str(row["contact"]),
        row["kind"] if row["parent"] == NEVER else f"{row['kind']} after {row['parent']}",
        *(str(row[name]) for name in DIMENSIONS),
        duration_text(stopped - row["arrived"]) if stopped != NEVER else "–",
        duration_text(ended - begun) if NEVER not in (begun, ended) else "–",
        row["fate"].lower(),
        f"{row['team']} {row['agent']}" if row["agent"] != NEVER else "–",
    )


def story(world: World, outcome: Outcome, lens: Lens, case: int) -> list[str]:
    """The story of a case, a sentence for each contact by time of arrival; empty if none came."""
    rows = list(contacts(world, outcome, lens))
    by_contact = {row["contact"]: row for row in rows}
    first: dict[int, int] = {}  # the first contact that answered each question
    for row in sorted(
        (row for row in rows if row["fate"] == "ANSWERED"), key=lambda row: (row["ended"], row["contact"])
    ):
        first.setdefault(row["question"], row["contact"])
    return [
        f"{_moment(row, lens)}  {_does(row, by_contact)}; {_becomes(row, first, lens)}"
        for row in rows
        if row["case"] == case
    ]


def _moment(row: dict[str, Any], lens: Lens) -> str:
    return lens.clock.words(row["arrived"]) + f":{row['arrived'] // 1000 % 60:02}"


def _does(row: dict[str, Any], by_contact: dict[int, dict[str, Any]]) -> str:
    """What the customer does."""
    about, on = f"{row['topic']}, in {row['language']}", row["channel"]
    return {
        "outside": f"asks on {on} about {about}",
        "follow-up": f"comes back on {on} about {about}",
        "redial": f"tries {on} once more",
        "move": f"turns to {on}",
        "nudge": f"has no answer and asks again, on {on}",
        "bystander": f"joins in on {on} where "
        f"case {by_contact[row['parent']]['case'] if row['parent'] in by_contact else ''} has no answer",
    }[row["kind"]]


def _becomes(row: dict[str, Any], first: dict[int, int], lens: Lens) -> str:
    """What becomes of the contact."""
    begun, ended, arrived = row["begun"], row["ended"], row["arrived"]
    waited = duration_text((begun if begun != NEVER else ended if ended != NEVER else lens.horizon) - arrived)
    if row["fate"] == "ANSWERED":
        again = "" if first[row["question"]] == row["contact"] else ", though it had been answered already"
        return (
            f"{row['team']} {row['agent']} answers after {waited}, in {duration_text(ended - begun)}{again}"
        )
    if row["fate"] == "BLOCKED":
        return "no line is free" if ended == arrived else f"loses the line after {waited}"
    return {
        "ABANDONED": f"gives up after {waited}",
        "MERGED": "is recognised and merged with the contact that waits or is in hand",
        "OPEN": "is still in hand at the end" if begun != NEVER else "is still waiting at the end",
    }[row["fate"]]
