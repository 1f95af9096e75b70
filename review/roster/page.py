"""The roster of a round ready for its page: how many are on it and off it for each reason, and one of the lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise

from institutions.models import Bureau, Institution
from portal.trail.models import Event
from reports.filings import places
from reports.filings.models import Filing
from reports.filings.places import DUE, PLACES, Placed
from reports.rounds.models import Round

#: Acts that put an institution on the roster or take it off, with their reason in the trail.
VERBS = ("filing.added", "filing.excuse", "filing.release", "filing.restore")


@dataclass(frozen=True, slots=True)
class Row:
    """`note` is why the province, or what befell the institution, changed the line."""

    institution: Institution
    filing: Filing | None
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class Tab:
    code: str
    words: str | Promise
    count: int


def tabs(round: Round, bureau: Bureau) -> list[Tab]:
    """In the order of PLACES; those that only a frozen roster has are left out before."""
    numbers = places.counts(round, bureau)
    later = ("missing", "off", "off_national", "in_added")
    frozen = round.roster_frozen_at is not None
    return [Tab(code, words, numbers[code]) for code, words in PLACES.items() if frozen or code not in later]


def due(found: Iterable[Tab]) -> int:
    return sum(tab.count for tab in found if tab.code in DUE)


def rows_of(placed: list[Placed]) -> list[Row]:
    """Three queries: institutions, filings, reasons."""
    institutions = Institution.objects.select_related("home_bureau", "merged_into").in_bulk(
        [one.institution_id for one in placed]
    )
    ids = [one.filing_id for one in placed if one.filing_id is not None]
    filings = Filing.objects.select_related("reviewing_bureau").in_bulk(ids)
    notes = _notes(ids)
    return [
        Row(
            institution=institutions[one.institution_id],
            filing=filings.get(one.filing_id or 0),
            words=one.words,
            note=notes.get(one.filing_id or 0, ""),
        )
        for one in placed
    ]


def _notes(filings: list[int]) -> dict[int, str]:
    """The latest reason of each."""
    events = Event.objects.filter(
        object_type="filings.filing", object_id__in=[str(pk) for pk in filings], verb__in=VERBS, succeeded=True
    ).order_by("id")
    return {int(event.object_id): str(event.details.get("note", "")) for event in events.only("object_id", "details")}


def in_batches(round: Round, bureau: Bureau, code: str, size: int = 2000) -> Iterator[Row]:
    """For a workbook: every row of a list."""
    placed = places.listed(round, bureau, code)
    for start in range(0, len(placed), size):
        yield from rows_of(placed[start : start + size])


def pairs(round: Round, bureau: Bureau) -> list[tuple[Institution, Institution]]:
    """Child and parent that both file (N16)."""
    found = places.pairs(round, bureau)
    institutions = Institution.objects.in_bulk({pk for pair in found for pk in pair})
    return [(institutions[child], institutions[parent]) for child, parent in found]
