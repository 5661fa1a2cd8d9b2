"""`sim new` as its user meets it, and what it writes."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from sim.cli import main
from sim.scenario.reading import read
from sim.scenario.schema.scenario import Scenario
from sim.scenario.template import TEMPLATE, text
from tests.cli.test_schema import SCHEMA, as_an_editor_sees_it


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments], catch_exceptions=False)


def rulings(document: Any) -> dict[str, str]:
    return {row["promise"]: row["ruling"] for row in document["verdicts"]}


def test_it_writes_a_scenario_and_says_what_to_type_next(folder: Path) -> None:
    result = sim("new", "high-water")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "high-water.yaml was written: a scenario to start from, which runs as it is. Next:",
        "",
        "  sim validate high-water.yaml",
        "  sim run high-water.yaml -n 20",
    ]
    assert [path.name for path in folder.iterdir()] == ["high-water.yaml"]
    scenario = read(Path("high-water.yaml")).scenario
    assert (scenario.name, scenario.title) == ("high-water", "High water")
    assert "$" not in Path("high-water.yaml").read_text()


@pytest.mark.slow
def test_what_it_says_to_type_next_works_and_its_promises_break_but_hold_in_its_variant(folder: Path) -> None:
    """So that both can be seen in a minute; 20 events can show HOLDS where 80 % of them are asked."""
    sim("new", "flood")
    assert sim("validate", "flood.yaml").exit_code == 0
    broken, held = (
        sim("run", "flood.yaml", "-n", "20", "--json"),
        sim("run", "flood.yaml", "-n", "20", "--json", "-v", "more-helpers"),
    )
    assert (broken.exit_code, held.exit_code) == (3, 0)
    assert set(rulings(json.loads(broken.stdout)).values()) == {"BREAKS"}
    assert set(rulings(json.loads(held.stdout)).values()) == {"HOLDS"}


def test_an_editor_accepts_it_and_its_comments_name_keys_that_there_are() -> None:
    jsonschema.validate(as_an_editor_sees_it(YAML(typ="safe").load(text("flood"))), SCHEMA)
    models = [SCHEMA, *SCHEMA["$defs"].values()]
    models += [part for model in models for part in model.get("anyOf", [])]
    keys = {name for model in models for name in model.get("properties", {})}
    named = set(re.findall(r"`([^`]*)`", TEMPLATE.read_text()))
    assert len(named) > 25
    assert named - keys == set()


def test_every_section_of_it_has_a_comment_before_it() -> None:
    lines = text("flood").splitlines()
    sections = [row for row, line in enumerate(lines) if re.match(r"[a-z]+:", line)]
    bare = [lines[row] for row in sections if "#" not in lines[row] and not lines[row - 1].startswith("#")]
    assert [line.split(":")[0] for line in bare] == [
        "lasts",
        "drain",
    ]  # these two under the comment on starts
    assert {lines[row].split(":")[0] for row in sections} <= {
        item.alias or name for name, item in Scenario.model_fields.items()
    }


def test_every_number_that_it_makes_up_is_called_assumed() -> None:
    scenario = read_text("flood")
    assert {source.basis for source in scenario.sources.values()} == {"assumed"}
    sections = {path.split(".")[0] for path in scenario.sources}
    assert sections == {"promises", "channels", "topics", "days", "busyness", "demand", "teams"}


def read_text(name: str) -> Scenario:
    Path(f"{name}.yaml").write_text(text(name), encoding="utf-8")
    return read(Path(f"{name}.yaml")).scenario


@pytest.mark.parametrize(
    "name",
    ["no", "null", "true", "007", "1e3", "0x1F", "1_000", "über-flut", "雲", "a" * 64, "x-", "2027-03-01"],
)
def test_a_name_is_a_name_whatever_yaml_makes_of_such_a_word(name: str) -> None:
    assert sim("new", name).exit_code == 0
    assert read(Path(f"{name}.yaml")).scenario.name == name
    jsonschema.validate(as_an_editor_sees_it(YAML(typ="safe").load(Path(f"{name}.yaml"))), SCHEMA)


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("flood.yaml", ", such as flood"),
        ("high water", ", such as high-water"),
        ("scenarios/flood", ", such as scenarios-flood"),
        ("../flood", ", such as flood"),
        ("_flood", ", such as flood"),
        ("$name", ", such as name"),
        ("", ""),
        ("...", ""),
        ("a" * 65, ""),
    ],
)
def test_what_is_no_name_gets_one_line_with_what_to_write(folder: Path, name: str, help: str) -> None:
    result = sim("new", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"{name!r} is not a name: write letters, digits, '-' and '_', at most 64{help}\n"
    assert list(folder.iterdir()) == []


def test_a_file_that_is_there_stays_as_it_is() -> None:
    Path("flood.yaml").write_text("mine")
    result = sim("new", "flood")
    assert (result.exit_code, result.stdout) == (2, "")
    assert (
        result.stderr
        == "flood.yaml exists and was left as it is: choose another name, such as sim new flood-2\n"
    )
    assert Path("flood.yaml").read_text() == "mine"


def test_a_link_to_nowhere_is_not_followed() -> None:
    Path("flood.yaml").symlink_to("elsewhere.yaml")
    assert sim("new", "flood").exit_code == 2
    assert not Path("elsewhere.yaml").exists()


def test_where_it_cannot_write_one_line_says_why() -> None:
    name = "𠀀" * 64  # a name, of more bytes than that of a file may have
    result = sim("new", name)
    assert result.exit_code == 2
    assert result.stderr == f"cannot write {name}.yaml: File name too long\n"


def test_a_disk_that_is_full_leaves_no_half_of_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None: ...

        def write(self, _: str) -> None:
            raise OSError(28, "No space left on device")

    def opened(path: Path, *_: object, **__: object) -> Full:
        path.touch()
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr("sim.scenario.template.text", lambda _: "whole")
    result = sim("new", "flood")
    assert (result.exit_code, result.stderr) == (2, "cannot write flood.yaml: No space left on device\n")
    assert list(folder.iterdir()) == []
