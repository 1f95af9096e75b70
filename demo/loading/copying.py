"""Rows into the database by COPY: the columns of a model from plain values, without one INSERT a row."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection, models

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_BATCH = 4_000_000  # characters handed over at once


class Copier:
    """Collects rows of one model and sends them in batches. Keys are attribute names ("filing_id"); all rows have the same.

    Values are written as given: whoever uses this keeps the invariants that the actions would have kept.
    """

    def __init__(self, model: type[models.Model], names: Sequence[str]) -> None:
        by_name = {field.attname: field for field in model._meta.concrete_fields}
        self._fields = [by_name[name] for name in names]
        self._names = list(names)
        columns = ", ".join(f'"{field.column}"' for field in self._fields)
        self._statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        self._buffer = io.StringIO()
        self.count = 0

    def add(self, row: Mapping[str, Any]) -> None:
        values = (_text(field, row[name]) for field, name in zip(self._fields, self._names, strict=True))
        self._buffer.write("\t".join(values) + "\n")
        self.count += 1
        if self._buffer.tell() > _BATCH:
            self.send()

    def send(self) -> None:
        if self._buffer.tell():
            self._buffer.seek(0)
            with connection.cursor() as cursor:
                cursor.copy_expert(self._statement, self._buffer)
            self._buffer = io.StringIO()


def copy_rows(model: type[models.Model], rows: Iterable[Mapping[str, Any]]) -> int:
    """Send all rows; their keys are those of the first."""
    copier: Copier | None = None
    for row in rows:
        copier = copier or Copier(model, list(row))
        copier.add(row)
    if copier is None:
        return 0
    copier.send()
    return copier.count


def _text(field: models.Field, value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(field, models.JSONField):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(_element(item) for item in value) + "}"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return str(value).translate(_ESCAPES)


def _element(item: Any) -> str:
    if item is None:
        return "NULL"
    if isinstance(item, (int, Decimal)):
        return str(item)
    quoted = str(item).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'.translate(_ESCAPES)


def next_free(model: type[models.Model]) -> int:
    """The highest id in use; ids above it are free to give out."""
    return model._default_manager.aggregate(top=models.Max("pk"))["top"] or 0


def settle_sequences(*tables: type[models.Model]) -> None:
    """Let the sequences go on after the ids that were given out here, and the planner know what there is: nobody analyses for
    a transaction that is still open, and plans for empty tables take minutes on full ones."""
    with connection.cursor() as cursor:
        for model in tables:
            name = model._meta.db_table
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), "  # noqa: S608
                f'greatest((SELECT coalesce(max(id), 1) FROM "{name}"), 1))'
            )
        cursor.execute(f"ANALYZE {', '.join(model._meta.db_table for model in tables)}")
