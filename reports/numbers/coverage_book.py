"""The counts of a quarter as a workbook: by bureau, and by institution."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.ui.figures import round_half_up
from portal.ui.spreadsheet import safe_text
from portal.ui.states import STATES, code_of_filing
from reports.numbers.coverage import Area
from reports.numbers.template_book import XLSX


def counts_answer(title: str, areas: Iterable[Area], lines: Iterable[Sequence[Any]], now: dt.datetime) -> HttpResponse:
    disposition = content_disposition_header(as_attachment=True, filename=f"{title}.xlsx") or "attachment"
    body = counts_book(title, areas, lines, now)
    return HttpResponse(body, content_type=XLSX, headers={"Content-Disposition": disposition})


def counts_book(title: str, areas: Iterable[Area], lines: Iterable[Sequence[Any]], now: dt.datetime) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        note = _("Figures as at %(moment)s. Internal.") % {"moment": localtime(now).strftime("%Y-%m-%d %H:%M")}
        _by_bureau(_Sheet(book, _("By bureau"), title, note), areas)
        _by_institution(_Sheet(book, _("By institution"), title, note), lines)
    return buffer.getvalue()


class _Sheet:
    """Rows one after the other: whole numbers and decimals as figures, everything else as text."""

    def __init__(self, book: Any, name: str, title: str, note: str) -> None:
        self._sheet = book.add_worksheet(name)
        self._bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter"})
        self._count, self._rate = book.add_format({"num_format": "#,##0"}), book.add_format({"num_format": "0.0"})
        self._row = 0
        self.add([title], head=True)
        self.add([note])

    def head(self, names: Sequence[str], widths: Sequence[int]) -> None:
        for column, width in enumerate(widths):
            self._sheet.set_column(column, column, width)
        self.add(names, head=True)
        self._sheet.freeze_panes(self._row, 1)
        self._sheet.set_landscape()
        self._sheet.set_paper(9)
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(self._row - 1)

    def add(self, values: Sequence[Any], *, head: bool = False) -> None:
        for column, value in enumerate(values):
            if value is None:
                continue
            if isinstance(value, int) and not isinstance(value, bool):
                self._sheet.write_number(self._row, column, value, self._count)
            elif hasattr(value, "quantize"):
                self._sheet.write_number(self._row, column, value, self._rate)
            else:
                self._sheet.write_string(self._row, column, safe_text(value), self._bold if head else None)
        self._row += 1


def _by_bureau(sheet: _Sheet, areas: Iterable[Area]) -> None:
    names = [
        _("Bureau"), _("Due"), _("Filed"), _("Coverage, % of due"), pgettext("quarter", "Nil"), _("Late"), _("Returned"),
        _("Missing"), _("Valid numbers"), _("Declared"),
    ]  # fmt: skip
    sheet.head(names, [30, *[12] * 9])
    for area in areas:
        part = area.part
        rate = round_half_up(part.rate, 1) if part.rate is not None else None
        sheet.add(
            [f"{'　' * area.depth}{area.bureau}", part.due, part.filed, rate, part.nil, part.late, part.returned, part.missing,
             part.numbers, part.declared]
        )  # fmt: skip


def _by_institution(sheet: _Sheet, lines: Iterable[Sequence[Any]]) -> None:
    names = [
        _("Institution"), _("Unified social credit code"), _("Reviewing bureau"), _("State"), _("Late"), pgettext("quarter", "Nil"),
        _("Declared"), _("Valid numbers"), _("Void numbers"), _("Replaced numbers"), _("Certificate not valid on the day"),
        _("Submitted"),
    ]  # fmt: skip
    sheet.head(names, [36, 22, 26, 10, 8, 8, 12, 12, 12, 12, 14, 18])
    yes = pgettext("template", "yes")
    for name, uscc, bureau, state, tier, late, nil, declared, valid, void, replaced, invalid, submitted in lines:
        at = localtime(submitted).strftime("%Y-%m-%d %H:%M") if submitted else None
        standing = STATES[code_of_filing(state, tier, settled=True)].word
        sheet.add(
            [name, uscc, bureau, standing, yes if late else None, yes if nil else None, declared, valid, void, replaced,
             invalid, at]
        )  # fmt: skip
