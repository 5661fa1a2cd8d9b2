"""The terminal report of a run, to be read in half a minute."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from sim.plan import Lens
from sim.show.content import origin_tables as flows
from sim.show.content import run_tables as summaries
from sim.show.content.advice import notes
from sim.show.content.run import (
    BROKEN,
    MISSING,
    MOST,
    NOTHING,
    UNBROKEN,
    below_minimum_sentences,
    breaks,
)
from sim.show.content.tables import GAP, INDENT, wrap
from sim.show.content.words import (
    TOGETHER,
    heading,
    shortfall_words,
    span,
    verdict_words,
)
from sim.study.findings import Findings


def report(findings: Findings, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long; empty sections are left out.

    folder: where report, plots, tables and record are.  A row with fewer than 50 cases in a replication shows
    its pooled interval, marked as too few to judge.  A verdict that does not fit breaks before its mean.
    """
    sections = (
        opening(findings.lens, findings.record, width),
        _verdicts(findings, width),
        notes(findings.advice, findings.lens, width),
        _breaks(findings, width),
        _shortfalls(findings, width),
        summaries.moments(findings, width),
        summaries.times(findings, width),
        summaries.rows(findings, width),
        flows.flow(findings, width),
        flows.again(findings, width),
        flows.teams(findings, width),
        summaries.staffing(findings, width),
        _assumptions(findings, width),
        [f"Report, plots, tables and record: {folder}"] if folder is not None else [],
    )
    return "\n\n".join("\n".join(section) for section in sections if section)


def opening(lens: Lens, record: Mapping[str, Any], width: int) -> list[str]:
    """The title and what was run: the first lines of every report."""
    title, words = heading(lens, record)
    return wrap(title, width) + wrap(words, width)


def _verdicts(findings: Findings, width: int) -> list[str]:
    rows = [verdict_words(verdict, findings) for verdict in findings.verdicts]
    if not rows:
        return [NOTHING]
    return [line for lines in laid_out(rows, width) for line in lines] + below_minimum_sentences(findings)


def laid_out(rows: Sequence[tuple[str, str, str, str]], width: int) -> list[list[str]]:
    """The lines of each verdict in columns; a long one breaks before its last part or after its ruling."""
    # The long name of the last row may reach into the next column, where its text is shorter.
    name = max((len(row[0]) for row in rows if row[0] != TOGETHER), default=len(TOGETHER))
    indent = " " * (name + len(GAP))
    joined = [f"{row[0]:<{name}}{GAP}{row[1]}" for row in rows]
    left, ruling = max(map(len, joined)), max(len(row[2]) for row in rows)
    room = width - len(GAP) - ruling
    if left > room:
        name = min(max(len(row[0]) for row in rows), room)
        return [_below_name(row, name, width) for row in rows]
    lines = []
    for text, row in zip(joined, rows, strict=True):
        decided = f"{text:<{left}}{GAP}{row[2]:<{ruling}}"
        line = f"{decided}{GAP}{row[3]}".rstrip()
        fits = len(line) <= width
        lines.append([line] if fits else [decided.rstrip(), *wrap(row[3], width, indent, indent)])
    return lines


def _below_name(row: tuple[str, str, str, str], name: int, width: int) -> list[str]:
    """The name, `name` wide, and the ruling; below them the rest."""
    *first, last = wrap(row[0], name)
    rest = [line for text in (row[1], row[3]) if text for line in wrap(text, width, INDENT, INDENT)]
    return [*first, f"{last:<{name}}{GAP}{row[2]}".rstrip(), *rest]


def _breaks(findings: Findings, width: int) -> list[str]:
    lines = [
        part
        for level, text in breaks(findings)
        for part in wrap(text, width, INDENT * level, INDENT * (level + 1))
    ]
    if lines:
        return [BROKEN, *lines]
    return [UNBROKEN] if findings.verdicts else []


def _shortfalls(findings: Findings, width: int) -> list[str]:
    """The largest shortfalls; findings list the largest first."""
    lines = [MISSING] if findings.shortfalls else []
    for item in findings.shortfalls[:MOST]:
        agents, kinds = shortfall_words(item)
        lines += wrap(
            f"{agents}, {span(item.start, item.end, findings.lens)}{f': {kinds}' if kinds else ''}", width
        )
    more = len(findings.shortfalls) - MOST
    return lines + (
        [f"and {more} smaller shortfalls" if more > 1 else "and a smaller one"] if more > 0 else []
    )


def _assumptions(findings: Findings, width: int) -> list[str]:
    """The assumed inputs, with a line for each that has a range, and how many others have a source."""
    assumed = [item for item in findings.assumptions if item.basis == "assumed"]
    lines = ["Assumptions"] if assumed else []
    for item in assumed:
        if item.range:
            lines += wrap(f"{item.path} = {item.value}, range {item.range}", width, "  ", "  " + INDENT)
    plain = [item.path for item in assumed if not item.range]
    if plain:
        lines += wrap(f"without a range: {', '.join(plain)}", width, "  ", "  " + INDENT)
    others = len(findings.assumptions) - len(assumed)
    if not others:
        return lines
    more = " more" if assumed else ""
    return [*lines, f"({others}{more} {'input is' if others == 1 else 'inputs are'} published or derived)"]
