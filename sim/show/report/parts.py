"""What the pages of all studies have: tables, assumptions, the scenario as it ran and how to run it again."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from sim.measure.stats.verdicts import overall
from sim.plan import Assumption
from sim.show.content.tables import TextTable
from sim.show.content.words import counted, verdict_words
from sim.show.content.yaml_text import scenario_text
from sim.show.report.page import Cell, Code, Decision, Facts, Grid, Head, Part, Prose, Verdicts, grid
from sim.study.findings import Findings

WHOLE = 10**6  # columns: a line is not broken
HOVER = (
    "Point at a chart, or tab to it and press the arrow keys, for the numbers; drag across to zoom, "
    "double-click to go back."
)
ASSUMPTIONS, SCENARIO, AGAIN = "What it rests on", "The scenario as it ran", "How to run it again"


def verdicts(findings: Findings, sentence: str = "", name: str = "") -> Verdicts:
    """A line a promise; all in grey if nothing is promised."""
    rows = [
        Decision(words.strip(), kept, str(ruling), behind, bool(verdict.dimension))
        for verdict in findings.verdicts
        for words, kept, ruling, behind in (verdict_words(verdict, findings),)
    ]
    return Verdicts(str(overall(findings.verdicts)) if rows else "", sentence, rows, name)


def table(rows: TextTable, caption: str, label: str) -> list[Part]:
    """The table with its notes, or what is left of it."""
    if rows.columns:
        return [grid(rows, caption, label)]
    return [Prose(rows.notes)] if rows.notes else []


def assumptions(rests_on: Sequence[Assumption]) -> list[Part]:
    """Every number with a source, and how many of them are assumed."""
    rows = [
        [Cell(item.path, "", item.path), Cell(item.basis, "", item.basis),
         Cell("see the scenario below" if item.value == "as in the file" else item.value, "", item.value),
         Cell(item.range, "", item.range or None), Cell(item.where, "", item.where or None)]
        for item in rests_on
    ]  # fmt: skip
    heads = [Head(text, number=False) for text in ("number", "basis", "value", "range", "where from, or why")]
    assumed = sum(item.basis == "assumed" for item in rests_on)
    said = (
        f"Of {counted(len(rows), 'number')} with a source {assumed} are assumed: the verdict rests on them."
    )
    return [Prose([said]), Grid("Numbers and their basis", heads, [rows])] if rows else []


def scenario(name: str, record: Mapping[str, Any]) -> list[Part]:
    """The scenario of a record, folded away."""
    resolved = record.get("resolved")
    if not resolved:
        return []
    changes = record.get("changes") or []
    said = [f"Changed by the command: {', '.join(changes)}."] if changes else []
    text = scenario_text(resolved)
    return [
        Prose([*said, "With variant and changes applied; saved as a file, it runs as it is."]),
        Code(text, f"All of {name}: {counted(text.count(chr(10)), 'line')}"),
    ]


def again(record: Mapping[str, Any]) -> list[Part]:
    """The command, and with what it gave this."""
    command = record.get("command", [])
    versions = record.get("versions", {})
    facts = [
        (name, str(record[key]))
        for name, key in (("simulations", "replications"), ("seed", "seed"))
        if key in record
    ]
    facts += (
        [("versions", ", ".join(f"{name} {version}" for name, version in versions.items()))]
        if versions
        else []
    )
    said = (
        "The same command with the same versions gives the same bytes; the tables beside this page hold "
        "every number."
    )
    return [*([Code(shlex.join(command))] if command else []), Facts(facts), Prose([said])]
