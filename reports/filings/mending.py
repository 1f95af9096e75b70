"""What an institution changed in answer to a reviewer's remark: the cells of the remark, before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.filings.differences import Difference, Tables, differences
from reports.filings.models import Remark
from reports.rounds.models import Kind
from reports.schemes.definition import HARD, SchemeDefinition

#: Rounds whose filings are tables of cells; report numbers are counted, and have no cell to change.
MADE_OF_CELLS = (Kind.ANNUAL_STATISTICS, Kind.ANNUAL_REPORT)


@dataclass(frozen=True, slots=True)
class Standing:
    """The cells of a filing at one moment, with the explanations by the keys of their findings."""

    tables: Tables
    explanations: Mapping[str, str]


def changes_for(definition: SchemeDefinition, remark: Remark, before: Standing, after: Standing) -> list[Difference]:
    """The differences that answer the remark.

    A remark on a cell is answered in that cell; when it says that the cell does not add up, in any cell that a hard check
    adds up with it; when it asks for a better explanation, in the explanation. A remark on a table or on the whole
    filing is answered anywhere in it.
    """
    codes = _codes(definition, remark)
    cells = [one for one in differences(definition, before.tables, after.tables) if _meant(one, remark, codes)]
    return [*cells, *_explained(definition, remark, before, after)]


def place_of(definition: SchemeDefinition, remark: Remark) -> str:
    """Where a remark stands, in words."""
    item = definition.indicator_by_code.get(remark.indicator)
    table = definition.table_by_code.get(remark.table)
    if item is not None:
        return f"{item.code} {item.name()}"
    return f"{table.code} {table.name()}" if table is not None else _("the whole filing")


def _codes(definition: SchemeDefinition, remark: Remark) -> frozenset[str]:
    found = {remark.indicator}
    if remark.reason == Remark.Reason.BALANCE:
        for check in definition.checks_of(remark.indicator):
            found |= set(check.cells) if check.severity == HARD else set()
    return frozenset(found)


def _meant(one: Difference, remark: Remark, codes: frozenset[str]) -> bool:
    if not remark.table:
        return True
    if not remark.indicator:
        return one.table == remark.table and remark.row_id in ("", one.row_id)
    return one.code in codes and (one.table != remark.table or remark.row_id in ("", one.row_id))


def _explained(definition: SchemeDefinition, remark: Remark, before: Standing, after: Standing) -> Iterator[Difference]:
    """Explanations that were written anew, where the remark asked for that."""
    if remark.reason != Remark.Reason.EXPLANATION:
        return
    for key in sorted({*before.explanations, *after.explanations}):
        old, new = before.explanations.get(key, ""), after.explanations.get(key, "")
        check = definition.check_by_key.get(key.partition("@")[0])
        if old == new or check is None:
            continue
        if remark.indicator and remark.indicator not in check.cells:
            continue
        if remark.table and not remark.indicator and check.table != remark.table:
            continue
        yield Difference(check.table, "", "", check.code, _("Explanation"), old, new)
