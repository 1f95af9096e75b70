"""Draws that depend on nothing but their name: the same seed gives the same province on every machine."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """A stream of draws of its own for each thing, named by the seed and the thing."""

    def __init__(self, *name: object) -> None:
        super().__init__("|".join(map(str, name)))

    def yes(self, share: float) -> bool:
        return self.random() < share

    def pick(self, weights: Mapping[T, float]) -> T:
        return self.choices(list(weights), list(weights.values()))[0]

    def around(self, centre: float, spread: float) -> float:
        """Lognormal about `centre`: exp(spread) is one standard deviation up."""
        return centre * math.exp(self.gauss(0.0, spread))


def split(total: int, weights: Sequence[float]) -> list[int]:
    """Whole parts of `total` in proportion to the weights; they add up exactly (largest remainders)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [math.floor(part) for part in exact]
    short = total - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_remainder[:short]:
        parts[at] += 1
    return parts


def share(total: int, part: float) -> int:
    """A whole part of a total, never more than it."""
    return max(0, min(total, round(total * part)))
