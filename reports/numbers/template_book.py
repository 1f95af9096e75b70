"""The workbook to fill in: headings, columns formatted as text, drop-downs, and a sheet of instructions.

Written with XlsxWriter, which knows formats of whole columns; so a number typed anywhere stays text.
"""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter
from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.ui.spreadsheet import safe_text
from portal.uploads.sheets import META_NAME
from reports.filings.models import Filing
from reports.numbers.reading import headings as h
from reports.numbers.reading.child import FORM, VERSION
from reports.rounds.quarters import Quarter
from reports.schemes.definition import TableDefinition

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = {
    h.NUMBER: 30,
    h.ISSUED: 16,
    h.CERTIFICATE: 22,
    h.DOMAIN: 22,
    h.KIND: 20,
    h.MARK: 14,
    h.SITE: 10,
    h.STATE: 12,
    h.REPLACES: 30,
}
LAST_ROW = 1_048_575


def template_answer(filing: Filing) -> HttpResponse:
    quarter = Quarter.parse(filing.round.period)
    name = _("Report numbers %(period)s.xlsx") % {"period": quarter.period}
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        template_book(filing), content_type=XLSX, headers={"Content-Disposition": disposition or "attachment"}
    )


def template_book(filing: Filing) -> bytes:
    """Made for the filing's institution: its code is inside, so that another's file is noticed."""
    buffer = io.BytesIO()
    table = filing.round.scheme.definition.table_by_code[FORM]
    certificates = [certificate.number for certificate in filing.institution.certificates.all()]
    required = _required(certificates)
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet(_("Report numbers"))
        lists = _write_lists(book, filing, table, certificates)
        _write_headings(book, sheet, table, required)
        for column, code in enumerate(h.COLUMNS):
            if code in lists:
                sheet.data_validation(1, column, LAST_ROW, column, _choice(lists[code], code in required))
        sheet.data_validation(1, 1, LAST_ROW, 1, _hint(filing))
        _write_instructions(book, filing, table, certificates)
        book.define_name(META_NAME, f'="zhibao:{FORM}:{VERSION}:{filing.institution.uscc}"')
        sheet.activate()
    return buffer.getvalue()


def _required(certificates: list[str]) -> tuple[str, ...]:
    """The certificate too, where the institution has several: then the row has to say which."""
    always = (h.NUMBER, h.ISSUED)
    return (*always, h.CERTIFICATE) if len(certificates) > 1 else always


def _write_headings(book: Any, sheet: Any, table: TableDefinition, required: tuple[str, ...]) -> None:
    text = book.add_format({"num_format": "@"})
    look = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter", "bg_color": "#E9EEF4", "num_format": "@"}
    plain, marked = book.add_format(look), book.add_format(look | {"font_color": "#9A4B00"})
    for column, code in enumerate(h.COLUMNS):
        sheet.set_column(column, column, WIDTHS[code], text)
        sheet.write_string(0, column, table.by_code[code].name(), marked if code in required else plain)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 1)


def _write_lists(book: Any, filing: Filing, table: TableDefinition, certificates: list[str]) -> dict[str, str]:
    """The choices of the drop-downs on a hidden sheet; code → the range that holds them."""
    choices = {
        h.CERTIFICATE: certificates,
        h.MARK: [pgettext("template", "yes"), pgettext("template", "no")],
        h.SITE: [str(site.number) for site in filing.institution.sites.all()],
    }
    choices |= {
        code: [option.label() for option in table.by_code[code].options] for code in (h.DOMAIN, h.KIND, h.STATE)
    }
    sheet, found = book.add_worksheet("lists"), {}
    for column, (code, values) in enumerate(choices.items()):
        for row, value in enumerate(values):
            sheet.write_string(row, column, safe_text(value))
        if values:
            letter = chr(ord("A") + column)
            found[code] = f"=lists!${letter}$1:${letter}${len(values)}"
    sheet.hide()
    return found


def _choice(source: str, required: bool) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": source,
        "error_title": _("Not in the list"),
        "error_message": _("Choose one of the list.")
        if required
        else _("Choose one of the list, or leave the cell blank."),
    }


def _hint(filing: Filing) -> dict[str, Any]:
    quarter = Quarter.parse(filing.round.period)
    return {
        "validate": "any",
        "input_title": _("Date of issue"),
        "input_message": _("From %(first)s to %(last)s, as 2023-11-05.")
        % {"first": quarter.start.isoformat(), "last": quarter.end.isoformat()},
    }


def _write_instructions(book: Any, filing: Filing, table: TableDefinition, certificates: list[str]) -> None:
    sheet = book.add_worksheet(_("How to fill it in"))
    bold, wrap = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 90, wrap)
    quarter = Quarter.parse(filing.round.period)
    lines = [
        (_("Round"), f"{filing.round} · {filing.institution} · {filing.institution.uscc}"),
        (
            _("Which numbers"),
            _("Every valid report issued from %(first)s to %(last)s, one a row. Each number counts once.")
            % {"first": quarter.start.isoformat(), "last": quarter.end.isoformat()},
        ),
        (
            _("Columns"),
            _("They are found by their headings. You may move or leave out columns and add your own; keep the row of headings."),
        ),
        (
            _("Text"),
            _("All columns are text, so that leading zeros and long numbers stay whole. When pasting, choose “values only”."),
        ),
        (
            _("Size"),
            _("At most %(size)s MB a file and 1,048,575 rows a sheet; send several files for more, or .csv, which is read fastest.")
            % {"size": settings.NUMBERS_FILE_MB},
        ),
        (
            _("Result"),
            _(
                "Good rows are stored. Refused rows come back in your own file with a column of reasons; "
                "correct them and send the file again: nothing is counted twice."
            ),
        ),
        ("", ""),
    ]  # fmt: skip
    # The letter keeps these lines from looking like a row of headings to the reader of the file.
    letters = zip("ABCDEFGHI", h.COLUMNS, strict=True)
    lines += [
        (f"{letter} {table.by_code[code].name()}", _about(table.by_code[code].definition(), code, certificates))
        for letter, code in letters
    ]
    for row, (label, words) in enumerate(lines):
        sheet.write_string(row, 0, safe_text(label), bold)
        sheet.write_string(row, 1, safe_text(words), wrap)


def _about(words: str, code: str, certificates: list[str]) -> str:
    if code == h.CERTIFICATE:
        return _about_certificate(certificates) + words
    return (_("Required. ") if code in _required(certificates) else _("May be left blank. ")) + words


def _about_certificate(numbers: list[str]) -> str:
    """When it has to be filled in, and with what; the reader refuses rows by the same rule."""
    listed = "、".join(numbers)
    if len(numbers) > 1:
        return _(
            "Required, as your institution has several certificates: %(numbers)s. Rows without one are refused. "
        ) % {"numbers": listed}
    if numbers:
        return _("May be left blank: then it is %(number)s, the only certificate of your institution. ") % {
            "number": listed
        }
    return _("May be left blank: no certificate of your institution is registered. ")
