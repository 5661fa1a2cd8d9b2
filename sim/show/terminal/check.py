"""The report of a check: a line for each scenario, JUnit XML, and annotations where GitHub runs it."""

import json
import math
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from sim.measure.pooled.expectations import JudgedExpectation, Judgement
from sim.plan import CONTROL
from sim.show.content.tables import INDENT, wrap
from sim.show.content.words import change, counted, number, percent_range
from sim.study.baseline import Baseline, Guard
from sim.study.check import Checked, CheckOutcome, Moved, identical, worst_first
from sim.study.store.files import plain
from sim.units import duration_text

CHANGES_MOST, WORSE_MOST = 8, 6  # that are printed
SIGN = {Judgement.PASS: "holds", Judgement.FAIL: "FAILS", Judgement.UNDECIDED: "undecided"}


def report(checked: Sequence[Checked], width: int) -> str:
    """A line for each scenario, the worst first, with what is wrong below it."""
    lines: list[str] = []
    name = max(len(each.case.name) for each in checked)
    for each in worst_first(checked):
        lines += wrap(
            f"{each.outcome:<9} {each.case.name:<{name}}   {summary(each)}", width, "", " " * (13 + name)
        )
        lines += [line for text in details(each) for line in wrap(text, width, INDENT, INDENT * 2)]
    return "\n".join(lines)


def summary(each: Checked) -> str:
    """The check of a scenario in one line."""
    if each.outcome is CheckOutcome.UNCHECKED:
        return "neither expect: nor a baseline: write expectations, or a baseline with --update"
    parts = []
    worse = regressed(each)
    if worse:
        parts.append(moved_words(worse[0]) + (f", and {len(worse) - 1} more" if len(worse) > 1 else ""))
    elif each.moved:
        parts.append(
            f"{counted(len(each.moved), 'measure')} "
            f"{'as before' if identical(each) else 'no worse than before'}"
        )
    else:
        parts.append("no baseline: --update writes one")
    if each.judged:
        held = sum(item.state is Judgement.PASS for item in each.judged)
        parts.append(
            f"{held} of {counted(len(each.judged), 'expectation')} {'holds' if held == 1 else 'hold'}"
        )
    if each.moved:
        less = f"would detect a drop of {number(100 * each.finds, 2)} points"
        parts.append("the drop it would detect is unknown" if math.isnan(each.finds) else less)
    parts.append(counted(each.replications, "simulation"))
    return "; ".join(parts)


def details(each: Checked) -> Iterator[str]:
    """What is wrong, undecided or changed, in a line each."""
    worse = regressed(each)
    for item in worse[1:WORSE_MOST]:
        yield moved_words(item)
    if len(worse) > WORSE_MOST:
        yield f"and {len(worse) - WORSE_MOST} more: --json lists them"
    for name in each.gone:
        yield f"{name} is no longer measured; run --update if intended"
    for judged in each.judged:
        if judged.state is not Judgement.PASS:
            yield judged_words(judged)
    if each.moved and not each.paired:
        yield "customers differ from those of the baseline: compared as independent samples"
    changes = each.changes
    if each.outcome is not CheckOutcome.FAIL and identical(each):  # versions that change nothing are no news
        changes = tuple(words for words in changes if words.split()[0] not in each.case.origin["versions"])
    if changes:
        more = len(changes) - CHANGES_MOST
        first = "; ".join(changes[:CHANGES_MOST])
        yield f"changed since the baseline: {first}{f'; and {more} more' if more > 0 else ''}"


def regressed(each: Checked) -> list[Moved]:
    """The guards that regressed: service levels by drop, those of all cases first; then the others."""

    def rank(item: Moved) -> tuple[bool, bool, float]:
        measure, _, dimension, _ = item.now.key
        return (
            measure != "service_level",
            dimension != "all",
            float(item.difference.mean) if measure == "service_level" else item.doubt,
        )

    return sorted((item for item in each.moved if item.regressed), key=rank)


def moved_words(item: Moved) -> str:
    """A guard that moved: "service_level{promise=solved} 93.1 % → 91.8 % (−1.3 points, −1.9 to −0.7)"."""
    apart = item.difference
    value, interval = change(item.now.unit, float(apart.mean), float(apart.lower), float(apart.upper))
    unit = " points" if item.now.unit == "share" else ""
    inside = interval[1:-1] if interval else ""
    return (
        f"{item.now.name} {_level(item.before)} → {_level(item.now)} "
        f"({value}{unit}{f', {inside}' if inside else ''})"
    )


def _level(guard: Guard) -> str:
    """The mean of a guard in its unit."""
    over = float(guard.over.sum())
    mean = (
        over / len(guard.over)
        if guard.under is None
        else over / float(guard.under.sum())
        if guard.under.sum()
        else math.nan
    )
    if guard.unit == "share":
        return f"{number(100 * mean, 2)} %"
    return duration_text(mean) if guard.unit == "ms" and math.isfinite(mean) else number(mean, 1)


