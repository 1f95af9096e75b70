"""The administrators' parts of the first page."""

from __future__ import annotations

from django.db.models import Count

from institutions.accounts.standing import STANDINGS, UNUSED_DAYS
from institutions.models import Membership, User
from portal.ui.parts import Part


def accounts(membership: Membership) -> Part:
    """How many accounts there are, stopped, waiting for their first sign-in, or unused for 90 days."""
    counts = User.objects.visible_to(membership).aggregate(
        every=Count("pk"),
        **{state: Count("pk", filter=STANDINGS[state]) for state in ("stopped", "never", "unused")},
    )
    return Part("institutions/_accounts_part.html", {"counts": counts, "days": UNUSED_DAYS})


def policies(membership: Membership) -> Part:
    """Nothing waits for the security administrator; the part says what there is to check."""
    return Part("institutions/_policies_part.html", {})
