"""docs/bad-inputs.md names every row of its kinds and points to tests that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

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


#: Where rows N, T, S and X are sent to the pages: each row has a test, or a case of one, that begins with its number.
THROUGH_THE_PAGE = (
    "tests.reports.filings.test_bad_numbers",
    "tests.reports.filings.test_bad_dates",
    "tests.reports.filings.test_bad_texts",
    "tests.reports.filings.test_period",
    "tests.reports.numbers.test_bad_files",
    "tests.reports.numbers.test_full_sheet",
    "tests.reports.numbers.test_views_sending",
)


def names_in(module: ModuleType) -> Iterator[str]:
    """Of its tests and of their cases."""
    for name, test in vars(module).items():
        if name.startswith("test_"):
            yield name.removeprefix("test_")
            for mark in getattr(test, "pytestmark", ()):
                if mark.name == "parametrize":
                    yield from (case for case in mark.kwargs.get("ids") or mark.args[1] if isinstance(case, str))


def test_every_row_of_numbers_dates_texts_and_files_has_a_test_of_its_number():
    names = [name for module in THROUGH_THE_PAGE for name in names_in(import_module(module))]
    found = {hit.group(1).upper() for name in names if (hit := re.match(r"([ntsx][0-9]+)(?![0-9A-Za-z])", name, re.I))}
    wanted = {f"{kind}{number}" for kind in "NTSX" for number in range(1, KINDS[kind] + 1)}
    assert wanted - found == set()
