"""The values of one filing as the check language reads them: converted once, asked many times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.functional import lazy

from .definition import Indicator, SchemeDefinition, TableDefinition
from .facts import Facts, Regions
from .failures import CellRef
from .values import NA, UnreadableValue, read_value, to_python

if TYPE_CHECKING:
    from .linear import Relation

# A wrong credit code is left to the check that explains it (K001).
STRICT = frozenset(("region6", "postcode", "phone", "mobile", "email", "url", "rows"))


@dataclass(frozen=True)
class Cells:
    """Stored cells of a filing. Single-line tables share `single` (codes are unique in a scheme);
    a repeating table has a list of lines, each with its "id"."""

    single: Mapping[str, str] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, str]]] = field(default_factory=dict)

    @classmethod
    def from_tables(cls, tables: Mapping[str, Mapping[str, Any]]) -> Cells:
        """From {table: {"A101": "…"}} and {table: {"rows": [{"id": "r1", "B101": "…"}]}}."""
        single: dict[str, str] = {}
        rows: dict[str, Sequence[Mapping[str, str]]] = {}
        for code, cells in tables.items():
            if "rows" in cells:
                rows[code] = cells["rows"]
            else:
                single.update(cells)
        return cls(single, rows)


@dataclass(frozen=True)
class Trouble:
    """A stored cell that cannot be used, with the lazy reason."""

    indicator: Indicator
    row_id: str | None
    message: Any


class Env:
    """Blank and not-applicable cells are absent from `single` and from the rows; see `answered`."""

    def __init__(
        self, scheme: SchemeDefinition, cells: Cells, previous: Cells | Env | None = None, facts: Facts | None = None
    ) -> None:
        self.scheme = scheme
        self.cells = cells
        self.facts = facts or Facts.for_year(scheme.year)
        self.regions: Regions = self.facts.regions or scheme.regions
        self.troubles: list[Trouble] = []
        self.previous = previous.under(self.facts) if isinstance(previous, Env) else None
        if isinstance(previous, Cells):
            self.previous = Env(scheme, previous, None, self.facts)
        items = scheme.indicator_by_code
        self.single = self._convert(items, cells.single, None)
        self.rows = {
            table: [self._convert(items, row, row.get("id")) for row in lines] for table, lines in cells.rows.items()
        }
        self._formulas: dict[str, Any] = {}
        self._tables: dict[str, bool] = {}
        self.hard_relations: list[Relation] | None = None  # kept by `linear`

    def _convert(self, items: Mapping[str, Indicator], stored: Mapping[str, str], row_id: str | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for code, text in stored.items():
            item = items.get(code)
            if item is None or item.computed:
                continue  # computed values are computed again; columns of an older scheme are left alone
            try:
                value = usable(item, text, self.facts.today)
            except UnreadableValue:
                self.troubles.append(Trouble(item, row_id, _reason(item, text, self.facts.today)))
                continue
            if value is not None and value is not NA:
                found[code] = Decimal(value) if type(value) is int else value
        return found

    def under(self, facts: Facts) -> Env:
        """The same filing with other facts from outside; what was converted is not converted again."""
        other = copy(self)
        other.facts, other._formulas, other._tables, other.hard_relations = facts, {}, {}, None
        return other

    def replaced(self, figures: Mapping[CellRef, Decimal]) -> Env:
        """The same filing with other figures in some cells; what was converted is not converted again."""
        other = copy(self)
        other.single, other._formulas, other._tables, other.hard_relations = dict(self.single), {}, {}, None
        other.rows = {table: [dict(row) for row in rows] for table, rows in self.rows.items()}
        for (table, row_id, code), figure in figures.items():
            if row_id is None:
                other.single[code] = figure
                continue
            for stored, row in zip(self.cells.rows[table], other.rows[table], strict=True):
                if stored.get("id") == row_id:
                    row[code] = figure
        return other

    # -- what the compiled expressions ask --------------------------------------------------------

    def fact(self, name: str) -> Any:
        return self.facts.value(name)

    def formula(self, code: str) -> Any:
        if code not in self._formulas:
            item = self.scheme.indicator_by_code[code]
            rule = item.formula_rule
            self._formulas[code] = rule.run(self, None) if rule else self.cells.single.get(code)
        return self._formulas[code]

    def region_valid(self, code: str, on: date) -> bool:
        return self.regions.valid(code, on)

    def same_region(self, left: str, right: str) -> bool | None:
        return self.regions.same(left, right)

    def certificate_valid(self, number: str, on: date) -> bool | None:
        periods = self.facts.certificate_periods
        if periods is None:
            return None
        return number in periods and periods[number][0] <= on <= periods[number][1]

    def listed(self, name: str, code: str) -> bool:
        return code in self.scheme.options_by_list[name]

    def mapped(self, name: str, code: str) -> frozenset[str]:
        option = self.scheme.options_by_list[name].get(code)
        return option.maps if option else frozenset()

    def table_filled(self, code: str) -> bool:
        """Whether anything at all stands in the table."""
        if self.rows.get(code):
            return True
        return any(item.code in self.single for item in self.scheme.table_by_code[code].indicators)

    def unchanged(self) -> bool | None:
        """Every figure equals last year's; blank when there are too few figures to say so."""
        if self.previous is None:
            return None
        before = self.previous.single
        codes = [code for code in self.scheme.figures if code in self.single or code in before]
        told = sum(1 for code in codes if self.single.get(code))
        return None if told < 10 else all(self.single.get(code) == before.get(code) for code in codes)

    def empty_share(self) -> Decimal | None:
        """Percentage of the required figures that are zero or blank; blank while none is filled."""
        wanted = [
            item
            for table in self.scheme.tables
            if not table.repeating and self.applies(table)
            for item in table.indicators
            if item.dtype in ("int", "decimal") and item.is_required(self)
        ]
        if not any(item.code in self.single for item in wanted):
            return None
        return Decimal(100) * sum(1 for item in wanted if not self.single.get(item.code)) / len(wanted)

    # -- what the form asks -----------------------------------------------------------------------

    def applies(self, table: TableDefinition) -> bool:
        if table.code not in self._tables:
            rule = table.applies_rule
            self._tables[table.code] = rule is None or rule.run(self, None) is True
        return self._tables[table.code]

    def stored(self, code: str, row: Mapping[str, Any] | None = None) -> str | None:
        return (self.cells.single if row is None else row).get(code) or None

    def lines(self, table: TableDefinition) -> Iterator[tuple[str | None, Mapping[str, str], dict[str, Any] | None]]:
        """(row id, stored cells, converted cells or None): one for a single-line table."""
        if not table.repeating:
            yield None, self.cells.single, None
            return
        for stored, converted in zip(self.cells.rows.get(table.code, ()), self.rows.get(table.code, ()), strict=True):
            yield stored.get("id"), stored, converted


