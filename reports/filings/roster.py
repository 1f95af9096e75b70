"""The roster (N1): who is due in a round. Freezing it creates one filing per due institution, in one statement."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.clock import database_now
from portal.trail.actions import record
from reports.filings.errors import Incomplete, NotAllowed
from reports.filings.models import DueReason
from reports.rounds.models import Round

_FREEZE = """
INSERT INTO filings_filing
       (public_id, round_id, institution_id, reviewing_bureau_id, scope, previous_id, due_reason, state, step_tier,
        route, version, late, repeat, filled, required, hard_count, verify_count, score)
SELECT gen_random_uuid(), %(round)s, i.id, b.id, b.path, last.id, %(reason)s, 'due', '',
       '{}', 0, false, false, 0, 0, 0, 0, 0
  FROM institutions_institution i
  LEFT JOIN filings_filing last
         ON last.institution_id = i.id AND last.round_id = %(previous)s
  JOIN institutions_bureau b ON b.id = CASE
       WHEN last.id IS NULL OR EXISTS (
            SELECT 1 FROM institutions_institutionchange moved
             WHERE moved.institution_id = i.id AND moved.kind = 'moved'
               AND moved.from_bureau_id = last.reviewing_bureau_id AND moved.at > last.rostered_at)
       THEN i.home_bureau_id ELSE last.reviewing_bureau_id END
 WHERE i.status = 'active'
   AND EXISTS (SELECT 1 FROM institutions_certificate c
                WHERE c.institution_id = i.id AND c.kind IN ('CMA-P', 'CMA-N') AND c.status IN ('1', '2')
                  AND %(cut_off)s BETWEEN c.issued_on AND c.expires_on)
    ON CONFLICT (round_id, institution_id) DO NOTHING
"""


def freeze_roster(*, round: Round, by: Membership) -> int:
    """Create the filings of every institution with a CMA certificate valid on the cut-off date; returns how many.

    The reviewing bureau is last year's, else the home bureau (N17); of an institution that moved away from last year's
    since, the home bureau too. Freezing again adds nobody twice: the database
    holds one filing per institution and round.
    """
    if not by.may(Permission.MANAGE_ROUNDS):
        raise NotAllowed(_("Only the provincial bureau freezes the roster."))
    if round.closed_at is not None:
        raise Incomplete(_("The round is closed; its roster stays as it was."))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _FREEZE,
            {
                "round": round.pk,
                "previous": round.previous_id,
                "reason": DueReason.CERTIFICATE,
                "cut_off": round.cut_off,
            },
        )
        created = cursor.rowcount
        if round.roster_frozen_at is None:
            round.roster_frozen_at = database_now()
            round.save(update_fields=["roster_frozen_at"])
        record("round.frozen", by=by, obj=round, details={"created": created, "cut_off": round.cut_off.isoformat()})
    return created
