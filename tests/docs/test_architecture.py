"""docs/architecture.md: its program runs, and its map is the tree of files."""

import contextlib
import io
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [body for name, body in fenced if name == language]


def listed() -> list[str]:
    """Every path that the map names, folders with a slash."""
    paths: list[str] = []
    above: list[str] = []  # the folders around a line
    for line in blocks("")[0].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        above = above[:depth]
        paths.append("".join([*above, name]))
        if name.endswith("/"):
            above.append(name)
    return paths


def there() -> set[str]:
    """Every module of the package, and every folder that holds one."""
    files = {path.relative_to(ROOT) for path in (ROOT / "sim").rglob("*.py")}
    folders = {folder for path in files for folder in path.parents if folder.parts}
    modules = {path.as_posix() for path in files if path.name != "__init__.py"}
    return modules | {f"{folder.as_posix()}/" for folder in folders}


def test_the_program_at_the_top_runs(monkeypatch):
    (program,) = blocks("python")
    assert len(program.splitlines()) == 12
    monkeypatch.chdir(ROOT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(program, "docs/architecture.md", "exec"), {"__name__": "program"})
    assert [line.split()[0] for line in printed.getvalue().splitlines()] == ["0", "1", "2"]


def test_the_map_names_every_folder_and_every_module_once():
    named = listed()
    assert sorted(set(named)) == sorted(named)
    assert set(named) - there() == set()
    assert there() - set(named) == set()
