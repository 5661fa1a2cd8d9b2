"""What a report says of a run in any medium: where it breaks, when it is safe again, how sure that is."""

from sim.measure.pooled.breaks import Break
from sim.measure.stats.verdicts import Bounds, Ruling, least_replications, too_few
from sim.plan import Lens
from sim.show.content.words import moment, promise_names, row_words, share, span
from sim.study.findings import Findings
from sim.units import percent_text

WORSE = 0.05  # a row is worth a line if its worst window has so much less in time than that of the whole
BROKEN = "Where it breaks first, and when it is safe again"
UNBROKEN = "No promise surely breaks in any window of the event."
MISSING = "Agents missing on duty at once, mean over simulations that break a promise"
NOTHING = "Nothing is promised."
MOST = 5  # shortfalls, and rows that break, printed before "and … more"


def below_minimum_sentences(findings: Findings) -> list[str]:
    """Why undecided promises cannot HOLD: too few replications, or 100 % of simulations are asked."""
    bounds = Bounds.SEQUENCE if findings.record.get("decide") else Bounds.FIXED
    rows = [verdict for verdict in findings.verdicts if verdict.ruling is Ruling.UNDECIDED]
    least = [least_replications(verdict.confidence_asked, bounds=bounds) for verdict in rows]
    lines = []
    if short := too_few(rows, bounds):
        few, asked = short
        lines = [f"With a {percent_text(asked)} target, HOLDS needs at least {few} replications."]
    return lines + (["With a 100 % target, no verdict HOLDS is possible."] if None in least else [])


def breaks(findings: Findings) -> list[tuple[int, str]]:
    """Where it breaks first and when it is safe again: a line a promise, and below it (1) one for each row
    that does worse.
    """
    told = []
    for name, words in promise_names(findings.lens).items():
        of_promise = [item for item in findings.breaks if item.promise == name]
        for item in of_promise:
            if item.dimension == "all" and (item.broken >= 0 or item.replications):
                told.append((0, f"{words}: {_break_words(item, findings.lens)}"))
        whole = next((item for item in of_promise if item.dimension == "all"), None)
        rows = [
            item
            for item in of_promise
            if item.dimension != "all" and item.broken >= 0 and _worse(item, whole)
        ]
        for item in sorted(rows, key=lambda item: item.worst_share)[:MOST]:
            told.append(
                (
                    1,
                    f"{row_words(findings.lens, item.dimension, item.member)}: "
                    f"{_row_break_words(item, findings.lens)}",
                )
            )
        if len(rows) > MOST:
            told.append((1, f"and {len(rows) - MOST} more"))
    return told


def _worse(row: Break, whole: Break | None) -> bool:
    """Whether a row tells more than the whole: it breaks earlier, or its worst window is clearly worse."""
    if whole is None or whole.broken < 0:
        return True
    return row.broken < whole.broken or row.worst_share < whole.worst_share - WORSE


def _break_words(item: Break, lens: Lens) -> str:
    """When a promise as a whole breaks: on average over simulations, in those that break it, and why."""
    parts = [
        f"first from {lens.clock.words(item.broken)}"
        if item.broken >= 0
        else "on average no window is surely below"
    ]
    if item.replications:
        early, median, late = (
            moment(lens, time) for time in (item.broken_early, item.broken_median, item.broken_late)
        )
        when = median if early == late else f"{median} (10–90 %: {early} – {late})"
        who = "simulation that breaks" if item.replications == 1 else "simulations that break"
        parts.append(f"in the {item.replications} {who} it first at {when}")
    rows = ", ".join(f"{dimension} {member}" for dimension, member in item.causes)
    parts.append(f"{_worst_words(item, lens)}{f' (most of all {rows})' if rows else ''}")
    return ", ".join([*parts, *([_safe_words(item, lens)] if item.broken >= 0 else [])])


def _row_break_words(item: Break, lens: Lens) -> str:
    return (
        f"first from {lens.clock.words(item.broken)}, {_worst_words(item, lens)}, {_safe_words(item, lens)}"
    )


def _worst_words(item: Break, lens: Lens) -> str:
    return f"worst {span(item.worst, item.worst_end, lens)} with {share(item.worst_share, 0)} % in time"


def _safe_words(item: Break, lens: Lens) -> str:
    return f"safe again from {lens.clock.words(item.safe)}" if item.safe >= 0 else "not safe again by the end"
