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


def document(study: str = "run", headline: str = "", **more: Any) -> dict[str, Any]:
    return {"study": study, "headline": headline, "record": record(**more)}


def kept(out: Path, name: str, content: Any = None) -> Path:
    """A folder as a study leaves it."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(json.dumps(content or document()))
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
        add(tmp_path, kept(tmp_path, "flood/base", document(seed=seed)))
    assert rows(tmp_path) == [("flood/base", 2)]
    assert the_one(tmp_path).seed == 2


def test_the_newest_is_first_and_the_time_that_of_the_record_in_utc(tmp_path: Path) -> None:
    for name, written in (("flood/old", 1_000_000_000), ("flood/new", 1_700_000_000)):
        os.utime(kept(tmp_path, name) / "record.json", (written, written))
    assert [(entry.folder, entry.saved_at) for entry in entries(tmp_path)] == [
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
        add(tmp_path, kept(tmp_path, f"flood/{seed:02}", document(seed=seed)))
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
        document("sweep", settings=["teams.hub.people=1,2"]),
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
    kept(tmp_path, "flood/b", document(seed=77))
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
    kept(tmp_path, "flood/huge", document(seed=2**63))
    kept(tmp_path, "flood/.base-k3x9", document())  # one that is being written
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
    with pytest.raises(OSError, match="this Python has no SQLite"):
        add(tmp_path, folder)


def test_nothing_is_made_where_nothing_is_kept(tmp_path: Path) -> None:
    assert entries(tmp_path) == entries(tmp_path / "nowhere") == []
    assert list(tmp_path.iterdir()) == []


def test_a_record_says_its_study_and_its_headline(tmp_path: Path) -> None:
    more = {"variant": "more", "changes": ["lasts=2 d"], "partial": True, "surge": 1.5}
    entry = the_one(kept(tmp_path, "x/y", document("run", "solved HOLDS", **more)).parents[1])
    assert (entry.study, entry.plans, entry.headline) == ("run", ("more",), "solved HOLDS")
    assert (entry.changes, entry.partial, entry.surge) == (("lasts=2 d",), True, 1.5)
    assert (entry.replications, entry.version) == (20, "0.1.0")


def test_a_comparison_has_the_changes_of_its_plans(tmp_path: Path) -> None:
    plans = [{"record": record(changes=["lasts=2 d"])}] * 2
    content = document("compare", "best more", plans=["base", "more"]) | {"plans": plans}
    entry = the_one(kept(tmp_path, "flood/compare/base,more", content).parents[2])
    assert (entry.study, entry.plans, entry.changes) == ("compare", ("base", "more"), ("lasts=2 d",))


def test_a_record_that_does_not_say_its_study_is_not_listed(tmp_path: Path) -> None:
    kept(tmp_path, "flood/older", {"record": record(), "verdicts": []})
    kept(tmp_path, "flood/base")
    assert the_one(tmp_path).folder == "flood/base"
