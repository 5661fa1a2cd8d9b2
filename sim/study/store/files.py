"""The files of a study: a record and tables, written whole or not at all."""

import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.study.processes import interrupts_held

RECORD = "record.json"
CONTACTS = "contacts"  # the folder of a run that may hold thousands of files


def save(
    folder: Path, record: Mapping[str, Any], document: Any, tables: Mapping[str, Mapping[str, NDArray[Any]]]
) -> None:
    """Writes a study's document to record.json, and its tables, with their origin, to a Parquet file each."""
    (folder / RECORD).write_text(dumped(plain(document), indent=1) + "\n", encoding="utf-8")
    for name, columns in tables.items():
        parquet(columns, folder / f"{name}.parquet", record)


def parquet(columns: Mapping[str, NDArray[Any]], path: Path, record: Mapping[str, Any]) -> None:
    """Writes a table, with its scenario, seed and versions in the metadata of the file; raises OSError."""
    with interrupts_held():
        import duckdb

    keys = ("scenario", "variant", "changes", "plans", "seed", "replications", "surge", "versions")
    provenance = dumped(plain({key: record[key] for key in keys if key in record})).replace("'", "''")
    target = str(path).replace("'", "''")
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.register("columns", dict(columns))
        try:
            connection.execute(
                f"COPY (SELECT * FROM columns) TO '{target}' (FORMAT parquet, "
                f"KV_METADATA {{surgesim: '{provenance}'}})"
            )
        except duckdb.IOException as error:
            number = re.search(r'"errno":"(\d+)"', str(error))
            raise (
                OSError(int(number[1]), os.strerror(int(number[1]))) if number else OSError(str(error))
            ) from error


def dumped(value: Any, indent: int | None = None) -> str:
    """JSON with sorted keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=indent)


def plain(value: Any) -> Any:
    """The value in the types of JSON: NaN is None, infinity "never"."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "never"
    return str(value) if isinstance(value, PurePath) else value


def check_place(folder: Path) -> None:
    """Raises OSError if results cannot go there: it holds something else, or cannot be written."""
    if folder.exists() and not (folder / RECORD).exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FileExistsError(
            f"{folder} holds something other than results: move it, or choose another --out"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent)).rmdir()


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """An empty folder that replaces `folder` when the block ends without error; else nothing changes.

    Raises OSError if it cannot be written, FileExistsError if `folder` holds something other than results.
    """
    check_place(folder)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    old = fresh.with_name(f"{fresh.name}-old")
    try:
        yield fresh
        fresh.chmod(0o755)
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        if old.exists() and not folder.exists():  # failed or interrupted between the two
            old.rename(folder)
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
