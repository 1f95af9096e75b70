"""docs/faults.md names every fault and points to tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (F[^|]*) \|.*`(tests/[^`:]+)::(test_\w+)` \|$", PAGE, re.MULTILINE)
MOST = 42


def test_every_fault_is_named():
    named = re.findall(r"\bF\d+\b", " ".join(rows for rows, _path, _test in ROWS))
    assert set(named) == {f"F{number}" for number in range(1, MOST + 1)}


@pytest.mark.parametrize(("path", "test"), sorted({(path, test) for _rows, path, test in ROWS}))
def test_the_test_exists(path: str, test: str):
    assert re.search(rf"^def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
