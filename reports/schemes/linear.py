"""Checks that compare sums, as relations between cells: the ground for finding which cell is wrong.

`E119 = E129 + E131` is one relation, `A302 <= A301` another. A check is linear when all its comparisons add cells with
fixed factors; the computed items in it are replaced by their formulas, so that a relation only names cells that somebody
typed. A comparison under a condition (`when`, `implies`, `or`, `if`) is a relation while the condition holds as the
filing stands.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .definition import HARD, Check, Indicator, SchemeDefinition
from .env import Env
from .failures import CellRef
from .language import Compiled, compile_condition, tree
from .language.parser import parse

Factors = dict[CellRef, Decimal]
parsed = lru_cache(maxsize=2000)(parse)
FLIPPED = {">=": "<=", ">": "<"}
DENIED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
#: Most decimal places of a factor; what has more is not exact.
FINEST = 6


class NotLinear(Exception):
    """The expression is more than a sum of cells."""


@dataclass(frozen=True)
class Relation:
    """Σ factor × cell + constant, which must be `=`, `<=` or `<` nought; `=` within the slack.

    `left` and `right` are the cells of each side. A side of which every cell is blank is blank, and the relation then
    says nothing; otherwise a blank cell counts as 0.
    """

    check: Check
    row_id: str | None
    factors: Mapping[CellRef, Decimal]
    constant: Decimal
    sign: str
    slack: Decimal
    left: frozenset[CellRef]
    right: frozenset[CellRef]

    def __hash__(self) -> int:
        return hash((self.check.key, self.row_id, self.sign, tuple(self.factors)))

    @property
    def refs(self) -> frozenset[CellRef]:
        """Also those that stand on both sides and cancel out."""
        return self.left | self.right

    def gap(self, values: Mapping[CellRef, Decimal]) -> Decimal:
        """How much the left side exceeds the right."""
        return sum((factor * values.get(ref, 0) for ref, factor in self.factors.items()), self.constant)

    def applies(self, filled: Container[CellRef]) -> bool:
        return all(not side or any(ref in filled for ref in side) for side in (self.left, self.right))

    def holds(self, values: Mapping[CellRef, Decimal]) -> bool:
        """Also when it says nothing. `values` holds the filled cells alone."""
        if not self.applies(values):
            return True
        gap = self.gap(values)
        return abs(gap) <= self.slack if self.sign == "=" else gap <= 0 if self.sign == "<=" else gap < 0


def values_of(env: Env, refs: Iterable[CellRef]) -> dict[CellRef, Decimal]:
    """The numbers in the cells asked for; one that is blank, not applicable or cannot be read is left out."""
    rows = {
        (table, stored.get("id")): row
        for table, lines in env.rows.items()
        for stored, row in zip(env.cells.rows[table], lines, strict=True)
    }
    found = {ref: (env.single if ref[1] is None else rows.get(ref[:2], {})).get(ref[2]) for ref in refs}
    return {ref: value for ref, value in found.items() if isinstance(value, Decimal)}


def hard_relations(env: Env) -> list[Relation]:
    """Of every hard check that is linear and asked for in this filing, in the order of the form; read once for each `env`."""
    if env.hard_relations is None:
        env.hard_relations = list(_hard_relations(env))
    return env.hard_relations


def _hard_relations(env: Env) -> Iterator[Relation]:
    applied = {table.code for table in env.scheme.tables if env.applies(table)}
    checks = (check for check in env.scheme.checks if check.severity == HARD and check.table in applied)
    for check in checks:
        yield from relations_of(env, check)


def relations_of(env: Env, check: Check) -> list[Relation]:
    """The relations of one check, a line at a time where it looks at lines; none when it is not linear."""
    if not check.expression:
        return []  # that a cell is blank or cannot be read
    remembered = _remembered(env.scheme)
    if check.key in remembered:
        known = remembered[check.key]
        return known if not known or check.when_rule is None or check.when_rule.run(env, None) is True else []
    found: list[Relation] = []
    reader = None
    try:
        for row_id, row in _lines(env, check):
            if check.when_rule is None or check.when_rule.run(env, row) is True:
                reader = _Reader(env, check, row_id, row)
                found += reader.relations(parsed(check.expression))
    except NotLinear:
        found = []
    if reader is not None and not reader.asked and (not found or not check.per_row):
        remembered[check.key] = found
    return found


@lru_cache(maxsize=8)
def _remembered(_scheme: SchemeDefinition) -> dict[str, list[Relation]]:
    """By key of the check, what it says in every filing: most checks ask for no line and no choice of the filing."""
    return {}


def _lines(env: Env, check: Check) -> Iterator[tuple[str | None, Any]]:
    if not check.per_row:
        yield None, None
        return
    for stored, row in zip(env.cells.rows.get(check.table, ()), env.rows.get(check.table, ()), strict=True):
        yield stored.get("id"), row


@dataclass(frozen=True)
class _Reader:
    """`asked` is filled when the answer holds for this filing alone: its lines or its choices were looked at."""

    env: Env
    check: Check
    row_id: str | None
    row: Any = None
    asked: list[str] = field(default_factory=list)

    @property
    def scheme(self) -> SchemeDefinition:
        return self.env.scheme

    def relations(self, node: tree.Node) -> list[Relation]:
        if isinstance(node, tree.Logic):
            return self._logic(node)
        if isinstance(node, tree.Not) and isinstance(node.operand, tree.Compare):
            return self._compared(self._denied(node.operand))
        if isinstance(node, tree.Between):
            return [self._relation("<=", node.low, node.value), self._relation("<=", node.value, node.high)]
        return self._compared(node)

    def _logic(self, node: tree.Logic) -> list[Relation]:
        """What is compared is read first, so that a check that is no sum is known as such without asking the filing."""
        if node.word == "and":
            return [relation for part in node.parts for relation in self.relations(part)]
        if node.word == "implies":
            found = self.relations(node.parts[1])
            return found if self._truth(node.parts[0]) is True else []
        if node.word == "or":
            fixed = [part for part in node.parts if not self._figures(part)]
            others = [part for part in node.parts if part not in fixed]
            if len(others) == 1:  # with more, which of them is meant is not known
                found = self.relations(others[0])
                return found if all(self._truth(part) is False for part in fixed) else []
        raise NotLinear

    def _denied(self, node: tree.Compare) -> tree.Compare:
        if node.within is not None or node.sign not in DENIED:
            raise NotLinear
        return replace(node, sign=DENIED[node.sign])

    def _compared(self, node: tree.Node) -> list[Relation]:
        if not isinstance(node, tree.Compare) or node.sign == "!=":
            raise NotLinear
        slack = Decimal(0)
        if node.within is not None:
            factors, slack = self.sum(node.within, self.row_id)
            if factors:
                raise NotLinear
        left, right = (node.right, node.left) if node.sign in FLIPPED else (node.left, node.right)
        sign = FLIPPED.get(node.sign, node.sign)
        if sign == "<=" and isinstance(left, tree.Call) and left.function == "abs" and len(left.arguments) == 1:
            least = tree.Negative(right.position, right)
            return [self._relation("<=", left.arguments[0], right), self._relation("<=", least, left.arguments[0])]
        return [self._relation(sign, left, right, slack)]

    def _relation(self, sign: str, left: tree.Node, right: tree.Node, slack: Decimal = Decimal(0)) -> Relation:
        one, constant = self.sum(left, self.row_id)
        two, other = self.sum(right, self.row_id)
        factors = dict(one)
        _add(factors, two, Decimal(-1))
        kept = {ref: factor for ref, factor in factors.items() if factor}
        sides = frozenset(one), frozenset(two)
        return Relation(self.check, self.row_id, kept, constant - other, sign, slack, *sides)

    def sum(self, node: tree.Node, row_id: str | None) -> tuple[Factors, Decimal]:
        """Factors and constant of a value. Raises NotLinear."""
        if isinstance(node, tree.Literal) and isinstance(node.value, Decimal):
            return {}, node.value
        if isinstance(node, tree.Name):
            return self._name(node.name, row_id)
        if isinstance(node, tree.Negative):
            return _times(self.sum(node.operand, row_id), Decimal(-1))
        if isinstance(node, tree.Sum):
            return self._terms(node, row_id)
        if isinstance(node, tree.Product):
            return self._product(node, row_id)
        if isinstance(node, tree.If):
            return self.sum(node.then if self._holds(node.condition) else node.otherwise, row_id)
        if isinstance(node, tree.Call) and node.function == "sum" and len(node.arguments) == 1:
            return self._over_lines(node.arguments[0])
        raise NotLinear

    def _name(self, name: str, row_id: str | None) -> tuple[Factors, Decimal]:
        item = self.scheme.indicator_by_code.get(self.check.each if name == "x" and self.check.each else name)
        if item is None or not item.numeric:
            raise NotLinear
        if item.computed:
            return self.sum(parsed(item.formula), None)
        if item.repeating and row_id is None:
            raise NotLinear
        return {(item.table, row_id if item.repeating else None, item.code): Decimal(1)}, Decimal(0)

    def _terms(self, node: tree.Sum, row_id: str | None) -> tuple[Factors, Decimal]:
        factors: Factors = {}
        constant = Decimal(0)
        for sign, term in node.terms:
            more, other = self.sum(term, row_id)
            way = Decimal(1 if sign == "+" else -1)
            _add(factors, more, way)
            constant += way * other
        return factors, constant

    def _product(self, node: tree.Product, row_id: str | None) -> tuple[Factors, Decimal]:
        result = self.sum(node.first, row_id)
        for sign, part in node.rest:
            other = self.sum(part, row_id)
            if other[0] and (result[0] or sign == "/"):
                raise NotLinear
            if sign == "/":
                if not other[1]:
                    raise NotLinear
                share = 1 / other[1]
                if -int(share.as_tuple().exponent) > FINEST:
                    raise NotLinear
                result = _times(result, share)
            else:
                result = _times(other, result[1]) if other[0] else _times(result, other[1])
        return result

    def _over_lines(self, node: tree.Node) -> tuple[Factors, Decimal]:
        """The same sum over each line of the table whose cells it names."""
        self.asked.append("lines")
        table = next((item.table for item in _items(self.scheme, node) if item.repeating), None)
        if table is None:
            raise NotLinear
        factors: Factors = {}
        for row in self.env.cells.rows.get(table, ()):
            more, other = self.sum(node, row.get("id"))
            if other:
                raise NotLinear  # a constant counts only in lines that are filled
            _add(factors, more, Decimal(1))
        if not factors:
            raise NotLinear  # without lines the sum is blank
        return factors, Decimal(0)

    def _holds(self, node: tree.Node) -> bool:
        """Whether the first value of an `if` is taken, as the filing stands."""
        return self._truth(node) is True

    def _truth(self, node: tree.Node) -> bool | None:
        self.asked.append("condition")
        answer: bool | None = self._condition(node).run(self.env, self.row)
        return answer

    def _figures(self, node: tree.Node) -> bool:
        """Whether a change of figures could change the answer."""
        items = (self.scheme.indicator_by_code.get(name) for name in self._condition(node).names)
        return any(item is not None and item.numeric for item in items)

    def _condition(self, node: tree.Node) -> Compiled:
        return _compiled(self.scheme, node, self.check.each)


@lru_cache(maxsize=2000)
def _compiled(scheme: SchemeDefinition, node: tree.Node, each: str) -> Compiled:
    if scheme.symbols is None:
        raise NotLinear
    return compile_condition(node, replace(scheme.symbols, aliases={"x": each} if each else {}))


def _items(scheme: SchemeDefinition, node: tree.Node) -> Iterator[Indicator]:
    """The items that a value names."""
    if isinstance(node, tree.Name) and node.name in scheme.indicator_by_code:
        yield scheme.indicator_by_code[node.name]
    for part in (
        [node.operand] if isinstance(node, tree.Negative)
        else [term for _sign, term in node.terms] if isinstance(node, tree.Sum)
        else [node.first, *(part for _sign, part in node.rest)] if isinstance(node, tree.Product)
        else []
    ):  # fmt: skip
        yield from _items(scheme, part)


def _add(into: Factors, more: Mapping[CellRef, Decimal], way: Decimal) -> None:
    for ref, factor in more.items():
        into[ref] = into.get(ref, Decimal(0)) + way * factor


def _times(value: tuple[Factors, Decimal], by: Decimal) -> tuple[Factors, Decimal]:
    factors, constant = value
    return {ref: factor * by for ref, factor in factors.items()}, constant * by
