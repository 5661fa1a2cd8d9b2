"""The longest suites go first, so that no process is left alone with one of them at the end.

What thousands of tests are made of is not looked through for garbage again and again: that took a fifteenth of the time.
"""

import gc

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
