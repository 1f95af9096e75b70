"""The workbook of one filing: a sheet for each table that applies, filled with what stands in the draft."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from openpyxl.workbook import Workbook
from openpyxl.workbook.defined_name import DefinedName

from portal.ui.spreadsheet import write_text
from reports.filings.drafts import TableDraft
from reports.filings.examination import Examination
from reports.filings.models import Filing
from reports.filings.spreadsheet import cover, repeating, single, styles
from reports.filings.spreadsheet.layout import META_NAME, STAMP_SHEET
from reports.filings.spreadsheet.lists import Lists
from reports.filings.spreadsheet.stamp import Stamp
from reports.schemes.checking import Env
from reports.schemes.definition import ANNUAL, SchemeDefinition, TableDefinition

LONGEST_NAME = 31


@dataclass(frozen=True, slots=True)
class Material:
    """Everything a workbook is made of, already loaded; `last` and `last_derived` are last year's accepted cells."""

    definition: SchemeDefinition
    drafts: Mapping[str, TableDraft]
    env: Env
    derived: Mapping[str, str]
    last: Mapping[str, Mapping[str, Any]]
    last_derived: Mapping[str, str]
    filing: str
    institution: str
    institution_name: str
    round: str
    period: str
    scheme: str
    due: str = ""

    @property
    def tables(self) -> list[TableDefinition]:
        """The tables that apply, those that may yet apply, and those that hold something all the same."""
        return [table for table in self.definition.tables_of(ANNUAL) if self._wanted(table)]

    def _wanted(self, table: TableDefinition) -> bool:
        draft = self.drafts[table.code]
        rule = table.applies_rule
        return (
            rule is None
            or rule.run(self.env, None) is not False
            or bool(draft.version and (draft.cells or draft.unread))
        )


def material_of(examination: Examination, due: str = "") -> Material:
    filing: Filing = examination.filing
    return Material(
        definition=examination.definition,
        drafts=examination.drafts,
        env=examination.env,
        derived=examination.derived,
        last=examination.last_tables,
        last_derived=examination.last_derived,
        filing=str(filing.public_id),
        institution=filing.institution.uscc,
        institution_name=filing.institution.name,
        round=filing.round.title,
        period=filing.round.period,
        scheme=filing.round.scheme.digest,
        due=due,
    )


def sheet_names(tables: list[TableDefinition]) -> dict[str, str]:
    """{table: name of its sheet}: code and name, as far as a spreadsheet program takes them."""
    return {
        table.code: re.sub(r"[\[\]:*?/\\']", "", f"{table.code} {table.name()}")[:LONGEST_NAME].strip()
        for table in tables
    }


def stamp_of(material: Material, names: Mapping[str, str]) -> Stamp:
    """Every table is in the stamp, those without a sheet too: what they held tells nothing was taken from them."""
    return Stamp(
        filing=material.filing,
        institution=material.institution,
        institution_name=material.institution_name,
        round=material.round,
        period=material.period,
        scheme=material.scheme,
        scheme_title=material.definition.title(),
        made_at=localtime(now()).isoformat(timespec="seconds"),
        versions={code: draft.version for code, draft in material.drafts.items()},
        base={code: draft.cells for code, draft in material.drafts.items()},
        unread={code: draft.unread for code, draft in material.drafts.items() if draft.unread},
        sheets=dict(names),
    )


def make_workbook(material: Material) -> Workbook:
    """In the active language. Input cells are open, everything else is protected without a password."""
    book = Workbook()
    first = book.active
    assert first is not None
    items = [item for table in material.definition.tables_of(ANNUAL) for item in table.indicators]
    styles.add_styles(book, {item.places for item in items if item.dtype == "decimal"} | {0, 2})
    lists = Lists(book)
    tables = material.tables
    names = sheet_names(tables)
    cover.write(first, material, tables, names)
    for table in tables:
        sheet = book.create_sheet(names[table.code])
        (repeating if table.repeating else single).write(sheet, material, table, lists)
        _protect(sheet)
    _protect(first)
    _write_stamp(book, stamp_of(material, names))
    for hidden in (name for name in book.sheetnames if name.startswith("zhibao_")):
        book.move_sheet(hidden, len(book.sheetnames))
    book.security.lockStructure = True
    book.properties.title = f"{material.institution_name} {material.round}"
    book.properties.creator = _("Zhibao")
    book.active = 0
    return book


def workbook_bytes(material: Material) -> bytes:
    file = BytesIO()
    make_workbook(material).save(file)
    return file.getvalue()


def file_name(filing: Filing) -> str:
    day = date_format(localtime(now()), "Y-m-d")
    return f"{filing.institution.name} {filing.round.title} {day}.xlsx"


def _protect(sheet: Any) -> None:
    """No password: it keeps hands off by mistake, and nobody out. Widths, heights and inserted lines stay free."""
    protection = sheet.protection
    protection.sheet = True
    protection.formatColumns = protection.formatRows = protection.insertRows = protection.sort = False


def _write_stamp(book: Workbook, stamp: Stamp) -> None:
    sheet = book.create_sheet(STAMP_SHEET)
    sheet.sheet_state = "veryHidden"
    for row, piece in enumerate(stamp.pieces(), start=1):
        write_text(sheet.cell(row, 1), piece)
    book.defined_names[META_NAME] = DefinedName(META_NAME, attr_text=f'"{stamp.meta}"', hidden=True)
