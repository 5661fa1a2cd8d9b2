"""What the averages say, in a line each."""

from collections.abc import Sequence

import numpy as np

from sim.forecast import Advice
from sim.plan import Lens
from sim.show.content.tables import wrap
from sim.show.content.words import FLAWLESS, counted, promise_names

MANY = 0.005  # of all contacts: worth a line in a run
MOST = 3


def rounded_down(share: float) -> str:
    """A share in percent that promises no more than there is: rounded down to a tenth."""
    return f"{np.floor(share * 1000 + 1e-6) / 10:.1f}"


def notes(advice: Advice, lens: Lens, width: int) -> list[str]:
    """What a run says of it under the verdicts: caps below 100 %, and what many contacts meet that nobody on
    duty answers.
    """
    names = promise_names(lens)
    lines = [
        f"{names[cap.promise]} can be met for at most {rounded_down(cap.share)} % on average at these hours, "
        f"however many people"
        for cap in advice.caps
        if cap.share < FLAWLESS
    ]
    worth = MANY * sum(contacts for _, contacts in advice.contacts)
    many = [row for row in sorted(advice.unserved, key=lambda row: -row.contacts) if row.contacts >= worth]
    for row in many[:MOST]:
        what = f"nobody on duty answers {row.language} {row.topic} at {hour_spans(row.hours)}"
        lines.append(f"{what}: about {row.contacts:,.0f} contacts")
    if len(many) > MOST:
        lines.append(f"and {counted(len(many) - MOST, 'more kind')}: `sim validate` lists them")
    return [part for line in lines for part in wrap(line, width)]


def hour_spans(hours: Sequence[int]) -> str:
    """Hours of the day as spans: "00–08, 23–24"."""
    spans: list[list[int]] = []
    for hour in hours:
        if spans and spans[-1][1] == hour:
            spans[-1][1] = hour + 1
        else:
            spans.append([hour, hour + 1])
    return ", ".join(f"{start:02}–{end:02}" for start, end in spans)
