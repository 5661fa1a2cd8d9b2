"""The terminal report of a comparison: verdicts of each plan, which to take, and the differences."""

from pathlib import PurePath

from sim.measure.stats.verdicts import overall
from sim.show.content.compare import (
    below_minimum_lines,
    choice,
    differences_table,
    differences_title,
    other_customers,
    plans_table,
    settings_sentences,
)
from sim.show.content.tables import INDENT, wrap
from sim.show.content.words import verdict_words
from sim.show.terminal.run import laid_out, opening
from sim.study.compare import Comparison


def report(comparison: Comparison, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long, but for long names of plans."""
    sections = (
        opening(comparison.lens, comparison.record, width)
        + [
            line
            for text in (*settings_sentences(comparison), *other_customers(comparison))
            for line in wrap(text, width, "", INDENT)
        ],
        *_verdicts(comparison, width),
        [line for text in below_minimum_lines(comparison) for line in wrap(text, width)],
        choice(comparison, width),
        plans_table(comparison).lines(width),
        *(_differences(comparison, name, width) for name in comparison.names[1:]),
        [f"Report, plots, tables and record: {folder}"] if folder is not None else [],
    )
    return "\n\n".join("\n".join(section) for section in sections if section)


def _verdicts(comparison: Comparison, width: int) -> list[list[str]]:
    """The name and the verdicts of each plan."""
    plans = [[verdict_words(verdict, each) for verdict in each.verdicts] for each in comparison.findings]
    blocks = iter(laid_out([row for rows in plans for row in rows], width)) if any(plans) else iter(())
    return [
        [f"{name}   {overall(each.verdicts)}", *(line for _ in rows for line in next(blocks))]
        for name, each, rows in zip(comparison.names, comparison.findings, plans, strict=True)
        if rows
    ]


def _differences(comparison: Comparison, name: str, width: int) -> list[str]:
    rows = differences_table(comparison, name)
    return [*(wrap(differences_title(comparison, name), width) if rows.columns else []), *rows.lines(width)]
