"""The terminal report of a sweep: verdicts at every value, and the least that is enough."""

from pathlib import PurePath

from sim.measure.stats.verdicts import Verdict
from sim.show.content.sweep import SHORT, asked, enough, points_table, weakest_sentences
from sim.show.content.tables import Column, table, wrap
from sim.show.content.words import share
from sim.show.terminal.run import opening
from sim.study.sweep import Sweep


def report(answer: Sweep, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long, but for long values."""
    sections = (
        opening(answer.lens, answer.record, width),
        points_table(answer).lines(width) if len(answer.settings) == 1 else _grid(answer, width),
        [line for text in weakest_sentences(answer) for line in wrap(text, width)],
        enough(answer, width),
        [f"Report, plots, tables and record: {folder}"] if folder is not None else [],
    )
    return "\n\n".join("\n".join(section) for section in sections if section)


def _grid(answer: Sweep, width: int) -> list[str]:
    """A table for each promise, first setting down, second across: share of simulations and ruling."""
    first, second = answer.settings
    lines: list[str] = []
    for promise, words in asked(answer).items():
        cells = {point: answer.weakest(row, promise) for row, point in enumerate(answer.points)}
        columns = [
            Column(
                (value, ""), [_kept(cells[down, value]) for down in first.values if (down, value) in cells]
            )
            for value in second.values
        ]
        title = wrap(f"{words}: simulations that keep it, %, by {second.path}", width)
        lines += [*([""] if lines else []), *title, *table(first.path, first.values, columns, width)]
    return lines


def _kept(row: Verdict) -> tuple[str, str]:
    return share(row.kept / row.replications, 0), SHORT[row.ruling]
