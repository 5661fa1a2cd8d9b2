"""What `sim validate` prints: that a scenario is well formed, and what its numbers say before any dice."""

from collections.abc import Iterator, Sequence

import numpy as np

from sim.scenario.advise import Advice
from sim.scenario.plan import Lens
from sim.show.rows import Column, table, wrap
from sim.show.words import number, promise_names
from sim.units import HOUR

WIDTH = 100


def advice_text(advice: Advice, lens: Lens) -> str:
    """The advice as plain text, lines at most 100 long."""
    words = (_demand(advice), _caps(advice, lens), _productive(advice), _unserved(advice))
    sections = [[line for text in section for line in wrap(text, WIDTH)] for section in words] + [[*_load(advice, lens)]]
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
        yield f"{names[cap.promise]}: at most {_down(cap.share)} % at these hours of work, however many people work them"


def _down(share: float) -> str:
    """A share in percent that promises no more than there is: rounded down to a tenth."""
    return f"{np.floor(share * 1000 + 1e-6) / 10:.1f}"


def _productive(advice: Advice) -> Iterator[str]:
    parts = ", ".join(f"{name} {hours:.1f}" for name, hours in advice.productive)
    yield f"Hours on duty a head a week, breaks and absence taken off: {parts}"


def _unserved(advice: Advice) -> Iterator[str]:
    if not advice.unserved:
        yield "Somebody on duty answers every language and topic at every hour."
        return
    yield "Nobody on duty answers, on some day of the event:"
    rows = sorted(advice.unserved, key=lambda row: -row.contacts)
    labels = [f"  {row.language} {row.topic}" for row in rows]
    wide = max(map(len, labels))
    for label, row in zip(labels, rows, strict=True):
        yield f"{label:<{wide}}  at {_spans(row.hours)}; about {row.contacts:,.0f} contacts come then"


def _spans(hours: Sequence[int]) -> str:
    """Hours of the day as spans: "00–08, 23–24"."""
    spans: list[list[int]] = []
    for hour in hours:
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return ", ".join(f"{start:02}–{end:02}" for start, end in spans)


def _load(advice: Advice, lens: Lens) -> Iterator[str]:
    """For each local hour and language the judged day on which the load weighs most on those on duty."""
    starts = np.arange(len(advice.load)) * HOUR
    judged = (starts >= lens.judged[0] - lens.judged[0] % HOUR) & (starts < lens.judged[1])
    hour = np.array([lens.clock.hour(int(start)) for start in starts])
    weight = np.divide(advice.load, advice.duty, out=np.where(advice.load > 0, np.inf, 0.0), where=advice.duty > 0)
    columns = []
    for row, language in enumerate(lens.languages):
        cells = []
        for local in range(24):
            at = np.flatnonzero(judged & (hour == local))
            if not len(at):
                cells.append(("–", ""))
                continue
            worst = at[np.lexsort((-advice.load[at, row], -weight[at, row]))[0]]
            load, duty = advice.load[worst, row], advice.duty[worst, row]
            cells.append((number(load, 1), f"of {number(duty, 1)}{'  SHORT' if load > duty else ''}"))
        columns.append(Column((language, "load of duty"), cells))
    yield "Offered load and agents on duty who speak the language, by local hour on the tightest judged day"
    yield "(an agent who speaks several languages counts for each)"
    yield from table("hour", [f"{local:02}–{local + 1:02}" for local in range(24)], columns, WIDTH)
