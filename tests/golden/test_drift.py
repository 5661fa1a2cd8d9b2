"""An alarm for drift: a small scenario at a fixed seed still gives what it gave, to five digits.

That the numbers are right is for other tests to say; this one says that they moved.  If you meant them to
(another use of the dice, another rule of an engine or a measure), look at what moved, say why in the message
of the commit, and write them anew:

    python -m tests.golden.test_drift > small.json && mv small.json tests/golden/

If you did not, find out what did.  A new NumPy may draw some distributions differently: then the workload of
one event moves too, and nothing else should be changed in the same commit.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.draw.world import draw_world
from sim.engine import DEFAULT, run
from sim.measure.pooled.replications import Replications
from sim.plan import Plan
from sim.scenario.lowering import lower
from sim.scenario.reading import read
from sim.study.findings import Findings
from sim.study.play.replicate import simulate
from sim.study.run import answer
from sim.tables import Fate

HERE = Path(__file__).parent
SEED, EVENTS = 2010, 4
MEASURES = (
    "service_level",
    "contacts",
    "abandoned",
    "blocked",
    "follow_up",
    "wait_served",
    "handle_time",
    "occupancy",
    "agent_hours",
    "cost",
)


def summed_up() -> dict[str, Any]:
    """What is kept of the golden run: dice, events, verdicts and the estimates of whole rows."""
    reading = read(HERE / "small.yaml")
    plan = lower(reading.scenario, reading.resolved)
    events = (simulate(plan, SEED, row, 1.0, DEFAULT) for row in range(EVENTS))
    findings = answer(plan, Replications(plan.lens, events), {})
    document = findings.document()
    found = {
        "dice": dice(plan),
        "verdicts": [
            [row[name] for name in ("promise", "dimension", "member", "kept", "ruling", "mean")]
            for row in document["verdicts"]
        ],
        "replications": {name: column.tolist() for name, column in findings.replications.items()},
        "estimates": estimates(findings),
        "breaks": [
            [row[name] for name in ("promise", "dimension", "member", "broken_local", "safe_local")]
            for row in document["breaks"]
        ],
        "shortfalls": [
            [row[name] for name in ("agents", "start_local", "end_local")] for row in document["shortfalls"]
        ],
    }
    return {name: rounded(part) for name, part in found.items()}


def dice(plan: Plan) -> dict[str, Any]:
    """The tables of one event, each column by its sum, and what became of its contacts."""
    world = draw_world(plan, SEED, 0)
    columns = {
        f"{table}.{name}": [
            len(column),
            float(column.sum(dtype=np.int64)),
        ]  # no integer, so that it is rounded: another CPU may round a ms otherwise
        for table in ("workload", "roster", "routing")
        for name, column in vars(getattr(world, table)).items()
        if isinstance(column, np.ndarray)
    }
    fates = np.bincount(run(world).fate, minlength=len(Fate)).tolist()
    return columns | dict(zip((fate.name for fate in Fate), fates, strict=True))


def estimates(findings: Findings) -> dict[str, list[Any]]:
    """Mean, bounds and median of the measures for rows that are no times."""
    table = findings.estimates
    chosen = np.flatnonzero(
        (table.time < 0) & (table.hour < 0) & (np.isin(table.measure, MEASURES) | (table.dimension == "all"))
    )
    columns = [getattr(table, name).tolist() for name in ("mean", "lower", "upper", "p50")]
    return {
        " ".join(
            str(getattr(table, name)[row])
            for name in ("measure", "promise", "dimension", "member")
            if getattr(table, name)[row]
        ): [column[row] for column in columns]
        for row in chosen
    }


def rounded(value: Any) -> Any:
    """Numbers to five digits, what is none or never in words."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return (
        (float(f"{value:.5g}") if np.isfinite(value) else str(value)) if isinstance(value, float) else value
    )


@pytest.mark.parametrize("part", ["dice", "replications", "verdicts", "estimates", "breaks", "shortfalls"])
def test_nothing_has_drifted(part: str, now: dict[str, Any]) -> None:
    golden = json.loads((HERE / "small.json").read_text(encoding="utf-8"))
    assert now[part] == golden[part], "see the docstring of this file"


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return summed_up()


def laid_out(found: dict[str, Any]) -> str:
    """As JSON with an entry a line, so that a difference can be read."""
    parts = []
    for name, part in found.items():
        entries = (
            [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in part.items()]
            if isinstance(part, dict)
            else None
        )
        body = ",\n  ".join(map(json.dumps, part) if entries is None else entries)
        parts.append(f' "{name}": ' + (f"[\n  {body}\n ]" if entries is None else f"{{\n  {body}\n }}"))
    return "{\n" + ",\n".join(parts) + "\n}"


if __name__ == "__main__":
    print(laid_out(summed_up()))
