"""What is said of a sweep in any medium."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from math import nan

from sim.measure.stats.verdicts import Ruling
from sim.plan import ALL
from sim.show.content.run_tables import across, nonempty
from sim.show.content.tables import Column, TextTable, wrap
from sim.show.content.words import percent, promise_columns, promise_names, row_words
from sim.study.least_enough import Enough
from sim.study.sweep import WORST_FIRST, Sweep

SHORT = {Ruling.HOLDS: "HOLDS", Ruling.BREAKS: "BREAKS", Ruling.UNDECIDED: "UNDEC."}
EFFORT = ("wait_served", "agent_hours", "cost")
CHOSEN = "Selected on this seed; confirm on a fresh one:"
ENDS = {"rising": ("smallest", "more", "fewer"), "falling": ("largest", "less", "more")}


def asked(found: Sweep) -> dict[str, str]:
    """Every promise by name, in words; and all of them, if they are several."""
    names = {**promise_names(found.lens), ALL: "every promise"}
    return {item.promise: names[item.promise] for item in found.enough}


def points_table(found: Sweep, rulings: Mapping[Ruling, str] = SHORT) -> TextTable:
    """A row a point: the ruling, in how many simulations each promise is kept, and what that takes."""
    titles = promise_columns(found.lens)
    columns = [
        Column((setting.path, ""), [(point[place], "") for point in found.points], at)
        for place, setting in enumerate(found.settings[1:], 1)
        for at in ([float(setting.values.index(point[place])) for point in found.points],)
    ]
    said = [(rulings[ruling], "") for ruling in found.rulings]
    columns.append(
        Column(("all promises", ""), said, [float(WORST_FIRST.index(ruling)) for ruling in found.rulings])
    )
    for promise, title in titles.items():
        rows = [found.weakest(point, promise) for point in range(len(found.points))]
        cells = [
            percent(row.kept / row.replications, row.lower, row.upper, row.confidence_asked) for row in rows
        ]
        columns.append(
            Column((title[0], "simulations kept, %"), cells, [row.kept / row.replications for row in rows])
        )
    for promise, title in list(titles.items())[:1]:
        columns.append(across(found.estimates, "service_level", title, promise))
    columns += [across(found.estimates, measure) for measure in EFFORT]
    return TextTable(found.settings[0].path, [point[0] for point in found.points], nonempty(columns))


def weakest_sentences(found: Sweep) -> list[str]:
    """What stands for a promise that is judged by day, language or channel too, if anything does."""
    rows = [
        found.weakest(point, promise.name)
        for point in range(len(found.points))
        for promise in found.lens.promises
    ]
    names = dict.fromkeys(row_words(found.lens, row.dimension, row.member) for row in rows if row.dimension)
    if not names:
        return []
    return [
        f"Where a promise is judged by row too, its simulations kept are those of the row that keeps it "
        f"least: {', '.join(names)}."
    ]


def enough(found: Sweep, width: int) -> list[str]:
    """The least that is enough for each promise, and how to confirm it."""
    least = enough_table(found)
    told = (
        wrap(least.title, width) + replace(least, title=found.settings[1].path).lines(width) if least else []
    )
    command = confirming(found)
    confirmed = [CHOSEN, command] if command else []
    return told + [line for text in (*enough_sentences(found), *confirmed) for line in wrap(text, width)]


def enough_sentences(found: Sweep) -> list[str]:
    """A sentence for each promise of one setting, and how many replications HOLDS needs, if more."""
    few = found.below_minimum_replications()
    below_minimum_sentences = (
        [f"HOLDS needs at least {few} replications: run them with -n {few}, or more"] if few else []
    )
    if len(found.settings) > 1:
        return below_minimum_sentences
    words = [
        f"{asked(found)[item.promise]}: {_enough_words(item, found.settings[0].path, few)}"
        for item in found.enough
    ]
    return words + below_minimum_sentences


def enough_table(found: Sweep) -> TextTable | None:
    """Of two settings: a row for each value of the second, a column for each promise."""
    if len(found.settings) == 1:
        return None
    ends = dict.fromkeys(ENDS[item.direction][0] for item in found.enough if item.direction)
    columns = []
    for name, words in asked(found).items():
        values = [item.value for item in found.enough if item.promise == name]
        places = [nan if value is None else float(found.settings[0].values.index(value)) for value in values]
        columns.append(
            Column((words.partition(" within ")[0], ""), [(value or "none", "") for value in values], places)
        )
    title = (
        f"{' or '.join(ends) or 'smallest'} {found.settings[0].path} that holds, of those listed".capitalize()
    )
    return TextTable(title, found.settings[1].values, columns)


def confirming(found: Sweep) -> str:
    """The command that confirms what was chosen, if anything was."""
    least = [item for item in found.enough if item.value is not None and item.short is not None]
    if not least:
        return ""
    some = next(
        (item for item in least if item.promise == found.enough[-1].promise), least[0]
    )  # of all promises, if it can be
    record, values = found.record, (some.value, some.given)
    point = [f"{setting.path}={value}" for setting, value in zip(found.settings, values, strict=False)]
    words = ["sim", "run", record["file"], *(["-v", record["variant"]] if record.get("variant") else [])]
    words += [word for change in (*record.get("changes", ()), *point) for word in ("-c", change)]
    words += ["--surge", repr(record["surge"])] if record.get("surge", 1) != 1 else []
    return shlex.join([*words, "--seed", str(int(record.get("seed", 1)) + 1), "--decide"])


def _enough_words(item: Enough, path: str, few: int | None) -> str:
    if not item.direction and item.short is None:
        return f"every {path} listed holds, and none has more in time than another"
    if not item.direction:
        return f"{path} has no consistent effect; no minimum reported"
    end, more, fewer = ENDS[item.direction]
    if item.value is None and few:
        return f"no listed value of {path} holds with certainty yet"
    if item.value is None:
        return f"no {path} listed surely holds, {item.short} neither: try {more}, or something else is short"
    if item.short is None:
        return f"{item.value}, the {end} {path} listed, holds: {fewer} may be enough"
    return (
        f"the {end} {path}{'' if item.searched else ' listed'} that holds is {item.value}; {item.short} "
        f"does not surely"
    )
