"""Everything the page of the queue shows: chips with their counts, the rows of one page, the panel of the first row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple

from django.core.paginator import Page
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import pgettext_lazy

from institutions.models import Bureau, Membership
from portal.ui.paging import number_of
from reports.filings.models import Decision
from reports.rounds.models import Phase
from review.queue.asking import FLAGS, IN_REVIEW, Asked
from review.queue.queries import Total, counted, listed, loaded, pages_of, total_of
from review.queue.rows import Peek, Row, peek_of, rows_of
from review.queue.waiting import days_left
from review.tally.queries import FILED, UNFILED, Counts

#: State → (colour of the bar, word); from settled to not begun.
LEGEND: dict[str, tuple[str, str | Promise]] = {
    "accepted": ("acc", pgettext_lazy("queue", "Finally accepted")),
    "elsewhere": ("rev", pgettext_lazy("queue", "With other bureaus")),
    "mine": ("here", pgettext_lazy("queue", "Waiting for me")),
    "returned": ("ret", pgettext_lazy("queue", "Returned")),
    "drafting": ("draft", pgettext_lazy("queue", "Being filled")),
    "due": ("due", pgettext_lazy("queue", "Not begun")),
}
OTHER_STATES: dict[str, str | Promise] = {
    "excused": pgettext_lazy("queue", "Excused"),
    "county": pgettext_lazy("queue", "With the counties"),
    "prefecture": pgettext_lazy("queue", "With the prefectures"),
    "province": pgettext_lazy("queue", "With the province"),
}
FLAG_WORDS: dict[str, str | Promise] = {
    "": pgettext_lazy("queue", "All"),
    "waiting": pgettext_lazy("queue", "Waiting over 3 days"),
    "doubts": pgettext_lazy("queue", "To be judged"),
    "clean": pgettext_lazy("queue", "Nothing open"),
    "repeat": pgettext_lazy("queue", "Repeat"),
    "late": pgettext_lazy("queue", "Late"),
    "newcomer": pgettext_lazy("queue", "New this year"),
}
ORDER_WORDS: dict[str, str | Promise] = {
    "matters": pgettext_lazy("queue", "What matters first"),
    "score": pgettext_lazy("queue", "Score"),
    "waiting": pgettext_lazy("queue", "Waiting time"),
}
PHASE_OF_TIER = {"county": Phase.Name.COUNTY, "prefecture": Phase.Name.PREFECTURE, "province": Phase.Name.PROVINCE}


class Chip(NamedTuple):
    code: str
    word: str | Promise
    total: Total
    current: bool
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    due_at: dt.datetime
    days: int


@dataclass(frozen=True, slots=True)
class Queue:
    """`counts` are those of the chosen bureau and round; `total` that of the list."""

    counts: Counts
    states: list[Chip]
    flags: list[Chip]
    orders: list[Chip]
    total: Total
    page: Page
    rows: list[Row]
    peek: Peek | None
    deadline: Deadline | None
    waiting_long: Total
    judged_today: int

    @property
    def filed(self) -> int:
        return self.counts.number(*FILED)

    @property
    def unfiled(self) -> int:
        return self.counts.number(*UNFILED)

    @property
    def mine(self) -> int:
        return next(chip.total.number for chip in self.states if chip.code == "mine")

    @property
    def rate(self) -> Decimal | None:
        """Filed in per cent of due; None where nobody is due."""
        return Decimal(self.filed) * 100 / self.counts.due if self.counts.due else None

    @property
    def segments(self) -> list[tuple[str, int]]:
        return [(chip.colour, chip.total.number) for chip in self.states if chip.colour]

    @property
    def clean(self) -> int:
        return sum(1 for row in self.rows if row.is_clean)


def build(asked: Asked, membership: Membership, counts: Counts, now: dt.datetime, page: str) -> Queue:
    """The page number is as typed. A fixed number of queries, fewer where the list is empty."""
    own = membership.bureau
    assert own is not None, "the queue is for bureaus"
    counts = counts.within(asked.bureau)
    filings = listed(asked, membership, now)
    waiting_long = _waiting_long(asked, membership, own, now)
    total = total_of(asked, filings, counts, own)
    pages = pages_of(filings, total.number, asked.order)
    current = pages.page(number_of(page, last=pages.num_pages))
    ids = list(current.object_list)
    rows = rows_of(loaded(ids), asked.round, now) if ids and asked.round is not None else []
    return Queue(
        counts=counts,
        states=_states(asked, counts, own),
        flags=_flags(asked, counts, own, waiting_long),
        orders=[Chip(order, word, Total(0), order == asked.order) for order, word in ORDER_WORDS.items()],
        total=total,
        page=current,
        rows=rows,
        peek=peek_of(rows[0].filing, asked.round) if rows and asked.round is not None else None,
        deadline=_deadline(asked, own.tier, now),
        waiting_long=waiting_long,
        judged_today=_judged_today(own, now),
    )


def _states(asked: Asked, counts: Counts, own: Bureau) -> list[Chip]:
    def chip(state: str, word: str | Promise, colour: str = "") -> Chip:
        return Chip(state, word, Total(counted(counts, state, "", own)), state == asked.state, colour)

    others = [chip(state, word) for state, word in OTHER_STATES.items() if state in (asked.state, "excused")]
    return [chip(state, word, colour) for state, (colour, word) in LEGEND.items()] + others


def _flags(asked: Asked, counts: Counts, own: Bureau, waiting_long: Total) -> list[Chip]:
    """Those that mean something in the state asked for. "Waiting" counts where the list is the reader's own turn."""
    codes = [code for code in ("", *FLAGS) if asked.state in IN_REVIEW or code in ("", "repeat", "late", "newcomer")]
    return [
        Chip(
            code,
            FLAG_WORDS[code],
            waiting_long if code == "waiting" else Total(counted(counts, asked.state, code, own)),
            code == asked.flag,
        )
        for code in codes
    ]


def _waiting_long(asked: Asked, membership: Membership, own: Bureau, now: dt.datetime) -> Total:
    """Of the state asked for, or of the reader's own turn where the state does not wait; counted up to the limit."""
    state = asked.state if asked.state in IN_REVIEW else "mine"
    asked = replace(asked, state=state, flag="waiting", words="")
    return total_of(asked, listed(asked, membership, now), Counts([]), own)


def _deadline(asked: Asked, tier: str, now: dt.datetime) -> Deadline | None:
    """Until when this tier reviews."""
    phase = asked.round.phase(PHASE_OF_TIER[tier]) if asked.round is not None else None
    return Deadline(phase.due_at, days_left(phase.due_at, now)) if phase is not None else None


def _judged_today(own: Bureau, now: dt.datetime) -> int:
    midnight = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return Decision.objects.filter(bureau=own, at__gte=midnight).count()
