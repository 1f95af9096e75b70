"""How long several lists are, in one question to the database."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def lengths(**lists: QuerySet[Any]) -> tuple[dict[str, int], dt.datetime]:
    """The number of rows of each list by its name, and the database's time (UTC) at which they were counted."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in lists.values():
        try:
            sql, params = rows.values("pk").query.sql_with_params()
        except EmptyResultSet:  # empty by its own words, as `.none()` is
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS listed)")  # noqa: S608 — Django's own SQL, its values beside it
        values += params
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT now(), {', '.join(parts)}", values)
        at, *numbers = cursor.fetchone()
    return dict(zip(lists, numbers, strict=True)), at
