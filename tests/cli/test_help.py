"""Help is instant and says what there is."""

import subprocess
import sys

from click.testing import CliRunner

from sim.cli import main
from sim.engine import DEFAULT, ENGINES
from sim.study import check

HEAVY = {
    "numba",
    "matplotlib",
    "scipy",
    "simpy",
    "numpy",
    "pydantic",
    "ruamel",
    "duckdb",
    "rich",
    "whenever",
    "jinja2",
    "sqlite3",
}


def test_help_loads_none_of_the_heavy_packages() -> None:
    code = (
        "import sys; from sim.cli import main; main(['--help'], standalone_mode=False); print(*sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    loaded = {name.split(".")[0] for name in printed.splitlines()[-1].split()}
    assert "click" in loaded
    assert not loaded & HEAVY


def test_help_names_every_command_and_exit_code() -> None:
    text = CliRunner().invoke(main, ["--help"]).stdout
    for word in (
        "run",
        "new",
        "list",
        "validate",
        "trace",
        "schema",
        "130",
        "a promise breaks",
        "bad input",
        "undecided",
    ):
        assert word in text


def test_the_engines_named_are_those_there_are() -> None:
    """Named twice: to load them for help would load numpy."""
    for command in ("run", "trace"):
        (engine,) = [option for option in main.commands[command].params if option.name == "engine"]
        assert (tuple(engine.type.choices), engine.default) == (ENGINES, DEFAULT)  # type: ignore[attr-defined]


def test_the_most_replications_of_a_check_are_those_it_plays() -> None:
    """Named twice: to load it for help would load numpy."""
    assert f"[default: {check.MOST}]" in " ".join(
        CliRunner().invoke(main, ["check", "--help"]).stdout.split()
    )


def test_a_mistyped_command_or_option_gets_a_suggestion() -> None:
    assert "validate" in CliRunner().invoke(main, ["valdate"]).stderr
    result = CliRunner().invoke(main, ["run", "x.yaml", "--sede", "1"])
    assert result.exit_code == 2
    assert "--seed" in result.stderr
