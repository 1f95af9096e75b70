"""How often somebody may ask in a stretch of time, on pages that are open to everybody: one statement, one count for every process.

The table is `numbers_visits` of the room where such pages began; it is tidied there.
"""

from __future__ import annotations

import ipaddress

from django.db import connection
from django.utils.crypto import salted_hmac

# `minute` is the one with which the stretch began.
_COUNT = """
INSERT INTO numbers_visits AS v (subject, minute, count)
VALUES (%(subject)s, extract(epoch FROM now())::bigint / %(seconds)s * %(seconds)s / 60, 1)
    ON CONFLICT (subject) DO UPDATE
   SET count = CASE WHEN v.minute = excluded.minute THEN v.count + 1 ELSE 1 END, minute = excluded.minute
RETURNING count, %(seconds)s - extract(epoch FROM now())::bigint %% %(seconds)s
"""


def wait_for(subject: str, most: int, *, seconds: int = 60) -> int:
    """Count one visit of the subject; 0 when it is within `most`, else the seconds until the next stretch.

    A stretch is a minute, or as many whole minutes as `seconds` says, at most an hour. Subjects are kept as keyed hashes,
    so the table tells nobody who asked.
    """
    hashed = salted_hmac("numbers.visits", subject, algorithm="sha256").hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"subject": hashed, "seconds": seconds})
        count, left = cursor.fetchone()
    return int(left) if count > most else 0


def network_of(address: str | None) -> str:
    """What counts as one visitor: an IPv4 address, or the /64 that one IPv6 connection owns."""
    if address is None:
        return "unknown"
    parsed = ipaddress.ip_address(address)
    return address if parsed.version == 4 else str(ipaddress.ip_network(f"{address}/64", strict=False))
