"""The inspector's part of the first page: what the one institution submitted."""

from __future__ import annotations

from institutions.models import Membership
from portal.ui.parts import Part
from reports.filings.models import Filing
from reports.filings.pages import revision_address


def submitted(membership: Membership) -> Part:
    """The latest period first, with the pages of the newest revision. One query."""
    found = Filing.objects.visible_to(membership).select_related("round", "revision", "reviewing_bureau", "step")
    filings = found.defer("revision__cells", "revision__derived", "revision__figures", "revision__explanations")
    rows = [
        (filing, revision_address(filing, filing.revision.number))
        for filing in filings.order_by("-round__period", "round__kind", "id")
        if filing.revision is not None
    ]
    context = {"institution": membership.inspects, "grant": membership.grant, "rows": rows}
    return Part("filings/_inspected.html", context)
