"""Recomputes the chain of seals and names the first row that does not fit.

What it finds: an event that was changed, removed or slipped in, a seal that was changed or removed. What it cannot find
alone: that the last events and their seals were removed together. For that, keep the head digest somewhere else (the
command prints it) and give it back later as the anchor.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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

#: The next seals after a sequence. `place` and `previous` go on from what was verified before.
_SQL = f"""
WITH following AS (
    SELECT sequence, digest, event_id FROM trail_seal WHERE sequence > %(after)s ORDER BY sequence LIMIT %(size)s
), chain AS (
    SELECT s.sequence, s.digest, %(count)s + row_number() OVER w AS place, lag(s.digest, 1, %(head)s) OVER w AS previous,
        e.*
    FROM following s LEFT JOIN trail_event e ON e.id = s.event_id
    WINDOW w AS (ORDER BY s.sequence)
), judged AS (
    SELECT sequence, place, digest,
        CASE WHEN sequence <> place THEN 2 WHEN id IS NULL THEN 1 WHEN digest <> {DIGEST} THEN 3 ELSE 0 END AS fault
    FROM chain
)
SELECT count(*), max(sequence), (SELECT digest FROM following ORDER BY sequence DESC LIMIT 1),
       min(least(sequence, place) * 10 + fault) FILTER (WHERE fault > 0)
FROM judged
"""  # noqa: S608 (DIGEST is a constant of this file)

_UNSEALED = "SELECT min(e.id) FROM trail_event e WHERE NOT EXISTS (SELECT FROM trail_seal s WHERE s.event_id = e.id)"

AT_ONCE = 20_000
FIRST = -(2**63)


def verify(*, anchor: str = "", tell: Callable[[int, int], None] | None = None, size: int = AT_ONCE) -> Verification:
    """`anchor` is a head printed earlier; `tell` hears how many are done, and of how many.

    The chain is walked in pieces: it only grows, so what is written meanwhile is verified too and spoils nothing. An event
    and its seal appear together.
    """
    count, head, after, coded = 0, "", FIRST, None
    total = Seal.objects.count() if tell is not None else 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(_SQL, {"after": after, "size": size, "count": count, "head": head})
            found, last, digest, fault = cursor.fetchone()
            coded = fault if coded is None else coded
            count, head = count + found, digest or head
            if tell is not None:
                tell(count, max(count, total))
            if found < size:
                break
            after = last
        cursor.execute(_UNSEALED)
        unsealed = cursor.fetchone()[0]
    return Verification(count, head, _break_of(coded, unsealed, anchor))


def _break_of(coded: int | None, unsealed: int | None, anchor: str) -> Break | None:
    if coded is not None:
        sequence, code = divmod(coded, 10)
        return Break(Fault(code), sequence, _event_of(sequence))
    if unsealed is not None:
        return Break(Fault.UNSEALED, None, unsealed)
    if anchor and not Seal.objects.filter(digest=anchor).exists():
        return Break(Fault.ANCHOR_LOST, None, None)
    return None


def _event_of(sequence: int) -> int | None:
    return Seal.objects.filter(pk=sequence).values_list("event_id", flat=True).first()


def is_digest(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None
