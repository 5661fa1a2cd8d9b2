"""The terminal report of a comparison: a verdict a plan, which to take, and what the plans differ by."""

import math
from collections.abc import Sequence
from pathlib import PurePath

import numpy as np

from sim.measure.best import Rival
from sim.measure.verdicts import overall
from sim.show.rows import INDENT, Column, pick, table, wrap
from sim.show.summaries import cell
from sim.show.text import laid
from sim.show.words import change, factor, heading, number, promise_columns, promise_names, row_words, verdict_words
from sim.study.compare import Comparison, Differences
from sim.study.findings import Findings

PLANS = (  # measure, title; of the whole hub
    ("wait_served", ("mean wait,", "served alone")),
    ("backlog_peak", ("most contacts", "waiting at once")),
    ("overtime", ("overtime", "h")),
    ("agent_hours", ("agent-hours", "h")),
    ("cost", ("cost", "money")),
)
DIFFERENCES = (
    ("wait_served", ("mean wait,", "served alone")),
    ("backlog_mean", ("contacts waiting", "on average")),
    ("backlog_peak", ("most contacts", "waiting at once")),
    ("overtime", ("overtime", "h")),
    ("agent_hours", ("agent-hours", "h")),
    ("cost", ("cost", "money")),
)
PRICES = {"cost": "money", "agent_hours": "agent-hours"}


