"""One page of the queue: an index gives the ids in order, then the rows are loaded by id.

No query here grows with the round: counts come from the tallies, and a page reads as far as it is long.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from institutions.models import Bureau, Membership
from reports.filings.models import Filing, State
from reports.filings.queries import FilingQuerySet
from review.queue.asking import ORDERS, Asked
from review.queue.waiting import long_before
from review.tally.queries import Counts

PAGE_SIZE = 50
#: Rows without a count of their own (words searched for, days waited) are counted up to here.
COUNTED_UP_TO = 1000


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows a list has; `more` when counting stopped at the limit."""

    number: int
    more: bool = False


def in_state(filings: FilingQuerySet, state: str, bureau: Bureau) -> FilingQuerySet:
    """`state` as in `asking.STATES`; `bureau` is the reader's own."""
    if state == "mine":
        return filings.waiting_at(bureau)
    if state == "elsewhere":
        return filings.filter(state=State.IN_REVIEW).exclude(step=bureau)
    if state in ("county", "prefecture", "province"):
        return filings.filter(state=State.IN_REVIEW, step_tier=state)
    return filings.filter(state=state)


def with_flag(filings: FilingQuerySet, flag: str, now: dt.datetime) -> FilingQuerySet:
    conditions = {
        "": Q(),
        "waiting": Q(step_since__lt=long_before(now)),
        "doubts": Q(state=State.IN_REVIEW, verify_count__gt=0),
        "clean": ~Q(state=State.IN_REVIEW, verify_count__gt=0),
        "late": Q(late=True),
        "repeat": Q(repeat=True),
        "newcomer": Q(previous=None),
    }
    return filings.filter(conditions[flag])


def listed(asked: Asked, membership: Membership, now: dt.datetime) -> FilingQuerySet:
    """Everything the address asks for, in no order."""
    assert membership.bureau is not None
    if asked.round is None:
        return Filing.objects.none()
    filings = Filing.objects.visible_to(membership).in_round(asked.round)
    if asked.bureau != membership.bureau:
        filings = _below(filings, asked.bureau)
    filings = with_flag(in_state(filings, asked.state, membership.bureau), asked.flag, now)
    return filings.filter(found_by(asked.words)) if asked.words else filings


def _below(filings: FilingQuerySet, bureau: Bureau) -> FilingQuerySet:
    """A county has nothing below it: equality lets its index give the rows."""
    return filings.filter(scope=bureau.path) if bureau.tier == "county" else filings.within(bureau)


def found_by(words: str) -> Q:
    """By name or the beginning of the code, literally: `%` and `_` mean themselves."""
    from institutions.models import Institution

    return Q(institution__in=Institution.objects.filter(Q(name__icontains=words) | Q(uscc__startswith=words.upper())))


def counted(counts: Counts, state: str, flag: str, bureau: Bureau) -> int:
    """The tally of what `listed` lists without words and without the flag "waiting"."""
    if state == "mine":
        found = counts.waiting_at(bureau)
    elif state == "elsewhere":
        found = Counts([row for row in counts if row.state == State.IN_REVIEW and row.step != bureau.pk])
    elif state in ("county", "prefecture", "province"):
        found = counts.waiting_in(state)
    else:
        found = Counts([row for row in counts if row.state == state])
    return (found.that_are(flag) if flag else found).number()


def total_of(asked: Asked, filings: FilingQuerySet, counts: Counts, own: Bureau) -> Total:
    if not asked.words and asked.flag != "waiting":
        return Total(counted(counts, asked.state, asked.flag, own))
    found = len(filings.order_by().values_list("pk", flat=True)[: COUNTED_UP_TO + 1])
    return Total(min(found, COUNTED_UP_TO), found > COUNTED_UP_TO)


class Known(Paginator):
    """Pages of a list whose length is known without counting it; an empty list asks nothing of the database."""

    def __init__(self, rows: QuerySet[Any], total: int, size: int = PAGE_SIZE) -> None:
        super().__init__(rows, size)
        self.__dict__["count"] = total

    def page(self, number: int | str) -> Page:
        return super().page(number) if self.count else Page([], 1, self)


def pages_of(filings: FilingQuerySet, total: int, order: str) -> Known:
    """Pages of ids in one of ORDERS."""
    return Known(filings.order_by(*ORDERS[order]).values_list("pk", flat=True), total)


#: Documents that no list shows; loading them would cost more than everything else on the page.
_HEAVY = [f"{where}revision__{name}" for where in ("", "previous__") for name in ("cells", "explanations", "pledge")]


def loaded(ids: Iterable[int]) -> list[Filing]:
    """The filings of a page in the order of their ids, with what a row shows: one query."""
    wanted = list(ids)
    filings = Filing.objects.filter(pk__in=wanted).select_related(
        "institution", "reviewing_bureau", "step", "revision", "previous__revision"
    )
    found = {filing.pk: filing for filing in filings.defer(*_HEAVY)}
    return [found[pk] for pk in wanted if pk in found]


def following(filing: Filing, membership: Membership) -> Filing | None:
    """The next one waiting at the reader's bureau in the order of the queue; from the last on to the first."""
    assert membership.bureau is not None
    waiting = (
        Filing.objects.visible_to(membership)
        .filter(round=filing.round_id)
        .waiting_at(membership.bureau)
        .exclude(pk=filing.pk)
    )
    ordered = waiting.order_by(*ORDERS["matters"])
    since = filing.step_since or filing.touched_at
    if since is not None:
        after = Q(late__lt=filing.late) if filing.late else Q(pk=None)
        after |= Q(late=filing.late, score__lt=filing.score)
        after |= Q(late=filing.late, score=filing.score, step_since__gt=since)
        after |= Q(late=filing.late, score=filing.score, step_since=since, id__gt=filing.pk)
        found = ordered.filter(after).first()
        if found is not None:
            return found
    return ordered.first()
