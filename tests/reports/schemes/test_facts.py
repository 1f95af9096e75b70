import datetime as dt

import pytest

from reports.schemes.content import bundled

REGIONS = bundled().regions
END = dt.date(2023, 12, 31)


@pytest.mark.parametrize(
    ("code", "valid"),
    [
        ("350102", True),
        ("350112", True),
        ("350182", False),
        ("350999", False),
        ("110105", True),
        ("990101", False),
        ("abc", False),
    ],
)
def test_a_code_in_force_at_the_end_of_the_year(code: str, valid: bool) -> None:
    assert REGIONS.valid(code, END) is valid


def test_a_retired_code_was_valid_before() -> None:
    assert REGIONS.valid("350182", dt.date(2016, 12, 31)) is True
    assert REGIONS.valid("350182", dt.date(1990, 12, 31)) is False


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("350102", "350102", True),
        ("350102", "350103", False),
        ("350182", "350112", True),
        ("350126", "350112", True),
        ("350100", "350102", True),
        ("350102", "350100", True),
        ("350000", "350203", True),
        ("350200", "350102", False),
        ("350321", "350302", None),
        ("350999", "350102", None),
        ("110105", "110105", True),
        ("110105", "350102", False),
    ],
)
def test_the_same_place_through_history(left: str, right: str, same: bool | None) -> None:
    assert REGIONS.same(left, right) is same
