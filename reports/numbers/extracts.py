"""All numbers of an institution as csv or xlsx, in the columns of the template, so that they can be read again.

The database writes the lines (COPY), to a file on the disk: the same little memory for ten numbers and for ten million,
and whoever takes them over a slow line keeps no statement or transaction of the database open. A csv goes out quarter
by quarter, so the first bytes wait for one quarter and no more than one lies on the disk.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from django.db import connection
from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from institutions.models import Membership
from portal.ui.spreadsheet import MARKS, csv_text, safe_text
from reports.filings.models import Filing
from reports.numbers import rules
from reports.numbers.models import ReportNumber
from reports.numbers.reading import headings as h
from reports.numbers.reading.child import FORM
from reports.numbers.template_book import WIDTHS, XLSX
from reports.rounds.models import Kind
from reports.rounds.quarters import Quarter

#: Rows a sheet holds below its headings; more go on to the next sheet.
ROWS_OF_SHEET = 1_000_000
#: Bytes of a csv that are sent at once.
PIECE = 2**16

_LINES = """
SELECT {number} AS number, issued_on, {certificate} AS certificate, coalesce(%(domains)s::jsonb ->> domain, domain),
       coalesce(%(kinds)s::jsonb ->> kind, kind), CASE WHEN cma_mark THEN %(yes)s ELSE %(no)s END, site,
       %(states)s::jsonb ->> state::text, {replaces} AS replaces, quarter / 10 || 'Q' || quarter %% 10,
       to_char(filed_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
  FROM numbers_reportnumber
 WHERE institution_id = %(institution)s AND quarter = ANY(%(quarters)s)
 ORDER BY quarter, key
"""
#: Blanks around a number as it was written; they are not written again.
_BLANK = " \t\r\n"
_DANGER = rf"^[\s\u3000\u00a0]*({'|'.join(re.escape(mark) for mark in MARKS if mark not in _BLANK)})"
#: What `csv_text` does, said in SQL: text that a spreadsheet would run gets an apostrophe. `keys` takes it off again.
_SAFE = "CASE WHEN {0} ~ %(danger)s THEN '''' || {0} ELSE {0} END"


@dataclass(frozen=True, slots=True)
class Labels:
    domains: dict[str, str]
    kinds: dict[str, str]
    headings: list[str]


def labels_of(filing: Filing) -> Labels:
    """The words of the scheme in the reader's language, by code."""
    table = filing.round.scheme.definition.table_by_code[FORM]
    options = {
        code: {option.code: option.label() for option in table.by_code[code].options} for code in (h.DOMAIN, h.KIND)
    }
    return Labels(options[h.DOMAIN], options[h.KIND], [table.by_code[code].name() for code in h.COLUMNS])


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which numbers. `filing` gives the scheme's words and the institution."""

    filing: Filing
    quarters: list[Quarter]

    def count(self) -> int:
        codes = [quarter.code for quarter in self.quarters]
        return ReportNumber.objects.of(self.filing.institution_id).filter(quarter__in=codes).count()

    def params(self) -> dict[str, Any]:
        return {"filing": self.filing.pk, "quarters": [quarter.period for quarter in self.quarters]}

    @property
    def name(self) -> str:
        first, last = self.quarters[0].period, self.quarters[-1].period
        period = first if first == last else f"{first}—{last}"
        return _("Report numbers %(institution)s %(period)s") % {
            "institution": self.filing.institution,
            "period": period,
        }


def quarters_of(institution_id: int, membership: Membership | None) -> list[Quarter]:
    """The quarters of an institution whose numbers the membership may read now, the first one first."""
    if membership is None:
        return []
    seen = Filing.objects.visible_to(membership).filter(institution=institution_id, round__kind=Kind.QUARTERLY_NUMBERS)
    readable = [one for one in seen.select_related("round") if rules.can_read(membership, one)]
    return sorted(Quarter.parse(one.round.period) for one in readable)


def wanted_of(filing: Filing, membership: Membership, *, every: bool) -> Wanted:
    """The quarter of a filing from `find_quarter`, or every quarter of its institution that the membership may read."""
    if not every:
        return Wanted(filing, [Quarter.parse(filing.round.period)])
    return Wanted(filing, quarters_of(filing.institution_id, membership))


def _headings(wanted: Wanted) -> list[str]:
    return [*labels_of(wanted.filing).headings, _("Quarter"), _("Filed at")]


def _values(wanted: Wanted) -> dict[str, Any]:
    """What the lines are made with, in the language of now."""
    labels = labels_of(wanted.filing)
    states = {str(state.value): str(state.label) for state in ReportNumber.State}
    return {
        "domains": json.dumps(labels.domains),
        "kinds": json.dumps(labels.kinds),
        "states": json.dumps(states),
        "yes": pgettext("template", "yes"),
        "no": pgettext("template", "no"),
        "institution": wanted.filing.institution_id,
        "danger": _DANGER,
        "blank": _BLANK,
    }


def _copy(values: dict[str, Any], quarters: list[Quarter], out: IO[bytes], *, safe: bool) -> None:
    columns = {
        "number": "coalesce(btrim(raw, %(blank)s), key)",
        "certificate": "certificate",
        "replaces": "replaces_key",
    }
    text = _LINES.format(**{name: _SAFE.format(column) if safe else column for name, column in columns.items()})
    with connection.cursor() as cursor:
        query = cursor.mogrify(text, values | {"quarters": [quarter.code for quarter in quarters]}).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT csv)", out)


