"""The record of a run: enough to get it again, and nothing that differs from one time to the next."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.scenario.lowering import lower
from sim.scenario.reading import Reading, read
from sim.study.provenance import PACKAGES, RunSettings, folder_name, provenance, reproducing
from tests.plans import PLAIN, variants_of

SCENARIOS = sorted(Path(__file__).parents[3].joinpath("scenarios").glob("*.yaml"))
HOW = RunSettings(seed=3, most=20, finished=20)


def written(folder: Path, **sections: str) -> Path:
    """The file of the plainest scenario, with a variant "more"."""
    file = folder / "plain.yaml"
    rest = PLAIN | {"variants": "{more: {teams.hub.people: 3}}"} | sections
    file.write_text("".join(f"{key}: {text}\n" for key, text in rest.items()), encoding="utf-8")
    return file


def flat(item: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a plan with its path, arrays by type, shape and bytes."""
    if is_dataclass(item):
        item = {field.name: getattr(item, field.name) for field in fields(item)}
    if isinstance(item, Mapping):
        for key, value in item.items():
            yield from flat(value, f"{path}.{key}")
    elif isinstance(item, tuple):
        yield path, len(item)
        for row, value in enumerate(item):
            yield from flat(value, f"{path}.{row}")
    else:
        yield path, (item.dtype, item.shape, item.tobytes()) if isinstance(item, np.ndarray) else item


def planned(reading: Reading) -> list[tuple[str, Any]]:
    return list(flat(lower(reading.scenario, reading.resolved)))


EVERY_VARIANT = [(file, variant) for file in SCENARIOS for variant in variants_of(file)]


@pytest.mark.parametrize(
    ("file", "variant"), EVERY_VARIANT, ids=lambda value: getattr(value, "stem", str(value))
)
def test_the_resolved_scenario_is_a_scenario_with_the_same_plan(
    file: Path, variant: str | None, tmp_path: Path
) -> None:
    """Written as JSON, which is YAML: nothing of a variant, a default or an alias gets lost."""
    reading = read(file, variant)
    (tmp_path / "again.yaml").write_text(json.dumps(reading.resolved, ensure_ascii=False), encoding="utf-8")
    again = read(tmp_path / "again.yaml")
    assert planned(again) == planned(reading)
    assert again.resolved == reading.resolved


def test_a_resolved_scenario_holds_its_variant_and_its_changes(tmp_path: Path) -> None:
    reading = read(written(tmp_path), "more", ["teams.hub.pace=120 %", "lasts=1 d"])
    made = provenance(reading, HOW, [])
    assert made["variant"] == "more"
    assert made["changes"] == ["teams.hub.pace=120 %", "lasts=1 d"]
    assert made["resolved"]["teams"]["hub"] | {"shifts": ""} == {
        "people": "3", "speaks": {"nl": "100 %"}, "shifts": "", "pace": "120 %",
    }  # fmt: skip
    assert made["resolved"]["lasts"] == "1 d"
    assert "variants" not in made["resolved"]
    (tmp_path / "again.yaml").write_text(json.dumps(made["resolved"]))
    assert planned(read(tmp_path / "again.yaml")) == planned(reading)


def test_a_record_is_json_and_the_same_each_time(tmp_path: Path) -> None:
    made = [
        json.dumps(provenance(read(written(tmp_path), "more"), HOW, []), sort_keys=True) for _ in range(2)
    ]
    assert made[0] == made[1]


def test_a_record_says_the_seed_and_the_versions(tmp_path: Path) -> None:
    made = provenance(read(written(tmp_path)), replace(HOW, surge=1.5), [])
    assert (made["scenario"], made["variant"], made["changes"]) == ("plain", None, [])
    assert (made["seed"], made["replications"], made["surge"], made["engine"]) == (3, 20, 1.5, "compiled")
    assert made["versions"] | {"python": ""} == {"python": "", **{name: version(name) for name in PACKAGES}}


def test_an_interrupted_run_says_how_many_were_asked_and_how_many_are_in(tmp_path: Path) -> None:
    made = provenance(
        read(written(tmp_path)), replace(HOW, finished=19, partial=True, stopped="interrupted"), []
    )
    assert [made[key] for key in ("most", "replications", "partial", "stopped")] == [
        20,
        19,
        True,
        "interrupted",
    ]


@pytest.mark.parametrize(
    "more",
    [
        ["--jobs", "2"],
        ["--jobs=2"],
        ["--engine", "simpy"],
        ["--engine=simpy"],
        ["--out", "there"],
        ["--out=there"],
        ["--json"],
        ["--keep", "contacts"],
        ["--json", "--jobs", "1", "--out", "--jobs"],
    ],
    ids=" ".join,
)
def test_a_record_of_another_way_to_the_same_findings_is_the_same(more: list[str]) -> None:
    asked = ["run", "flood.yaml", "--seed", "3", "-c", "demand.all.rate=3 / h"]
    assert reproducing(asked) == asked
    for place in (1, 2, len(asked)):
        assert reproducing([*asked[:place], *more, *asked[place:]]) == asked


def test_folders_are_named_by_variant_and_marked_by_every_change_and_surge(tmp_path: Path) -> None:
    file = written(tmp_path)
    shorter, longer = ("lasts=1 d",), ("lasts=3 d",)
    runs = [
        (None, (), 1.0),
        ("more", (), 1.0),
        ("more", shorter, 1.0),
        ("more", longer, 1.0),
        (None, shorter, 1.0),
        ("more", shorter, 2.0),
        ("more", (), 2.0),
        ("more", (), 2.5),
        (None, (), 0.0),
        ("more", (*shorter, "drain=2 h"), 1.0),
    ]
    names = [
        folder_name(read(file, variant, changes), replace(HOW, surge=surge))
        for variant, changes, surge in runs
    ]
    assert names[:2] == ["base", "more"]
    assert all(
        name.startswith(f"{variant or 'base'}+")
        for name, (variant, *_) in zip(names[2:], runs[2:], strict=True)
    )
    assert len(set(names)) == len(names)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789+") for name in names)


def test_a_folder_depends_neither_on_the_seed_nor_on_the_number_of_replications(tmp_path: Path) -> None:
    reading = read(written(tmp_path), None, ["lasts=1 d"])
    assert folder_name(reading, HOW) == folder_name(reading, RunSettings(9, most=500, finished=100))
