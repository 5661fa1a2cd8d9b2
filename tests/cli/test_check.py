"""`sim check` as CI and planners meet it: what turns it red, what it says, and what it leaves alone."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result
from junitparser import Error, Failure, JUnitXml

from sim.cli import main
from sim.study import check as study
from tests.cli.test_run import SMALL

EXPECT = """\
expect:
  - service_level{promise=first_reply} >= 50 %
  - service_level{promise=first_reply, language=en} >= 50 %
  - backlog_peak < 200
"""

UPDATED: dict[tuple[tuple[str, str], ...], dict[Path, bytes]] = {}  # what --update left, by the suite


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    Path("suite").mkdir()
    write("small", SMALL + EXPECT)
    return tmp_path


def write(name: str, text: str) -> Path:
    path = Path(f"suite/{name}.yaml")
    path.write_text(text.replace("name: small", f"name: {name}"))
    return path


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments], catch_exceptions=False)


def updated() -> None:
    """The suite has baselines; those of a suite that an earlier test had are copied."""
    suite = tuple((path.name, path.read_text()) for path in sorted(Path("suite").iterdir()))
    if suite not in UPDATED:
        assert sim("suite", "--update").exit_code == 0
        UPDATED[suite] = {path: path.read_bytes() for path in Path("results").rglob("*") if path.is_file()}
    for path, content in UPDATED[suite].items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_without_a_baseline_expectations_alone_are_judged(folder: Path) -> None:
    result = sim("suite")
    assert result.exit_code == 0
    assert result.stdout.startswith("PASS")
    assert "no baseline: --update writes one; 3 of 3 expectations hold; 100 simulations" in result.stdout
    assert not Path("results").exists()


def test_what_has_not_changed_is_as_before(folder: Path) -> None:
    updated()
    result = sim("suite")
    assert result.exit_code == 0
    assert re.search(
        r"\d+ measures as before; 3 of 3 expectations hold; would detect a drop of [0-9.]+ points",
        result.stdout,
    )


@pytest.mark.parametrize(
    ("change", "measure"),
    [
        ("teams.desk.people=3", "service_level{promise=first_reply"),
        ("topics.question.handle_time.mean=4.08 min", "handle_time"),
    ],
)
def test_one_agent_fewer_or_two_percent_more_handle_time_turns_it_red(
    folder: Path, change: str, measure: str
) -> None:
    updated()
    result = sim("suite", "-c", change)
    assert result.exit_code == 3
    assert result.stdout.startswith("FAIL      small")
    assert measure in result.stdout
    assert f"changed since the baseline: {change.partition('=')[0]}" in result.stdout


def test_what_got_better_passes_and_update_says_what_moved(folder: Path) -> None:
    updated()
    assert sim("suite", "-c", "teams.desk.people=5").exit_code == 0
    write("small", SMALL.replace("people: 4", "people: 5") + EXPECT)
    result = sim("suite", "--update")
    assert result.exit_code == 0
    assert "moved: service_level{promise=first_reply}" in result.stdout
    write("small", SMALL + EXPECT)
    again = sim("suite")
    assert again.exit_code == 3  # four are fewer than the five of the new baseline
    assert "teams.desk.people 5 → 4" in again.stdout


def test_samples_of_another_seed_are_compared_as_two_samples(folder: Path) -> None:
    updated()
    result = sim("suite", "--seed", "7")
    assert result.exit_code == 0
    assert "no worse than before" in result.stdout
    assert "customers differ from those of the baseline: compared as independent samples" in result.stdout
    assert "changed since the baseline: seed 1 → 7" in result.stdout


def test_an_expectation_that_fails_turns_it_red_and_one_that_is_too_close_is_undecided(folder: Path) -> None:
    write("small", SMALL + "expect:\n  - backlog_peak < 1\n  - service_level{promise=first_reply} >= 50 %\n")
    failed = sim("suite")
    assert failed.exit_code == 3
    assert "backlog_peak < 1: FAILS" in failed.stdout
    mean = json.loads(sim("suite", "--json").stdout)[0]["expectations"][0]["mean"]
    write("small", SMALL + f"expect:\n  - backlog_peak < {mean:.2f}\n")
    close = sim("suite", "-n", "200")
    assert close.exit_code == 4
    assert "undecided" in close.stdout
    assert "200 simulations" in close.stdout


def test_nothing_to_check_is_reported_and_no_success(folder: Path) -> None:
    write("small", SMALL)
    result = sim("suite")
    assert result.exit_code == 4
    assert "UNCHECKED small   neither expect: nor a baseline" in result.stdout


def test_the_worst_scenario_stands_first(folder: Path) -> None:
    write("bad", SMALL + "expect:\n  - backlog_peak < 1\n")
    write("none", SMALL)
    assert [line.split()[:2] for line in sim("suite").stdout.splitlines() if line[:1] != " "] == [
        ["FAIL", "bad"], ["UNCHECKED", "none"], ["PASS", "small"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "service_level{promise=first_reply} >= 0.85",
            r"suite/small\.yaml:27:5: error: '0.85' is not a share",
        ),
        ("servce_level > 3", r"suite/small\.yaml:27:5: error: unknown measure 'servce_level'"),
    ],
)
def test_a_broken_line_is_reported_with_its_place(folder: Path, line: str, words: str) -> None:
    path = write("small", SMALL + f"expect:\n  - {line}\n")
    at = path.read_text().splitlines().index(f"  - {line}") + 1
    result = sim("suite")
    assert result.exit_code == 2
    assert re.search(words.replace("27", str(at)), result.stderr)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.yaml"], "there is no such file"),
        (["empty"], "there is no *.yaml in this folder"),
        (["suite", "twin"], "two scenarios are called small"),
        (["suite", "-v", "aloen"], "did you mean 'alone'?"),
        ([], "Missing argument 'PATH...'"),
        (["suite", "--update", "-c", "teams.desk.people=3"], "leave out -c, --json and --junit"),
        (["suite", "--update", "--junit", "out.xml"], "leave out -c, --json and --junit"),
    ],
)
def test_what_cannot_be_checked_is_reported(folder: Path, arguments: list[str], words: str) -> None:
    Path("empty").mkdir()
    Path("twin").mkdir()
    Path("twin/small.yaml").write_text(SMALL)
    result = sim(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_torn_baseline_is_bad_input(folder: Path) -> None:
    updated()
    Path("results/baselines/small.json").write_text("{")
    result = sim("suite")
    assert result.exit_code == 2
    assert "results/baselines/small.json: this is not a baseline" in result.stderr
    updated()  # as it says
    assert sim("suite").exit_code == 0


def test_a_promise_that_promises_less_is_reported_though_nothing_moved(folder: Path) -> None:
    updated()
    result = sim("suite", "-c", "promises.first_reply.share=1 %")
    assert result.exit_code == 0
    assert "changed since the baseline: promises.first_reply.share 80 % → 1 %" in result.stdout


def test_what_is_measured_no_more_turns_it_red(folder: Path) -> None:
    text = SMALL.replace("events: 90 %, each: [language]}", "events: 90 %, for: {language: [nl]}}")
    write("small", text)
    updated()
    result = sim("suite", "-c", "demand.all.language={nl: 0 %, en: 100 %}", "--junit", "out.xml")
    assert result.exit_code == 3
    (suite,) = JUnitXml.fromfile("out.xml")
    names = [case.name for case in suite]
    assert len(set(names)) == len(names)
    assert (
        "service_level{promise=first_reply} is no longer measured; run --update if intended" in result.stdout
    )


def test_every_scenario_of_a_folder_is_checked_once(folder: Path) -> None:
    write("other", SMALL + EXPECT).rename("suite/other.yml")
    found = json.loads(sim("suite", "suite/small.yaml", str(Path("suite").resolve()), "--json").stdout)
    assert sorted(each["scenario"] for each in found) == ["other", "small"]


def test_no_more_replications_are_played_than_asked_for(folder: Path) -> None:
    assert "; 7 simulations" in sim("suite", "-n", "7").stdout


def test_ctrl_c_tells_what_was_checked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("other", SMALL + EXPECT)
    whole = study.check

    def interrupted(*arguments: object) -> Iterator[study.Checked]:
        yield next(whole(*arguments))
        raise KeyboardInterrupt

    monkeypatch.setattr(study, "check", interrupted)
    result = sim("suite", "--junit", "out.xml")
    assert result.exit_code == 130
    assert result.stdout.startswith("PASS      other")
    assert "1 of 2 scenarios were not checked" in result.stderr
    assert len(JUnitXml.fromfile("out.xml")) == 1


def test_a_variant_has_a_baseline_of_its_own(folder: Path) -> None:
    assert sim("suite", "-v", "alone", "--update").exit_code == 0
    assert [path.name for path in Path("results/baselines").iterdir()] == ["small+alone.json"]


def test_the_smallest_drop_of_an_updated_baseline_is_at_most_a_point(folder: Path) -> None:
    updated()
    (found,) = json.loads(sim("suite", "--json").stdout)
    assert 0 < found["finds"] <= 0.01


AWKWARD = "a \"<b>&amp;' %0A::error::, é"


@pytest.mark.slow
def test_junit_xml_is_read_back_by_a_reader(folder: Path) -> None:
    Path("suite").rename(AWKWARD)
    updated_suite = sim(AWKWARD, "--update")
    assert updated_suite.exit_code == 0
    text = Path(AWKWARD, "small.yaml").read_text()
    Path(AWKWARD, "small.yaml").write_text(text + "  - backlog_peak < 1\n  - next_reply > 5 %\n")
    result = sim(AWKWARD, "-c", "teams.desk.people=3", "--junit", "out.xml")
    assert result.exit_code == 3
    (suite,) = JUnitXml.fromfile("out.xml")
    cases = {case.name: case for case in suite}
    assert suite.name == "small"
    assert isinstance(cases["backlog_peak < 1"].result[0], Failure)
    assert isinstance(cases["next_reply > 5 %"].result[0], Error)  # nobody asks a next question
    assert cases["backlog_peak < 200"].result == []
    assert isinstance(cases["no worse: service_level{promise=first_reply}"].result[0], Failure)
    assert (suite.failures, suite.errors) == (
        sum(isinstance(each, Failure) for case in cases.values() for each in case.result), 1
    )  # fmt: skip
    assert suite.tests == len(cases)


def test_annotations_name_file_and_line_with_awkward_names_escaped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    Path("suite").rename(AWKWARD)
    path = Path(AWKWARD, "small.yaml")
    path.write_text(path.read_text() + "  - backlog_peak < 1\n")
    line = path.read_text().splitlines().index("  - backlog_peak < 1") + 1
    (told,) = [line for line in sim(AWKWARD).stdout.splitlines() if line.startswith("::")]
    match = re.fullmatch(r"::error file=([^,:]*),line=(\d+),title=([^,:]*)::(.*)", told)
    assert match
    assert unquote(match[1]) == str(path)
    assert int(match[2]) == line
    assert match[3] == "small"
    assert unquote(match[4]).startswith("backlog_peak < 1: FAILS")


def test_elsewhere_there_are_no_annotations(folder: Path) -> None:
    write("small", SMALL + "expect:\n  - backlog_peak < 1\n")
    assert "::" not in sim("suite").stdout


def test_the_json_is_the_same_with_any_number_of_jobs(folder: Path) -> None:
    updated()
    assert sim("suite", "--json", "--jobs", "1").stdout == sim("suite", "--json", "--jobs", "2").stdout
