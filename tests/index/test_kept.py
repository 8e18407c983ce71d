"""Values that are dear to make: once each, the latest kept, nobody waiting for another's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from index.kept import Kept


def test_a_value_is_made_once_however_many_ask() -> None:
    made: list[str] = []
    kept: Kept[str, str] = Kept(4)

    def make() -> str:
        made.append("one")
        return "value"

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept.get("key", make), range(64)))
    assert set(found) == {"value"}
    assert made == ["one"]


def test_only_the_latest_are_kept() -> None:
    made: list[int] = []
    kept: Kept[int, int] = Kept(2)
    for key in (1, 2, 1, 3, 1, 2):  # 2 makes place for 3
        assert kept.get(key, lambda key=key: made.append(key) or key) == key  # type: ignore[misc]
    assert made == [1, 2, 3, 2]


def test_making_one_value_keeps_no_other_waiting() -> None:
    kept: Kept[str, str] = Kept(4)
    started, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        started.set()
        assert go_on.wait(10)
        return "slow"

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(kept.get, "slow", slow)
        assert started.wait(10)
        assert kept.get("fast", lambda: "fast") == "fast"  # while the other is being made
        go_on.set()
        assert first.result(10) == "slow"


def test_an_error_is_passed_on_and_not_kept() -> None:
    kept: Kept[str, int] = Kept(4)
    with pytest.raises(ZeroDivisionError):
        kept.get("key", lambda: 1 // 0)
    assert kept.get("key", lambda: 1) == 1
