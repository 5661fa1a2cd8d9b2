"""`sim list` as its user meets it."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from tests.cli.test_run import FILES, SMALL

pytestmark = pytest.mark.usefixtures("unread")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "other.yaml").write_text(SMALL.replace("name: small", "name: other"))
    return tmp_path


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments], catch_exceptions=False)


def test_every_study_is_listed_the_newest_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    sim("run", "small.yaml", "-n", "3", "--surge", "1.5")
    sim("compare", "small.yaml", "-v", "alone", "-n", "3")
    sim("sweep", "small.yaml", "teams.desk.people=1,6", "-n", "3")
    sim("run", "other.yaml", "-n", "4", "-c", "lasts=5 h", "--seed", "7")
    result = sim("list")
    assert (result.exit_code, result.stderr) == (0, "")
    studies = [line.split()[2:4] for line in result.stdout.splitlines()]
    assert [study for study, _ in studies] == ["study", "run", "sweep", "compare", "run"]
    assert studies[1][1].startswith("other/base+")
    told = json.loads(sim("list", "--json").stdout)
    assert [entry["folder"] for entry in told] == [where for _, where in studies[1:]]
    assert (told[0]["changes"], told[0]["seed"], told[0]["replications"]) == (["lasts=5 h"], 7, 4)
    assert (told[1]["settings"], told[2]["plans"], told[3]["surge"]) == (
        ["teams.desk.people=1,6"],
        ["base", "alone"],
        1.5,
    )
    assert told[3]["headline"] == "first_reply UNDECIDED, answered UNDECIDED"
    assert [entry["folder"] for entry in json.loads(sim("list", "other", "--json").stdout)] == [
        told[0]["folder"]
    ]
    assert {path.name for path in (folder / "results").iterdir()} == {"catalogue.sqlite", "other", "small"}
    (folder / "results/catalogue.sqlite").unlink()
    assert json.loads(sim("list", "--json").stdout) == told


def test_where_nothing_is_kept_one_sentence_says_so(folder: Path) -> None:
    result = sim("list")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "There are no results under results yet: `sim run FILE` writes some.\n"
    assert sim("list", "--json").stdout == "[]\n"
    assert not Path("results").exists()


def test_of_a_scenario_of_which_nothing_is_kept_the_others_are_named(folder: Path) -> None:
    sim("run", "small.yaml", "-n", "2", "--out", "mine")
    result = sim("list", "smal", "--out", "mine")
    assert (result.exit_code, result.stdout) == (
        0,
        "There are no results of smal under mine, only of small.\n",
    )


def test_a_study_is_kept_though_the_catalogue_cannot_be_written(folder: Path) -> None:
    Path("results/catalogue.sqlite").mkdir(parents=True)
    result = sim("run", "small.yaml", "-n", "80")
    assert result.exit_code == 0
    assert "HOLDS" in result.stdout
    assert result.stderr == (
        "could not update results/catalogue.sqlite: unable to open database file; "
        "the results in results/small/base were saved\n"
    )
    assert {path.name for path in Path("results/small/base").iterdir()} == FILES
    assert "small/base" in sim("list").stdout


def test_a_study_that_could_not_be_kept_is_not_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    sim("run", "small.yaml", "-n", "2")
    shutil.rmtree("results/small")
    monkeypatch.setattr("sim.show.sheet.sheet.save", full)
    assert sim("run", "small.yaml", "-n", "3").exit_code == 2
    assert sim("list", "--json").stdout == "[]\n"
