"""Tidying the counts of `portal.visits`."""

from __future__ import annotations

from django.db import connection

KEPT_MINUTES = 60


def forget_old() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM numbers_visits WHERE minute < extract(epoch FROM now())::bigint / 60 - %s", [KEPT_MINUTES]
        )
