"""The catalogue of what is kept: never the truth, and nothing is lost in it."""

import json
import multiprocessing
import os
import shutil
import sqlite3
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from sim.study.store import catalogue
from sim.study.store.catalogue import FILE, Entry, add, entries

WRITERS, EACH = 4, 25


def record(**more: Any) -> dict[str, Any]:
    return {
        "scenario": "flood",
        "variant": None,
        "changes": [],
        "seed": 1,
        "replications": 20,
        "surge": 1.0,
        "partial": False,
        "versions": {"surgesim": "0.1.0"},
    } | more


def ruled(promise: str, ruling: str, dimension: str = "") -> dict[str, str]:
    return {"promise": promise, "dimension": dimension, "ruling": ruling}


def kept(out: Path, name: str, document: Any = None) -> Path:
    """A folder as a study leaves it."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(json.dumps(document or {"record": record(), "verdicts": []}))
    return folder


def rows(out: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(out / FILE)) as connection:
        return connection.execute("SELECT folder, seed FROM studies ORDER BY folder").fetchall()


def the_one(out: Path) -> Entry:
    (entry,) = entries(out)
    return entry


def write_many(out: Path, writer: int, together: Barrier) -> None:
    folders = [kept(out, f"flood/{writer}-{row}") for row in range(EACH)]
    together.wait()
    for folder in folders:
        add(out, folder)


@pytest.mark.parametrize("there", [True, False], ids=["a catalogue", "none yet"])
def test_four_processes_that_write_at_once_lose_nothing(tmp_path: Path, there: bool) -> None:
    if there:
        add(tmp_path, kept(tmp_path, "flood/before"))
    context = multiprocessing.get_context("fork")
    together = context.Barrier(WRITERS)
    writers = [context.Process(target=write_many, args=(tmp_path, row, together)) for row in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert len(rows(tmp_path)) == WRITERS * EACH + there
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, "flood"]


def test_a_study_takes_the_row_of_the_one_whose_folder_it_took(tmp_path: Path) -> None:
    for seed in (1, 2):
        add(tmp_path, kept(tmp_path, "flood/base", {"record": record(seed=seed), "verdicts": []}))
    assert rows(tmp_path) == [("flood/base", 2)]
    assert the_one(tmp_path).seed == 2


def test_the_newest_is_first_and_the_time_that_of_the_record_in_utc(tmp_path: Path) -> None:
    for name, written in (("flood/old", 1_000_000_000), ("flood/new", 1_700_000_000)):
        os.utime(kept(tmp_path, name) / "record.json", (written, written))
    assert [(entry.folder, entry.kept) for entry in entries(tmp_path)] == [
        ("flood/new", "2023-11-14T22:13:20Z"), ("flood/old", "2001-09-09T01:46:40Z")
    ]  # fmt: skip


def damage_with_text(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def damage_within(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))


def damage_by_cutting(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def make_older(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE studies")
        connection.execute("CREATE TABLE studies (folder, title)")
        connection.execute("PRAGMA user_version = 0")
        connection.commit()


def make_another_of_the_same_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE studies DROP COLUMN seed")
        connection.commit()


def spoil_its_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE studies SET plans = 'no list', written = 0")
        connection.commit()


@pytest.mark.parametrize(
    "hurt",
    [
        Path.unlink,
        damage_with_text,
        damage_within,
        damage_by_cutting,
        make_older,
        make_another_of_the_same_version,
        spoil_its_rows,
        lambda path: path.write_bytes(b""),
    ],
)
def test_a_catalogue_that_is_lost_or_damaged_is_made_anew_from_the_records(tmp_path: Path, hurt: Any) -> None:
    for seed in range(30):
        add(tmp_path, kept(tmp_path, f"flood/{seed:02}", {"record": record(seed=seed), "verdicts": []}))
    before = entries(tmp_path)
    hurt(tmp_path / FILE)
    assert entries(tmp_path) == before
    assert rows(tmp_path) == [(f"flood/{seed:02}", seed) for seed in range(30)]
    hurt(tmp_path / FILE)
    add(tmp_path, kept(tmp_path, "flood/after"))
    assert len(entries(tmp_path)) == 31


def test_what_is_gone_is_not_listed_and_what_was_copied_in_is(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for name in ("flood/base", "flood/more"):
        add(here, kept(here, name))
    kept(
        there,
        "storm/sweep/base,teams.hub.people",
        {"record": record(settings=["teams.hub.people=1,2"]), "enough": []},
    )
    shutil.rmtree(here / "flood/more")
    shutil.copytree(there, here / "from anna")
    assert sorted(entry.folder for entry in entries(here)) == [
        "flood/base",
        "from anna/storm/sweep/base,teams.hub.people",
    ]
    assert [row[0] for row in rows(here)] == ["flood/base", "from anna/storm/sweep/base,teams.hub.people"]


def test_a_record_that_was_changed_since_is_read_again_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("flood/a", "flood/b"):
        add(tmp_path, kept(tmp_path, name))
    kept(tmp_path, "flood/b", {"record": record(seed=77), "verdicts": []})
    read = []
    entry = catalogue._entry
    monkeypatch.setattr(catalogue, "_entry", lambda name, path: read.append(name) or entry(name, path))
    assert {entry.folder: entry.seed for entry in entries(tmp_path)} == {"flood/a": 1, "flood/b": 77}
    assert len(entries(tmp_path)) == 2
    assert read == ["flood/b"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "3",
        '{"record": 3}',
        '{"record": {"scenario": "x"}}',
        "[" * 100_000,
        '{"record": {"seed": "1"}}',
        "\x00",
    ],
    ids=range(8),
)
def test_what_is_no_record_of_a_study_is_passed_over(tmp_path: Path, text: str) -> None:
    (kept(tmp_path, "flood/odd") / "record.json").write_text(text)
    kept(tmp_path, "flood/huge", {"record": record(seed=2**63), "verdicts": []})
    kept(tmp_path, "flood/.base-k3x9", {"record": record(), "verdicts": []})  # one that is being written
    kept(tmp_path, "flood/base/contacts/odd")
    add(tmp_path, kept(tmp_path, "flood/base"))
    add(tmp_path, tmp_path / "flood/odd")
    assert the_one(tmp_path).folder == "flood/base"


def test_where_the_catalogue_cannot_be_written_all_is_listed(tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()
    folder = kept(tmp_path, "flood/base")
    assert the_one(tmp_path).folder == "flood/base"
    with pytest.raises(OSError, match="unable to open"):
        add(tmp_path, folder)


def test_a_catalogue_that_somebody_holds_is_waited_for_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PATIENCE", 0.2)
    add(tmp_path, kept(tmp_path, "flood/base"))
    folder = kept(tmp_path, "flood/more")
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(OSError, match="locked"):
            add(tmp_path, folder)
        assert len(entries(tmp_path)) == 2
        connection.execute("COMMIT")
    assert len(entries(tmp_path)) == len(rows(tmp_path)) == 2


def test_without_sqlite_all_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sqlite3", None)
    folder = kept(tmp_path, "flood/base")
    assert the_one(tmp_path).folder == "flood/base"
    with pytest.raises(OSError, match="this Python cannot"):
        add(tmp_path, folder)


def test_nothing_is_made_where_nothing_is_kept(tmp_path: Path) -> None:
    assert entries(tmp_path) == entries(tmp_path / "nowhere") == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (
            [ruled("first_reply", "HOLDS"), ruled("b", "BREAKS"), ruled("all", "BREAKS")],
            "first_reply HOLDS, b BREAKS",
        ),
        (
            [ruled("solved", "HOLDS"), ruled("solved", "BREAKS", "day"), ruled("all", "HOLDS")],
            "solved BREAKS",
        ),
        (
            [ruled("solved", "HOLDS"), ruled("solved", "TOO FEW", "day"), ruled("all", "HOLDS")],
            "solved HOLDS",
        ),
        (
            [ruled("a", "HOLDS"), ruled("b", "HOLDS"), ruled("all", "UNDECIDED")],
            "a HOLDS, b HOLDS, all UNDECIDED",
        ),
        ([], ""),
    ],
)
def test_of_a_run_the_worst_ruling_on_each_promise_is_told(
    tmp_path: Path, verdicts: list[Any], words: str
) -> None:
    document = {
        "record": record(variant="more", changes=["lasts=2 d"], partial=True, surge=1.5),
        "verdicts": verdicts,
    }
    entry = the_one(kept(tmp_path, "x/y", document).parents[1])
    assert (entry.study, entry.plans, entry.changes, entry.found) == ("run", ("more",), ("lasts=2 d",), words)
    assert (entry.partial, entry.surge, entry.replications, entry.version) == (True, 1.5, 20, "0.1.0")


@pytest.mark.parametrize(("sure", "words"), [(True, "best more"), (False, "best so far more")])
def test_of_a_comparison_the_best_plan_is_told(tmp_path: Path, sure: bool, words: str) -> None:
    plans = [{"record": record(changes=["lasts=2 d"]), "verdicts": []}] * 2
    whole = {
        "record": record(plans=["base", "more"]),
        "plans": plans,
        "choice": {"plan": "more", "certain": sure},
    }
    entry = the_one(kept(tmp_path, "flood/compare/base,more", whole).parents[2])
    assert (entry.study, entry.plans, entry.changes, entry.found) == (
        "compare",
        ("base", "more"),
        ("lasts=2 d",),
        words,
    )


@pytest.mark.parametrize(
    ("enough", "words"),
    [
        ([("solved", "", "rising", "3"), ("all", "", "rising", "5")], "least 5"),
        ([("solved", "", "falling", "3 min")], "most 3 min"),
        ([("solved", "", "", None)], "none surely holds"),
        (
            [("all", "1 h", "rising", "5"), ("all", "2 h", "rising", None)],
            "least 5 with 1 h, none surely holds with 2 h",
        ),
    ],
)
def test_of_a_sweep_the_least_that_is_enough_for_all_is_told(
    tmp_path: Path, enough: list[Any], words: str
) -> None:
    rows = [dict(zip(("promise", "given", "direction", "value"), row, strict=True)) for row in enough]
    entry = the_one(
        kept(tmp_path, "a/sweep/b", {"record": record(settings=["x=1,2"]), "enough": rows}).parents[2]
    )
    assert (entry.study, entry.settings, entry.found) == ("sweep", ("x=1,2",), words)


def test_a_study_of_another_kind_is_called_as_the_folder_it_lies_in(tmp_path: Path) -> None:
    assert the_one(kept(tmp_path, "flood/stress/base", {"record": record()}).parents[2]).study == "stress"
