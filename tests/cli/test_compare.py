"""`sim compare` as its user meets it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from tests.cli.test_run import FILES, SMALL

VARIANTS = "variants:\n  alone: {teams.desk.people: 1}\n  more: {teams.desk.people: 6}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    text = SMALL.replace("variants:\n  alone: {teams.desk.people: 1}\n", VARIANTS)
    (tmp_path / "small.yaml").write_text(text)
    (tmp_path / "other.yaml").write_text(
        text.replace("name: small", "name: other").replace("people: 4", "people: 5")
    )
    return tmp_path


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["compare", *arguments], catch_exceptions=False)


def test_it_prints_a_verdict_a_plan_the_best_and_what_differs_and_leaves_plots_and_tables(
    folder: Path,
) -> None:
    result = sim("small.yaml", "-v", "alone", "-v", "more", "-n", "30")
    lines = result.stdout.splitlines()
    assert result.exit_code in (0, 4)
    assert [line.split()[0] for line in lines if re.fullmatch(r"\S+   (HOLDS|BREAKS|UNDECIDED)", line)] == [
        "alone",
        "more",
    ]
    assert any(line.startswith("Best") and "more" in line for line in lines)
    assert any(line.startswith("more less alone, paired") for line in lines)
    left = Path("results/small/compare/alone,more")
    assert {path.name for path in left.iterdir()} == FILES | {"differences.parquet"}
    assert str(left) in lines[-1]


@pytest.mark.usefixtures("unread")
def test_the_exit_code_says_whether_the_best_is_found(folder: Path) -> None:
    """A plan that surely breaks against one that surely holds; two that differ by chance alone do not hold at
    20 events.
    """
    assert sim("small.yaml", "-v", "alone", "-v", "more", "-n", "60").exit_code == 0
    assert sim("small.yaml", "-v", "base", "-v", "more", "-n", "20").exit_code == 4


@pytest.mark.usefixtures("unread")
def test_one_variant_is_compared_with_the_file_as_it_is(folder: Path) -> None:
    document = json.loads(sim("small.yaml", "-v", "more", "-n", "8", "--json").stdout)
    assert document["record"]["plans"] == ["base", "more"]
    assert document["record"]["replications"] == 8


@pytest.mark.usefixtures("unread")
def test_files_are_compared_by_their_names_and_with_variants_by_both(folder: Path) -> None:
    assert json.loads(sim("small.yaml", "other.yaml", "-n", "8", "--json").stdout)["record"]["plans"] == [
        "small",
        "other",
    ]
    both = json.loads(sim("small.yaml", "other.yaml", "-v", "more", "-n", "8", "--json").stdout)
    assert both["record"]["plans"] == ["small:more", "other:more"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["small.yaml"], "a comparison needs two plans"),
        (["small.yaml", "-v", "alone", "-v", "alone"], "two plans are called alone"),
        (["small.yaml", "-v", "alone", "-v", "mre"], "did you mean 'more'?"),
        (["small.yaml", "small.yaml"], "two plans are called small"),
        (["small.yaml", "later.yaml"], "small and later are not judged alike: give both the same starts"),
        ([], "Missing argument 'FILE...'"),
    ],
)
def test_what_cannot_be_compared_is_reported_and_nothing_left(
    folder: Path, arguments: list[str], words: str
) -> None:
    later = SMALL.replace("name: small", "name: later").replace("2024-05-06 12:00", "2024-05-07 12:00")
    Path("later.yaml").write_text(later)
    result = sim(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not Path("results").exists()


@pytest.mark.slow
def test_the_same_command_leaves_the_same_bytes_with_any_number_of_jobs(folder: Path) -> None:
    for jobs, out in (("1", "one"), ("2", "two")):
        sim("small.yaml", "-v", "alone", "-v", "more", "-n", "12", "--jobs", jobs, "--out", out)
    one, two = (Path(out, "small/compare/alone,more") for out in ("one", "two"))
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


@pytest.mark.usefixtures("unread")
def test_a_precision_is_reached_by_every_plan(folder: Path) -> None:
    document = json.loads(
        sim("small.yaml", "-v", "alone", "-v", "more", "--precision", "5%", "--json").stdout
    )
    assert document["record"]["stopped"] == "enough to know the mean service level to within ± 5 %"
    for plan in document["plans"]:
        for verdict in plan["verdicts"]:
            if not verdict["dimension"] and verdict["promise"] != "all":
                assert verdict["mean_upper"] - verdict["mean_lower"] <= 0.1


@pytest.mark.usefixtures("unread")
def test_the_report_fits_its_width(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for columns in (80, 120, 160):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = sim("small.yaml", "-v", "alone", "-v", "more", "-n", "8").stdout.splitlines()
        assert max(map(len, lines)) <= columns
