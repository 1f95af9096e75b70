"""Recomputes the chain of seals and names the first row that does not fit.

What it finds: an event that was changed, removed or slipped in, a seal that was changed or removed. What it cannot find
alone: that the last events and their seals were removed together. For that, keep the head digest somewhere else (the
command prints it) and give it back later as the anchor.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from django.db import connection
from django.utils.translation import gettext as _

from portal.trail.models import Seal


class Fault(IntEnum):
    EVENT_MISSING = 1
    GAP = 2
    CHANGED = 3
    UNSEALED = 4
    ANCHOR_LOST = 5


@dataclass(frozen=True, slots=True)
class Break:
    """The first row that does not fit. `event` is its id where one is known; a row may be there without a `sequence`."""

    fault: Fault
    sequence: int | None
    event: int | None

    def __str__(self) -> str:
        words = {
            Fault.EVENT_MISSING: _("Seal %(sequence)s: its event %(event)s was removed."),
            Fault.GAP: _("Seal %(sequence)s is missing from the chain."),
            Fault.CHANGED: _("Seal %(sequence)s: event %(event)s or a seal was changed after it was written."),
            Fault.UNSEALED: _("Event %(event)s has no seal: its seal was removed, or it was slipped in."),
            Fault.ANCHOR_LOST: _(
                "The known earlier head is not in the chain: the end was cut off or everything rewritten."
            ),
        }
        return words[self.fault] % {"sequence": self.sequence, "event": self.event}


@dataclass(frozen=True, slots=True)
class Verification:
    """`head` is the digest of the last seal; empty for an empty trail."""

    count: int
    head: str
    broken: Break | None


# The digest of the row as 0002_append_only defines it. Spelled out here because a function stored in the database could
# be changed by whoever changed the rows; a test holds the two together.
DIGEST = """encode(sha256(convert_to(previous || jsonb_build_array(
    id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), actor_id, actor_label, verb,
    object_type, object_id, object_label, scope, succeeded, reference, address::text, details
)::text, 'UTF8')), 'hex')"""

_SQL = f"""
WITH chain AS (
    SELECT s.sequence, s.digest, row_number() OVER w AS place, lag(s.digest, 1, '') OVER w AS previous, e.*
    FROM trail_seal s LEFT JOIN trail_event e ON e.id = s.event_id
    WINDOW w AS (ORDER BY s.sequence)
), judged AS (
    SELECT sequence, place, digest,
        CASE WHEN sequence <> place THEN 2 WHEN id IS NULL THEN 1 WHEN digest <> {DIGEST} THEN 3 ELSE 0 END AS fault
    FROM chain
)
SELECT count(*),
       (SELECT digest FROM trail_seal ORDER BY sequence DESC LIMIT 1),
       min(least(sequence, place) * 10 + fault) FILTER (WHERE fault > 0),
       (SELECT min(e.id) FROM trail_event e WHERE NOT EXISTS (SELECT FROM trail_seal s WHERE s.event_id = e.id)),
       (SELECT count(*) FROM trail_seal WHERE digest = %s)
FROM judged
"""  # noqa: S608 (DIGEST is a constant of this file)


def verify(*, anchor: str = "") -> Verification:
    """One statement, so one moment: what is written meanwhile does not count. `anchor` is a head printed earlier."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [anchor])
        count, head, coded, unsealed, anchored = cursor.fetchone()
    broken = None
    if coded is not None:
        sequence, code = divmod(coded, 10)
        broken = Break(Fault(code), sequence, _event_of(sequence))
    elif unsealed is not None:
        broken = Break(Fault.UNSEALED, None, unsealed)
    elif anchor and not anchored:
        broken = Break(Fault.ANCHOR_LOST, None, None)
    return Verification(count, head or "", broken)


def _event_of(sequence: int) -> int | None:
    return Seal.objects.filter(pk=sequence).values_list("event_id", flat=True).first()


def is_digest(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None
