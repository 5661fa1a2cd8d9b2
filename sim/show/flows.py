"""Of the report: where contacts came from and what became of them, and what customers who come again make of it."""

from collections.abc import Mapping, Sequence

import numpy as np

from sim.measure.clocks import reply_within
from sim.measure.flow import FATES
from sim.measure.origins import ORIGINS
from sim.show.rows import Column, pick, table
from sim.show.summaries import cell, column
from sim.show.words import counted, decimals, number, row_words
from sim.study.findings import Estimates, Findings
from sim.units import duration_text

MOST = 5  # ways from channel to channel that are told


def came_again(findings: Findings) -> bool:
    """Whether anybody came again, drew a bystander or stayed away, in any event."""
    return len(pick(findings.estimates, "repeat", "all").mean) > 0


def flow(findings: Findings, width: int) -> list[str]:
    """Contacts by where they came from, with their interval, and of each how many met which fate."""
    if not came_again(findings):
        return []
    whole, by_origin = (pick(findings.estimates, "flow", by) for by in ("all", "origin"))
    fates, ways = (pick(findings.estimates, "flow", by) for by in ("fate", "origin_fate"))
    origins = [name for name in ORIGINS if name in by_origin.of]
    cells = [cell(by_origin, list(by_origin.of).index(name)) for name in origins]
    columns = [Column(("contacts", "an event"), [*cells, *(cell(whole, row) for row in range(len(whole.of)))])]
    for fate in FATES:
        if fate in fates.of:
            at = [(ways, f"{name} > {fate}") for name in origins] + [(fates, fate)] * len(whole.of)
            columns.append(Column((fate, ""), [(_mean(rows, of), "") for rows, of in at]))
    lines = table("Where contacts came from", [*origins, *["all"] * len(whole.of)], columns, width)
    return lines + _moves(findings)


def _mean(rows: Estimates, of: str) -> str:
    """The mean of a row, at the precision its interval deserves; nothing if there is none."""
    at = np.flatnonzero(rows.of == of)
    if not len(at):
        return ""
    mean, lower, upper = (float(bound[at[0]]) for bound in (rows.mean, rows.lower, rows.upper))
    return number(mean, decimals(mean, max(lower, 0.0), upper))


def _moves(findings: Findings) -> list[str]:
    """The busiest ways from channel to channel."""
    moves = pick(findings.estimates, "moves", "move")
    lines = []
    for row in np.argsort(-moves.mean, kind="stable")[:MOST].tolist():
        before, after = str(moves.of[row]).split(" > ")
        lines.append(f"moved from {before} to {after}: {' '.join(cell(moves, row))}")
    return lines + ([f"and {counted(len(moves.of) - MOST, 'smaller way')}"] if len(moves.of) > MOST else [])


def again(findings: Findings, width: int) -> list[str]:
    """Repeats, wasted work, follow-ups and next replies, of all and by channel."""
    if not came_again(findings):
        return []
    lens, within = findings.lens, reply_within(findings.lens)
    keys = [("all", "")] + [("channel", of) for of in lens.channels if len(lens.channels) > 1]
    titles = {
        "repeat": ("repeats", "% of contacts"),
        "moved": ("from another", "channel, %"),
        "merged": ("merged", "% of contacts"),
        "wasted": ("wasted", "% of handle time"),
        "bystander": ("bystanders", "% of contacts"),
        "solved_first": ("solved at first", "contact, % of cases"),
        "follow_up": ("follow-ups", "% of contacts"),
        "reopened": ("reopened", "after 24 h, %"),
        "next_reply": ("next reply", f"within {duration_text(within or 0)}, %"),
        "next_reply_time": ("mean time to", "next reply"),
    }
    return _table("Who came again (95 %)", findings, keys, titles, width)


def teams(findings: Findings, width: int) -> list[str]:
    """What the answers of each team led to."""
    if not came_again(findings):
        return []
    titles = {
        "handled": ("answered", "contacts"),
        "handle_time": ("mean", "handle time"),
        "wasted": ("wasted", "% of handle time"),
        "followed_up": ("followed up", "% of answers"),
        "solved_first": ("solved at first", "contact, %"),
    }
    return _table("Answers by team (95 %)", findings, [("team", team) for team in findings.lens.teams], titles, width)


def _table(
    title: str, findings: Findings, keys: Sequence[tuple[str, str]], titles: Mapping[str, tuple[str, str]], width: int
) -> list[str]:
    columns = [column(findings.estimates, keys, measure, words) for measure, words in titles.items()]
    columns = [made for made in columns if any(found[1] for found in made.cells)]
    labels = [of if by == "team" else row_words(findings.lens, by, of) if of else "all" for by, of in keys]
    return table(title, labels, columns, width) if columns else []
