"""Lets the tests empty tables that refuse it: each transactional test ends with a TRUNCATE of everything."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.backends.postgresql.operations import DatabaseOperations

_NO_TRUNCATE = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE '%\\_no\\_truncate'"


@pytest.fixture(scope="session", autouse=True)
def _flush_past_append_only() -> Iterator[None]:
    original = DatabaseOperations.execute_sql_flush

    def flush(self: Any, sql_list: list[str]) -> None:
        alias = self.connection.alias
        with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
            cursor.execute(_NO_TRUNCATE)
            triggers = cursor.fetchall()
            for table, trigger in triggers:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            original(self, sql_list)
            for table, trigger in triggers:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
        yield
