"""Last year's line beside this year's: what the scheme says no two lines may share names the thing a line is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from reports.schemes.definition import HARD, TableDefinition
from reports.schemes.language import tree
from reports.schemes.language.parser import parse

Row = Mapping[str, str]
Name = tuple[str, ...]


class SameLines:
    """Of one repeating table; without lines last year, or where the scheme names no key, nothing is found."""

    def __init__(self, table: TableDefinition, last: Iterable[Row]) -> None:
        self._codes = _named_by(table)
        self._rows = {name: row for row in last if (name := self._name(row))}

    def last(self, row: Row) -> Row:
        """Last year's line about the same thing; empty where there was none."""
        return self._rows.get(self._name(row), {})

    def _name(self, row: Row) -> Name:
        """Empty while a part of it is blank."""
        parts = tuple(row.get(code, "") for code in self._codes)
        return parts if all(parts) else ()


def _named_by(table: TableDefinition) -> Name:
    for check in table.scheme.checks if table.scheme else ():
        if check.table == table.code and check.severity == HARD and check.expression.startswith("unique("):
            node = parse(check.expression)
            if isinstance(node, tree.Call) and all(isinstance(one, tree.Name) for one in node.arguments):
                return tuple(one.name for one in node.arguments if isinstance(one, tree.Name))
    return ()
