"""The one clock that deadlines are compared with: the database's."""

from __future__ import annotations

import datetime as dt

from django.db import connection


def database_now() -> dt.datetime:
    """The database's time at the start of the current transaction (outside one: of this statement), aware, UTC.

    An act that arrives before a deadline and commits after it is in time: its transaction began before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        now: dt.datetime = cursor.fetchone()[0]
    return now


def statement_now() -> dt.datetime:
    """The database's time of this very statement, also inside a transaction; what rows with `Now()` defaults carry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: dt.datetime = cursor.fetchone()[0]
    return now
