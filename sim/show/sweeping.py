"""The terminal report of a sweep: what every value does, and the least that is enough."""

from collections.abc import Sequence
from pathlib import PurePath

from sim.measure.verdicts import Ruling, Verdict
from sim.scenario.coherence import ALL
from sim.show.rows import Column, pick, table, wrap
from sim.show.summaries import cell
from sim.show.words import heading, percent, promise_columns, promise_names
from sim.study.findings import Estimates
from sim.study.sweep import Enough, Sweep

SHORT = {Ruling.HOLDS: "HOLDS", Ruling.BREAKS: "BREAKS", Ruling.UNDECIDED: "UNDEC."}
MEASURES = (
    ("wait_served", ("mean wait,", "served alone")),
    ("agent_hours", ("agent-hours", "h")),
    ("cost", ("cost", "money")),
)
ENDS = {"rising": ("smallest", "more", "fewer"), "falling": ("largest", "less", "more")}


def report(found: Sweep, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long, but for long values."""
    sections = (
        _heading(found, width),
        _curve(found, width) if len(found.settings) == 1 else _grid(found, width),
        enough(found, width),
        [f"Plots, tables and record: {folder}"] if folder is not None else [],
    )
    return "\n\n".join("\n".join(section) for section in sections if section)


def asked(found: Sweep) -> dict[str, str]:
    """Every promise by name, in words; and all of them, if they are several."""
    names = {**promise_names(found.lens), ALL: "every promise"}
    return {item.promise: names[item.promise] for item in found.enough}


def _heading(found: Sweep, width: int) -> list[str]:
    title, words = heading(found.lens, found.record)
    return wrap(title, width) + wrap(words, width)


def _curve(found: Sweep, width: int) -> list[str]:
    """A row a value: in how many events each promise is kept, the ruling, and what that takes."""
    columns = [Column(("all promises", ""), [(SHORT[ruling], "") for ruling in found.rulings])]
    for promise, title in promise_columns(found.lens).items():
        columns.append(Column((title[0], "events kept, %"), [_events(rows, promise) for rows in found.verdicts]))
    for promise, title in list(promise_columns(found.lens).items())[:1]:
        columns.append(Column(title, [_all(rows, "kept", promise) for rows in found.estimates]))
    columns += [Column(title, [_all(rows, measure) for rows in found.estimates]) for measure, title in MEASURES]
    columns = [column for column in columns if any(value.strip("–") for value, _ in column.cells)]
    return table(found.settings[0].path, [point[0] for point in found.points], columns, width)


def _events(rows: Sequence[Verdict], promise: str) -> tuple[str, str]:
    """The share of events that keep a promise."""
    row = next(row for row in rows if row.promise == promise and not row.by)
    return percent(row.kept / row.events, row.lower, row.upper)


def _all(rows: Estimates, measure: str, promise: str = "") -> tuple[str, str]:
    mine = pick(rows, measure, "all", promise)
    return cell(mine, 0) if len(mine.mean) else ("", "")


def _grid(found: Sweep, width: int) -> list[str]:
    """Of each promise, the first setting down, the second across: the share of events that keep it, and the ruling."""
    first, second = found.settings
    lines: list[str] = []
    for promise, words in asked(found).items():
        cells = {point: found.of(row, promise) for row, point in enumerate(found.points)}
        columns = [
            Column((value, ""), [_kept(*cells[down, value]) for down in first.values if (down, value) in cells])
            for value in second.values
        ]
        title = wrap(f"{words}: events that keep it, %, by {second.path}", width)
        lines += [*([""] if lines else []), *title, *table(first.path, first.values, columns, width)]
    return lines


def _kept(share: float, ruling: Ruling) -> tuple[str, str]:
    return f"{100 * share:.0f}", SHORT[ruling]


def enough(found: Sweep, width: int) -> list[str]:
    """The least that is enough for each promise, and how to confirm it."""
    path = found.settings[0].path
    if len(found.settings) > 1:
        ends = dict.fromkeys(ENDS[item.direction][0] for item in found.enough if item.direction)
        given = found.settings[1].values
        least = {name: [(item.value or "none", "") for item in found.enough if item.promise == name] for name in asked(found)}
        columns = [Column((words.partition(" within ")[0], ""), least[name]) for name, words in asked(found).items()]
        title = f"{' or '.join(ends) or 'smallest'} {path} that holds, of those listed".capitalize()
        lines = [*wrap(title, width), *table(found.settings[1].path, given, columns, width)]
    else:
        words = [f"{asked(found)[item.promise]}: {_enough_words(item, path)}" for item in found.enough]
        lines = [line for each in words for line in wrap(each, width)]
    some = next((item for item in found.enough if item.value is not None and item.short is not None), None)
    if some is not None:
        paths = [setting.path for setting in found.settings]
        changes = " ".join(f"-c '{path}={value}'" for path, value in zip(paths, (some.value, some.given), strict=False))
        variant = f" -v {found.record['variant']}" if found.record.get("variant") else ""
        seed = int(found.record.get("seed", 1)) + 1
        lines += wrap(f"Chosen on these dice; on others: sim run FILE{variant} {changes} --seed {seed} --decide", width)
    return lines


def _enough_words(item: Enough, path: str) -> str:
    if not item.direction:
        return f"more {path} keeps neither more nor less throughout, so no least is looked for"
    end, more, fewer = ENDS[item.direction]
    if item.value is None:
        return f"no {path} listed surely holds, {item.short} neither: try {more}, or something else is short"
    if item.short is None:
        return f"{item.value}, the {end} {path} listed, holds: {fewer} may be enough"
    return f"the {end} {path} that holds is {item.value}; {item.short} does not surely"
