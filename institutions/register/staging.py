"""The lines of one import in the database: brought in by COPY, marked, told again."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection

#: In the order in which `lines.Reader` writes them.
COLUMNS = (
    "imported_id, row, fault, uscc, name, bureau_text, region_code, address, unit_type, contact_name, contact_phone, "
    "registered_on, parent_uscc, is_unit, kind, number, name_on_certificate, issuer, issued_on, expires_on, status, domains"
)


def copy(lines: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY institutions_registerline ({COLUMNS}) FROM STDIN", io.BytesIO(lines))


def clear(number: int) -> None:
    run("DELETE FROM institutions_registerline WHERE imported_id = %(import)s", {"import": number})


def run(statement: str, values: Mapping[str, Any]) -> int:
    """How many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def write_reasons(number: int, path: Path) -> int:
    """ "row, tab, fault" in the order of the file, for the program that marks it; how many."""
    found = rows(
        "SELECT row, coalesce(nullif(fault, ''), note) FROM institutions_registerline"
        " WHERE imported_id = %(import)s AND (fault <> '' OR note <> '') ORDER BY row",
        {"import": number},
    )
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{row}\t{fault}\n" for row, fault in found)
    return len(found)
