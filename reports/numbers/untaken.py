"""Rows of lists that were refused, and whose numbers have not come since: told before anybody signs, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import ngettext

from reports.filings.models import Filing
from reports.numbers.causes import split
from reports.numbers.keys import key_of
from reports.numbers.models import NumberBatch, ReportNumber
from reports.numbers.staging import REFUSED

#: Lines told among the samples of a batch that lose nothing.
REPETITIONS = ("already", "repeated")
#: Lists named in a sentence.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Untaken:
    batch: NumberBatch
    rows: int


def untaken_of(filing: Filing) -> list[Untaken]:
    """By list, the latest first: two queries. A row that came again and was refused again counts in the later list alone. Of
    a list with more rows than the samples of its batch hold, those beyond count as open."""
    batches = filing.number_batches.filter(refused__gt=0).order_by("-id")
    told = [(batch, _refused(batch)) for batch in batches]
    keys = {key for _batch, rows in told for key, _cause in rows if key}
    filed = {row.key: row for row in ReportNumber.objects.of(filing.institution_id).filter(key__in=keys)}
    seen: set[str] = set()
    found = []
    for batch, rows in told:
        closed = [key for key, cause in rows if key in seen or _is_done(filed.get(key), cause)]
        seen |= {key for key, _cause in rows if key}
        found.append(Untaken(batch, batch.refused - len(closed)))
    return [one for one in found if one.rows]


def _refused(batch: NumberBatch) -> list[tuple[str, str]]:
    """Key and cause of the refused rows that are told one by one."""
    rows = [(key_of(number or ""), split(fault)[0]) for _line, number, fault in batch.samples]
    return [(key, cause) for key, cause in rows if cause not in REPETITIONS and (cause in batch.causes)]


def _is_done(row: ReportNumber | None, cause: str) -> bool:
    """What the row asked for has been done since."""
    if row is None:
        return False
    if cause in REFUSED:
        return row.state != ReportNumber.State.VALID or (cause == "not_replaced" and row.replaces_key is not None)
    return True


def words(untaken: list[Untaken]) -> str:
    """A sentence with the count and the names of the first lists; empty without any."""
    if not untaken:
        return ""
    count = sum(one.rows for one in untaken)
    lists = "、".join(f"“{one.batch.name}”" for one in untaken[:NAMED]) + ("…" if len(untaken) > NAMED else "")
    return ngettext(
        "%(count)s row of %(lists)s was refused and has not come since. If it is a report of the quarter, mend it and send it, "
        "and correct the count.",
        "%(count)s rows of %(lists)s were refused and have not come since. If they are reports of the quarter, mend them and "
        "send them, and correct the count.",
        count,
    ) % {"count": count, "lists": lists}
