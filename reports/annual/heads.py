"""The annual report as its pages show it: its heads (the groups of the scheme), and the answers of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from reports.annual.attachments import PICTURES_TOO, SIGNED_COPY, content_digest
from reports.filings.examination import Examination
from reports.filings.models import Filing, Revision
from reports.filings.statistics import SUMMARY, TABLE, Statistics
from reports.filings.views_history import as_sent
from reports.schemes.definition import Indicator, RowColumn
from reports.schemes.structured import StoredFile, files_of, rows_of
from reports.schemes.values import show_value

#: Characters asked for in a statement that is required, and the empty lines offered below what is filled.
FEWEST = 50
SPARE_LINES = 2
#: For an answer of rows whose columns the scheme does not name.
PLAIN = (RowColumn("", "内容", "Detail", length=300),)
KINDS = {"text": "prose", "rows": "rows", "file": "file", "bool": "choice", "enum": "choice"}
TYPED = frozenset(("prose", "line", "choice", "rows"))
#: Written by the system although the scheme counts it among what is typed.
READ_ONLY = frozenset(("R001",))
YES_NO = (("1", "是", "Yes"), ("0", "否", "No"))
_CODE = re.compile(r"\b[A-Z]\d{3}\b")


def kind_of(item: Indicator) -> str:
    if item.code == SUMMARY:
        return "summary"
    if item.computed or item.code in READ_ONLY:
        return "read"
    return KINDS.get(item.dtype, "line")


def columns_of(item: Indicator) -> Sequence[RowColumn]:
    return item.columns or PLAIN


@dataclass(frozen=True, slots=True)
class Part:
    """One column of one line."""

    column: RowColumn
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What was just typed and refused: `raw` by code, `lines` of rows by code, `wrong` reasons by code."""

    raw: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """One item of a head. `value` is what stands in its field, `shown` what a reader sees."""

    item: Indicator
    value: str
    shown: str
    required: bool
    applies: bool
    when: str
    wrong: str
    findings: list[str]
    lines: list[list[Part]] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return kind_of(self.item)

    @property
    def is_typed(self) -> bool:
        return self.kind in TYPED

    @property
    def options(self) -> list[tuple[str, str]]:
        if self.item.dtype == "bool":
            return [(code, show_value(self.item, code)) for code, _zh, _en in YES_NO]
        return [(option.code, option.label()) for option in self.item.options]

    @property
    def columns(self) -> Sequence[RowColumn]:
        return columns_of(self.item)

    @property
    def rows(self) -> list[list[str]]:
        """Lines to read, in the order of the columns."""
        named = {column.code: column for column in self.columns}
        return [[_said(named[code], row.get(code, "")) for code in named] for row in rows_of(self.value)]

    @property
    def files(self) -> list[StoredFile]:
        return files_of(self.value) if self.kind == "file" else []

    @property
    def takes_pictures(self) -> bool:
        return self.item.code in PICTURES_TOO

    @property
    def fewest(self) -> int:
        return FEWEST if self.required else 0

    @property
    def length(self) -> int:
        return len(self.value.replace("\r\n", "\n"))

    @property
    def is_short(self) -> bool:
        return self.kind == "prose" and 0 < self.length < self.fewest

    @property
    def described_by(self) -> str:
        ids = [f"h-{self.item.code}"]
        ids += [f"n-{self.item.code}"] if self.kind == "prose" else []
        return " ".join([*ids, f"w-{self.item.code}"])


def _said(column: RowColumn, value: str) -> str:
    return {"1": _("yes"), "0": _("no")}.get(value, value) if column.kind == "bool" else value


