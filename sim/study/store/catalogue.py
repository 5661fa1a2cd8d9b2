"""The studies saved under results/, in an SQLite table so that records need not be read each time.

The catalogue is a cache of the record.json of each folder.  A row counts only while the record has the size
and the time of writing that the row says; other records are read again, so that a catalogue that is lost,
damaged or of another version costs a moment and nothing more.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sim.plan import BASE
from sim.study.store.files import CONTACTS, RECORD

if TYPE_CHECKING:
    from sqlite3 import Connection

FILE = "catalogue.sqlite"
VERSION = 2  # of the table; a table of another version is replaced
PATIENCE = 5.0  # seconds to wait for another process that writes
AGAIN = 0.02  # seconds between two tries
INTEGER_MOST = 2**63 - 1
LATEST = datetime(9999, 12, 31, tzinfo=UTC).timestamp()

_T = TypeVar("_T")


@dataclass(frozen=True)
class Entry:
    """A saved study: its plans, how it was run, and its headline."""

    folder: str  # below results, with "/"
    scenario: str
    study: str  # run, compare, sweep …
    plans: tuple[str, ...]  # the variant, "base" for none; every plan of a comparison
    settings: tuple[str, ...]  # of a sweep: path=values
    changes: tuple[str, ...]  # path=value
    surge: float
    seed: int
    replications: int
    partial: bool
    headline: str  # such as "first_reply BREAKS, solved HOLDS"
    version: str  # of this program
    saved_at: str  # when the record was written, such as "2026-11-28T18:17:13Z"
    written: int  # when the record was written, in ns since 1970
    size: int  # of the record in bytes


NAMES = tuple(item.name for item in fields(Entry))
LISTS = ("plans", "settings", "changes")


def add(out: Path, folder: Path) -> None:
    """Adds the study that was just saved in a folder below `out`, or replaces its row; raises OSError."""
    entry = _entry(folder.relative_to(out).as_posix(), folder / RECORD)
    if entry is not None:
        _with_catalogue(out, lambda connection: _write(connection, [entry], ()))


def entries(out: Path) -> list[Entry]:
    """Every study saved below a folder, newest first; wrong or missing rows of the catalogue are mended.

    A catalogue that cannot be read or written does not change the result.
    """
    known: dict[str, Entry] = {}
    if (out / FILE).exists():
        with suppress(OSError):
            known = {entry.folder: entry for entry in _with_catalogue(out, _read)}
    listed: list[Entry] = []
    for name, record in _records(out):
        entry = known.get(name)
        with suppress(OSError):
            stat = record.stat()
            if entry is None or (entry.written, entry.size) != (stat.st_mtime_ns, stat.st_size):
                entry = _entry(name, record)
            listed += [entry] if entry is not None else []
    fresh = [entry for entry in listed if known.get(entry.folder) is not entry]
    gone = known.keys() - {entry.folder for entry in listed}
    if fresh or gone:
        with suppress(OSError):
            _with_catalogue(out, lambda connection: _write(connection, fresh, gone))
    return sorted(listed, key=lambda entry: (-entry.written, entry.folder))


def _records(out: Path) -> Iterator[tuple[str, Path]]:
    """Every record below a folder, with the path of its own; hidden folders are still being written."""
    for place, folders, files in os.walk(out):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if RECORD in files and Path(place) != out:
            yield Path(place).relative_to(out).as_posix(), Path(place, RECORD)
            folders[:] = [name for name in folders if name != CONTACTS]


def _entry(name: str, path: Path) -> Entry | None:
    """The row of a record; None if the file is no record of a study."""
    try:
        with path.open(encoding="utf-8") as file:
            stat = os.fstat(file.fileno())
            document = json.load(file)
        record = document["record"]
        study = str(document["study"])
        # Every plan of a comparison has the same changes.
        own = document["plans"][0]["record"] if study == "compare" else record
        return Entry(
            folder=name,
            scenario=str(record["scenario"]),
            study=study,
            plans=tuple(map(str, record.get("plans") or [record.get("variant") or BASE])),
            settings=tuple(map(str, record.get("settings") or ())),
            changes=tuple(map(str, own.get("changes") or ())),
            surge=float(record.get("surge", 1)),
            seed=_natural(record["seed"]),
            replications=_natural(record["replications"]),
            partial=bool(record.get("partial")),
            headline=str(document["headline"]),
            version=str(record.get("versions", {}).get("surgesim", "")),
            saved_at=datetime.fromtimestamp(min(stat.st_mtime_ns // 10**9, LATEST), UTC).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            written=stat.st_mtime_ns,
            size=stat.st_size,
        )
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None


def _natural(value: Any) -> int:
    if not isinstance(value, int) or not 0 <= value <= INTEGER_MOST:
        raise ValueError(value)
    return value


def _with_catalogue(out: Path, work: Callable[["Connection"], _T]) -> _T:
    """The result of `work` on the catalogue of a folder, which is made if needed; raises OSError."""
    try:
        import sqlite3
    except ImportError as error:
        raise OSError(f"this Python has no SQLite: {error}") from error
    path, until, mended = out / FILE, time.monotonic() + PATIENCE, False
    while True:
        try:
            with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
                _prepare(connection)
                return work(connection)
        except sqlite3.Error as error:
            fault = getattr(error, "sqlite_errorname", "")
            # It is busy while another process makes or closes it.
            if fault.startswith("SQLITE_BUSY") and time.monotonic() < until:
                time.sleep(AGAIN)
            elif fault.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR")) and not mended:
                mended = True
                for left in (path, *(path.with_name(f"{FILE}-{end}") for end in ("wal", "shm", "journal"))):
                    left.unlink(missing_ok=True)
            else:
                raise OSError(str(error)) from error


def _prepare(connection: "Connection") -> None:
    """Makes the table of this version; the rows of another one are read again from the records."""
    connection.execute("PRAGMA synchronous = OFF")  # a row that is lost is read again
    if _version(connection) != VERSION:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if _version(connection) != VERSION:  # no other process was faster
            connection.execute("DROP TABLE IF EXISTS studies")
            connection.execute(f"CREATE TABLE studies ({', '.join(NAMES)}, PRIMARY KEY (folder))")
            connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")


def _version(connection: "Connection") -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _read(connection: "Connection") -> list[Entry]:
    """The rows that are complete."""
    listed = []
    for row in connection.execute(f"SELECT {', '.join(NAMES)} FROM studies"):
        with suppress(ValueError, TypeError):
            values = dict(zip(NAMES, row, strict=True))
            lists = {name: tuple(map(str, json.loads(values[name]))) for name in LISTS}
            listed.append(Entry(**{**values, **lists, "partial": bool(values["partial"])}))
    return listed


def _write(connection: "Connection", fresh: Iterable[Entry], gone: Iterable[str]) -> None:
    """Adds or replaces rows, and removes those of `gone`; lists are JSON, which SQL can read."""
    rows = [
        [json.dumps(value) if isinstance(value, tuple) else value for value in astuple(entry)]
        for entry in fresh
    ]
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(f"INSERT OR REPLACE INTO studies VALUES ({', '.join('?' * len(NAMES))})", rows)
    connection.executemany("DELETE FROM studies WHERE folder = ?", [[name] for name in gone])
    connection.execute("COMMIT")
