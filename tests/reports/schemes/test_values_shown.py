"""Stored values as Python, and as a reader sees them."""

import datetime as dt
from decimal import Decimal

import pytest

from reports.schemes.content import bundled
from reports.schemes.definition import Indicator
from reports.schemes.values import NA, NOT_APPLICABLE, UnreadableValue, show_value, to_python, wan_echo

SCHEME = bundled()
MONEY, SHARE, LOSS = (SCHEME.indicator(code) for code in ("E201", "W411", "E224"))
DAY, MONTH, NAME = (SCHEME.indicator(code) for code in ("B105", "A109", "A102"))


def test_stored_values_as_python() -> None:
    wanted = [
        (MONEY, "1234", 1234),
        (SHARE, "12.50", Decimal("12.50")),
        (DAY, "2024-02-03", dt.date(2024, 2, 3)),
        (MONTH, "2023-05", dt.date(2023, 5, 1)),
        (SCHEME.indicator("A213"), "0", False),
        (SCHEME.indicator("C109"), "03,07", frozenset({"03", "07"})),
        (NAME, "n/a", "n/a"),
        (MONEY, None, None),
        (MONEY, "", None),
        (MONEY, NOT_APPLICABLE, NA),
    ]
    assert [to_python(item, stored) for item, stored, _value in wanted] == [value for _item, _stored, value in wanted]


@pytest.mark.parametrize(
    ("item", "stored"), [(MONEY, "1,234"), (MONEY, "٣"), (DAY, "2024-02-30"), (SHARE, "1e3"), (MONTH, "2023-13")]
)
def test_other_stored_forms_are_refused(item: Indicator, stored: str) -> None:
    with pytest.raises(UnreadableValue):
        to_python(item, stored)


def test_values_shown() -> None:
    assert show_value(MONEY, "1234567") == "1,234,567"
    assert show_value(LOSS, "-1234") == "−1,234"
    assert show_value(SHARE, "12.50") == "12.50"
    assert show_value(MONEY, NOT_APPLICABLE, "zh") == "不适用"
    assert show_value(MONEY, NOT_APPLICABLE, "en") == "Not applicable"
    assert show_value(SCHEME.indicator("A201"), "10", "zh") == "10 企业"
    assert show_value(SCHEME.indicator("C109"), "03,07", "en") == "03 Environmental monitoring, 07 Water quality"
    assert show_value(SCHEME.indicator("A213"), "1", "zh") == "是"
    assert show_value(MONEY, None) == ""


def test_echo_in_ten_thousand_yuan() -> None:
    assert [wan_echo(raw) for raw in ("12345", -15, Decimal("8000"), "0", None, "abc", "n/a")] == [
        "1,234.5",
        "−1.5",
        "800",
        "0",
        "",
        "",
        "",
    ]
