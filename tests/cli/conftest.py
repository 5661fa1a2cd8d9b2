"""What tests of the command line share."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sim.show import sheets


@pytest.fixture
def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies leave empty pictures, for tests of all else: to paint takes longer than a small study."""

    def save(_: object, folder: Path, files: Sequence[str] = sheets.FILES) -> None:
        for name in files:
            (folder / name).touch()

    monkeypatch.setattr(sheets, "save", save)
