"""One statement writes the notices of every institution concerned, so the cost in queries is the same for one or for all.

A person gets one notice for each filing, also where they work for the institution in two roles.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse

from portal.inbox.models import Notice
from portal.inbox.tasks import deliver
from portal.jobs.broker import hint
from reports.filings.queries import OWED
from reports.rounds.models import Phase
from review.urging.wording import DUE, DUE_FORMAT, REMINDER, URGING, sql_filled_in, templates

#: Hours in which an institution is not urged again about the same filing.
PAUSE = 24

_LINK = "%(link_before)s || f.public_id::text || %(link_after)s"

_FROM = """
  FROM rounds_round r
  JOIN rounds_phase p ON p.round_id = r.id AND p.name = %(fill)s
  JOIN filings_filing f ON f.round_id = r.id AND f.state = ANY(%(states)s)
  JOIN institutions_institution i ON i.id = f.institution_id AND i.status = 'active'
  JOIN institutions_bureau b ON b.id = f.reviewing_bureau_id
  JOIN institutions_membership m ON m.institution_id = i.id AND m.ended_at IS NULL
  JOIN institutions_user u ON u.id = m.user_id AND u.is_active
 WHERE r.roster_frozen_at IS NOT NULL AND r.closed_at IS NULL
"""


def _insert(condition: str, once_key: str) -> str:
    return f"""
    INSERT INTO inbox_notice (recipient_id, institution_id, kind, subject_zh, subject_en, body_zh, body_en, link, once_key,
                              mail_attempts, mail_error)
    SELECT DISTINCT u.id, i.id, %(kind)s,
           left({sql_filled_in("subject_zh", "zh-hans")}, 200), left({sql_filled_in("subject_en", "en")}, 200),
           {sql_filled_in("body_zh", "zh-hans")}, {sql_filled_in("body_en", "en")}, {_LINK}, {once_key}, 0, ''
    {_FROM} AND {condition}
    ON CONFLICT (recipient_id, once_key) DO NOTHING
    RETURNING institution_id
    """


def _params(kind: str, body: str, states: tuple[str, ...]) -> dict[str, Any]:
    zh, en = templates(body)
    before, after = _link_parts()
    return {
        "kind": kind,
        "fill": Phase.Name.FILL,
        "states": list(states),
        "zone": settings.TIME_ZONE,
        "link_before": before,
        "link_after": after,
        "due_zh": DUE_FORMAT["zh-hans"],
        "due_en": DUE_FORMAT["en"],
        "subject_zh": zh.subject,
        "subject_en": en.subject,
        "body_zh": zh.body,
        "body_en": en.body,
    }


def _link_parts() -> tuple[str, str]:
    """The address of a filing before and after its id."""
    nobody = "00000000-0000-0000-0000-000000000000"
    before, _id, after = reverse("filings:filing-detail", args=[nobody]).partition(nobody)
    return before, after


def _send(sql: str, params: dict[str, Any]) -> list[int]:
    """Institutions that got at least one notice. Mail goes out after the commit."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        reached = sorted({row[0] for row in cursor.fetchall()})
    if reached:
        transaction.on_commit(partial(hint, deliver))
    return reached


#: Days from the due day to today, in Asia/Shanghai by the database's clock. A due time of midnight ends the day before.
DAYS_FROM_DUE = (
    f"((now() AT TIME ZONE %(zone)s)::date - (({DUE} - interval '1 microsecond') AT TIME ZONE %(zone)s)::date)"
)

#: A deadline that moves is reminded of anew.
_REMIND = _insert(
    f"{DAYS_FROM_DUE} = ANY(r.reminder_days)",
    f"'remind-' || f.id || '-' || {DAYS_FROM_DUE} || '-' || extract(epoch FROM {DUE})::bigint",
)

_URGED_LATELY = f"""
EXISTS (SELECT 1 FROM inbox_notice n WHERE n.institution_id = i.id AND n.kind = '{Notice.Kind.URGE.value}' AND n.link = {_LINK}
                                       AND n.created_at > now() - interval '{PAUSE} hours')
"""  # noqa: S608

# No key: the pause keeps it from coming twice, and after the pause it may come again.
_URGE = _insert(f"r.id = %(round)s AND f.scope LIKE %(scope)s AND NOT {_URGED_LATELY}", "NULL")


def send_reminders() -> list[int]:
    """Remind whoever has not filed in a running round whose due day is one of the round's reminder days from today.

    Each person once for each filing and day, however often this runs.
    """
    with transaction.atomic():
        return _send(_REMIND, _params(Notice.Kind.REMINDER, REMINDER, OWED))


def send_urging(*, round_id: int, scope: str, states: tuple[str, ...]) -> list[int]:
    """Urge the institutions below the path that are in one of the states, but for those urged in the last PAUSE hours.

    Two clicks at once come one after the other, and the second finds nobody left. Runs in the caller's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('review.urge'), %s)", [round_id])
    params = _params(Notice.Kind.URGE, URGING, states) | {"round": round_id, "scope": f"{scope}%"}
    return _send(_URGE, params)


_DRY_RUN = f"""
SELECT f.reviewing_bureau_id, count(DISTINCT f.id), count(DISTINCT u.id), count(DISTINCT u.id) FILTER (WHERE u.email <> '')
{_FROM} AND r.id = %(round)s AND f.scope LIKE %(scope)s AND NOT {_URGED_LATELY}
 GROUP BY 1 ORDER BY 2 DESC, 1
"""

_PAUSED = f"""
SELECT count(*)
  FROM filings_filing f JOIN institutions_institution i ON i.id = f.institution_id
 WHERE f.round_id = %(round)s AND f.state = ANY(%(states)s) AND f.scope LIKE %(scope)s AND {_URGED_LATELY}
"""  # noqa: S608


def dry_run(*, round_id: int, scope: str, states: tuple[str, ...]) -> tuple[list[tuple[int, int, int, int]], int]:
    """([(bureau id, institutions, people told in the portal, people mailed)], institutions urged lately). Two queries."""
    params = _params(Notice.Kind.URGE, URGING, states) | {"round": round_id, "scope": f"{scope}%"}
    with connection.cursor() as cursor:
        cursor.execute(_DRY_RUN, params)
        rows = cursor.fetchall()
        cursor.execute(_PAUSED, params)
        [paused] = cursor.fetchone()
    return rows, paused
