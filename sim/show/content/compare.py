"""What is said of a comparison in any medium."""

import math
from collections.abc import Sequence

import numpy as np

from sim.measure.stats.best import Rival
from sim.measure.stats.verdicts import Ruling, overall
from sim.measures import MEASURES
from sim.show.content.run import below_minimum_sentences
from sim.show.content.run_tables import across, key_words, nonempty
from sim.show.content.tables import INDENT, Column, TextTable, wrap
from sim.show.content.words import change, factor, number, promise_columns, promise_names
from sim.show.content.yaml_text import differing
from sim.study.compare import Comparison, Differences

PLANS = ("wait_served", "backlog_peak", "overtime", "agent_hours", "cost")  # measures of the whole hub
DIFFERENCES = (PLANS[0], "backlog_mean", *PLANS[1:])
PRICES: dict[str, str] = {"money": "money", "hours": "agent-hours"}  # in words, by the unit of a price
SETTINGS_MOST, UNTOLD = 4, ("name", "title")  # told; what two files differ in anyway
FRONT = "no other plan is cheaper and has more in time"


def price_unit(found: Comparison) -> str:
    """The unit of the price of a plan, in words."""
    return PRICES[MEASURES[found.priced_in].unit]


def price_title(found: Comparison) -> str:
    """The price of a plan as the title of an axis: "cost per simulation, money"."""
    return f"{MEASURES[found.priced_in].title[0]} per simulation, {price_unit(found)}"


def other_customers(found: Comparison) -> list[str]:
    """Which plans meet other customers than the first, if any do."""
    others = [
        name for name, priced in zip(found.names, found.priced, strict=True) if not priced.same_customers
    ]
    return (
        [f"The same seed, but not the same customers as with {found.names[0]}: {', '.join(others)}"]
        if others
        else []
    )


