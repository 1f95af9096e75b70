"""Likely causes of a sum that does not hold: each slip made by hand, and found."""

from __future__ import annotations

import pytest

from reports.schemes.checking import Env, run_checks
from reports.schemes.content import bundled
from reports.schemes.likely import Cause, Detective, Kind
from tests.reports.schemes.filing import Change, changed

Moves = list[tuple[str, str, str]]


def causes(key: str, change: Change, previous: Change | None = None) -> list[Cause]:
    before = changed(previous) if previous is not None else None
    env = Env(bundled(), changed(change), before)
    failure = next(one for one in run_checks(bundled(), env) if one.key == key)
    return Detective(env).causes(failure)


def moves(cause: Cause) -> Moves:
    return [(move.ref[2], str(move.before), str(move.after)) for move in cause.moves]


@pytest.mark.parametrize(
    ("key", "change", "kind", "expected"),
    [
        ("K041", {"E131": "8000000"}, Kind.UNIT, [("E131", "8000000", "8000")]),  # yuan
        ("K041", {"E131": "800"}, Kind.UNIT, [("E131", "800", "8000")]),  # ten thousand yuan
        ("K041", {"E119": "120000000"}, Kind.UNIT, [("E119", "120000000", "12000")]),
        ("K045:s", {"E204": "24000"}, Kind.UNIT, [("E204", "24000", "2400")]),
        # Rounded from yuan: 7,996,399.4 thousand, where the sum wants 7,996,400.
        ("K041", {"E119": "8000400", "E131": "7996399400"}, Kind.UNIT, [("E131", "7996399400", "7996400")]),
        ("K075", {"W303": "80000"}, Kind.ZERO, [("W303", "80000", "8000")]),
        ("K041", {"E119": "21000"}, Kind.SWAPPED, [("E119", "21000", "12000")]),
        ("K011", {"A313": "21"}, Kind.SWAPPED, [("A313", "21", "12")]),
        ("K092", {"JC05-1.r1.D104": "500"}, Kind.ZERO, [("D104", "500", "5000")]),
        ("K077", {"W411": "6.00"}, Kind.ZERO, [("W411", "6.00", "60.00")]),
    ],
)  # fmt: skip
def test_a_slip_in_one_figure_is_found(key: str, change: Change, kind: Kind, expected: Moves) -> None:
    first = causes(key, change)[0]
    assert (first.kind, moves(first)) == (kind, expected)


def test_a_part_left_out_of_the_total_is_named() -> None:
    (cause,) = causes("K041", {"E119": "8000"})
    assert (cause.kind, moves(cause), cause.other) == (
        Kind.LEFT_OUT, [("E119", "8000", "12000")], ("JC02", None, "E129"),
    )  # fmt: skip


def test_a_part_counted_twice_is_named() -> None:
    found = causes("K041", {"E119": "16000"})
    assert [(one.kind, moves(one), one.other) for one in found] == [
        (Kind.TWICE, [("E119", "16000", "12000")], ("JC02", None, "E129"))
    ]


def test_the_one_blank_part_takes_what_is_missing() -> None:
    found = causes("K011", {"A314": None})
    assert [(one.kind, moves(one)) for one in found] == [(Kind.BLANK_PART, [("A314", "None", "6")])]


def test_a_column_pasted_one_line_too_low_is_moved_back() -> None:
    shifted = {"A311": None, "A312": "1", "A313": "4", "A314": "12", "A315": "6", "A321": "2"}
    first = causes("K011", shifted)[0]
    assert first.kind is Kind.SHIFTED
    assert moves(first) == [
        ("A311", "None", "1"), ("A312", "1", "4"), ("A313", "4", "12"), ("A314", "12", "6"), ("A315", "6", "2"),
        ("A321", "2", "None"),
    ]  # fmt: skip


def test_a_column_pasted_one_line_too_high_is_moved_back() -> None:
    """The last of the five lines stayed blank, the one above them was overwritten."""
    shifted = {"A305": "1", "A311": "4", "A312": "12", "A313": "6", "A314": "2", "A315": None}
    first = causes("K011", shifted)[0]
    assert first.kind is Kind.SHIFTED
    assert moves(first)[:5] == [
        ("A315", "None", "2"), ("A314", "2", "6"), ("A313", "6", "12"), ("A312", "12", "4"), ("A311", "4", "1"),
    ]  # fmt: skip


def test_the_one_figure_still_as_last_year_is_named() -> None:
    last = {"A301": "20", "A311": "3", "A312": "5", "A313": "7", "A314": "2", "A315": "3"}
    found = causes("K011", {"A311": "3"}, last)
    assert (Kind.LAST_YEAR, [("A311", "3", "1")]) in [(one.kind, moves(one)) for one in found]


def test_a_difference_of_nines_that_no_figure_explains_is_only_hinted_at() -> None:
    (cause,) = causes("K082", {"W102": "1591"})
    assert (cause.kind, cause.moves) == (Kind.NINE, ())


def test_a_guess_that_breaks_another_check_is_not_made() -> None:
    """A total short by one part would be mended in itself; but three other sums say that it is right."""
    assert Kind.TWICE not in {cause.kind for cause in causes("K011", {"A315": None, "A314": "2"})}


def test_checks_that_are_no_sums_have_no_causes() -> None:
    assert causes("K017", {"A305": "40"}) == []
    assert causes("K001", {"A101": "91350102MA2Y00002E"}) == []


def test_computed_cells_are_never_moved() -> None:
    """K091 compares with X002, which stands for E202."""
    found = causes("K091", {"JC05-1.r1.D103": "40000"})
    assert {move.ref[2] for cause in found for move in cause.moves} == {"D103"}
