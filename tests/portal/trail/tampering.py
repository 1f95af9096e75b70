"""What somebody with the owner's rights in the database could do: switch the triggers off and edit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction


@contextmanager
def owner() -> Iterator[Any]:
    """A cursor that no trigger and no foreign key between seal and event holds back; all is on again afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'trail_seal'::regclass AND contype = 'f'"
        )
        keys = cursor.fetchall()
        for table in ("trail_event", "trail_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name, _definition in keys:
            cursor.execute(f"ALTER TABLE trail_seal DROP CONSTRAINT {name}")
        yield cursor
        for name, definition in keys:
            cursor.execute(f"ALTER TABLE trail_seal ADD CONSTRAINT {name} {definition} NOT VALID")
        for table in ("trail_event", "trail_seal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