def _refusal(item: Indicator, stored: Any, today: date | None) -> str:
    try:
        usable(item, stored, today)
    except UnreadableValue as error:
        return str(error.message)
    return ""


_reason = lazy(_refusal, str)  # reads the cell again in the language in which the reason is shown


def usable(item: Indicator, stored: Any, today: date | None) -> Any:
    """The Python value of a stored cell. Refuses what read_value would refuse; a draft may hold raw text."""
    if not isinstance(stored, str):
        stored = read_value(item, stored, today=today).stored or ""
    try:
        value = to_python(item, stored)
    except UnreadableValue:
        return to_python(item, read_value(item, stored, today=today).stored)
    if value is None or value is NA:
        return value
    if item.dtype in ("int", "decimal"):
        inside = (item.minimum is None or value >= item.minimum) and (item.maximum is None or value <= item.maximum)
        return value if inside else to_python(item, read_value(item, stored, today=today).stored)
    if item.dtype in ("enum", "multi"):
        known = item.option_by_code
        if not all(code in known for code in stored.split(",")):
            return to_python(item, read_value(item, stored, today=today).stored)
    elif item.dtype in STRICT:
        return to_python(item, read_value(item, stored, today=today).stored)
    elif (item.length and len(stored) > item.length) or "\ufffd" in stored:
        read_value(item, stored, today=today)
    return value
