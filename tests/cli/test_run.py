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
from sim.engine import DEFAULT
from sim.study.play.replicate import simulate

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
PROGRAM = [sys.executable, "-c", "from sim.cli import program; program()"]
FILES = {
    "record.json",
    "estimates.parquet",
    "verdicts.parquet",
    "replications.parquet",
    "sheet.png",
    "sheet.svg",
    "report.html",
}


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


@pytest.mark.usefixtures("unread")
def test_a_promise_that_breaks_ends_with_3(folder: Path) -> None:
    result = sim(
        "run", "small.yaml", "-n", "30", "-v", "alone", "-c", "topics.question.handle_time.mean=30 min"
    )
    assert result.exit_code == 3
    assert "BREAKS" in result.stdout


@pytest.mark.usefixtures("unread")
def test_too_few_replications_to_decide_end_with_4(folder: Path) -> None:
    assert sim("run", "small.yaml", "-n", "3").exit_code == 4


@pytest.mark.usefixtures("unread")
def test_json_is_all_there_is_on_stdout_and_says_what_the_record_says(folder: Path) -> None:
    result = sim("run", "small.yaml", "-n", "5", "--json")
    assert result.stderr == ""
    printed = json.loads(result.stdout)
    kept = json.loads((folder / "results/small/base/record.json").read_text())
    assert set(printed) == {
        *("study", "headline", "record", "verdicts", "breaks", "shortfalls", "assumptions", "estimates")
    }
    assert (printed["study"], printed["headline"]) == (
        "run",
        "first_reply UNDECIDED, answered UNDECIDED",
    )
    assert kept["record"].pop("engine") == "compiled"  # which of two equal engines it was is no finding
    assert {key: printed[key] for key in kept} == kept
    assert [row["promise"] for row in kept["verdicts"]] == ["first_reply"] * 3 + ["answered", "all"]
    assert kept["record"]["resolved"]["teams"]["desk"]["people"] == "4"
    assert kept["record"]["seed"] == 1


@pytest.mark.slow
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


@pytest.mark.usefixtures("unread")
def test_a_variant_and_a_change_have_folders_of_their_own(folder: Path) -> None:
    sim("run", "small.yaml", "-n", "2")
    sim("run", "small.yaml", "-n", "2", "-v", "alone")
    sim("run", "small.yaml", "-n", "2", "-c", "teams.desk.people=2")
    sim("run", "small.yaml", "-n", "2", "--surge", "2")
    names = sorted(path.name for path in (folder / "results/small").iterdir())
    assert len(names) == 4
    assert names[:2] == ["alone", "base"]
    assert all(name.startswith("base+") for name in names[2:])


@pytest.mark.slow
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


def test_a_failure_while_writing_leaves_the_earlier_result(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim("run", "small.yaml", "-n", "2")
    before = bytes_in(folder / "results/small/base")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.show.sheet.sheet.save", full)
    result = sim("run", "small.yaml", "-n", "3")
    assert result.exit_code == 2
    assert result.stderr == "cannot write results/small/base: No space left on device\n"
    assert bytes_in(folder / "results/small/base") == before
    assert [path.name for path in (folder / "results/small").iterdir()] == ["base"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--replications", "0"),
        ("--seed", "-1"),
        ("--surge", "nan"),
        ("--surge", "-1"),
        ("--surge", "1e9"),
        ("--engine", "c"),
    ],
)
def test_absurd_options_are_refused(folder: Path, arguments: tuple[str, str]) -> None:
    result = sim("run", "small.yaml", *arguments)
    assert result.exit_code == 2
    assert arguments[0] in result.stderr
    assert not (folder / "results").exists()


@pytest.mark.slow
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_is_asked_to_end_keeps_what_is_finished_and_says_so(
    folder: Path, asked: signal.Signals
) -> None:
    started = [*PROGRAM, "run", "small.yaml", "-n", "20000", "--keep", "contacts"]
    process = subprocess.Popen(
        started, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    while process.poll() is None and not list(folder.glob("results/small/.*contacts*/00050.parquet")):
        time.sleep(0.05)
    os.killpg(process.pid, asked)  # as a terminal does: the workers too
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"")
    record = json.loads((folder / "results/small/base/record.json").read_text())["record"]
    assert record["partial"] is True
    assert 0 < record["replications"] < record["most"] == 20000
    assert record["stopped"] == "interrupted: 20,000 were to be run"
    assert b"interrupted" in out
    assert len(list((folder / "results/small/base/contacts").iterdir())) == record["replications"]
    assert [path.name for path in (folder / "results/small").iterdir()] == ["base"]


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
    assert schema["properties"]["drain"]["description"].startswith(
        "Time for which service and follow-ups go on"
    )
    assert schema["$defs"]["Team"]["properties"]["pace"]["description"].startswith(
        "Factor on the handle time"
    )


