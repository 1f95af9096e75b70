"""How measurements are judged, printed and kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.result import Result, against, table, write_json


@pytest.mark.parametrize(
    ("result", "holds"),
    [
        (Result("a", 20, "ms", bound=20), True),
        (Result("a", 20.1, "ms", bound=20), False),
        (Result("a", 1_000_000, "s"), True),
        (against("a", 13, 10, "ms", 1.3), True),
        (against("a", 13.1, 10, "ms", 1.3), False),
        (against("a", 13.1, 10, "ms", None), True),
        (against("a", 100, 1500, "requests/s", 0.0667, "higher"), True),
        (against("a", 99, 1500, "requests/s", 0.0667, "higher"), False),
        (Result("a", 16, "queries", 15, 1, 0), False),
    ],
)
def test_bound_judges_the_ratio_or_else_the_value(result: Result, holds: bool) -> None:
    assert result.holds is holds


def test_table_says_what_is_broken() -> None:
    lines = table([Result("quick", 1, "ms", bound=20), against("slow", 50, 10, "ms", 3)]).splitlines()
    assert [line.split()[0] for line in lines] == ["measurement", "quick", "slow"]
    assert lines[1].endswith("≤ 20  ok")
    assert lines[2].endswith("≤ 3  BROKEN")


def test_json_has_one_object_a_measurement(tmp_path: Path) -> None:
    write_json([against("slow", 50, 10, "ms", 3)], tmp_path / "new" / "bench.json")
    assert json.loads((tmp_path / "new" / "bench.json").read_text()) == [
        {"name": "slow", "value": 50, "unit": "ms", "baseline": 10, "ratio": 5.0, "bound": 3, "better": "lower"}
    ]
