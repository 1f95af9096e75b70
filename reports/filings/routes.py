"""The route of a filing: which bureaus judge it, in order, ending with the province (N8).

A prefecture step above a county exists only while the province's authorisation of that prefecture stands. A
prefecture without counties (Pingtan) is itself the first reviewer, whatever the authorisation.
"""

from __future__ import annotations

from institutions.grants import authorised_ids
from institutions.models import Bureau, Tier
from reports.filings.models import Filing


def route_for(reviewing_bureau: Bureau) -> list[Bureau]:
    """Bureaus from the reviewing bureau up to the province, as they would judge a filing submitted now."""
    ids = [int(part) for part in (reviewing_bureau.path or "").split("/") if part]
    found = Bureau.objects.in_bulk(ids)
    upward = [found[pk] for pk in reversed(ids)]
    authorised = authorised_ids([bureau for bureau in upward if bureau.tier == Tier.PREFECTURE])
    return [
        bureau
        for bureau in upward
        if bureau.tier != Tier.PREFECTURE or bureau.pk == reviewing_bureau.pk or bureau.pk in authorised
    ]


def entry_step(filing: Filing, route: list[Bureau]) -> Bureau:
    """Where a submission enters: the first tier, or straight the tier that returned it if the round says so."""
    if filing.round.resumes_at_returner:
        returned = filing.decisions.filter(verdict="return").order_by("-id").first()
        if returned is not None:
            for bureau in route:
                if bureau.pk == returned.bureau_id:
                    return bureau
    return route[0]


def next_step(filing: Filing) -> int | None:
    """Id of the bureau after the one whose turn it is; None when that one is the last, or nobody's turn."""
    if filing.step_id is None:
        return None
    position = filing.route.index(filing.step_id)
    return filing.route[position + 1] if position + 1 < len(filing.route) else None
