"""One row a measure: what a study measures is what the table says, and the README lists it."""

from pathlib import Path

import pytest

from sim.measure.pooled.replications import Replications
from sim.measure.pooled.summary import summary
from sim.measure.replication.contacts import COUNTS, SUMS, TEAM
from sim.measure.replication.observation import STAFF_TIMES, Observation
from sim.measures import CLOCKS, KEPT, MEASURES, NEEDED, PERCENTS, TIMES, Measure
from sim.plan import Plan
from sim.scenario.schema.expectations import EXPECTED, NARROWED, expectation
from sim.scenario.schema.faults import Names
from sim.study.play.replicate import simulate
from tests.plans import hub, plan

README = Path(__file__).parents[2] / "README.md"
VALUES = {"ms": "1 min", "share": "1 %", "hours": "1 h", "contacts": "1", "money": "1"}
ONE = ("x",)
NAMES = Names(promises=ONE, channels=ONE, languages=ONE, topics=ONE, streams=ONE, teams=ONE)


def every_habit() -> Plan:
    """A plan in which everything happens that is measured."""
    return plan(
        languages="[nl, en]",
        lasts="1 d",
        drain="2 d",
        channels="{mail: {writes_again: {share: 30 %, after: 20 min, most: 1}, bystanders: {share: 50 %, "
        "after: 5 min}}, "
        "phone: {live: true, lines: 3, patience: 5 min, gives_up: {share: 40 %, to: {mail: 100 %}, after: "
        "5 min, most: 1}}}",
        topics="{info: {handle_time: 5 min, self_service: 10 %}, more: {handle_time: 5 min}}",
        then="{info: {topic: more, share: 40 %, after: 25 h}}",
        demand="{all: {rate: 40 / h, language: {nl: 70 %, en: 30 %}, channel: {mail: 50 %, phone: 50 %}, "
        "topic: {info: 100 %}}}",
        promises="{first_reply: {within: 1 h, share: 80 %}, solved: {within: 2 h, share: 80 %}, answered: "
        "{share: 50 %}}",
        teams=hub(3, speaks="{nl: 100 %, en: 100 %}", wage="30 / h"),
    )


@pytest.fixture(scope="module")
def replications() -> Replications:
    made = every_habit()
    return Replications(made.lens, (simulate(made, 1, row, 1.0, "compiled") for row in range(2)))


def test_every_measure_of_a_study_is_a_row_and_every_row_is_measured(replications: Replications) -> None:
    measured: dict[str, set[str]] = {}
    for rows in summary(replications):
        measure = MEASURES[rows.measure]
        measured.setdefault(measure.name, set()).add(rows.dimension)
        assert rows.unit == measure.unit
        assert (rows.under is None) == (measure.under is None), measure.name
        assert bool(rows.promise) == measure.promised, measure.name
    others = {NEEDED.name, KEPT.name}  # of a run, and of plans side by side
    assert measured == {name: set(row.rows) for name, row in MEASURES.items() if name not in others}


def test_every_numerator_and_denominator_is_a_column_that_somebody_adds_up() -> None:
    columns = {*COUNTS, *SUMS, *TEAM, *STAFF_TIMES, *Observation.__annotations__, "paid", "cost"}
    named = {name for measure in MEASURES.values() for name in (measure.over, measure.under) if name}
    assert named <= columns


def test_what_is_guarded_has_a_better_way_and_is_told_by_these_rows() -> None:
    for measure in MEASURES.values():
        assert set(measure.guarded) <= set(measure.rows)
        assert measure.better or not measure.guarded


def test_a_measure_may_be_expected_by_each_of_its_rows_that_a_key_can_name() -> None:
    for measure in EXPECTED.values():
        assert "all" in measure.rows, measure.name
        for row in {"all", *NARROWED} & set(measure.rows):
            keys = {"all": "", "day": "{day=2010-06-07}"}.get(row, f"{{{row}=x}}")
            expected = expectation(f"{measure.name}{keys} < {VALUES[measure.unit]}", NAMES)
            assert (expected.measure, expected.dimension) == (measure.name, row)


def test_the_readme_lists_every_measure_with_its_unit_and_rows() -> None:
    listed = [f"| {' | '.join(cells)} |" for cells in map(cells_of, MEASURES.values()) if cells]
    assert "\n".join(["| measure | unit | what | rows |", "|---|---|---|---|", *listed]) in README.read_text()


def cells_of(measure: Measure) -> list[str]:
    """The cells of a measure in the README; the times by one clock share the line of the first of them."""
    name, words = f"`{measure.name}`", measure.meaning
    if measure in TIMES:
        clock, _, percent = measure.name.rpartition("_p")
        if int(percent) != PERCENTS[0]:
            return []
        name = ", ".join(f"`{clock}_p{percent}`" for percent in PERCENTS)
        words = f"{CLOCKS[clock]}: so many percent of the cases take at most this"
    return [name, measure.unit, words, ", ".join(measure.rows)]
