"""What a measurement says, how it is printed, and whether its bound holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Result:
    """`bound` judges the ratio where there is a baseline, else the value; without a bound nothing is judged."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    bound: float | None = None
    better: Literal["lower", "higher"] = "lower"

    @property
    def judged(self) -> float:
        return self.value if self.ratio is None else self.ratio

    @property
    def holds(self) -> bool:
        if self.bound is None:
            return True
        return self.judged <= self.bound if self.better == "lower" else self.judged >= self.bound


def against(
    name: str,
    value: float,
    baseline: float,
    unit: str,
    bound: float | None,
    better: Literal["lower", "higher"] = "lower",
) -> Result:
    return Result(name, round(value, 3), unit, round(baseline, 3), round(value / baseline, 4), bound, better)


def table(results: Sequence[Result]) -> str:
    head = ("measurement", "value", "unit", "baseline", "ratio", "bound", "")
    rows = [head, *(_cells(result) for result in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    right = {1, 3, 4, 5}
    lines = (
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _cells(result: Result) -> tuple[str, ...]:
    sign = "≤" if result.better == "lower" else "≥"
    bound = "" if result.bound is None else f"{sign} {result.bound:g}"
    verdict = "" if result.bound is None else ("ok" if result.holds else "BROKEN")
    numbers = ("" if number is None else f"{number:,.3f}" for number in (result.baseline, result.ratio))
    return (result.name, f"{result.value:,.3f}", result.unit, *numbers, bound, verdict)


def write_json(results: Sequence[Result], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")
