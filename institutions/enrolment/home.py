"""What the first page says of people."""

from __future__ import annotations

from institutions.enrolment.models_applying import Application
from institutions.models import Membership
from portal.ui.parts import Part


def applications(membership: Membership) -> Part:
    """How many applications wait in the bureau's area: the length of the list behind the link."""
    waiting = Application.objects.visible_to(membership).waiting().count()
    return Part("institutions/people/_applications_part.html", {"waiting": waiting})
