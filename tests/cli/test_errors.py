"""One file a mistake: `sim run` on it exits 2, with exactly the message that stands beside it."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.scenario.reading import ScenarioError, read

FOLDER = Path(__file__).parent / "errors"
NAMES = sorted(path.name for path in FOLDER.glob("*.yaml"))


def message_beside(name: str) -> str:
    return (FOLDER / name).with_suffix(".txt").read_text()


def test_every_mistake_has_a_message_and_every_message_its_mistake() -> None:
    assert NAMES
    assert {Path(name).stem for name in NAMES} == {path.stem for path in FOLDER.glob("*.txt")}


@pytest.mark.parametrize("name", NAMES)
def test_the_reader_says_exactly_what_is_wrong(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    with pytest.raises(ScenarioError) as caught:
        read(Path(name))
    assert f"{caught.value}\n" == message_beside(name)


@pytest.mark.parametrize("name", NAMES)
def test_run_exits_2_and_says_so_on_stderr(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    result = CliRunner().invoke(main, ["run", name])
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", message_beside(name))
