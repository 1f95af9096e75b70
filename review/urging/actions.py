"""Urging institutions to file (催报)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Bureau, Membership
from institutions.roles import Permission
from portal.trail.actions import record
from reports.filings.errors import Incomplete, NotAllowed
from reports.rounds.models import Round
from review.coverage.nonfilers import CHOICES
from review.urging.sending import send_urging


def urge(*, round: Round, bureau: Bureau, choice: str, by: Membership) -> int:
    """Send a notice, and mail where there is an address, to the people of the institutions; returns how many institutions.

    `choice` is one of `nonfilers.CHOICES`. The bureau lies in the scope of `by`.
    """
    if by.bureau is None or not by.may(Permission.URGE) or not by.bureau.contains(bureau.path or ""):
        raise NotAllowed(_("Only the bureaus above an institution urge it."))
    if round.closed_at is not None or round.roster_frozen_at is None:
        raise Incomplete(_("The round does not run, so nobody is urged to file in it."))
    with transaction.atomic():
        reached = send_urging(round_id=round.pk, scope=bureau.path or "", states=CHOICES[choice])
        details = {"institutions": len(reached), "bureau": bureau.code, "state": choice}
        record("round.urged", by=by, obj=round, scope=bureau.path or "", details=details)
    return len(reached)
