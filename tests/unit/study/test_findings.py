"""What a study leaves behind: whole or not at all, readable anywhere, and the same bytes from the
same dice.
"""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import fields, replace
from functools import cache
from math import inf, nan
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from sim.measure.pooled.replications import Replications
from sim.measure.stats.verdicts import Ruling
from sim.study.findings import Estimates, Findings, headline
from sim.study.play.replicate import replicate
from sim.study.run import answer
from sim.study.store.files import RECORD, parquet, staged
from tests.findings import findings as sketched
from tests.findings import verdict
from tests.plans import plan

TEXT, WHOLE, REAL = "VARCHAR", "BIGINT", "DOUBLE"


@cache
def found(seed: int = 5) -> Findings:
    made = plan(promises="{first_reply: {within: 1 h, share: 90 %, each: [day]}, answered: {share: 90 %}}")
    return answer(
        made,
        Replications(made.lens, replicate(made, seed, 3)),
        {"scenario": "it's", "seed": seed, "versions": {"sim": "1"}, "title": "x"},
    )


def saved(folder: Path, findings: Findings) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    findings.save(folder)
    return folder


def read(path: Path, query: str = "select * from file") -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute(f"create view file as select * from '{path}'")
        return connection.execute(query).fetchall()


def types(path: Path) -> dict[str, str]:
    return {row[0]: row[1] for row in read(path, "describe file")}


# Tables


def test_estimates_are_read_back_as_they_were(tmp_path: Path) -> None:
    """Every value of every column: NaN is NULL, what never comes is infinite, "" is not NULL."""
    table = found().estimates
    path = saved(tmp_path, found()) / "estimates.parquet"
    expected = {
        "measure": TEXT,
        "promise": TEXT,
        "dimension": TEXT,
        "member": TEXT,
        "time": WHOLE,
        "hour": WHOLE,
        "unit": TEXT,
    }
    assert types(path) == {item.name: expected.get(item.name, REAL) for item in fields(Estimates)}
    rows = read(path)
    assert len(rows) == len(table.mean) > 500
    for item, column in zip(fields(Estimates), zip(*rows, strict=True), strict=True):
        written = getattr(table, item.name)
        back = [nan if value is None else value for value in column]
        np.testing.assert_array_equal(np.array(back), written, err_msg=item.name)
    assert np.isnan(table.mean).any()


def test_what_never_comes_is_infinite_in_the_file(tmp_path: Path) -> None:
    path = saved(tmp_path, sketched()) / "estimates.parquet"
    never = read(path, "select distinct mean from file where measure = 'elapsed_p95'")
    assert never == [(inf,)]


def test_replications_and_verdicts_have_their_types(tmp_path: Path) -> None:
    folder = saved(tmp_path, found())
    columns = {"replication": WHOLE, "customers": TEXT, "promise": TEXT, "cases": WHOLE, "in_time": WHOLE}
    assert types(folder / "replications.parquet") == columns
    words = dict.fromkeys(("promise", "dimension", "member", "ruling"), TEXT)
    assert types(folder / "verdicts.parquet") == {
        **{item.name: REAL for item in fields(found().verdicts[0])},
        "kept": WHOLE,
        "replications": WHOLE,
        **words,
    }
    assert [
        row[0]
        for row in read(folder / "verdicts.parquet", "select promise from file where length(dimension) = 0")
    ] == [
        "first_reply",
        "answered",
        "all",
    ]


@pytest.mark.parametrize("enough", [(None, None), (40, None), (40, 50)])
def test_the_type_of_a_column_does_not_depend_on_its_values(
    tmp_path: Path, enough: tuple[int | None, ...]
) -> None:
    rows = tuple(verdict(enough=number) for number in enough)
    path = saved(tmp_path, sketched(verdicts=rows)) / "verdicts.parquet"
    assert types(path)["enough"] == REAL
    assert read(path, "select enough from file") == [(number,) for number in enough]