def report(found: Comparison, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long, but for long names of plans."""
    sections = (
        _heading(found, width),
        *_verdicts(found, width),
        choice(found, width),
        _plans(found, width),
        *(_differences(found, name, width) for name in found.names[1:]),
        [f"Plots, tables and record: {folder}"] if folder is not None else [],
    )
    return "\n\n".join("\n".join(section) for section in sections if section)


def _heading(found: Comparison, width: int) -> list[str]:
    title, words = heading(found.findings[0].lens, found.record)
    lines = wrap(title, width) + wrap(words, width)
    others = [name for name, priced in zip(found.names, found.priced, strict=True) if not priced.same_customers]
    if others:
        lines += wrap(f"The same dice, but not the same customers as with {found.names[0]}: {', '.join(others)}", width)
    return lines


def _verdicts(found: Comparison, width: int) -> list[list[str]]:
    """Of each plan its name and its verdicts."""
    plans = [[verdict_words(verdict, each) for verdict in each.verdicts] for each in found.findings]
    blocks = iter(laid([row for rows in plans for row in rows], width)) if any(plans) else iter(())
    return [
        [f"{name}   {overall(each.verdicts)}", *(line for _ in rows for line in next(blocks))]
        for name, each, rows in zip(found.names, found.findings, plans, strict=True)
        if rows
    ]


def choice(found: Comparison, width: int) -> list[str]:
    """Which plan to take and why, and how far behind the others are."""
    best, name = found.choice, found.names[found.choice.plan]
    priced = found.priced[best.plan]
    if best.by == "price":
        why = f"the cheapest that holds, {number(priced.price, 0)} {PRICES[found.priced_in]} an event"
    elif not found.leading:
        why = "nothing is promised"
    else:
        what = promise_names(found.lens)[found.leading]
        why = f"no plan surely holds, and it keeps the most: {what} in {number(100 * priced.kept, 1)} % of cases"
    lines = wrap(f"{'Best' if best.found else 'Best so far, and not surely'}: {name}: {why}", width)
    for rival in best.rivals:
        lines += wrap(f"{found.names[rival.plan]}: {_behind(rival, found)}", width, INDENT, INDENT * 2)
    for row in best.may_hold:
        lines += wrap(f"{found.names[row]}: undecided; if it holds it is the better choice", width, INDENT, INDENT * 2)
    if not best.found and best.enough is not None:
        lines += wrap(f"With such differences about {best.enough:,} events tell which is best", width, INDENT, INDENT * 2)
    return lines


def _behind(rival: Rival, found: Comparison) -> str:
    unit, scale = (PRICES[found.priced_in], 1.0) if found.choice.by == "price" else ("points", 100.0)
    behind, least = scale * rival.behind, scale * rival.least
    digits, word = (1, "less kept") if unit == "points" else (0, "dearer")
    text = f"{number(behind, digits)} {unit} {word}"
    if math.isnan(least):
        return f"{text}; one event tells no more"
    if rival.worse:
        return f"{text}, at least {number(max(least, 0.0), digits)}: surely worse"
    if rival.near:
        return f"{text}: surely not better by {number(scale * found.choice.indifference, digits)}"
    return f"{text}: may be better by {number(-least, digits)}"


def _plans(found: Comparison, width: int) -> list[str]:
    """A row a plan: what it keeps, and what that takes."""
    names = [f"{name} *" if priced.front else name for name, priced in zip(found.names, found.priced, strict=True)]
    columns = [
        Column(title, [_all(each, "kept", promise) for each in found.findings])
        for promise, title in promise_columns(found.lens).items()
    ]
    columns += [Column(title, [_all(each, measure) for each in found.findings]) for measure, title in PLANS]
    columns = [column for column in columns if any(value.strip("–") for value, _ in column.cells)]
    note = "* no other plan is cheaper and keeps more"
    if found.priced_in != "cost":
        note += ", counting agent-hours, for not every team has a wage"
    return [*table("Mean event (95 %)", names, columns, width), note] if columns else []


def _all(findings: Findings, measure: str, promise: str = "") -> tuple[str, str]:
    rows = pick(findings.estimates, measure, "all", promise)
    return cell(rows, 0) if len(rows.mean) else ("", "")


def _differences(found: Comparison, name: str, width: int) -> list[str]:
    """What a plan has more or less than the first, in all and by day, language and channel."""
    lens, mine = found.lens, _of(found.differences, name)
    start, end = (lens.clock.date(time) for time in (lens.judged[0], lens.judged[1] - 1))
    days = [of for of in dict.fromkeys(mine.of[mine.by == "day"].tolist()) if start <= of <= end]
    keys = [("all", ""), *(("day", day) for day in days)]
    keys += [(by, of) for by in ("language", "channel") if len(lens.names(by)) > 1 for of in lens.names(by)]
    columns = [
        Column((title[0], title[1].replace("%", "points")), _cells(mine, keys, "kept", promise))
        for promise, title in promise_columns(lens).items()
    ]
    columns += [Column(title, _cells(mine, keys, measure)) for measure, title in DIFFERENCES]
    columns = [column for column in columns if any(value.strip("=–") for value, _ in column.cells)]
    if not columns:
        return [f"{name} and {found.names[0]} do not differ in any event"]
    labels = ["all" if by == "all" else row_words(lens, by, of) for by, of in keys]
    heading = wrap(f"{name} less {found.names[0]}, paired (95 %); ×: so many times the events it would take unpaired", width)
    return [*heading, *table("", labels, columns, width)]


def _of(differences: Differences, plan: str) -> Differences:
    wanted = differences.plan == plan
    return Differences(**{name: column[wanted] for name, column in vars(differences).items()})


def _cells(rows: Differences, keys: Sequence[tuple[str, str]], measure: str, promise: str = "") -> list[tuple[str, str]]:
    cells = []
    for by, of in keys:
        at = np.flatnonzero((rows.measure == measure) & (rows.promise == promise) & (rows.by == by) & (rows.of == of))
        cells.append(_cell(rows, int(at[0])) if len(at) else ("", ""))
    return cells


def _cell(rows: Differences, at: int) -> tuple[str, str]:
    mean, lower, upper, saved = (float(getattr(rows, name)[at]) for name in ("mean", "lower", "upper", "saved"))
    if mean == lower == upper == 0:
        return "=", ""
    value, interval = change(str(rows.unit[at]), mean, lower, upper)
    return value, interval if math.isnan(saved) else f"{interval} ×{factor(saved)}"
