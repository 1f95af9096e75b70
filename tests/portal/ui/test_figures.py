from decimal import Decimal

import pytest
from django.utils import translation

from portal.ui.figures import NOTHING, Change, change, echo, figure, round_half_up


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (1234567, None, "1,234,567"),
        (-1234, None, "−1,234"),
        (0, None, "0"),
        (Decimal("-0.04"), 1, "0.0"),
        (Decimal("1234.50"), None, "1,234.50"),
        (Decimal("0.25"), 1, "0.3"),
        (Decimal("1E+3"), None, "1,000"),
        (10**400, None, f"{10**400:,}"),
        (None, None, NOTHING),
        ("", 1, NOTHING),
    ],
)
def test_figure_is_exact_and_separated(value, places, shown):
    assert figure(value, places) == shown


@pytest.mark.parametrize("value", [1.5, "12", True])
def test_figure_refuses_what_is_not_exact(value):
    with pytest.raises(TypeError):
        figure(value)


def test_half_rounds_away_from_zero():
    assert [round_half_up(Decimal(text), 1) for text in ("0.25", "0.35", "-0.25")] == [
        Decimal("0.3"),
        Decimal("0.4"),
        Decimal("-0.3"),
    ]


def test_echo_says_the_larger_unit_of_the_language():
    with translation.override("en"):
        assert echo(68450) == "68.45 million yuan"
    assert echo(None) == ""


@pytest.mark.parametrize(
    ("this", "last", "shown"),
    [
        (4860, 4620, Change("+5.2", False, True)),
        (164, 165, Change("−0.6", False, True)),
        (1200, 1200, Change("0.0", False, True)),
        (0, 0, Change("0.0", False, True)),
        (150, 100, Change("+50.0", False, True)),
        (1501, 1000, Change("+50.1", True, True)),
        (50, 100, Change("−50.0", False, True)),
        (499, 1000, Change("−50.1", True, True)),
        (2000, 100, Change("+1,900.0", True, True)),
        (5012000, 4870, Change("×1,029", True)),
        (100000, 99999, Change("0.0", False, True)),
        (None, 5, Change(NOTHING, False)),
        (5, None, Change(NOTHING, False)),
    ],
)
def test_change_is_printed_by_the_rules(this, last, shown):
    assert change(this, last) == shown


def test_change_without_a_sound_base_is_words():
    with translation.override("en"):
        assert change(5, 0) == Change("one side is 0", True)
        assert change(0, 5) == Change("one side is 0", True)
        assert change(5, -5) == Change("was negative", False)
