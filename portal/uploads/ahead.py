"""Work done a step ahead, by a thread. It gains where the work is unpacking, packing or calamine's, which leave Python's
lock to others."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items; while one is used, the next two are made. The first is made at once, so a look at it starts no thread.

    What making an item raises is raised where the item would have come. Closing waits for those that are being made.
    """
    yield from itertools.islice(items, 1)
    with ThreadPoolExecutor(1) as pool:
        # Two, so that the thread goes on without a word from the one that takes, who may be busy.
        coming = deque([pool.submit(_next, items), pool.submit(_next, items)])
        while made := coming.popleft().result():
            coming.append(pool.submit(_next, items))
            yield from made


def _next(items: Iterator[Item]) -> list[Item]:
    return list(itertools.islice(items, 1))
