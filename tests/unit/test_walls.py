"""The walls of pyproject.toml refuse each kind of import that they are there for, and files stay small."""

import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "pyproject.toml").read_text()
WALLS = tomllib.loads(TEXT)["tool"]["importlinter"]["contracts"]
FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "sim").rglob("*.py"))

FILES_MOST = 15
LINES_MOST = 350
LONGER = {Path("sim", name) for name in ("engine/compiled.py", "engine/reference.py", "tables.py")}

ROOMS = "The way of the data: a room imports only from rooms to its left"
MEDIA = "Three media tell one content and know nothing of each other"
CIRCLE = "No circle among the files of any folder"
VIOLATIONS = (  # (where, what is imported there, the contract that refuses it)
    ("sim/units.py", "sim.tables", ROOMS),
    ("sim/draw/world.py", "sim.engine", ROOMS),
    ("sim/show/content/words.py", "sim.cli", ROOMS),
    ("sim/measure/stats/estimate.py", "sim.measure.pooled", "Floors within rooms"),
    ("sim/measure/replication/tally.py", "sim.measure.pooled", "Floors within rooms"),
    ("sim/show/terminal/run.py", "sim.show.report.html", MEDIA),
    ("sim/show/report/run.py", "sim.show.sheet.run", MEDIA),
    ("sim/show/content/run.py", "sim.show.terminal.run", MEDIA),
    ("sim/scenario/document/tree.py", "sim.scenario.schema.base", "The document knows no scenario"),
    ("sim/draw/rng.py", "sim.draw.world", CIRCLE),
    ("sim/study/store/files.py", "sim.study.run", CIRCLE),
    ("sim/engine/compiled.py", "sim.engine.reference", "The engines share no code"),
    ("sim/engine/reference.py", "sim.engine.compiled", "The engines share no code"),
    ("sim/engine/reference.py", "sim.plan", "The engines know the tables alone"),
    ("sim/engine/compiled.py", "sim.clock", "The engines know the tables alone"),
    ("sim/plan.py", "pydantic", "pydantic has one door"),
    ("sim/show/content/yaml_text.py", "ruamel.yaml", "pydantic has one door"),
    ("sim/engine/compiled.py", "simpy", "simpy has one door"),
    ("sim/engine/reference.py", "numba", "numba has one door"),
    ("sim/show/report/run.py", "matplotlib.pyplot", "matplotlib has one door"),
    ("sim/show/report/run.py", "jinja2", "jinja2 has one door"),
    ("sim/show/terminal/run.py", "rich.table", "rich has one door"),
    ("sim/study/run.py", "duckdb", "duckdb has one door"),
    ("sim/study/store/files.py", "sqlite3", "sqlite3 has one door"),
    ("sim/show/content/words.py", "click", "click has one door"),
    ("sim/units.py", "whenever", "whenever has one door"),
)


def linted(folder: Path) -> tuple[int, set[str]]:
    """The exit code of lint-imports in a folder, and the names of the contracts that it finds broken."""
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program], cwd=folder, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    assert any(line.startswith("Contracts: ") for line in lines), done.stdout + done.stderr
    return done.returncode, {line.removesuffix(" BROKEN") for line in lines if line.endswith(" BROKEN")}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copied")
    shutil.copytree(ROOT / "sim", folder / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_no_wall_is_broken(copied: Path) -> None:
    assert linted(copied) == (0, set())


@pytest.mark.parametrize(
    ("file", "imported", "contract"), VIOLATIONS, ids=lambda text: text.replace(" ", "-")
)
def test_a_planted_import_breaks_the_wall(copied: Path, file: str, imported: str, contract: str) -> None:
    place = copied / file
    text = place.read_text()
    place.write_text(f"{text}\nimport {imported}\n")
    try:
        code, broken = linted(copied)
    finally:
        place.write_text(text)
    assert code == 1
    assert contract in broken


def test_every_wall_has_a_planted_import() -> None:
    assert {wall["name"] for wall in WALLS} == {contract for _, _, contract in VIOLATIONS}


def test_the_walls_are_short_and_list_folders_below_the_rooms() -> None:
    assert len(TEXT.split("[tool.importlinter]")[1].splitlines()) <= 120
    for wall in WALLS:
        for room in set(wall.get("containers", [])) - {"sim"}:
            for name in " | ".join(wall["layers"]).split(" | "):
                assert (ROOT / room.replace(".", "/") / name).is_dir()


def test_a_folder_has_few_files() -> None:
    assert not {
        str(folder): files
        for folder, files in Counter(path.parent for path in FILES).items()
        if files > FILES_MOST
    }


def test_a_module_is_short() -> None:
    lines = {str(path): len((ROOT / path).read_text().splitlines()) for path in FILES if path not in LONGER}
    assert not {path: count for path, count in lines.items() if count > LINES_MOST}