def csv_answer(wanted: Wanted) -> StreamingHttpResponse:
    """UTF-8 with a mark of byte order, so that a double click in Excel shows Chinese.

    What goes wrong with the first quarter is raised here; later the download breaks off, and the browser says so.
    """
    head = io.StringIO()
    csv.writer(head).writerow([csv_text(text) for text in _headings(wanted)])
    pieces = _pieces(b"\xef\xbb\xbf" + head.getvalue().encode(), _values(wanted), wanted.quarters)
    next(pieces)
    headers = _headers(f"{wanted.name}.csv")
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)


def _pieces(head: bytes, values: dict[str, Any], quarters: list[Quarter]) -> Iterator[bytes]:
    """First nothing, once the first quarter lies on the disk. Closed half-way it leaves no file."""
    for number, quarter in enumerate(quarters):
        with tempfile.TemporaryFile() as file:
            _copy(values, [quarter], file, safe=True)
            file.seek(0)
            if number == 0:
                yield b""
                yield head
            yield from iter(partial(file.read, PIECE), b"")


def xlsx_answer(wanted: Wanted) -> FileResponse:
    buffer = io.BytesIO()
    write_workbook(wanted, buffer)
    buffer.seek(0)
    return FileResponse(buffer, content_type=XLSX, headers=_headers(f"{wanted.name}.xlsx"))


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }


def write_workbook(wanted: Wanted, out: IO[bytes] | Path) -> int:
    """Every cell is text. Rows leave memory as soon as they are written; how many there were."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    target = str(out) if isinstance(out, Path) else out
    count = 0
    with (
        tempfile.TemporaryFile() as file,
        io.TextIOWrapper(file, encoding="utf-8", newline="") as lines,
        xlsxwriter.Workbook(target, options) as book,
    ):
        _copy(_values(wanted), wanted.quarters, file, safe=False)
        file.seek(0)
        sheet: Any = None
        for count, row in enumerate(csv.reader(lines), start=1):
            at = (count - 1) % ROWS_OF_SHEET
            if at == 0:
                sheet = _sheet(book, wanted)
            for column, text in enumerate(row):
                sheet.write_string(at + 1, column, safe_text(text))
        if sheet is None:
            _sheet(book, wanted)
    return count


def _sheet(book: Any, wanted: Wanted) -> Any:
    sheet = book.add_worksheet()
    widths: Iterator[int] = iter([*WIDTHS.values(), 10, 18])
    for column, (text, width) in enumerate(zip(_headings(wanted), widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, safe_text(text))
    sheet.freeze_panes(1, 1)
    return sheet
