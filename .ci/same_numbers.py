"""Holds every scenario and variant to the numbers it gave before its columns and measures were renamed.

    python .ci/same_numbers.py             # plays them and compares with same_numbers.json
    python .ci/same_numbers.py --write     # plays them and writes it (the code of before did)

New names are mapped to the old ones; then `--json`, estimates.parquet and verdicts.parquet must be equal, to
12 digits, measure by measure.  Run once by CI after the renaming; this file is then deleted.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from sim import lower, read
from sim.measure.pooled.replications import Replications
from sim.study.play.replicate import replicate
from sim.study.run import answer

ROOT = Path(__file__).parents[1]
DIGESTS = Path(__file__).with_name("same_numbers.json")
REPLICATIONS, SEED = 4, 11
COLUMNS = {"dimension": "by", "member": "of"}
OF_VERDICT = {**COLUMNS, "target": "share", "confidence_asked": "asked", "replications": "events"}
OF_BREAK = {**COLUMNS, "replications": "events"}


def old(names: dict[str, str], row: dict[str, Any]) -> dict[str, Any]:
    """A row, or columns, under the names of before."""
    return {names.get(name, name): value for name, value in row.items()}


def measure(name: str) -> str:
    """A measure under its name of before."""
    return name.replace("service_level", "kept")


def digest(value: Any) -> str:
    """Eight letters of a hash, numbers to 12 digits."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def rounded(value: Any) -> Any:
    """Floats as text of 12 digits."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    return f"{value:.12g}" if isinstance(value, float) else value


def by_measure(columns: dict[str, list[Any]]) -> dict[str, str]:
    """A digest a measure of the table of estimates."""
    columns = old(COLUMNS, columns)
    names = sorted(columns)
    rows: dict[str, list[Any]] = {}
    for row in zip(*(columns[name] for name in names), strict=True):
        made = dict(zip(names, row, strict=True))
        made["measure"] = measure(made["measure"])
        rows.setdefault(made["measure"], []).append(rounded(made))
    return {name: digest(found) for name, found in rows.items()}


def table(path: Path) -> dict[str, list[Any]]:
    """The columns of a Parquet file."""
    found = duckdb.sql(f"SELECT * FROM '{path}'")
    return dict(zip(found.columns, map(list, zip(*found.fetchall(), strict=True)), strict=True))


def played(file: Path, variant: str) -> dict[str, Any]:
    """The digests of one plan."""
    reading = read(file, None if variant == "base" else variant)
    plan = lower(reading.scenario, reading.resolved)
    pooled = Replications(plan.lens, replicate(plan, SEED, REPLICATIONS, jobs=1))
    findings = answer(plan, pooled, {})
    document = json.loads(findings.json())
    with tempfile.TemporaryDirectory() as folder:
        findings.save(Path(folder))
        estimates, verdicts = (table(Path(folder, f"{name}.parquet")) for name in ("estimates", "verdicts"))
    return {
        "json estimates": by_measure(document["estimates"]),
        "json verdicts": digest([rounded(old(OF_VERDICT, row)) for row in document["verdicts"]]),
        "json breaks": digest([rounded(old(OF_BREAK, row)) for row in document["breaks"]]),
        "json shortfalls": digest(rounded(document["shortfalls"])),
        "estimates.parquet": by_measure(estimates),
        "verdicts.parquet": digest(rounded(old(OF_VERDICT, verdicts))),
    }


def plans() -> list[tuple[Path, str]]:
    """Every scenario and variant."""
    yaml = YAML(typ="safe")
    files = sorted((ROOT / "scenarios").glob("*.yaml"))
    return [(file, name) for file in files for name in ("base", *yaml.load(file).get("variants", {}))]


def main() -> None:
    """Compares, or writes."""
    now = {f"{file.stem} {variant}": played(file, variant) for file, variant in plans()}
    if "--write" in sys.argv:
        DIGESTS.write_text(json.dumps(now, indent=0, sort_keys=True) + "\n", encoding="utf-8")
        return
    before = json.loads(DIGESTS.read_text(encoding="utf-8"))
    differing = [
        f"{plan}: {part} {name}"
        for plan in before.keys() | now.keys()
        for part in before.get(plan, {}).keys() | now.get(plan, {}).keys()
        for name in (
            [""]
            if not isinstance(now[plan][part], dict)
            else before[plan][part].keys() | now[plan][part].keys()
        )
        if (
            before[plan][part] != now[plan][part]
            if not name
            else before[plan][part].get(name) != now[plan][part].get(name)
        )
    ]
    print("\n".join(sorted(differing)) or f"the numbers of all {len(now)} plans are as before")
    sys.exit(bool(differing))


if __name__ == "__main__":
    main()
