"""The administrators' parts of the first page."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, Q
from django.utils import timezone

from institutions.models import Membership, User
from portal.ui.parts import Part

UNUSED_DAYS = 90


def accounts(membership: Membership) -> Part:
    """How many accounts there are, stopped, waiting for their first sign-in, or unused for 90 days."""
    since = timezone.now() - dt.timedelta(days=UNUSED_DAYS)
    counts = User.objects.visible_to(membership).aggregate(
        every=Count("pk"),
        stopped=Count("pk", filter=Q(is_active=False)),
        never=Count("pk", filter=Q(is_active=True, last_login=None)),
        unused=Count("pk", filter=Q(is_active=True, last_login__lt=since)),
    )
    return Part("institutions/_accounts_part.html", {"counts": counts, "days": UNUSED_DAYS})


def policies(membership: Membership) -> Part:
    """Nothing waits for the security administrator; the part says what there is to check."""
    return Part("institutions/_policies_part.html", {})
