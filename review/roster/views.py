"""Freezing the roster of a round: the button stands on the page of the round."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from reports.filings.roster import freeze_roster
from reports.rounds.models import Round


@require_POST
@acting(Permission.MANAGE_ROUNDS)
def roster_freeze(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    round = get_object_or_404(Round.objects.visible_to(acting_as(request)), public_id=public_id)
    created = freeze_roster(round=round, by=acting_as(request))
    said = ngettext(
        "The roster is frozen: %(count)d institution added.",
        "The roster is frozen: %(count)d institutions added.",
        created,
    )
    messages.success(request, said % {"count": created})
    return redirect("rounds:round-detail", round.public_id)
