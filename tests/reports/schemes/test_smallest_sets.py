"""Small schemes made at random: every set proposed really balances them, and no smaller one would.

The oracle tries every set of cells with every value they may take, and asks the checks themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations, count, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.schemes import balancing
from reports.schemes.balancing import MOST_CELLS, Balanced, Why, balance
from reports.schemes.building import build
from reports.schemes.checking import Cells, Env, run_checks
from reports.schemes.content import DATA, content_from_folder
from reports.schemes.definition import SchemeDefinition
from reports.schemes.linear import hard_relations

CODES = ("P1", "P2", "P3", "Q1", "Q2", "Q3")
MOST = 3
VALUES = [Decimal(number) for number in range(MOST + 1)]
WORDS = {"message_zh": "不符", "message_en": "Wrong", "help_zh": "说明", "help_en": "Help"}
_versions = count(1)


def scheme_of(checks: list[tuple[str, str]]) -> SchemeDefinition:
    """Two tables of three small whole numbers; the checks are (expression, condition)."""
    base = content_from_folder(DATA / "jc2023")
    words = {"name_zh": "数", "name_en": "n", "definition_zh": "数", "definition_en": "n"}
    item = {"dtype": "int", "min": "0", "max": str(MOST)} | words
    return build(
        {
            "scheme": base["scheme"] | {"code": "small", "version": str(next(_versions))},
            "tables": [{"code": code, "kind": "annual", "name_zh": code, "name_en": code} for code in ("T1", "T2")],
            "indicators": [item | {"code": code, "table": "T1" if code[0] == "P" else "T2"} for code in CODES],
            "checks": [
                {"code": f"K{at:03}", "severity": "hard", "table": "T1", "expression": rule, "when": when} | WORDS
                for at, (rule, when) in enumerate(checks)
            ],
            "regions": base["regions"],
        }
    )


def env_of(scheme: SchemeDefinition, figures: Mapping[str, int | None]) -> Env:
    return Env(scheme, Cells({code: str(figure) for code, figure in figures.items() if figure is not None}))


def failing(env: Env) -> set[str]:
    return {failure.key for failure in run_checks(env.scheme, env)}


def holds(env: Env) -> bool:
    return not failing(env)


def in_force(env: Env) -> set[str]:
    """Conditions that hold."""
    whens = {check.key for check in env.scheme.checks if check.when_rule and check.when_rule.run(env, None) is True}
    return whens | {
        f"{check.key} implies"
        for check in env.scheme.checks
        if " implies " in check.expression and _antecedent(check.expression, env)
    }


def _antecedent(expression: str, env: Env) -> bool:
    left, sign, right = expression.partition(" implies ")[0].split()
    one, two = env.single.get(left), env.single.get(right, Decimal(right) if right.isdigit() else None)
    return one is not None and two is not None and (one > two if sign == ">" else one == two)


def ways_of_size(env: Env, size: int) -> Iterator[Env]:
    """Every filing that differs in just so many cells; none is cleared."""
    for codes in combinations(CODES, size):
        choices = [[value for value in VALUES if value != env.single.get(code)] for code in codes]
        for values in product(*choices):
            yield env.replaced({(_table(code), None, code): value for code, value in zip(codes, values, strict=True)})


def _table(code: str) -> str:
    return "T1" if code[0] == "P" else "T2"


def fewest(env: Env, most: int) -> int | None:
    """The least number of cells with which all checks hold while every condition in force stays in force."""
    before = in_force(env)
    for size in range(most + 1):
        if any(holds(other) and before <= in_force(other) for other in ways_of_size(env, size)):
            return size
    return None


cells = st.sampled_from(CODES)
sides = st.lists(cells, min_size=1, max_size=2, unique=True).map(" + ".join)
plain = st.tuples(sides, st.sampled_from(["=", "<=", ">="]), sides).map(" ".join)
conditions = st.tuples(cells, st.sampled_from([">", "="]), st.sampled_from([*CODES[:3], "0", "1"])).map(" ".join)
rules = st.one_of(
    st.tuples(plain, st.just("")),
    st.tuples(plain, conditions),
    st.tuples(st.tuples(conditions, plain).map(" implies ".join), st.just("")),
    st.tuples(st.tuples(cells, cells).map(lambda pair: f"abs({pair[0]} - {pair[1]}) <= 1"), st.just("")),
)
schemes = st.lists(rules, min_size=1, max_size=4)
filings = st.fixed_dictionaries({code: st.one_of(st.none(), st.integers(0, MOST)) for code in CODES})


@settings(max_examples=120, deadline=None)
@given(schemes, filings)
def test_what_is_proposed_balances_and_nothing_smaller_would(
    checks: list[tuple[str, str]], figures: dict[str, int | None]
) -> None:
    env = env_of(scheme_of(checks), figures)
    found = balance(env)
    assert bool(found) == (not holds(env))
    before = failing(env)
    for group in found:
        own = {relation.check.key for relation in hard_relations(env) if not group.refs.isdisjoint(relation.factors)}
        assert own & before
        for way in group.ways:
            after = failing(env.replaced({step.ref: step.after for step in way}))
            assert after <= before - own
            assert all(0 <= step.after <= MOST and step.after != step.before for step in way)
    _no_smaller(env, found)


def _no_smaller(env: Env, found: list[Balanced]) -> None:
    if all(group.ways for group in found):
        size = sum(len(group.ways[0]) for group in found)
        assert fewest(env, min(size - 1, MOST_CELLS)) is None
    elif [group.why for group in found] == [Why.MANY] or (len(found) == 1 and not _conditional(env)):
        assert fewest(env, MOST_CELLS) is None


def _conditional(env: Env) -> bool:
    return any(check.when or " implies " in check.expression for check in env.scheme.checks)


@pytest.mark.parametrize(
    ("rule", "when", "figures", "told"),
    [
        ("P1 <= P2", "", {"P1": 3, "P2": 1}, {("P1", 1), ("P2", 3)}),  # part and whole: the nearest figure
        ("P1 = Q1", "", {"P1": 3, "Q1": 1}, {("P1", 1), ("Q1", 3)}),  # the same figure in two tables
        ("P1 + P2 = P3 + Q1", "", {"P1": 3, "P2": 0, "P3": 1, "Q1": 1}, {("P1", 2), ("P3", 2), ("Q1", 2)}),
        ("P1 = P2", "Q1 > 0", {"P1": 3, "P2": 1, "Q1": 2}, {("P1", 1), ("P2", 3)}),
        ("Q1 > 0 implies P1 = P2", "", {"P1": 3, "P2": 1, "Q1": 2}, {("P1", 1), ("P2", 3)}),
        ("not (P1 > P2)", "", {"P1": 3, "P2": 2}, {("P1", 2), ("P2", 3)}),
        ("abs(P1 - P2) <= 1", "", {"P1": 3, "P2": 1}, {("P1", 2), ("P2", 2)}),
        ("P1 = (if Q1 > 1 then P2 else P3)", "", {"P1": 3, "P2": 1, "P3": 3, "Q1": 2}, {("P1", 1), ("P2", 3)}),
    ],
)
def test_relations_other_than_sums(rule: str, when: str, figures: dict[str, int], told: set[Any]) -> None:
    (group,) = balance(env_of(scheme_of([(rule, when)]), figures))
    assert {(step.ref[2], int(step.after)) for (step,) in group.ways} == told


def test_a_condition_that_does_not_hold_asks_for_nothing() -> None:
    for checks in ([("P1 = P2", "Q1 > 2")], [("Q1 > 2 implies P1 = P2", "")]):
        assert balance(env_of(scheme_of(checks), {"P1": 3, "P2": 1, "Q1": 2})) == []


def test_a_set_that_would_break_another_check_is_not_proposed() -> None:
    """P1 := 0 would mend the first check and bring the second into force, which then fails."""
    checks = [("P1 = P2", ""), ("Q1 = 3", "P1 = 0")]
    (group,) = balance(env_of(scheme_of(checks), {"P1": 2, "P2": 0, "Q1": 1}))
    assert [[(step.ref[2], int(step.after)) for step in way] for way in group.ways] == [[("P2", 2)]]


def test_more_cells_than_are_looked_for_is_said() -> None:
    checks = [(f"{code} = 3", "") for code in CODES[:4]] + [("P1 + P2 + P3 + Q1 <= 12", "")]
    (group,) = balance(env_of(scheme_of(checks), dict.fromkeys(CODES[:4], 1)))
    assert (group.ways, group.why) == ((), Why.MANY)


def test_the_search_is_bounded_and_says_when_it_gave_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balancing, "MOST_TRIES", 1)
    (group,) = balance(env_of(scheme_of([("P1 = P2", "")]), {"P1": 2, "P2": 0}))
    assert (group.ways, group.why) == ((), Why.GIVEN_UP)
