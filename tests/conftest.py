"""The longest suites go first, so that no process is left alone with one of them at the end.

What thousands of tests are made of is not looked through for garbage again and again: that took a fifteenth
of the time.
"""

import gc
from collections.abc import Sequence
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies leave empty pictures and reports, for tests of all else: to make them takes longer than a small
    study.
    """
    from sim.show.report import compare as compare_page
    from sim.show.report import html as report
    from sim.show.report import run as run_page
    from sim.show.report import sweep as sweep_page
    from sim.show.sheet import sheet as sheets

    def touch(_: object, folder: Path, names: Sequence[str]) -> None:
        for name in names:
            (folder / name).touch()

    monkeypatch.setattr(sheets, "save", lambda found, folder, names=sheets.FILES: touch(found, folder, names))
    monkeypatch.setattr(report, "save", lambda page, folder: touch(page, folder, [report.FILE]))
    for module, name in ((run_page, "run_page"), (compare_page, "compare_page"), (sweep_page, "sweep_page")):
        monkeypatch.setattr(module, name, lambda found: found)
