"""Who has not filed (未报机构名单), with what was done about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Max

from institutions.models import Bureau, Membership
from portal.inbox.models import Notice
from reports.filings.models import Filing
from reports.filings.queries import OWED, FilingQuerySet
from reports.rounds.models import Round
from review.tally.queries import UNFILED, Counts

#: Value of `state` → states of the filings. "unfiled" has never been submitted; "owed" adds what was returned.
CHOICES: dict[str, tuple[str, ...]] = {
    "unfiled": UNFILED,
    "due": ("due",),
    "drafting": ("drafting",),
    "returned": ("returned",),
    "owed": OWED,
}
URGED = (Notice.Kind.REMINDER, Notice.Kind.URGE)


@dataclass(frozen=True, slots=True)
class Told:
    """How often an institution was reminded or urged, and when last."""

    times: int
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class NonFiler:
    filing: Filing
    told: Told | None


def nonfilers(membership: Membership, round: Round, bureau: Bureau, choice: str) -> FilingQuerySet:
    """In the order of the tree, then by institution."""
    filings = Filing.objects.visible_to(membership).in_round(round).within(bureau).filter(state__in=CHOICES[choice])
    return filings.select_related("institution", "reviewing_bureau").order_by("scope", "institution_id")


def number(counts: Counts, bureau: Bureau, choice: str) -> int:
    """The tally of the same list."""
    return counts.within(bureau).number(*CHOICES[choice])


def told(filings: Iterable[Filing]) -> dict[str, Told]:
    """Link of the filing → what was sent about it. One query; a message to three people counts once."""
    links = [filing.get_absolute_url() for filing in filings]
    rows = (
        Notice.objects.filter(
            institution__in=[filing.institution_id for filing in filings], link__in=links, kind__in=URGED
        )
        .order_by()
        .values_list("link")
        .annotate(times=Count("created_at", distinct=True), last=Max("created_at"))
    )
    return {link: Told(times, last) for link, times, last in rows}


def with_told(filings: Iterable[Filing]) -> list[NonFiler]:
    listed = list(filings)
    sent = told(listed)
    return [NonFiler(filing, sent.get(filing.get_absolute_url())) for filing in listed]


def in_batches(filings: FilingQuerySet, size: int = 1000) -> Iterator[NonFiler]:
    """For a workbook: every row, a fixed number of queries for each thousand."""
    batch: list[Filing] = []
    for filing in filings.iterator(chunk_size=size):
        batch.append(filing)
        if len(batch) == size:
            yield from with_told(batch)
            batch = []
    yield from with_told(batch)
