"""`sim run` as its user meets it: what it prints, what it leaves, how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.cli import main
from sim.study.replicate import event

SMALL = """\
schema: 1
name: small
title: A quiet afternoon
starts: 2024-05-06 12:00
lasts: 6 h
drain: 2 h
timezone: Europe/Amsterdam
promises:
  first_reply: {within: 1 h, share: 80 %, events: 90 %, each: [language]}
  answered: {share: 50 %, events: 90 %}
languages: [nl, en]
channels: {chat: {live: true, patience: {mean: 20 min, cv: 1}}}
topics: {question: {handle_time: {mean: 4 min, cv: 1}}}
demand: {all: {rate: 20 / h, language: {nl: 70 %, en: 30 %}}}
teams:
  desk:
    people: 4
    speaks: {nl: 100 %, en: 100 %}
    wage: 30 / h
    shifts: {day: {hours: 10:00-20:00}}
variants:
  alone: {teams.desk.people: 1}
sources:
  teams.desk.people: {basis: assumed, where: nobody counted, range: 2-6}
"""
FILES = {"record.json", "estimates.parquet", "verdicts.parquet", "events.parquet", "sheet.png", "sheet.svg"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


def sim(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments], catch_exceptions=False)


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_promise_that_holds_ends_with_0_and_leaves_every_file(folder: Path) -> None:
    result = sim("run", "small.yaml", "-n", "80")
    assert result.exit_code == 0
    assert "HOLDS" in result.stdout
    assert result.stderr == ""
    assert {path.name for path in (folder / "results/small/base").iterdir()} == FILES


def test_a_promise_that_breaks_ends_with_3(folder: Path) -> None:
    result = sim("run", "small.yaml", "-n", "30", "-v", "alone", "-c", "topics.question.handle_time.mean=30 min")
    assert result.exit_code == 3
    assert "BREAKS" in result.stdout


def test_too_few_events_to_decide_end_with_4(folder: Path) -> None:
    assert sim("run", "small.yaml", "-n", "3").exit_code == 4


def test_json_is_all_there_is_on_stdout_and_says_what_the_record_says(folder: Path) -> None:
    result = sim("run", "small.yaml", "-n", "5", "--json")
    assert result.stderr == ""
    printed = json.loads(result.stdout)
    kept = json.loads((folder / "results/small/base/record.json").read_text())
    assert {"verdicts", "breaks", "shortfalls", "assumptions", "record", "estimates"} == set(printed)
    assert {key: printed[key] for key in kept} == kept
    assert [row["promise"] for row in kept["verdicts"]] == ["first_reply"] * 3 + ["answered", "all"]
    assert kept["record"]["resolved"]["teams"]["desk"]["people"] == "4"
    assert kept["record"]["seed"] == 1


def test_the_same_command_gives_the_same_bytes_and_another_seed_does_not(folder: Path) -> None:
    made = []
    for seed, out in (("5", "one"), ("5", "two"), ("6", "three")):
        assert sim("run", "small.yaml", "-n", "10", "--seed", seed, "--out", out).exit_code in (0, 3, 4)
        made.append(bytes_in(folder / out / "small/base"))
    record = [json.loads(found.pop("record.json")) for found in made]
    for found in record:
        del found["record"]["command"]  # it names the folder
    assert made[0] == made[1]
    assert record[0] == record[1]
    assert all(made[0][name] != made[2][name] for name in made[0])
    assert record[0]["verdicts"] != record[2]["verdicts"]


def test_a_variant_and_a_change_have_folders_of_their_own(folder: Path) -> None:
    sim("run", "small.yaml", "-n", "2")
    sim("run", "small.yaml", "-n", "2", "-v", "alone")
    sim("run", "small.yaml", "-n", "2", "-c", "teams.desk.people=2")
    sim("run", "small.yaml", "-n", "2", "--surge", "2")
    names = sorted(path.name for path in (folder / "results/small").iterdir())
    assert len(names) == 4
    assert names[:2] == ["alone", "base"]
    assert all(name.startswith("base+") for name in names[2:])


def test_a_second_run_replaces_the_first_whole(folder: Path) -> None:
    sim("run", "small.yaml", "-n", "2")
    (folder / "results/small/base/left-over.txt").write_text("old")
    sim("run", "small.yaml", "-n", "2")
    assert {path.name for path in (folder / "results/small/base").iterdir()} == FILES
    assert [path.name for path in (folder / "results/small").iterdir()] == ["base"]


def test_a_folder_that_no_run_has_left_is_not_replaced(folder: Path) -> None:
    mine = folder / "results/small/base"
    mine.mkdir(parents=True)
    (mine / "thesis.txt").write_text("years of work")
    result = sim("run", "small.yaml", "-n", "2")
    assert result.exit_code == 2
    assert result.stderr.startswith("cannot write results/small/base: ")
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]


def test_an_unwritable_folder_gives_one_clear_line(folder: Path) -> None:
    (folder / "results").write_text("a file where a folder should be")
    result = sim("run", "small.yaml", "-n", "2")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "cannot write results/small/base" in result.stderr


def test_a_failure_while_writing_leaves_the_earlier_result(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sim("run", "small.yaml", "-n", "2")
    before = bytes_in(folder / "results/small/base")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.show.plots.save", full)
    result = sim("run", "small.yaml", "-n", "3")
    assert result.exit_code == 2
    assert result.stderr == "cannot write results/small/base: No space left on device\n"
    assert bytes_in(folder / "results/small/base") == before
    assert [path.name for path in (folder / "results/small").iterdir()] == ["base"]


@pytest.mark.parametrize(
    "arguments",
    [("--replications", "0"), ("--seed", "-1"), ("--surge", "nan"), ("--surge", "-1"), ("--surge", "1e9"), ("--engine", "c")],
)
def test_absurd_options_are_refused(folder: Path, arguments: tuple[str, str]) -> None:
    result = sim("run", "small.yaml", *arguments)
    assert result.exit_code == 2
    assert arguments[0] in result.stderr
    assert not (folder / "results").exists()


def test_an_interrupted_run_keeps_what_is_finished_and_says_so(folder: Path) -> None:
    started = [sys.executable, "-c", "from sim.cli import main; main()", "run", "small.yaml", "-n", "20000"]
    process = subprocess.Popen(started, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None and not (children.exists() and children.read_text()):
        time.sleep(0.05)
    time.sleep(4)  # the workers are there: long past the first event, long before the last
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err.decode()
    assert b"Traceback" not in err
    record = json.loads((folder / "results/small/base/record.json").read_text())["record"]
    assert record["partial"] is True
    assert 0 < record["replications"] < record["asked"] == 20000
    assert b"interrupted" in out


def test_validate_says_the_cap_and_the_load(folder: Path) -> None:
    result = sim("validate", "small.yaml")
    assert result.exit_code == 0
    assert "A quiet afternoon: well formed" in result.stdout
    assert "first reply within 1 h: at most 100.0 %" in result.stdout
    as_json = json.loads(sim("validate", "small.yaml", "--json").stdout)
    assert as_json["contacts"] == {"all": pytest.approx(120)}


def test_trace_prints_one_line_a_contact(folder: Path) -> None:
    lines = sim("trace", "small.yaml").stdout.splitlines()
    contacts = json.loads(sim("trace", "small.yaml", "--json").stdout)
    assert len(lines) == len(contacts) + 1
    assert lines[1].startswith("Mon 6 May 12:")
    assert all(row["fate"] in ("ANSWERED", "ABANDONED") for row in contacts)
    assert sim("trace", "small.yaml", "--replication", "1").stdout.splitlines() != lines


def test_schema_is_a_json_schema_with_the_docs_of_the_fields() -> None:
    schema = json.loads(sim("schema").stdout)
    assert schema["properties"]["drain"]["description"].startswith("Service and follow-ups go on")
    assert schema["$defs"]["Team"]["properties"]["pace"]["description"].startswith("Factor on the handle time")


def test_an_interrupted_run_does_not_take_the_place_of_a_finished_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sim("run", "small.yaml", "-n", "3").exit_code == 4
    finished = bytes_in(folder / "results/small/base")

    def interrupted(*_: object) -> object:
        yield from replicated(*_)
        raise KeyboardInterrupt

    def replicated(plan: object, seed: int, *_: object) -> object:
        return (event(plan, seed, replication, 1.0, "simpy") for replication in range(2))  # type: ignore[arg-type]

    monkeypatch.setattr("sim.study.replicate.replicate", interrupted)
    result = sim("run", "small.yaml", "-n", "3")
    assert result.exit_code == 130
    assert "interrupted: 3 were asked for" in result.stdout
    assert bytes_in(folder / "results/small/base") == finished
    assert json.loads((folder / "results/small/base+partial/record.json").read_text())["record"]["partial"] is True


def test_ctrl_c_before_the_first_event_ends_with_130(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> object:
        raise KeyboardInterrupt

    for place in ("sim.study.replicate.replicate", "sim.scenario.read.read"):
        monkeypatch.setattr(place, interrupted)
        result = sim("run", "small.yaml", "-n", "3")
        assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_a_place_that_cannot_be_written_is_told_before_the_work(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> object:
        raise AssertionError("no event is played")

    monkeypatch.setattr("sim.study.replicate.replicate", never)
    (folder / "results").write_text("a file where a folder should be")
    assert sim("run", "small.yaml").exit_code == 2


def test_two_variants_at_once_are_refused(folder: Path) -> None:
    result = sim("run", "small.yaml", "-v", "alone", "-v", "alone")
    assert result.exit_code == 2
    assert "one variant at a time" in result.stderr


@pytest.mark.parametrize(
    "changes",
    [
        ["title='cost $x_{$ now'"],
        ["title='雲'"],
        ["timezone=America/Sao_Paulo", "starts=2017-10-14 12:00", "lasts=2 d"],  # midnight is skipped
        ["timezone=America/Havana", "starts=2011-11-12 12:00", "lasts=2 d"],  # midnight comes twice
        ["timezone=Asia/Kolkata", "starts=2024-05-06 00:00"],
        ["teams.desk.shifts.day.days=[sat]"],
        ["teams.desk.people=0"],
        ["demand.all.rate=0 / h"],
        ["channels.chat.lines=0"],
        ["channels.chat.patience.at_once=100 %"],
    ],
    ids=" ".join,
)
def test_odd_but_legal_scenarios_run_to_a_verdict(folder: Path, changes: list[str]) -> None:
    result = sim("run", "small.yaml", "-n", "2", *(word for change in changes for word in ("-c", change)))
    assert result.exit_code in (0, 3, 4)
    assert "kept ≥ 80 %" in result.stdout


def test_a_precision_asks_for_as_many_events_as_it_needs(folder: Path) -> None:
    assert sim("run", "small.yaml", "--precision", "0.05%", "--out", "fine").exit_code in (0, 3, 4)
    assert sim("run", "small.yaml", "--precision", "20 %", "--out", "rough").exit_code in (0, 3, 4)
    fine, rough = (json.loads((folder / out / "small/base/record.json").read_text()) for out in ("fine", "rough"))
    assert rough["record"]["replications"] == 50
    assert fine["record"]["replications"] > 50
    assert (fine["record"]["precision"], fine["record"]["partial"]) == (0.0005, False)
    for row in (row for row in fine["verdicts"] if not row["by"] and row["promise"] != "all"):
        assert (row["mean_upper"] - row["mean_lower"]) / 2 <= 0.0005


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--precision", "1"), "write '100 %'"),
        (("--precision", "0 %"), "finer than"),
        (("--precision", "1 %", "-n", "5"), "not both"),
    ],
)
def test_a_precision_is_a_share_and_stands_alone(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    result = sim("run", "small.yaml", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