@dataclass(frozen=True)
class Head:
    """One head with its place in the report; `number` counts from 1."""

    number: int
    title: str
    url: str
    answers: list[Answer]

    @property
    def required(self) -> int:
        return sum(1 for answer in self.answers if answer.required)

    @property
    def filled(self) -> int:
        return sum(1 for answer in self.answers if answer.required and answer.value)

    @property
    def wrong(self) -> list[Answer]:
        return [answer for answer in self.answers if answer.findings]

    @property
    def state(self) -> str:
        """A code of portal.ui.states. What is wrong only because nothing was given yet is not filled, not an error."""
        if any(answer.value for answer in self.wrong):
            return "hard"
        if self.filled >= self.required and not self.wrong:
            return "complete"
        return "drafting" if self.filled else "empty"

    @property
    def has_form(self) -> bool:
        return any(answer.is_typed for answer in self.answers)

    @property
    def was(self) -> dict[str, str]:
        """What the fields showed, by name: only what differs from it is saved."""
        return {answer.item.code: answer.value for answer in self.answers if answer.is_typed}


class Report:
    """The whole report of one examination; built with no further query."""

    def __init__(self, examination: Examination, typed: Typed | None = None) -> None:
        self.examination, self.typed = examination, typed or Typed()
        self.table = examination.definition.table(TABLE)
        self.draft = examination.drafts[TABLE]

    @classmethod
    def as_sent(cls, filing: Filing, revision: Revision) -> Report:
        """What a revision says, with the values computed then."""
        examination = as_sent(filing, revision)
        examination.derived = dict(revision.derived)
        return cls(examination)

    @property
    def statistics(self) -> Statistics:
        return self.examination.statistics

    @cached_property
    def heads(self) -> list[Head]:
        public_id = self.examination.filing.public_id
        return [
            Head(
                number,
                title,
                reverse("annual:head-edit", args=[public_id, number]),
                [self._answer(item) for item in items],
            )
            for number, (title, items) in enumerate(self.table.groups(), start=1)
        ]

    def after(self, number: int) -> Head | None:
        """The next head that is not complete, else simply the next."""
        later = [head for head in self.heads if head.number > number]
        return next((head for head in later if head.state != "complete"), later[0] if later else None)

    @property
    def first_open(self) -> Head | None:
        return next((head for head in self.heads if head.state != "complete"), None)

    @property
    def filled(self) -> int:
        return sum(head.filled for head in self.heads)

    @property
    def required(self) -> int:
        return sum(head.required for head in self.heads)

    @property
    def short(self) -> list[Answer]:
        return [answer for head in self.heads for answer in head.answers if answer.is_short]

    @cached_property
    def content_digest(self) -> str:
        return content_digest(self.examination)

    @property
    def scan_is_older(self) -> bool:
        """Some answer was changed after the signed copy was sent."""
        scans = files_of(self.draft.cells.get(SIGNED_COPY))
        return any(file.of != self.content_digest for file in scans)

    @cached_property
    def _findings(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for failure in self.examination.wrong:
            for table, _row, code in failure.cells:
                if table == TABLE:
                    found.setdefault(code, []).append(failure.message())
        return found

    def _answer(self, item: Indicator) -> Answer:
        env, code = self.examination.env, item.code
        stored = self.examination.derived.get(code) if item.computed else None
        stored = stored or self.draft.cells.get(code, "")
        value = self.typed.raw.get(code, self.draft.unread.get(code, stored))
        visible = item.is_visible(env)
        return Answer(
            item=item,
            value=value,
            shown=stored if code in READ_ONLY else show_value(item, stored),
            required=item.is_required(env),
            applies=visible or bool(value),
            when="" if visible else self._condition(item),
            wrong=self.typed.wrong.get(code, ""),
            findings=[] if code in self.typed.wrong else self._findings.get(code, []),
            lines=self._lines(item, value) if item.dtype == "rows" else [],
        )

    def _condition(self, item: Indicator) -> str:
        names = [
            self.examination.definition.indicator_by_code[code].name()
            for code in _CODE.findall(item.visible_when)
            if code in self.examination.definition.indicator_by_code
        ]
        return _("Only where it applies: see “%(names)s”.") % {"names": "、".join(names)}

    def _lines(self, item: Indicator, value: str) -> list[list[Part]]:
        rows = self.typed.lines.get(item.code, rows_of(value)) + [{}] * SPARE_LINES
        return [
            [Part(column, f"{item.code}.{at}.{column.code}", row.get(column.code, "")) for column in columns_of(item)]
            for at, row in enumerate(rows)
        ]
