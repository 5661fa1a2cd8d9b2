"""Baselines: read back as they were, refused if torn, and honest about what they would find."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sim.measure.pooled.replications import Replications
from sim.plan import Spread
from sim.study.baseline import (
    GUARDED,
    BadBaseline,
    Baseline,
    Guard,
    against,
    changed,
    enough_replications,
    guards,
    least_drop,
    load,
    probed,
    slower,
)
from sim.study.play.replicate import simulate
from tests.plans import SIGMAS, hub, plan

MADE = plan(demand="{all: {rate: 20 / h}}", lasts="10 h", teams=hub(2), busyness="{event: 30 %}")
ORIGIN: dict[str, Any] = {
    "scenario": "plain", "variant": None, "seed": 1, "versions": {"numpy": "1"},
    "resolved": {"teams": {"hub": {"people": "2"}}, "languages": ["nl"], "title": "x"},
}  # fmt: skip


def played(made: Any = MADE, events: int = 12) -> Replications:
    return Replications(made.lens, (simulate(made, 1, row, 1.0, "compiled") for row in range(events)))


def baseline(events: Replications) -> Baseline:
    return Baseline(ORIGIN, tuple(events.customers), tuple(guards(events)), {"first_reply": (0.01, 0.02)})


def test_a_baseline_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    made = baseline(played())
    made.save(tmp_path / "some" / "plain.json")
    again = load(tmp_path / "some" / "plain.json")
    assert again is not None
    assert (again.origin, again.customers, again.probe) == (made.origin, made.customers, made.probe)
    for one, other in zip(again.guards, made.guards, strict=True):
        assert (one.key, one.unit) == (other.key, other.unit)
        np.testing.assert_array_equal(one.over, other.over)
        assert (one.under is None) == (other.under is None)
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["plain.json"]


def test_the_same_baseline_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        baseline(played()).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_without_a_file_there_is_no_baseline(tmp_path: Path) -> None:
    assert load(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    "text", ["", "{}", '{"format": 1}', '{"format": 99}', "[1]", '{"format": 1, "guards": 3}', "\udcff"]
)
def test_what_is_no_baseline_is_reported(text: str, tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(BadBaseline, match=r"torn\.json.*--update"):
        load(tmp_path / "torn.json")


def test_torn_rows_are_reported(tmp_path: Path) -> None:
    made = baseline(played())
    torn = replace(made.guards[0], over=made.guards[0].over[:-1])
    replace(made, guards=(torn, *made.guards[1:])).save(tmp_path / "torn.json")
    with pytest.raises(BadBaseline, match="the columns are not equally long"):
        load(tmp_path / "torn.json")


@pytest.mark.parametrize(
    "broken",
    [
        lambda document: document["guards"].clear(),
        lambda document: document["guards"][0].update(key=["service_level"]),
        lambda document: document["guards"][0].update(key=["service_level", "first_reply", "all", []]),
        lambda document: document["guards"][0].update(key=["no_measure", "", "all", ""]),
        lambda document: document["guards"][0]["under"].pop(),
        lambda document: document["guards"][0].update(over=[float("nan")] * 12),
        lambda document: document["guards"][0].update(over=[float("inf")] * 12),
        lambda document: document["guards"][0].update(over=[10**400] * 12),
        lambda document: document["guards"][0].update(over=[[1]] * 12),
        lambda document: document["origin"].clear(),
        lambda document: document["origin"].update(seed=-1),
        lambda document: document["origin"].update(seed="x"),
        lambda document: document["origin"].update(versions=None),
        lambda document: document.update(probe=[]),
        lambda document: document.update(probe={"first_reply": [float("nan"), 1]}),
        lambda document: document.update(customers=[]),
    ],
)
def test_what_was_written_into_a_baseline_by_hand_is_reported(
    broken: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    path = tmp_path / "torn.json"
    baseline(played()).save(path)
    document = json.loads(path.read_text())
    broken(document)
    path.write_text(json.dumps(document))
    with pytest.raises(BadBaseline, match=r"torn\.json.*--update"):
        load(path)


def test_what_a_probe_that_changes_nothing_would_find_is_unknown() -> None:
    made = replace(baseline(played()), probe={"first_reply": (0.0, 0.0)})
    assert math.isnan(least_drop(made, made.guards, 0.001, paired=True))


def test_every_guarded_measure_is_there_once_a_row() -> None:
    found = [guard.key for guard in guards(played())]
    assert len(set(found)) == len(found)
    assert {key[0] for key in found} == {*GUARDED} - {"wasted"}  # nobody comes again
    assert ("service_level", "first_reply", "all", "") in found


def test_a_guard_is_named_as_in_an_expectation() -> None:
    none = np.zeros(1)
    assert (
        Guard(("service_level", "first_reply", "language", "es"), "share", none, none).name
        == "service_level{promise=first_reply, language=es}"
    )
    assert Guard(("backlog_peak", "", "all", ""), "contacts", none, None).name == "backlog_peak"


def test_the_probe_takes_longer_and_keeps_less() -> None:
    worse = slower(MADE)
    assert worse.teams[0].pace == pytest.approx(1.02)
    spread = replace(MADE, teams=(replace(MADE.teams[0], pace=Spread("uniform", (1.0, 2.0))),))
    assert slower(spread).teams[0].pace == Spread("uniform", (1.02, 2.04))
    drop, around = probed(played(events=60), played(worse, 60))["first_reply"]
    assert 0 < drop < 0.05
    assert around > 0


def test_what_differs_is_reported_by_path_and_by_version() -> None:
    now = {
        **ORIGIN, "seed": 2, "versions": {"numpy": "2", "numba": "1"},
        "resolved": {"teams": {"hub": {"people": "3", "wage": "30 / h"}}, "languages": ["nl"], "title": "y"},
    }  # fmt: skip
    assert changed(ORIGIN, now) == [
        "seed 1 → 2",
        "numba None → 1",
        "numpy 1 → 2",
        "teams.hub.people 2 → 3",
        "teams.hub.wage none → 30 / h",
    ]
    assert changed(ORIGIN, ORIGIN) == []


@pytest.mark.parametrize("law", ["normal", "rare losses"])
def test_the_smallest_drop_that_is_found_is_found_nine_times_in_ten(law: str) -> None:
    """Normal differences exactly so, and skewed ones, of events of which a few lose something, more often."""
    rng, n, level, studies = np.random.default_rng(3), 200, 1e-3, 2_000
    rate, loss = 0.5, 0.02  # of the probe: how many losses an event, and how much on average, exponentially
    probe = {"first_reply": (rate * loss, loss * np.sqrt(2 * rate))}
    made = Baseline(ORIGIN, ("x",) * n, (), probe)
    least = least_drop(made, [], level, paired=True)
    if law == "normal":
        differences = rng.normal(-least, np.sqrt(2 * loss * least), (studies, n))
    else:
        losses = rng.poisson(least / loss, (studies, n))
        differences = -rng.gamma(np.maximum(losses, 1e-12), loss) * (losses > 0)
    t = differences.mean(axis=1) / (differences.std(axis=1, ddof=1) / np.sqrt(n))
    found = np.mean(t < stats.t.ppf(level, n - 1))
    error = SIGMAS * np.sqrt(0.09 / studies)
    assert found > 0.9 - error - 0.01  # the sum of two quantiles is nearly that of the noncentral t
    assert law != "normal" or found < 0.9 + error + 0.01
    assert least_drop(made, [], level / 100, paired=True) > least
    assert enough_replications(probe, level, least) == pytest.approx(n, rel=0.1)


def test_with_other_customers_the_smallest_drop_follows_from_both_samples() -> None:
    rng, level = np.random.default_rng(4), 1e-3
    cases = np.full(100, 1000.0)
    sides = [
        Guard(("service_level", "first_reply", "all", ""), "share", 1000 * rng.normal(0.9, 0.05, 100), cases)
        for _ in range(2)
    ]
    made = Baseline(ORIGIN, ("x",) * 100, (sides[0],), {})
    least = least_drop(made, [sides[1]], level, paired=False)
    error = np.sqrt(sum((side.over / 1000).var(ddof=1) / 100 for side in sides))
    assert least == pytest.approx((stats.t.isf(level, 99) + stats.t.ppf(0.9, 99)) * error, rel=1e-6)


def test_pairs_are_of_the_same_replications_and_samples_are_not() -> None:
    now, before = (
        Guard(("overtime", "", "all", ""), "hours", np.array(values), None)
        for values in ([2.0, 4.0], [1.0, 3.0])
    )
    assert against(now, before, paired=True).doubt == 0
    assert against(now, before, paired=False).doubt > 0.1
