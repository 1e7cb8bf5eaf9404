"""The next item is fetched while one is used, and no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from dedup.stages.read.ahead import ahead


def test_one_item_is_fetched_ahead_and_no_more() -> None:
    fetched: list[int] = []
    second = threading.Event()

    def items() -> Iterator[int]:
        for number in range(4):
            fetched.append(number)
            if number == 1:
                second.set()
            yield number

    reading = ahead(items())
    assert next(reading) == 0
    assert second.wait(10)
    assert fetched == [0, 1]
    assert list(reading) == [1, 2, 3]


def test_what_came_before_an_error_is_given_first() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("broken")

    reading = ahead(items())
    assert next(reading) == 1
    with pytest.raises(OSError, match="broken"):
        next(reading)


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    reading = ahead(iter([1, 2, 3]))
    assert next(reading) == 1
    del reading
    assert threading.active_count() == before
