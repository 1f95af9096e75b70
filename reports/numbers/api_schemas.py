"""What the interface takes and gives, as it stands in its description."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from django.utils.translation import gettext_noop
from ninja import Field, Schema


class Place(Schema):
    place: str
    reason: str


class Trouble(Schema):
    __doc__ = gettext_noop("Why a request was refused. Nothing was stored by it.")

    reason: str = Field(description=gettext_noop("A sentence in Chinese, or in English with Accept-Language: en."))
    reference: str = Field(description=gettext_noop("To quote on the telephone."))
    errors: list[Place] = []


class Refusal(Schema):
    code: str
    reason: str


class Cause(Schema):
    code: str
    label: str
    count: int


class RowError(Schema):
    row: int = Field(description=gettext_noop("Line of the list or row of the file, from 1."))
    number: str
    code: str
    reason: str


class ErrorsOut(Schema):
    errors: list[RowError]
    next_after: int | None = Field(
        description=gettext_noop("The row to ask after for those that follow; null at the end.")
    )


class BatchOut(Schema):
    __doc__ = gettext_noop("read = stored + already + repeated + refused once `state` is “done”.")

    id: UUID
    quarter: str
    name: str
    state: str = Field(
        description=gettext_noop(
            "waiting, running, done, refused (the list as a whole), failed or cancelled (send it again under its key)"
        )
    )
    is_over: bool
    phase: str = Field(description=gettext_noop("read, store or mark, while it is running"))
    done: int
    total: int | None
    read: int
    stored: int
    already: int = Field(description=gettext_noop("Filed before; not counted again."))
    repeated: int = Field(description=gettext_noop("Twice in this list; counted once."))
    refused: int
    causes: list[Cause]
    sheets_not_read: list[str] = Field(
        description=gettext_noop(
            "Of a workbook one sheet is read. These have numbers as well: send each as a file of its own."
        )
    )
    findings: list[Cause] = Field(description=gettext_noop("Rows that were stored, with something to look at."))
    errors: list[RowError] = Field(description=gettext_noop("The first 100 rows that were not stored."))
    errors_left_out: int
    refusal: Refusal | None
    marked: str | None = Field(
        description=gettext_noop("Address of what was sent, with a reason for each row that was not stored.")
    )
    received_at: dt.datetime
    finished_at: dt.datetime | None


class CountOut(Schema):
    quarter: str
    first_day: dt.date
    last_day: dt.date
    state: str = Field(description=gettext_noop("due, drafting, in_review, returned, accepted or excused"))
    due_at: dt.datetime | None
    declared: int | None
    nil: bool
    valid: int
    void: int
    replaced: int


class VoidIn(Schema):
    number: str = Field(max_length=200)
    reason: str = Field(max_length=500)


class NumberOut(Schema):
    number: str
    quarter: str
    issued_on: dt.date
    state: str
