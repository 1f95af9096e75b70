"""How often somebody may ask in a minute: one statement, the same count for every process."""

from __future__ import annotations

import ipaddress

from django.db import connection
from django.utils.crypto import salted_hmac

KEPT_MINUTES = 60

_COUNT = """
INSERT INTO numbers_visits AS v (subject, minute, count) VALUES (%s, extract(epoch FROM now())::bigint / 60, 1)
    ON CONFLICT (subject) DO UPDATE
   SET count = CASE WHEN v.minute = excluded.minute THEN v.count + 1 ELSE 1 END, minute = excluded.minute
RETURNING count, 60 - extract(epoch FROM now())::bigint %% 60
"""


def wait_for(subject: str, most: int) -> int:
    """Count one visit of the subject; 0 when it is within `most` a minute, else the seconds until the next minute.

    Subjects are kept as keyed hashes, so the table tells nobody who asked.
    """
    hashed = salted_hmac("numbers.visits", subject, algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [hashed])
        count, seconds = cursor.fetchone()
    return int(seconds) if count > most else 0


def network_of(address: str | None) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 that one IPv6 connection owns."""
    if address is None:
        return "unknown"
    parsed = ipaddress.ip_address(address)
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))


def forget_old() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM numbers_visits WHERE minute < extract(epoch FROM now())::bigint / 60 - %s", [KEPT_MINUTES]
        )
