"""The terminal report, which a planner reads in half a minute."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from sim.measure.pressure import Break
from sim.measure.verdicts import Bounds, Ruling, least_events, too_few
from sim.scenario.plan import Lens
from sim.show import flows, summaries
from sim.show.advice import notes
from sim.show.rows import GAP, INDENT, wrap
from sim.show.words import (
    TOGETHER,
    heading,
    moment,
    promise_names,
    row_words,
    share,
    shortfall_words,
    span,
    verdict_words,
)
from sim.study.findings import Findings
from sim.units import percent_text

WORSE = 0.05  # a row is worth a line if its worst window keeps so much less than that of the whole
BROKEN = "Where it breaks first, and when it is safe again"
UNBROKEN = "No promise surely breaks in any window of the event."
MISSING = "Agents missing on duty at once, on average over the events that break a promise"
NOTHING = "Nothing is promised."
MOST = 5  # shortfalls, and rows that break, printed before "and … more"


def report(findings: Findings, width: int = 100, folder: PurePath | str | None = None) -> str:
    """The report as plain text, lines at most `width` (at least 80) long; what findings do not hold is left out.

    `folder` is where report, plots, tables and record lie.  A row with fewer than 50 cases an event shows its pooled interval,
    marked as too few to judge.  The line that decides breaks before its mean where it does not fit.
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
    """The title, and what was run, as every report begins."""
    title, words = heading(lens, record)
    return wrap(title, width) + wrap(words, width)


def _verdicts(findings: Findings, width: int) -> list[str]:
    rows = [verdict_words(verdict, findings) for verdict in findings.verdicts]
    if not rows:
        return [NOTHING]
    return [line for lines in laid(rows, width) for line in lines] + hopeless(findings)


def hopeless(findings: Findings) -> list[str]:
    """What no event could change for those undecided: HOLDS needs more of them, or can't be had."""
    bounds = Bounds.SEQUENCE if findings.record.get("decide") else Bounds.FIXED
    rows = [verdict for verdict in findings.verdicts if verdict.ruling is Ruling.UNDECIDED]
    least = [least_events(verdict.asked, bounds=bounds) for verdict in rows]
    lines = []
    if short := too_few(rows, bounds):
        few, asked = short
        lines = [f"No verdict HOLDS is possible below {few} events where {percent_text(asked)} of them are asked."]
    return lines + (["No verdict HOLDS is possible where 100 % of events are asked."] if None in least else [])


def laid(rows: Sequence[tuple[str, str, str, str]], width: int) -> list[list[str]]:
    """The lines of each verdict, in columns: one, broken before the last piece where it is too long; or also after the name."""
    # The long name of the last row may reach into the next column, where it has less to say.
    name = max((len(row[0]) for row in rows if row[0] != TOGETHER), default=len(TOGETHER))
    indent = " " * (name + len(GAP))
    joined = [f"{row[0]:<{name}}{GAP}{row[1]}" for row in rows]
    ruling = max(len(row[2]) for row in rows)
    room = width - len(GAP) - ruling
    split = max(map(len, joined)) > room
    if split:
        indent, joined = INDENT, [INDENT + row[1] for row in rows]
    left = max(map(len, joined))
    decided = [f"{text:<{left}}{GAP}{row[2]:<{ruling}}" for text, row in zip(joined, rows, strict=True)]
    lines = []
    for text, row in zip(decided, rows, strict=True):
        whole = f"{text}{GAP}{row[3]}".rstrip()
        if not split and len(whole) <= width:
            lines.append([whole])
        else:
            lines.append([*(wrap(row[0], width) if split else []), text.rstrip(), *wrap(row[3], width, indent, indent)])
    return lines


def _breaks(findings: Findings, width: int) -> list[str]:
    told = breaks(findings)
    lines = [part for level, text in told for part in wrap(text, width, INDENT * level, INDENT * (level + 1))]
    if lines:
        return [BROKEN, *lines]
    return [UNBROKEN] if findings.verdicts else []


