"""Of the report: where contacts came from and what became of them, and what customers who come again make of
it.
"""

from collections.abc import Sequence
from math import nan

import numpy as np

from sim.habits import ORIGINS
from sim.measure.replication.cases import reply_within
from sim.measure.replication.flow import FATES
from sim.measures import FLOW, MEASURES, TEAMS
from sim.show.content.run_tables import cell, column
from sim.show.content.tables import Column, TextTable, pick
from sim.show.content.words import counted, decimals, number, row_words
from sim.study.findings import Estimates, Findings
from sim.units import duration_text

AGAIN = (
    "repeat",
    "moved",
    "merged",
    "wasted",
    "bystander",
    "solved_first",
    "follow_up",
    "reopened",
    "next_reply",
    "next_reply_time",
)
MOST = 5  # ways from channel to channel that are told


def came_again(findings: Findings) -> bool:
    """Whether anybody came again, drew a bystander or stayed away, in any simulation."""
    return len(pick(findings.estimates, "repeat", "all").mean) > 0


def flow(findings: Findings, width: int) -> list[str]:
    """Where contacts came from, as text."""
    return flow_table(findings).lines(width) if came_again(findings) else []


def flow_table(findings: Findings) -> TextTable:
    """Contacts by where they came from, with their interval, and of each how many met which fate."""
    whole, by_origin = (pick(findings.estimates, "flow", dimension) for dimension in ("all", "origin"))
    fates, ways = (pick(findings.estimates, "flow", dimension) for dimension in ("fate", "origin_fate"))
    origins = [name for name in ORIGINS if name in by_origin.member]
    cells = [cell(by_origin, list(by_origin.member).index(name)) for name in origins]
    cells += [cell(whole, row) for row in range(len(whole.member))]
    came = [
        *(float(by_origin.mean[list(by_origin.member).index(name)]) for name in origins),
        *whole.mean.tolist(),
    ]
    columns = [Column(FLOW.title, cells, came)]
    for fate in FATES:
        if fate in fates.member:
            at = [(ways, f"{name} > {fate}") for name in origins] + [(fates, fate)] * len(whole.member)
            means = [_mean(rows, member) for rows, member in at]
            columns.append(
                Column((fate, ""), [(words, "") for _, words in means], [mean for mean, _ in means])
            )
    labels = [*origins, *["all"] * len(whole.member)]
    return TextTable(
        "Where contacts came from",
        labels,
        columns,
        _moves(findings),
        ["origin"] * len(origins) + ["all"] * len(whole.member),
    )


def _mean(rows: Estimates, member: str) -> tuple[float, str]:
    """The mean of a row, and in words at the precision its interval deserves; nothing if there is none."""
    at = np.flatnonzero(rows.member == member)
    if not len(at):
        return nan, ""
    mean, lower, upper = (float(bound[at[0]]) for bound in (rows.mean, rows.lower, rows.upper))
    return mean, number(mean, decimals(mean, max(lower, 0.0), upper))


def _moves(findings: Findings) -> list[str]:
    """The busiest ways from channel to channel."""
    moves = pick(findings.estimates, "moves", "move")
    lines = []
    for row in np.argsort(-moves.mean, kind="stable")[:MOST].tolist():
        before, after = str(moves.member[row]).split(" > ")
        lines.append(f"moved from {before} to {after}: {' '.join(cell(moves, row))}")
    return lines + (
        [f"and {counted(len(moves.member) - MOST, 'smaller way')}"] if len(moves.member) > MOST else []
    )


def again(findings: Findings, width: int) -> list[str]:
    """Who came again, as text."""
    return again_table(findings).lines(width) if came_again(findings) else []


def again_table(findings: Findings) -> TextTable:
    """Repeats, wasted work, follow-ups and next replies, of all and by channel."""
    lens, within = findings.lens, reply_within(findings.lens)
    keys = [("all", "")] + [("channel", member) for member in lens.channels if len(lens.channels) > 1]
    columns = [
        column(findings.estimates, keys, measure, _within(MEASURES[measure].title, within or 0))
        for measure in AGAIN
    ]
    return _table("Who came again (95 %)", findings, keys, columns)


def _within(title: tuple[str, str], within: int) -> tuple[str, str]:
    """A title that may tell the time in which a reply is promised."""
    return title[0], title[1].format(within=duration_text(within))


def teams(findings: Findings, width: int) -> list[str]:
    """The answers by team, as text."""
    return teams_table(findings).lines(width) if came_again(findings) else []


def teams_table(findings: Findings) -> TextTable:
    """What the answers of each team led to."""
    keys = [("team", team) for team in findings.lens.teams]
    columns = [column(findings.estimates, keys, measure.name) for measure in TEAMS]
    return _table("Answers by team (95 %)", findings, keys, columns)


def _table(
    title: str, findings: Findings, keys: Sequence[tuple[str, str]], columns: Sequence[Column]
) -> TextTable:
    columns = [column for column in columns if any(interval for _, interval in column.cells)]
    labels = [
        member if dimension == "team" else row_words(findings.lens, dimension, member) if member else "all"
        for dimension, member in keys
    ]
    return TextTable(title, labels, columns, groups=[dimension for dimension, _ in keys])
