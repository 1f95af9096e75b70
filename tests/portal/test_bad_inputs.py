"""docs/bad-inputs.md names every row of its kinds and points to tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "bad-inputs.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([LNTSW][^|]*) \|.*`(tests/[^`:]+)::(test_\w+)` \|$", PAGE, re.MULTILINE)
KINDS = {"L": 14, "N": 26, "T": 12, "S": 14, "W": 19}


def test_every_row_is_named():
    named = set(re.findall(r"\b[LNTSW]\d+\b", " ".join(rows for rows, _path, _test in ROWS)))
    named |= set(re.findall(r"\b[LNTSW]\d+\b", PAGE.rsplit("Not answered yet:", maxsplit=1)[1]))
    assert named == {f"{kind}{number}" for kind, most in KINDS.items() for number in range(1, most + 1)}


@pytest.mark.parametrize(("path", "test"), sorted({(path, test) for _rows, path, test in ROWS}))
def test_the_test_exists(path: str, test: str):
    assert re.search(rf"^def {test}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)
