"""Conditions of checks as nested lists, for static/js/grid-tools.js to judge by what stands on the screen.

A value is `["figure", code]` or `["text", code]` of a cell of the table, `["elsewhere", code]` of a cell that is not on the
page, `["is", constant]` or `["sum", [[1 or -1, value], …]]`. A condition is `["and"|"or"|"not"|"implies", condition, …]`,
`[sign, value, value]`, `["in", value, values]` or `["filled", value]`. As in the check language a blank value makes a
comparison blank, and a blank condition asks for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reports.schemes.definition import Indicator, TableDefinition
from reports.schemes.language import tree

Told = list[Any]
SIGNS = frozenset(("=", "!=", "<", "<=", ">", ">="))
#: Kinds of cells whose stored value is what their control holds.
AS_TEXT = frozenset(("enum", "bool", "string"))


class NotTold(Exception):
    """The condition asks for more than cells: last year, dates, lines, the register."""


@dataclass(frozen=True, slots=True)
class Teller:
    """`elsewhere` collects the codes of cells that other tables hold."""

    table: TableDefinition
    elsewhere: set[str] = field(default_factory=set)

    def condition(self, node: tree.Node) -> Told:
        if isinstance(node, tree.Logic) and node.word in ("and", "or", "implies"):
            return [node.word, *(self.condition(part) for part in node.parts)]
        if isinstance(node, tree.Not):
            return ["not", self.condition(node.operand)]
        if isinstance(node, tree.Compare) and node.sign in SIGNS and node.within is None:
            return [node.sign, self.value(node.left), self.value(node.right)]
        if isinstance(node, tree.Among):
            found = ["in", self.value(node.value), [self.value(choice) for choice in node.choices]]
            return ["not", found] if node.negated else found
        if isinstance(node, tree.Call) and node.function in ("filled", "blank") and len(node.arguments) == 1:
            found = ["filled", self.value(node.arguments[0])]
            return ["not", found] if node.function == "blank" else found
        if isinstance(node, tree.Name) and self._item(node).dtype == "bool":
            return ["=", self.value(node), ["is", "1"]]
        raise NotTold

    def value(self, node: tree.Node) -> Told:
        if isinstance(node, tree.Literal) and isinstance(node.value, Decimal):
            return ["is", float(node.value)]
        if isinstance(node, tree.Literal) and isinstance(node.value, str):
            return ["is", node.value]
        if isinstance(node, tree.Name):
            return self._cell(self._item(node))
        if isinstance(node, tree.Sum):
            return ["sum", [[1 if sign == "+" else -1, self.value(term)] for sign, term in node.terms]]
        raise NotTold

    def _item(self, node: tree.Name) -> Indicator:
        assert self.table.scheme is not None
        item = self.table.scheme.indicator_by_code.get(node.name)
        if item is None or item.repeating or item.computed or not (item.numeric or item.dtype in AS_TEXT):
            raise NotTold  # what is computed moves with cells of the page
        return item

    def _cell(self, item: Indicator) -> Told:
        if item.table != self.table.code:
            self.elsewhere.add(item.code)
            return ["elsewhere", item.code]
        return ["figure" if item.numeric else "text", item.code]
