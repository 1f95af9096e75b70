"""docs/bad-inputs.md names every row of its kinds and points to tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "bad-inputs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([LNTSXW][^|]*) \|.*`(tests/[^`:]+)::(test_\w+)` \|$", PAGE, re.MULTILINE)
KINDS = {"L": 14, "N": 26, "T": 12, "S": 14, "X": 39, "W": 19}


def test_every_row_is_named():
    named = set(re.findall(r"\b[LNTSXW]\d+\b", " ".join(rows for rows, _path, _test in ROWS)))
    named |= set(re.findall(r"\b[LNTSXW]\d+\b", PAGE.rsplit("Not answered yet:", maxsplit=1)[1]))
    assert named == {f"{kind}{number}" for kind, most in KINDS.items() for number in range(1, most + 1)}


@pytest.mark.parametrize(("path", "test"), sorted({(path, test) for _rows, path, test in ROWS}))
def test_the_test_exists(path: str, test: str):
    assert re.search(rf"^def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_row_that_points_to_the_fixtures_has_one():
    """`x07_error_value.csv` among those that are read, or refused, as the row's test says."""
    folders = {"test_file_is_read": "should_pass", "test_file_is_refused": "should_fail"}
    for rows, path, test in ROWS:
        if path == "tests/reports/numbers/test_fixtures.py":
            for number in re.findall(r"\bX(\d+)\b", rows):
                found = list((ROOT / "tests/fixtures/numbers" / folders[test]).glob(f"x{int(number):02d}_*"))
                assert found, f"X{number} {test}"
