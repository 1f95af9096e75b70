"""Acts on single institutions run beside one another; what reads the whole register to write from it runs alone.

Else a roster frozen while a merger commits would give both institutions a line. Held until the transaction ends.
"""

from __future__ import annotations

from django.db import connection

_KEY = "hashtext('institutions.register')"


def alone() -> None:
    """No act on an institution is under way, and none begins, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY})")


def beside_others() -> None:
    """Waits for a freeze or an import to end, and keeps another from beginning."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({_KEY})")
