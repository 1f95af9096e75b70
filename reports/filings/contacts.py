"""Whether an institution has confirmed its contact since the round began; asked for, and blocking nothing."""

from __future__ import annotations

import datetime as dt

from django.db.models import Max

from institutions.enrolment.models_contacts import ContactCheck
from institutions.models import Membership
from portal.ui.parts import Part
from reports.filings.models import Filing
from reports.rounds.models import Round


def contact(membership: Membership) -> Part:
    """The card of the first page, until the contact is confirmed after the start of the latest running round. Two queries."""
    own = Filing.objects.visible_to(membership).filter(round__in=Round.objects.running())
    began: dt.datetime | None = own.aggregate(began=Max("round__roster_frozen_at"))["began"]
    last: dt.datetime | None = ContactCheck.objects.filter(institution=membership.institution_id).aggregate(
        last=Max("at")
    )["last"]
    needed = began is not None and (last is None or last < began)
    context = {"needed": needed, "institution": membership.institution, "last": last}
    return Part("institutions/people/_contact_part.html", context)