def judged_words(item: JudgedExpectation) -> str:
    """An expectation with its judgement and what was measured."""
    words = f"{item.expectation.text}: {SIGN[item.state]}"
    if item.ruling:
        return f"{words}, the verdict is {item.ruling}"
    if math.isnan(item.mean):
        return f"{words}, nothing was measured"
    if item.unit == "share":
        interval = percent_range(max(item.lower, 0.0), min(item.upper, 1.0), item.expectation.value)
        return f"{words}, {number(100 * item.mean, 2)} % ({interval})"
    if item.unit == "ms":
        low, mean, high = (duration_text(max(bound, 0.0)) for bound in (item.lower, item.mean, item.upper))
        return f"{words}, {mean} ({low} – {high})"
    return f"{words}, {number(item.mean, 1)} ({number(item.lower, 1)}–{number(item.upper, 1)})"


def renewed(before: Checked, baseline: Baseline, path: object) -> str:
    """The size of a new baseline, and what moved since the one before."""
    words = (
        f"{before.case.name}: {counted(baseline.size, 'simulation')}, "
        f"{counted(len(baseline.guards), 'measure')} in {path}"
    )
    if not before.moved:
        return words
    moved = [moved_words(item) for item in before.moved if not item.same]
    return f"{words}; {'nothing moved' if not moved else 'moved: ' + '; '.join(moved)}"


def document(checked: Sequence[Checked]) -> str:
    """All checks as one line of JSON, worst first."""
    rows = [
        {
            "scenario": each.case.name,
            "file": each.case.file,
            "outcome": each.outcome,
            "replications": each.replications,
            "finds": each.finds,
            "paired": each.paired,
            "changes": each.changes,
            "gone": each.gone,
            "expectations": [
                {
                    "text": item.expectation.text,
                    "state": item.state,
                    "ruling": item.ruling,
                    **{key: getattr(item, key) for key in ("mean", "lower", "upper")},
                }
                for item in each.judged
            ],
            "measures": [
                {
                    "name": item.now.name,
                    "unit": item.now.unit,
                    "regressed": item.regressed,
                    "doubt": item.doubt,
                    **{key: float(getattr(item.difference, key)) for key in ("mean", "lower", "upper")},
                }
                for item in each.moved
            ],
        }
        for each in worst_first(checked)
    ]
    return json.dumps(plain(rows), sort_keys=True, ensure_ascii=False, allow_nan=False)


def junit(checked: Sequence[Checked]) -> bytes:
    """JUnit XML: a suite for each scenario, a case for each expectation and guard; undecided is an error."""
    root = ElementTree.Element("testsuites", name="sim check")
    for each in checked:
        cases = list(_cases(each))
        counts = {"tests": len(cases)} | {
            f"{bad}s": sum(kind == bad for _, kind, _ in cases) for bad in ("failure", "error")
        }
        attributes = {"name": each.case.name} | {name: str(count) for name, count in counts.items()}
        suite = ElementTree.SubElement(root, "testsuite", attributes)
        for name, kind, words in cases:
            file = _printable(str(each.case.file))
            case = ElementTree.SubElement(suite, "testcase", classname=each.case.name, name=name, file=file)
            if kind:
                ElementTree.SubElement(case, kind, message=words).text = words
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _printable(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _cases(each: Checked) -> Iterator[tuple[str, str, str]]:
    """Name, kind of failure ("" if it passed) and message of each case."""
    kinds = {Judgement.PASS: "", Judgement.FAIL: "failure", Judgement.UNDECIDED: "error"}
    for judged in each.judged:
        yield judged.expectation.text, kinds[judged.state], judged_words(judged)
    for item in each.moved:
        yield f"no worse: {item.now.name}", "failure" if item.regressed else "", moved_words(item)
    for name in each.gone:
        yield f"no worse: {name}", "failure", f"{name} is no longer measured"
    if each.outcome is CheckOutcome.UNCHECKED:
        yield "expect", "error", summary(each)


def annotations(checked: Sequence[Checked]) -> Iterator[str]:
    """GitHub's workflow commands, at the line in the file: errors for failures, warnings for undecided."""
    for each in worst_first(checked):
        for judged, line in zip(each.judged, each.case.lines, strict=True):
            if judged.state is not Judgement.PASS:
                kind = "error" if judged.state is Judgement.FAIL else "warning"
                yield _command(kind, each, line, judged_words(judged))
        for item in regressed(each)[:WORSE_MOST]:
            yield _command("error", each, 1, f"worse than its baseline: {moved_words(item)}")
        for name in each.gone:
            yield _command("error", each, 1, f"{name} is no longer measured")
        if each.outcome is CheckOutcome.UNCHECKED:
            yield _command("warning", each, 1, summary(each))


def _command(kind: str, each: Checked, line: int, words: str) -> str:
    place = f"file={_property(str(each.case.file))},line={max(line, 1)},title={_property(each.case.name)}"
    return f"::{kind} {place}::{_data(words)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
