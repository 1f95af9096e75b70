"""docs/requirements.md points to code and tests that exist, and answers for every point of the notice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells
    for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines())
    if re.fullmatch(r"N\d+", cells[0])
}


def test_every_point_of_the_notice_is_answered():
    open_points = set(re.findall(r"N\d+", PAGE.rsplit("Not in the product yet:", maxsplit=1)[1]))
    assert set(ROWS) | open_points == {f"N{number}" for number in range(1, 25)}
    assert not set(ROWS) & open_points


@pytest.mark.parametrize("point", ROWS)
def test_pointers_of_a_row_exist(point):
    code, tests = (re.findall(r"`([^`]+)`", cell) for cell in ROWS[point][3:5])
    assert code
    assert tests
    assert all((ROOT / path).exists() for path in code + tests), [p for p in code + tests if not (ROOT / p).exists()]
    assert all(path.startswith("tests/") for path in tests)
    for path in map(ROOT.joinpath, tests):
        files = [path] if path.is_file() else list(path.rglob("test_*.py"))
        assert any("def test_" in file.read_text(encoding="utf-8") for file in files), path
