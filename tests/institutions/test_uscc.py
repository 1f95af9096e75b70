"""The credit code says what is wrong and where."""

import pytest
from django.utils import translation

from institutions.uscc import BadUscc, normalise_uscc

GOOD = "91110000600037341L"


@pytest.mark.parametrize(
    "typed",
    [
        GOOD,
        GOOD.lower(),
        f"  {GOOD} ",
        "9111 0000 6000 3734 1L",
        "91110000-600037341-L",
        "９１１１００００６０００３７３４１Ｌ",
        f"\u200b{GOOD}",
    ],
)
def test_uscc_typed_in_other_ways_is_normalised(typed: str):
    assert normalise_uscc(typed) == GOOD


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (GOOD[:-1], "has 17 characters; it must have 18"),
        (GOOD + "1", "has 19 characters; it must have 18"),
        ("", "has 0 characters"),
        ("9111000060003734IL", "Position 17 of the unified social credit code is the letter I"),
        ("9111000O600037341L", "Position 8 of the unified social credit code is the letter O"),
        ("9111000A600037341L", "Position 8 of the unified social credit code is “A”; positions 3 to 8 are digits."),
        ("91110000600037341*", "Position 18 of the unified social credit code is “*”"),
        ("91110000600037342L", "the last one must be P, not L"),
        ("911100006000373412", "the last one must be L, not 2"),
    ],
)
def test_uscc_refused_names_the_place(typed: str, words: str):
    with translation.override("en"), pytest.raises(BadUscc) as refused:
        normalise_uscc(typed)
    assert words in str(refused.value.reason)


def test_uscc_letter_that_stands_for_a_digit_is_guessed():
    with translation.override("en"), pytest.raises(BadUscc) as refused:
        normalise_uscc("9111000O600037341L")
    assert str(refused.value.reason).endswith("Perhaps it is 0.")
