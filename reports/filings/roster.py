"""The roster (N1): who is due in a round. Freezing it creates one filing per due institution, in one statement."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Institution, Membership
from institutions.register.locks import alone, beside_others
from institutions.roles import Permission
from portal.clock import database_now
from portal.rules import Verdict
from portal.trail.actions import record
from reports.filings.actions_review import excuse
from reports.filings.errors import Incomplete, NotAllowed
from reports.filings.following import add_line
from reports.filings.models import DueReason, Filing, OffReason, State
from reports.filings.register_rules import can_change_roster
from reports.filings.transitions import Words, apply
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
        alone()
        cursor.execute(
            _FREEZE,
            {
                "round": round.pk,
                "previous": round.previous_id,
                "reason": DueReason.CERTIFICATE,
                "cut_off": round.cut_off,
            },
        )
        created: int = cursor.rowcount
        if round.roster_frozen_at is None:
            round.roster_frozen_at = database_now()
            round.save(update_fields=["roster_frozen_at"])
        record("round.frozen", by=by, obj=round, details={"created": created, "cut_off": round.cut_off.isoformat()})
    return created


# -- after the freeze -----------------------------------------------------------------------------


def _must(verdict: Verdict) -> None:
    if not verdict:
        raise NotAllowed(verdict.reason)


def _why(reason: str) -> str:
    if not reason.strip():
        raise Incomplete(_("Say why; the reason stands on the roster and in the trail."))
    return reason.strip()[:300]


@transaction.atomic
def add_to_roster(*, round: Round, institution: Institution, reason: str, by: Membership) -> Filing:
    """A line for an institution that the certificates did not bring, or back for one that was taken off."""
    _must(can_change_roster(by, round))
    why = _why(reason)
    beside_others()
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    institution.refresh_from_db(fields=["status", "home_bureau"])
    if institution.status != Institution.Status.ACTIVE:
        raise NotAllowed(
            _("%(institution)s is closed. Reopen it in the register first.") % {"institution": institution}
        )
    filing = add_line(round.pk, institution, why, by)
    if filing is not None:
        return filing
    filing = (
        Filing.objects.select_for_update(of=("self",))
        .select_related("round", "institution")
        .get(round=round, institution=institution)
    )
    if filing.state != State.EXCUSED:
        raise Incomplete(
            _("%(institution)s is on the roster already. Nothing was changed.") % {"institution": institution}
        )
    return apply("restore", filing=filing, by=by, version=filing.version, words=Words(note=why), off_reason="")


def reviewed_elsewhere(*, round: Round, institution: Institution, reason: str, by: Membership) -> Filing:
    """The State Administration reviews it (N17): nothing to file here, and its certificates stay in the register."""
    return take_off_roster(round=round, institution=institution, reason=reason, by=by, off_reason=OffReason.NATIONAL)


@transaction.atomic
def take_off_roster(
    *, round: Round, institution: Institution, reason: str, by: Membership, off_reason: str = OffReason.EXEMPT
) -> Filing:
    """Nothing to file for it in this round; the line stays, excused, with the reason."""
    _must(can_change_roster(by, round))
    why = _why(reason)
    filing = Filing.objects.filter(round=round, institution=institution).select_related("round", "institution").first()
    if filing is None:
        raise Incomplete(
            _("%(institution)s is not on this roster. Nothing was changed.") % {"institution": institution}
        )
    if filing.state == State.RETURNED and institution.status == Institution.Status.CLOSED:
        # Submitted before it closed and sent back since: nobody is left to correct it.
        return apply(
            "release", filing=filing, by=by, version=filing.version, words=Words(note=why),
            step=None, step_tier="", step_since=None, off_reason=OffReason.REGISTER,
        )  # fmt: skip
    return excuse(filing=filing, by=by, version=filing.version, note=why, off_reason=off_reason)
