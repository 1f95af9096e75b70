"""The fewest cells that make the sums hold: cases made by hand, and a property over damaged filings."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.schemes.balancing import MOST_CELLS, Way, ways_to_balance
from reports.schemes.checking import Env, run_checks
from reports.schemes.content import bundled
from reports.schemes.linear import hard_relations, values_of
from tests.reports.schemes.filing import Change, changed

Told = dict[str, tuple[str, str]]


def ways(change: Change) -> list[list[Way]]:
    return ways_to_balance(Env(bundled(), changed(change)))


def told(way: Way) -> Told:
    return {step.ref[2]: (str(step.before), str(step.after)) for step in way}


def test_a_valid_filing_needs_no_change() -> None:
    assert ways({}) == []


def test_any_part_of_one_sum_may_be_wrong() -> None:
    """The total stands in three more sums that hold, so it is not among them."""
    (group,) = ways({"A315": "3"})
    assert [told(way) for way in group] == [
        {"A311": ("1", "0")},
        {"A312": ("4", "3")},
        {"A313": ("12", "11")},
        {"A314": ("6", "5")},
        {"A315": ("3", "2")},
    ]


def test_one_total_that_breaks_four_sums_is_the_one_cell() -> None:
    (group,) = ways({"A301": "52"})
    assert [told(way) for way in group] == [{"A301": ("52", "25")}]


def test_a_figure_common_to_two_tables_is_found() -> None:
    (group,) = ways({"W301": "90000"})
    assert [told(way) for way in group] == [{"W301": ("90000", "9000")}]


def test_two_sums_that_share_only_a_total_need_two_cells() -> None:
    (group,) = ways({"A315": "3", "A341": "13"})
    assert {len(way) for way in group} == {2}
    assert {"A315": ("3", "2"), "A341": ("13", "12")} in [told(way) for way in group]
    assert len(group) == 5 * 3


def test_tables_apart_are_told_apart() -> None:
    found = ways({"E131": "4000000", "E203": "24000"})
    assert [[told(way) for way in group] for group in found] == [
        [{"E119": ("12000", "4004000")}, {"E131": ("4000000", "8000")}],
        [{"E203": ("24000", "5000")}],
    ]


def test_a_blank_part_may_be_what_is_missing() -> None:
    (group,) = ways({"A314": None})
    assert {"A314": ("None", "6")} in [told(way) for way in group]


def test_a_bound_is_met_by_the_nearest_figure() -> None:
    """Nine large instruments are worth 4,500 at least; 1,500 is stated."""
    (group,) = ways({"W204": "9"})
    assert [told(way) for way in group] == [{"W204": ("9", "3")}]


def test_no_figure_below_nought_is_proposed() -> None:
    (group,) = ways({"A315": "5"})
    assert all(step.after >= 0 for way in group for step in way)
    assert "A311" not in {step.ref[2] for way in group for step in way}  # 1 cannot become −2


def test_lines_of_a_table_are_cells_of_their_own() -> None:
    (group,) = ways({"JC05-1.r1.D104": "500"})
    assert [(step.ref[1], str(step.after)) for way in group for step in way] == [
        ("r1", "5000"),
        ("r2", "7500"),
        ("r3", "5500"),
    ]


def test_where_too_much_is_wrong_nothing_is_proposed() -> None:
    found = ways(
        {"W201": "500", "W211": "9", "W214": "900000", "W222": "7777", "W212": "31", "W202": "3", "W204": "400"}
    )
    assert all(len(way) <= MOST_CELLS for group in found for way in group)


#: Cells of sums, of several tables; damaged at random below.
NAMES = """
A301 A311 A313 A315 A321 A325 A331 A333 A335 A341 A343 E101 E102 E103 E119 E129 E131 E132 E136 E201 E202 E204
E231 E234 E236 W101 W102 W201 W202 W204 W211 W212 W214 W301 W303 W311 W411 W412 W501 W502
"""


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(NAMES.split()), st.one_of(st.none(), st.integers(0, 99_999).map(str)), min_size=1, max_size=3
    )
)
def test_every_proposed_set_satisfies_all_failing_linear_checks(change: Change) -> None:
    """Asked of the checks themselves: after the change no check of sums fails among those that hang together."""
    scheme, cells = bundled(), changed(change)
    env = Env(scheme, cells)
    linear = {relation.check.key for relation in hard_relations(env)}
    failing = {failure.key for failure in run_checks(scheme, env) if failure.key in linear}
    for group in ways_to_balance(env):
        for way in group:
            assert 1 <= len(way) <= MOST_CELLS
            for step in way:
                item = scheme.indicator(step.ref[2])
                assert step.after != step.before
                assert not item.computed
                assert item.minimum is None or step.after >= item.minimum
            after = env.replaced({step.ref: step.after for step in way})
            still = {failure.key for failure in run_checks(scheme, after)} & linear
            mended = {key for key in failing if key not in still}
            touched = {
                relation.check.key
                for relation in hard_relations(env)
                if any(step.ref in relation.factors for step in way)
            }
            assert not still & touched
            assert mended
            assert still <= failing


@pytest.mark.parametrize("change", [{"A301": "52"}, {"E119": "21000"}, {"W411": "6.00"}])
def test_the_same_filing_gets_the_same_answer(change: Change) -> None:
    assert ways(change) == ways(change)


def test_relations_know_blank_sides() -> None:
    env = Env(bundled(), changed({"W302": None, "W303": None, "W304": None, "W305": None}))
    (relation,) = [one for one in hard_relations(env) if one.check.code == "K075"]
    values = values_of(env, relation.factors)
    assert relation.holds(values)
    assert relation.gap(values) == Decimal(-9000)
