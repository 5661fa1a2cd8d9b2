"""`sim sweep` as its user meets it."""

import json
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from tests.cli.test_run import SMALL

SHEETS = {"record.json", "estimates.parquet", "verdicts.parquet", "sheet.png", "sheet.svg", "report.html"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sweep", *arguments], catch_exceptions=False)


def left() -> Path:
    (found,) = Path("results/small/sweep").iterdir()
    return found


def test_it_prints_a_row_a_value_and_the_least_that_holds_and_leaves_plots_and_tables(folder: Path) -> None:
    result = sim("small.yaml", "teams.desk.people=1..9/4", "-n", "80")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert {line.split()[0] for line in lines if line[:1].isdigit()} >= {"1", "5", "9"}
    assert any(
        line.startswith("first reply within 1 h: the smallest teams.desk.people that holds is")
        for line in lines
    )
    assert "--seed 2 --decide" in " ".join(result.stdout.split())
    assert {path.name for path in left().iterdir()} == SHEETS
    assert left().name.startswith("base,teams.desk.people+")


@pytest.mark.usefixtures("unread")
def test_exit_codes_say_whether_all_promises_hold_at_some_value(folder: Path) -> None:
    assert sim("small.yaml", "teams.desk.people=5,6", "-n", "80").exit_code == 0
    assert sim("small.yaml", "teams.desk.people=0,1", "-n", "30").exit_code == 3
    assert sim("small.yaml", "teams.desk.people=5,6", "-n", "10").exit_code == 4


@pytest.mark.usefixtures("unread")
def test_the_command_that_confirms_is_of_the_same_plan_on_another_seed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    more = ["-v", "alone", "-c", "topics.question.handle_time.mean=3 min", "--surge", "1.5"]
    result = sim("small.yaml", "teams.desk.people=1,9", *more, "-n", "80")
    command = result.stdout.partition("sim run ")[2].partition("\n\n")[0]  # may be wrapped
    ran = CliRunner().invoke(main, ["run", *shlex.split(command), "--json"], catch_exceptions=False)
    record = json.loads(ran.stdout)["record"]
    assert (record["variant"], record["surge"], record["seed"]) == ("alone", 1.5, 2)
    assert record["changes"][0] == "topics.question.handle_time.mean=3 min"
    assert (
        f"the smallest teams.desk.people that holds is {record['changes'][1].partition('=')[2]};"
        in result.stdout
    )


@pytest.mark.usefixtures("unread")
def test_two_settings_make_a_grid(folder: Path) -> None:
    result = sim("small.yaml", "teams.desk.people=1,5,9", "teams.desk.pace=100 %,150 %", "-n", "30")
    assert "by teams.desk.pace" in result.stdout
    assert "teams.desk.people that holds, of those listed" in result.stdout
    document = json.loads(
        sim("small.yaml", "teams.desk.people=1,5", "teams.desk.pace=100 %,150 %", "-n", "8", "--json").stdout
    )
    values = [point["values"] for point in document["points"]]
    assert [(point["teams.desk.people"], point["teams.desk.pace"]) for point in values] == [
        ("1", "100 %"), ("1", "150 %"), ("5", "100 %"), ("5", "150 %")
    ]  # fmt: skip


@pytest.mark.usefixtures("unread")
def test_a_sweep_is_of_the_variant_and_the_changes_asked_for(folder: Path) -> None:
    document = json.loads(
        sim(
            "small.yaml", "teams.desk.pace=100 %,150 %", "-v", "alone", "-c", "lasts=5 h", "-n", "8", "--json"
        ).stdout
    )
    assert document["record"]["variant"] == "alone"
    assert document["record"]["resolved"]["teams"]["desk"]["people"] == "1"
    assert document["record"]["resolved"]["lasts"] == "5 h"
    assert document["record"]["settings"] == ["teams.desk.pace=100 %,150 %"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["teams.desk.people=3"], "has one value: write values such as"),
        (["teams.desk.people=1..x/2"], "is not a range"),
        (["teams.desk.peple=1,2"], "did you mean 'people'?"),
        (["teams.desk.people=1,many"], "'many' is not a whole number"),
        (
            ["teams.desk.people=1,2", "teams.desk.pace=50%,100%", "lasts=1h,2h"],
            "one or two settings, not more",
        ),
        (
            ["teams.desk.people=1..100/1", "teams.desk.pace=1..100%/1"],
            "10000 points are too many: write at most 400",
        ),
        ([], "Missing argument 'PATH=VALUES...'"),
    ],
)
def test_what_cannot_be_swept_is_reported_and_nothing_left(
    folder: Path, arguments: list[str], words: str
) -> None:
    result = sim("small.yaml", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not Path("results").exists()


@pytest.mark.usefixtures("unread")
def test_the_report_fits_its_width(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (80, 160):
        monkeypatch.setenv("COLUMNS", str(columns))
        for more in ([], ["teams.desk.pace=100 %,150 %"]):
            lines = sim("small.yaml", "teams.desk.people=1,5", *more, "-n", "8").stdout.splitlines()[
                :-1
            ]  # without the folder
            assert max(map(len, lines)) <= columns