def test_a_table_says_where_it_comes_from(tmp_path: Path) -> None:
    for name in ("estimates", "verdicts", "replications"):
        path = saved(tmp_path, found()) / f"{name}.parquet"
        with duckdb.connect() as connection:
            ((key, value),) = connection.execute(
                f"select key, value from parquet_kv_metadata('{path}')"
            ).fetchall()
        assert key == b"surgesim"
        assert json.loads(value) == {"scenario": "it's", "seed": 5, "versions": {"sim": "1"}}


def test_names_of_any_script_and_folders_of_any_name_do_no_harm(tmp_path: Path) -> None:
    member = np.where(found().estimates.member == "", "größe ключ", found().estimates.member)
    table = replace(found().estimates, member=member)
    folder = saved(tmp_path / "it's a {folder} & größe", replace(found(), estimates=table))
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct member from read_parquet(?)", [str(folder / "estimates.parquet")]
        ).fetchall()
    assert ("größe ключ",) in rows


# JSON


@pytest.mark.parametrize(
    ("rulings", "words"),
    [
        (
            [("first_reply", "HOLDS", ""), ("b", "BREAKS", ""), ("all", "BREAKS", "")],
            "first_reply HOLDS, b BREAKS",
        ),
        ([("solved", "HOLDS", ""), ("solved", "BREAKS", "day"), ("all", "HOLDS", "")], "solved BREAKS"),
        ([("solved", "HOLDS", ""), ("solved", "TOO FEW", "day"), ("all", "HOLDS", "")], "solved HOLDS"),
        (
            [("a", "HOLDS", ""), ("b", "HOLDS", ""), ("all", "UNDECIDED", "")],
            "a HOLDS, b HOLDS, all UNDECIDED",
        ),
        ([], ""),
    ],
)
def test_the_headline_is_the_worst_ruling_on_each_promise(
    rulings: list[tuple[str, str, str]], words: str
) -> None:
    rows = [
        verdict(promise=promise, ruling=Ruling(ruling), dimension=dimension)
        for promise, ruling, dimension in rulings
    ]
    assert headline(rows) == words


def strict(text: str) -> Any:
    def refused(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refused)


@pytest.mark.parametrize("findings", [found(), sketched()], ids=["played", "sketched"])
def test_the_document_is_plain_json_with_null_for_nothing_and_never_for_infinity(findings: Findings) -> None:
    text = findings.json()
    assert text.count("\n") == 1
    printed = strict(text)
    table = findings.estimates
    for name in ("mean", "lower", "p90"):
        told = [
            nan if value is None else inf if value == "never" else value
            for value in printed["estimates"][name]
        ]
        np.testing.assert_array_equal(told, getattr(table, name))
    assert {len(column) for column in printed["estimates"].values()} == {len(table.mean)}
    assert [row["ruling"] for row in printed["verdicts"]] == [str(row.ruling) for row in findings.verdicts]


def test_beside_every_time_stands_its_local_moment() -> None:
    findings = sketched()
    printed = strict(findings.json())
    broken, shortfall = printed["breaks"][0], printed["shortfalls"][0]
    assert broken["broken_local"] == "2010-04-16T19:00+02:00"
    assert printed["breaks"][1]["safe_local"] is None
    assert (shortfall["start_local"], shortfall["end_local"]) == (
        "2010-04-17T19:00+02:00",
        "2010-04-18T01:00+02:00",
    )
    clock = findings.lens.clock
    for time, local in zip(printed["estimates"]["time"], printed["estimates"]["time_local"], strict=True):
        assert local == (clock.iso(time) if time >= 0 else None)


def test_the_record_on_disk_is_the_document(tmp_path: Path) -> None:
    folder = saved(tmp_path, sketched())
    assert strict((folder / RECORD).read_text(encoding="utf-8")) == sketched().document()


# The same bytes


def digest(folder: Path) -> dict[str, str]:
    """What anybody would find in the files, and in the JSON for machines."""
    findings = found.__wrapped__()
    saved(folder, findings)
    found_there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())
    }
    return found_there | {"json": hashlib.sha256(findings.json().encode()).hexdigest()}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    """Sets and dicts keyed by words would give themselves away under another hash seed."""
    script = (
        "import json, sys; from pathlib import Path; from tests.unit.study.test_findings import digest; "
        "print(json.dumps(digest(Path(sys.argv[1]))))"
    )
    made = [digest(tmp_path / "here")]
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / seed)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        made.append(json.loads(done.stdout))
    assert len(made[0]) == 5
    assert made[0] == made[1] == made[2]


