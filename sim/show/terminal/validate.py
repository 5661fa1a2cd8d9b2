"""The report of `sim validate`: what the averages of a scenario say before any simulation."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.forecast import Advice
from sim.plan import Float, Lens
from sim.show.content.advice import hour_spans, rounded_down
from sim.show.content.tables import Column, table, wrap
from sim.show.content.words import number, promise_names
from sim.units import HOUR

WIDTH = 100
SHORT_LEAST = 0.05  # agents; a smaller shortfall is not marked


def advice_text(advice: Advice, lens: Lens) -> str:
    """The advice as plain text, lines at most 100 long."""
    words = (_demand(advice), _caps(advice, lens), _productive(advice), _constant(advice), _unserved(advice))
    sections = [[line for text in section for line in wrap(text, WIDTH)] for section in words] + [
        [*_load(advice, lens)]
    ]
    return "\n\n".join("\n".join(section) for section in sections if section)


def advice_document(advice: Advice, lens: Lens) -> dict[str, object]:
    """The advice as plain JSON."""
    return {
        "contacts": dict(advice.contacts),
        "caps": {cap.promise: cap.share for cap in advice.caps},
        "productive_hours": dict(advice.productive),
        "unserved": [
            {"language": row.language, "topic": row.topic, "hours": list(row.hours), "contacts": row.contacts}
            for row in advice.unserved
        ],
        "hours": [lens.clock.iso(hour * HOUR) for hour in range(len(advice.load))],
        "load": {language: advice.load[:, row].tolist() for row, language in enumerate(lens.languages)},
        "on_duty": {language: advice.duty[:, row].tolist() for row, language in enumerate(lens.languages)},
    }


def _demand(advice: Advice) -> Iterator[str]:
    total = sum(contacts for _, contacts in advice.contacts)
    parts = ", ".join(f"{name} {contacts:,.0f}" for name, contacts in advice.contacts)
    yield f"Contacts from outside on average: {total:,.0f} ({parts})"


def _caps(advice: Advice, lens: Lens) -> Iterator[str]:
    names = promise_names(lens)
    for cap in advice.caps:
        yield (
            f"{names[cap.promise]}: at most {rounded_down(cap.share)} % on average at these hours of work, "
            f"however many people"
        )


def _productive(advice: Advice) -> Iterator[str]:
    parts = ", ".join(f"{name} {hours:.1f}" for name, hours in advice.productive)
    yield f"Productive hours per head and week, after breaks and absence (shrinkage): {parts}"


def _constant(advice: Advice) -> Iterator[str]:
    if advice.constant:
        yield (
            f"Handle times without variation make waits too short: {', '.join(advice.constant)}; real ones "
            f"have a cv of about 1"
        )


def _unserved(advice: Advice) -> Iterator[str]:
    if not advice.unserved:
        yield "At every hour somebody on duty answers every language and topic."
        return
    yield "On some day of the event nobody on duty answers:"
    rows = sorted(advice.unserved, key=lambda row: -row.contacts)
    labels = [f"  {row.language} {row.topic}" for row in rows]
    wide = max(map(len, labels))
    for label, row in zip(labels, rows, strict=True):
        yield f"{label:<{wide}}  at {hour_spans(row.hours)}; about {row.contacts:,.0f} contacts arrive then"


def _load(advice: Advice, lens: Lens) -> Iterator[str]:
    """Load and duty of each local hour on its tightest judged day, in total and by language."""
    starts = np.arange(len(advice.load)) * HOUR
    judged = (starts >= lens.judged[0] - lens.judged[0] % HOUR) & (starts < lens.judged[1])
    hour = np.array([lens.clock.hour(int(start)) for start in starts])
    hours = [np.flatnonzero(judged & (hour == local)) for local in range(24)]
    pairs = [("all", advice.load.sum(axis=1), advice.people)] if len(lens.languages) > 1 else []
    pairs += [(name, advice.load[:, row], advice.duty[:, row]) for row, name in enumerate(lens.languages)]
    columns = [
        Column((name, "load of duty"), [_tightest(load, duty, at) for at in hours])
        for name, load, duty in pairs
    ]
    yield (
        "Offered load and agents on duty (who speak the language), by local hour on the tightest judged day;"
    )
    yield "an agent with several languages counts for each; topics are not considered"
    yield from table("hour", [f"{local:02}–{local + 1:02}" for local in range(24)], columns, WIDTH)


def _tightest(load: Float, duty: Float, at: NDArray[np.intp]) -> tuple[str, str]:
    """Load and duty of the hour, among these, with the most load for each agent on duty."""
    if not len(at):
        return "–", ""
    weight = np.divide(load[at], duty[at], out=np.where(load[at] > 0, np.inf, 0.0), where=duty[at] > 0)
    worst = at[np.lexsort((-load[at], -weight))[0]]
    short = load[worst] > max(duty[worst], SHORT_LEAST)
    return number(load[worst], 1), f"of {number(duty[worst], 1)}{'  SHORT' if short else ''}"
