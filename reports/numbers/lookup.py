"""Does this number exist? Exact match only, one indexed query whatever the size of the table."""

from __future__ import annotations

from dataclasses import dataclass

from institutions.models import Institution
from reports.numbers.keys import key_of, trouble_in
from reports.numbers.models import ReportNumber
from reports.rounds.quarters import Quarter

#: Institutions told for a number without a name; more share it only when numbers are plain counters.
MOST = 5


@dataclass(frozen=True, slots=True)
class Found:
    """What the public may know of a filed number: no batch, no line, no client."""

    number: ReportNumber
    institution: Institution

    @property
    def quarter(self) -> Quarter:
        return Quarter.from_code(self.number.quarter)


def find(key: str, institution: Institution | None = None) -> list[Found]:
    """Filed numbers equal to what was typed, in the compared form; empty when there is none or it cannot be one.

    Given an institution the answer has one element at most.
    """
    compared = key_of(key)
    if trouble_in(compared):
        return []
    numbers = ReportNumber.objects.filter(key=compared)
    if institution is not None:
        numbers = numbers.of(institution.pk)
    rows = list(numbers.order_by("institution_id")[:MOST])
    if institution is not None:
        return [Found(row, institution) for row in rows]
    owners = Institution.objects.in_bulk([row.institution_id for row in rows])
    return [Found(row, owners[row.institution_id]) for row in rows if row.institution_id in owners]


def newer_of(number: ReportNumber) -> str:
    """The key of the number that its own line says replaces this one; empty where none does. One query by its index."""
    newer = ReportNumber.objects.of(number.institution_id).filter(replaces_key=number.key).exclude(key=number.key)
    return newer.order_by("batch_id", "line").values_list("key", flat=True).first() or ""
