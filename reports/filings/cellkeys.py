"""How one cell is named: "A101" in a single table, "r1:B101" in a row of a repeating one."""

from __future__ import annotations

from typing import Any, NamedTuple


class CellKey(NamedTuple):
    row_id: str | None
    code: str

    def __str__(self) -> str:
        return f"{self.row_id}:{self.code}" if self.row_id else self.code

    @classmethod
    def parse(cls, text: str) -> CellKey:
        row_id, separator, code = text.rpartition(":")
        return cls(row_id if separator else None, code)


def find_row(cells: dict[str, Any], row_id: str) -> dict[str, str] | None:
    return next((row for row in cells.get("rows", []) if row["id"] == row_id), None)


def stored_value(cells: dict[str, Any], key: CellKey) -> str | None:
    """The stored form at the key; None where blank or where the row is gone."""
    source = cells if key.row_id is None else find_row(cells, key.row_id)
    return None if source is None else source.get(key.code)


def put_value(cells: dict[str, Any], key: CellKey, value: str | None) -> bool:
    """Write one stored value into the table's cells; False where the row is gone."""
    target = cells if key.row_id is None else find_row(cells, key.row_id)
    if target is None:
        return False
    if value is None:
        target.pop(key.code, None)
    else:
        target[key.code] = value
    return True
