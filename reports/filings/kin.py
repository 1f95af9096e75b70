"""Parent and subordinate that file in the same round: what one counts, the other leaves out (N16)."""

from __future__ import annotations

from django.db.models import Q

from institutions.models import Institution
from reports.filings.models import Filing, State


def kin_of(filing: Filing) -> list[Institution]:
    """The relatives of the filing's institution that are due in its round too. One query."""
    institution = filing.institution
    related = Q(institution__parent=institution.pk)
    if institution.parent_id is not None:
        related |= Q(institution=institution.parent_id)
    others = Filing.objects.filter(related, round=filing.round_id).exclude(state=State.EXCUSED)
    return [other.institution for other in others.select_related("institution").order_by("institution__name")]
