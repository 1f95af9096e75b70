"""Opening a round: its scheme, period, cut-off date and calendar."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from institutions.roles import Permission
from portal.errors import Refused
from portal.trail.actions import record
from reports.rounds.models import Kind, Phase, Round
from reports.rounds.planning import Phases, Plan
from reports.schemes.models import Scheme


class NotOpened(Refused):
    """The round cannot be opened as asked."""

    status = 422


def open_round(
    *,
    scheme: Scheme,
    kind: str,
    period: str,
    title_zh: str,
    title_en: str,
    cut_off: dt.date,
    phases: Phases,
    by: Membership,
    previous: Round | None = None,
    locks_at: dt.datetime | None = None,
) -> Round:
    """Create the round with its phases. `phases` maps Phase.Name to (opens, due), aware. The roster comes later."""
    if not by.may(Permission.MANAGE_ROUNDS):
        raise NotOpened(_("Only the provincial bureau opens a round."))
    if not scheme.is_published:
        raise NotOpened(_("Publish the scheme first: a round uses one fixed version."))
    fault = next(Plan(phases, locks_at).faults(), None)
    if fault is not None:
        raise NotOpened(fault[1])
    with transaction.atomic():
        round = Round.objects.create(
            scheme=scheme,
            kind=Kind(kind),
            period=period,
            title_zh=title_zh,
            title_en=title_en,
            cut_off=cut_off,
            previous=previous,
            locks_at=locks_at,
        )
        Phase.objects.bulk_create(
            Phase(round=round, name=name, opens_at=opens, due_at=due) for name, (opens, due) in phases.items()
        )
        record("round.opened", by=by, obj=round, details={"period": period, "kind": kind})
    return round
