"""The terminal report of a sweep: what every value does, and the least that is enough."""

from pathlib import PurePath

from sim.measure.stats.verdicts import Verdict
from sim.show.content.sweep import SHORT, asked, enough, points_table, weakest_told
from sim.show.content.tables import Column, table, wrap
from sim.show.content.words import share
from sim.show.terminal.run import opening
from sim.study.sweep import Sweep


def report(found: Sweep, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long, but for long values."""
    sections = (
        opening(found.lens, found.record, width),
        points_table(found).lines(width) if len(found.settings) == 1 else _grid(found, width),
        [line for text in weakest_told(found) for line in wrap(text, width)],
        enough(found, width),
        [f"Report, plots, tables and record: {folder}"] if folder is not None else [],
    )
    return "\n\n".join("\n".join(section) for section in sections if section)


def _grid(found: Sweep, width: int) -> list[str]:
    """Of each promise, the first setting down, the second across: the share of events that keep it, and the
    ruling.
    """
    first, second = found.settings
    lines: list[str] = []
    for promise, words in asked(found).items():
        cells = {point: found.weakest(row, promise) for row, point in enumerate(found.points)}
        columns = [
            Column(
                (value, ""), [_kept(cells[down, value]) for down in first.values if (down, value) in cells]
            )
            for value in second.values
        ]
        title = wrap(f"{words}: events that keep it, %, by {second.path}", width)
        lines += [*([""] if lines else []), *title, *table(first.path, first.values, columns, width)]
    return lines


def _kept(row: Verdict) -> tuple[str, str]:
    return share(row.kept / row.replications, 0), SHORT[row.ruling]
