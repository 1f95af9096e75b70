"""Working ahead: the same items and errors, in their order, and nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from portal.uploads.ahead import ahead
from portal.uploads.trouble import Unreadable


def counting(most: int, made: list[int]) -> Iterator[int]:
    for number in range(most):
        made.append(number)
        yield number


@pytest.mark.parametrize("most", [0, 1, 2, 3, 50])
def test_items_come_in_their_order(most: int) -> None:
    assert list(ahead(counting(most, []))) == list(range(most))


def test_first_item_starts_no_thread() -> None:
    made: list[int] = []
    before = threading.active_count()
    items = ahead(counting(9, made))
    assert next(items) == 0
    assert (made, threading.active_count()) == ([0], before)


def test_two_are_made_beyond_the_one_in_use_and_closing_ends_the_thread() -> None:
    made: list[int] = []
    before = threading.active_count()
    items = ahead(counting(99, made))
    assert [next(items), next(items)] == [0, 1]
    items.close()
    assert threading.active_count() == before
    assert made == [0, 1, 2, 3]


def test_an_error_is_raised_where_its_item_would_have_come() -> None:
    def failing() -> Iterator[int]:
        yield from range(5)
        raise Unreadable("damaged")

    taken: list[int] = []
    with pytest.raises(Unreadable) as raised:
        taken.extend(ahead(failing()))
    assert (taken, raised.value.code) == ([0, 1, 2, 3, 4], "damaged")
