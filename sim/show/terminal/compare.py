"""The terminal report of a comparison: a verdict a plan, which to take, and what the plans differ by."""

from pathlib import PurePath

from sim.measure.stats.verdicts import overall
from sim.show.content.compare import (
    choice,
    differences_table,
    differences_title,
    hopeless_told,
    plans_table,
    settings_told,
    strangers,
)
from sim.show.content.tables import INDENT, wrap
from sim.show.content.words import verdict_words
from sim.show.terminal.run import laid, opening
from sim.study.compare import Comparison


def report(found: Comparison, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long, but for long names of plans."""
    sections = (
        opening(found.lens, found.record, width)
        + [
            line
            for text in (*settings_told(found), *strangers(found))
            for line in wrap(text, width, "", INDENT)
        ],
        *_verdicts(found, width),
        [line for text in hopeless_told(found) for line in wrap(text, width)],
        choice(found, width),
        plans_table(found).lines(width),
        *(_differences(found, name, width) for name in found.names[1:]),
        [f"Report, plots, tables and record: {folder}"] if folder is not None else [],
    )
    return "\n\n".join("\n".join(section) for section in sections if section)


def _verdicts(found: Comparison, width: int) -> list[list[str]]:
    """Of each plan its name and its verdicts."""
    plans = [[verdict_words(verdict, each) for verdict in each.verdicts] for each in found.findings]
    blocks = iter(laid([row for rows in plans for row in rows], width)) if any(plans) else iter(())
    return [
        [f"{name}   {overall(each.verdicts)}", *(line for _ in rows for line in next(blocks))]
        for name, each, rows in zip(found.names, found.findings, plans, strict=True)
        if rows
    ]


def _differences(found: Comparison, name: str, width: int) -> list[str]:
    rows = differences_table(found, name)
    return [*(wrap(differences_title(found, name), width) if rows.columns else []), *rows.lines(width)]