def settings(found: Comparison) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Of each plan but the first its name, and where its scenario differs from that of the first."""
    first, *others = (each.record.get("resolved") or {} for each in found.findings)
    return [(name, differing(first, other)) for name, other in zip(found.names[1:], others, strict=True)]


def settings_sentences(found: Comparison) -> list[str]:
    """A line a plan: "Changes from base to late: teams.volunteers.people 150 → 0"."""
    told = []
    for name, differences in settings(found):
        rows = [row for row in differences if row[0] not in UNTOLD]
        words = [
            f"{path} {one or '(unset)'} → {other or '(unset)'}" for path, one, other in rows[:SETTINGS_MOST]
        ]
        more = [f"and {len(rows) - SETTINGS_MOST} more"] if len(rows) > SETTINGS_MOST else []
        told += [f"Changes from {found.names[0]} to {name}: {'; '.join([*words, *more])}"] if rows else []
    return told


def below_minimum_lines(found: Comparison) -> list[str]:
    """What no simulation could change for verdicts that are undecided."""
    return list(dict.fromkeys(line for each in found.findings for line in below_minimum_sentences(each)))


def choice(found: Comparison, width: int) -> list[str]:
    """Which plan to take and why, and how far behind the others are."""
    told = choice_sentences(found)
    return [line for level, text in told for line in wrap(text, width, INDENT * level, INDENT * (level + 1))]


def choice_sentences(found: Comparison) -> list[tuple[int, str]]:
    """The same in sentences: the plan to take, and below it (1) one for each of the others."""
    best, name = found.choice, found.names[found.choice.plan]
    priced = found.priced[best.plan]
    broken = {overall(each.verdicts) for each in found.findings} == {Ruling.BREAKS}
    if best.criterion == "price":
        why = f"the cheapest that holds, {number(priced.price, 0)} {price_unit(found)} per simulation"
    elif not found.leading:
        why = "nothing is promised"
    else:
        what = promise_names(found.lens)[found.leading]
        none = "every plan breaks" if broken else "no plan surely holds"
        level = f"{what} in {number(100 * priced.service_level, 1)} % of cases"
        why = f"{none}, and it has the highest service level: {level}"
    told = [(0, f"{'Best' if best.certain else 'Best so far (not yet certain)'}: {name}: {why}")]
    told += [(1, f"{found.names[rival.plan]}: {_behind(rival, found)}") for rival in best.rivals]
    told += [
        (1, f"{found.names[row]}: undecided; if it holds it is the better choice") for row in best.may_hold
    ]
    if not best.certain and best.enough is not None:
        told.append((1, f"With such differences about {best.enough:,} simulations tell which is best"))
    return told


def _behind(rival: Rival, found: Comparison) -> str:
    unit, scale = (price_unit(found), 1.0) if found.choice.criterion == "price" else ("points", 100.0)
    behind, least = scale * rival.behind, scale * rival.least
    digits, word = (1, "less in time") if unit == "points" else (0, "dearer")
    text = f"{number(behind, digits)} {unit} {word}"
    if math.isnan(least):
        return f"{text}; one simulation tells no more"
    if rival.worse:
        return f"{text}, at least {number(max(least, 0.0), digits)}: surely worse"
    if rival.near:
        return f"{text}: surely not better by {number(scale * found.choice.indifference, digits)}"
    return f"{text}: may be better by {number(-least, digits)}"


def plans_table(found: Comparison) -> TextTable:
    """A row a plan: its service level, and what that takes."""
    names = [
        f"{name} *" if priced.front else name for name, priced in zip(found.names, found.priced, strict=True)
    ]
    estimates = [each.estimates for each in found.findings]
    columns = [
        across(estimates, "service_level", title, promise)
        for promise, title in promise_columns(found.lens).items()
    ]
    columns = nonempty([*columns, *(across(estimates, measure) for measure in PLANS)])
    note = f"* {FRONT}"
    if found.priced_in != "cost":
        note += ", counting agent-hours, for not every team has a wage"
    return TextTable("Mean simulation (95 %)", names, columns, [note] if columns else [])


def differences_title(found: Comparison, name: str) -> str:
    """What the table of differences holds."""
    keys = "=: the same in every simulation; ×n: unpaired runs would need n times as many replications"
    return f"{name} less {found.names[0]}, paired (95 %); {keys}"


def differences_table(found: Comparison, name: str) -> TextTable:
    """What a plan has more or less than the first, in all and by day, language and channel."""
    lens, mine = found.lens, _of(found.differences, name)
    start, end = (lens.clock.date(time) for time in (lens.judged[0], lens.judged[1] - 1))
    days = [
        member
        for member in dict.fromkeys(mine.member[mine.dimension == "day"].tolist())
        if start <= member <= end
    ]
    keys = [("all", ""), *(("day", day) for day in days)]
    keys += [
        (dimension, member)
        for dimension in ("language", "channel")
        if len(lens.names(dimension)) > 1
        for member in lens.names(dimension)
    ]
    columns = [
        _column(mine, keys, "service_level", (title[0], title[1].replace("%", "points")), promise)
        for promise, title in promise_columns(lens).items()
    ]
    columns = nonempty(
        [*columns, *(_column(mine, keys, measure, MEASURES[measure].title) for measure in DIFFERENCES)], "=–"
    )
    notes = [] if columns else [f"{name} and {found.names[0]} do not differ in any simulation"]
    return TextTable(
        "", [key_words(lens, *key) for key in keys], columns, notes, [dimension for dimension, _ in keys]
    )


def _of(differences: Differences, plan: str) -> Differences:
    wanted = differences.plan == plan
    return Differences(**{name: column[wanted] for name, column in vars(differences).items()})


def _column(
    rows: Differences,
    keys: Sequence[tuple[str, str]],
    measure: str,
    title: tuple[str, str],
    promise: str = "",
) -> Column:
    cells, raw = [], []
    for dimension, member in keys:
        at = np.flatnonzero(
            (rows.measure == measure)
            & (rows.promise == promise)
            & (rows.dimension == dimension)
            & (rows.member == member)
        )
        cells.append(_cell(rows, int(at[0])) if len(at) else ("", ""))
        raw.append(float(rows.mean[at[0]]) if len(at) else math.nan)
    return Column(title, cells, raw)


def _cell(rows: Differences, at: int) -> tuple[str, str]:
    mean, lower, upper, saved = (
        float(getattr(rows, name)[at]) for name in ("mean", "lower", "upper", "saved")
    )
    if mean == lower == upper == 0:
        return "=", ""
    value, interval = change(str(rows.unit[at]), mean, lower, upper)
    return value, interval if math.isnan(saved) else f"{interval} ×{factor(saved)}"