def test_an_interrupted_run_does_not_take_the_place_of_a_finished_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sim("run", "small.yaml", "-n", "3").exit_code == 4
    finished = bytes_in(folder / "results/small/base")

    def interrupted(*_: object, **__: object) -> object:
        yield from replicated(*_)
        raise KeyboardInterrupt

    def replicated(plan: object, seed: int, *_: object) -> object:
        return (simulate(plan, seed, replication, 1.0, DEFAULT) for replication in range(2))  # type: ignore[arg-type]

    monkeypatch.setattr("sim.study.play.stopping.replicate", interrupted)
    result = sim("run", "small.yaml", "-n", "3")
    assert result.exit_code == 130
    assert "interrupted: 3 were to be run" in result.stdout
    assert bytes_in(folder / "results/small/base") == finished
    assert (
        json.loads((folder / "results/small/base+partial/record.json").read_text())["record"]["partial"]
        is True
    )


def test_ctrl_c_before_the_first_replication_ends_with_130(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    for place in ("sim.study.play.stopping.replicate", "sim.scenario.reading.read"):
        monkeypatch.setattr(place, interrupted)
        result = sim("run", "small.yaml", "-n", "3")
        assert (result.exit_code, result.stderr) == (130, "interrupted\n")


def test_a_place_that_cannot_be_written_is_reported_before_the_work(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> object:
        raise AssertionError("no event is played")

    monkeypatch.setattr("sim.study.play.stopping.replicate", never)
    (folder / "results").write_text("a file where a folder should be")
    assert sim("run", "small.yaml").exit_code == 2


def test_two_variants_at_once_are_refused(folder: Path) -> None:
    result = sim("run", "small.yaml", "-v", "alone", "-v", "alone")
    assert result.exit_code == 2
    assert "name one variant" in result.stderr


@pytest.mark.usefixtures("unread")
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
    assert "≥ 80 % in time" in result.stdout


@pytest.mark.usefixtures("unread")
def test_a_precision_asks_for_as_many_replications_as_it_needs(folder: Path) -> None:
    assert sim("run", "small.yaml", "--precision", "0.02%", "--out", "fine").exit_code in (0, 3, 4)
    assert sim("run", "small.yaml", "--precision", "20 %", "--out", "rough").exit_code in (0, 3, 4)
    fine, rough = (
        json.loads((folder / out / "small/base/record.json").read_text()) for out in ("fine", "rough")
    )
    assert rough["record"]["replications"] == 50
    assert fine["record"]["replications"] > 50
    assert (fine["record"]["precision"], fine["record"]["partial"]) == (0.0002, False)
    assert fine["record"]["stopped"] == "enough to know the mean service level to within ± 0.02 %"
    for row in (row for row in fine["verdicts"] if not row["dimension"] and row["promise"] != "all"):
        assert (row["mean_upper"] - row["mean_lower"]) / 2 <= 0.0002


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--precision", "1"), "write '100 %'"),
        (("--precision", "0 %"), "is too small"),
        (("--precision", "1 %", "--decide"), "not both"),
    ],
)
def test_a_precision_is_a_share_and_stands_alone(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    result = sim("run", "small.yaml", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.usefixtures("unread")
def test_a_precision_that_is_out_of_reach_says_what_was_reached(
    folder: Path,
) -> None:
    result = sim("run", "small.yaml", "--precision", "0.01%", "-n", "60", "--json")
    record = json.loads(result.stdout)["record"]
    assert (record["replications"], record["most"], record["partial"]) == (60, 60, False)
    assert record["stopped"].startswith("the maximum: the mean service level is known to within ± 0.")


@pytest.mark.usefixtures("unread")
def test_decide_plays_until_every_verdict_is_decided_and_says_so(folder: Path) -> None:
    result = sim("run", "small.yaml", "--decide")
    made = json.loads((folder / "results/small/base/record.json").read_text())
    assert result.exit_code == 0
    assert {row["ruling"] for row in made["verdicts"]} == {
        "HOLDS",
        "TOO FEW",
    }  # the row of one language is not waited for
    assert "enough to decide every verdict" in result.stdout
    assert made["record"]["stopped"] == "enough to decide every verdict"
    assert 20 <= made["record"]["replications"] < made["record"]["most"] == 20000
    assert made["record"]["decide"] is True


@pytest.mark.usefixtures("unread")
def test_decide_gives_up_at_the_most_it_may_play_and_says_so(folder: Path) -> None:
    result = sim("run", "small.yaml", "--decide", "-n", "25", "--json")
    made = json.loads(result.stdout)
    assert result.exit_code == 4
    assert (made["record"]["replications"], made["record"]["stopped"]) == (
        25,
        "the maximum, and not every verdict is decided",
    )
    assert "HOLDS needs at least 48 replications" in sim("run", "small.yaml", "--decide", "-n", "25").stdout


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("asked", [("-n", "40"), ("--decide",), ("--precision", "1 %")], ids=" ".join)
def test_engines_and_jobs_change_no_byte_of_what_is_found(folder: Path, asked: tuple[str, ...]) -> None:
    made, printed = [], []
    for row, way in enumerate((("--jobs", "1"), ("--jobs", "3"), ("--engine", "simpy", "--jobs", "2"))):
        printed.append(sim("run", "small.yaml", *asked, *way, "--json", "--out", str(row)).stdout)
        made.append(bytes_in(folder / str(row) / "small/base"))
    assert made[0] == made[1]
    record = [found.pop("record.json").decode() for found in made]
    assert made[0] == made[2]
    assert record[0] == record[2].replace('"engine": "simpy"', '"engine": "compiled"') != record[2]
    assert printed[0] == printed[1] == printed[2]


@pytest.mark.slow
@pytest.mark.usefixtures("unread")
def test_contacts_are_dropped_unless_they_are_asked_for(folder: Path) -> None:
    """They are those of the estimates, the same whoever played them; what was played beyond the last event is
    not kept.
    """
    import duckdb

    made = []
    for jobs, engine in (("1", "simpy"), ("3", "compiled")):
        out = f"{engine}{jobs}"
        command = ["run", "small.yaml", "--precision", "20 %", "--keep", "contacts"]
        assert sim(*command, "--jobs", jobs, "--engine", engine, "--out", out).exit_code in (0, 3, 4)
        base = folder / out / "small/base"
        assert {path.name for path in base.iterdir()} == FILES | {"contacts"}
        made.append(bytes_in(base / "contacts"))
    assert made[0] == made[1]
    assert sorted(made[0]) == [f"{row:05}.parquet" for row in range(50)]
    counted = duckdb.sql(
        f"SELECT count(*) / 50, avg(ended - begun) FILTER (fate = 'ANSWERED'), count(DISTINCT "
        f"replication), min(channel), "
        f"list(DISTINCT team ORDER BY team) FROM '{base}/contacts/*.parquet' WHERE fate <> 'NEVER'"
    ).fetchall()[0]
    estimates = json.loads(sim("run", "small.yaml", "-n", "50", "--json").stdout)["estimates"]
    means = {
        name: estimates["mean"][estimates["measure"].index(name)] for name in ("contacts", "handle_time")
    }
    assert counted == (
        pytest.approx(means["contacts"]),
        pytest.approx(means["handle_time"]),
        50,
        "chat",
        ["", "desk"],
    )
    assert [path.name for path in (folder / "simpy1/small").iterdir()] == ["base"]


def test_contacts_that_cannot_be_written_give_one_clear_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.study.store.contacts.parquet", full)
    result = sim("run", "small.yaml", "-n", "20", "--keep", "contacts")
    assert (result.exit_code, result.stderr) == (
        2,
        "cannot write results/small/base: No space left on device\n",
    )
    assert [path.name for path in (folder / "results/small").iterdir()] == []


@pytest.mark.slow
def test_the_program_ends_with_the_code_of_the_verdict_whoever_listens(folder: Path) -> None:
    command = f"{sys.executable} -c 'from sim.cli import program; program()' run small.yaml -n 3"
    for listening in ("", ">&-", "2>&-", "| true"):
        script = f"set -o pipefail; {command} {listening}"
        done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (4, ""), listening


def test_the_program_says_all_it_has_to_say(folder: Path) -> None:
    asked = ["run", "small.yaml", "-n", "3", "--json"]
    said = subprocess.run([*PROGRAM, *asked], cwd=folder, capture_output=True, text=True).stdout
    printed, expected = json.loads(said), json.loads(sim(*asked).stdout)
    assert printed["record"].pop("command") == ["sim", *asked[:-1]]
    del expected["record"]["command"]  # here that of the tests
    assert printed == expected


def test_a_full_disk_behind_standard_output_gives_one_clear_line(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*PROGRAM, "validate", "small.yaml"], cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (2, "cannot write to standard output: No space left on device\n")


@pytest.mark.usefixtures("unread")
def test_a_precision_where_no_case_comes_is_not_said_to_be_reached(folder: Path) -> None:
    result = sim("run", "small.yaml", "--surge", "0", "--precision", "1 %")
    assert "50 simulations · no promise had a case to judge" in result.stdout
