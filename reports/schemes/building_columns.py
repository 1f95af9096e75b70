"""The sheet of columns: of what the lines of an indicator of the type rows consist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .definition import COLUMN_KINDS, RowColumn

if TYPE_CHECKING:
    from .building import Builder

CODE = re.compile(r"[a-z][a-z0-9_]{0,19}")
MOST_COLUMNS, LONGEST, USUAL = 8, 500, 100


def read_columns(builder: Builder) -> dict[str, tuple[RowColumn, ...]]:
    """{indicator: its columns in the order of the sheet}."""
    types = {row["code"]: row["dtype"] for row in builder.sheets["indicators"]}
    found: dict[str, list[RowColumn]] = {}
    for number, row in enumerate(builder.sheets["columns"], start=1):
        owner, code = row["indicator"], row["code"]

        def wrong(column: str, message: str, at: str = f"{owner} {code}", number: int = number) -> None:
            builder.problem("columns", at, column, message, number)

        if owner and types.get(owner) != "rows":
            wrong("indicator", _("“%(name)s” is no indicator of the type rows.") % {"name": owner})
        if code and not CODE.fullmatch(code):
            wrong("code", _("A code is a small letter and at most 19 small letters, digits or underscores."))
        if row["kind"] and row["kind"] not in COLUMN_KINDS:
            wrong("kind", _("One of %(choices)s is needed.") % {"choices": ", ".join(COLUMN_KINDS)})
        length = row.get("length") or str(USUAL)
        if not re.fullmatch("[1-9][0-9]{0,2}", length) or int(length) > LONGEST:
            wrong("length", _("A number from 1 to %(most)d is needed.") % {"most": LONGEST})
            length = str(USUAL)
        columns = found.setdefault(owner, [])
        if len(columns) == MOST_COLUMNS:
            wrong("indicator", _("At most %(most)d columns fit beside each other.") % {"most": MOST_COLUMNS})
        required = row.get("required", "") == "1"
        columns.append(RowColumn(code, row["name_zh"], row["name_en"], row["kind"], required, int(length)))
    return {owner: tuple(columns) for owner, columns in found.items()}