def test_another_seed_gives_other_bytes(tmp_path: Path) -> None:
    one, other = (saved(tmp_path / str(seed), found(seed)) for seed in (5, 6))
    for name in (RECORD, "estimates.parquet", "replications.parquet"):
        assert (one / name).read_bytes() != (other / name).read_bytes()


# Whole or not at all


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The folder of an earlier run."""
    folder = tmp_path / "results" / "base"
    folder.mkdir(parents=True)
    (folder / RECORD).write_text("earlier")
    (folder / "sheet").write_text("earlier")
    return folder


def test_a_new_result_appears_whole_with_its_parents(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "base"
    with staged(folder) as fresh:
        (fresh / "one").write_text("new")
        assert not folder.exists()
    assert contents(tmp_path) == {"a/b/base/one": "new"}


def test_a_new_result_takes_the_place_of_all_of_the_earlier(earlier: Path) -> None:
    with staged(earlier) as fresh:
        assert list(fresh.iterdir()) == []
        (fresh / RECORD).write_text("new")
        assert contents(earlier) == {RECORD: "earlier", "sheet": "earlier"}
    assert contents(earlier.parent) == {f"base/{RECORD}": "new"}
    assert [path.name for path in earlier.parent.iterdir()] == ["base"]


@pytest.mark.parametrize(
    "fault", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("a bug")]
)
def test_what_goes_wrong_inside_leaves_the_earlier_result(earlier: Path, fault: BaseException) -> None:
    def failing() -> None:
        with staged(earlier) as fresh:
            (fresh / RECORD).write_text("half")
            raise fault

    with pytest.raises(type(fault)):
        failing()
    assert contents(earlier) == {RECORD: "earlier", "sheet": "earlier"}
    assert [path.name for path in earlier.parent.iterdir()] == ["base"]


def test_what_goes_wrong_between_taking_the_old_away_and_putting_the_new_there_brings_it_back(
    earlier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, calls = Path.rename, []

    def interrupted(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt), staged(earlier) as fresh:
        (fresh / RECORD).write_text("new")
    assert len(calls) == 3
    assert contents(earlier.parent) == {f"base/{RECORD}": "earlier", "base/sheet": "earlier"}
    assert [path.name for path in earlier.parent.iterdir()] == ["base"]


def test_what_no_run_has_left_is_not_replaced(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    for place in (mine, mine / "thesis.txt"):
        with pytest.raises(FileExistsError, match="holds something other than results"), staged(place):
            pytest.fail("nothing should be written")
    assert contents(tmp_path) == {"mine/thesis.txt": "years of work"}
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    with staged(tmp_path / "base") as fresh:
        (fresh / "one").write_text("new")
    assert contents(tmp_path) == {"base/one": "new"}


def test_where_nothing_can_be_written_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file where a folder should be")
    with pytest.raises(OSError, match="file"), staged(tmp_path / "file" / "base"):
        pytest.fail("nothing should be written")
    assert contents(tmp_path) == {"file": "a file where a folder should be"}


def test_what_a_killed_run_has_left_does_no_harm(earlier: Path) -> None:
    stale = earlier.parent / ".base-killed"
    stale.mkdir()
    (stale / RECORD).write_text("half")
    with staged(earlier) as fresh:
        (fresh / RECORD).write_text("new")
    assert contents(earlier) == {RECORD: "new"}
    assert contents(stale) == {RECORD: "half"}


@pytest.mark.parametrize(
    ("path", "said"), [("/dev/full", "No space left on device"), ("/nowhere/table.parquet", "No such file")]
)
def test_a_table_that_cannot_be_written_is_an_error_of_the_system(path: str, said: str) -> None:
    with pytest.raises(OSError, match=said):
        parquet({"a": np.arange(1000)}, Path(path), {})
