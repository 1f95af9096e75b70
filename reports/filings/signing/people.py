from __future__ import annotations

from institutions.models import Membership, User
from institutions.roles import Role
from reports.filings.models import Filing


def signers_of(filing: Filing) -> list[User]:
    """Who can sign for the institution, by the time they were appointed."""
    places = Membership.objects.current().filter(institution=filing.institution_id, role=Role.SIGNER)
    return [place.user for place in places.select_related("user").order_by("id") if place.user.is_active]