def breaks(findings: Findings) -> list[tuple[int, str]]:
    """Where it breaks first and when it is safe again: a line a promise, and below it (1) one for each row that does worse."""
    told = []
    for name, words in promise_names(findings.lens).items():
        of_promise = [item for item in findings.breaks if item.promise == name]
        for item in of_promise:
            if item.by == "all" and (item.broken >= 0 or item.events):
                told.append((0, f"{words}: {_break_words(item, findings.lens)}"))
        whole = next((item for item in of_promise if item.by == "all"), None)
        rows = [item for item in of_promise if item.by != "all" and item.broken >= 0 and _worse(item, whole)]
        for item in sorted(rows, key=lambda item: item.worst_share)[:MOST]:
            told.append((1, f"{row_words(findings.lens, item.by, item.of)}: {_row_break_words(item, findings.lens)}"))
        if len(rows) > MOST:
            told.append((1, f"and {len(rows) - MOST} more"))
    return told


def _worse(row: Break, whole: Break | None) -> bool:
    """Whether a row tells more than the whole: it breaks earlier, or its worst window is clearly worse."""
    if whole is None or whole.broken < 0:
        return True
    return row.broken < whole.broken or row.worst_share < whole.worst_share - WORSE


def _break_words(item: Break, lens: Lens) -> str:
    """When a promise as a whole breaks: on average over events, in those that break it, and why."""
    parts = [f"first from {lens.clock.words(item.broken)}" if item.broken >= 0 else "on average no window is surely below"]
    if item.events:
        early, median, late = (moment(lens, time) for time in (item.broken_early, item.broken_median, item.broken_late))
        when = median if early == late else f"{median} (10–90 %: {early} – {late})"
        who = "event that breaks" if item.events == 1 else "events that break"
        parts.append(f"in the {item.events} {who} it first at {when}")
    rows = ", ".join(f"{by} {of}" for by, of in item.causes)
    parts.append(f"{_worst_words(item, lens)}{f' (most of all {rows})' if rows else ''}")
    return ", ".join([*parts, *([_safe_words(item, lens)] if item.broken >= 0 else [])])


def _row_break_words(item: Break, lens: Lens) -> str:
    return f"first from {lens.clock.words(item.broken)}, {_worst_words(item, lens)}, {_safe_words(item, lens)}"


def _worst_words(item: Break, lens: Lens) -> str:
    return f"worst {span(item.worst, item.worst_end, lens)} with {share(item.worst_share, 0)} % kept"


def _safe_words(item: Break, lens: Lens) -> str:
    return f"safe again from {lens.clock.words(item.safe)}" if item.safe >= 0 else "not safe again by the end"


def _shortfalls(findings: Findings, width: int) -> list[str]:
    """The largest shortfalls; findings list the most missing first."""
    lines = [MISSING] if findings.shortfalls else []
    for item in findings.shortfalls[:MOST]:
        who, kinds = shortfall_words(item)
        lines += wrap(f"{who}, {span(item.start, item.end, findings.lens)}{f': {kinds}' if kinds else ''}", width)
    more = len(findings.shortfalls) - MOST
    return lines + ([f"and {more} smaller shortfalls" if more > 1 else "and a smaller one"] if more > 0 else [])


def _assumptions(findings: Findings, width: int) -> list[str]:
    """The assumed numbers, those with a range in a line each; how many others have a source."""
    assumed = [item for item in findings.assumptions if item.basis == "assumed"]
    lines = ["It rests on assumed numbers"] if assumed else []
    for item in assumed:
        if item.range:
            lines += wrap(f"{item.path} = {item.value}, range {item.range}", width, "  ", "  " + INDENT)
    plain = [item.path for item in assumed if not item.range]
    if plain:
        lines += wrap(f"without a range: {', '.join(plain)}", width, "  ", "  " + INDENT)
    others = len(findings.assumptions) - len(assumed)
    return lines + ([f"and on published or derived ones: {others}"] if others else [])
