"""Columns of the annual report's lines in the workbook of a version: taken, told where they are wrong, kept, compared."""

from __future__ import annotations

from django.urls import reverse
from openpyxl import Workbook

from reports.schemes.workbook import workbook_bytes
from reports.versions import actions
from reports.versions.standing import standing_of
from tests.reports.versions.books import edited, put
from tests.reports.versions.test_drafts import take


def test_a_column_is_added_and_seen_in_the_comparison(world, draft, province) -> None:
    def change(book: Workbook) -> None:
        book["columns"].append(["R103", "paper", "批准件号", "Approval number", "text", "1", "40"])

    upload = take(edited(workbook_bytes(draft.content), change), world.statistician, draft)
    assert (upload.faults, upload.notes, standing_of(upload.scheme).faults) == ([], [], [])
    assert [one.code for one in upload.scheme.definition.indicator("R103").columns] == ["what", "on", "done", "paper"]
    page = province.get(reverse("versions:scheme-compare", args=[draft.code, draft.version])).content.decode()
    assert "R103 · <b>paper</b> 批准件号" in page
    preview = reverse("versions:scheme-preview", args=[draft.code, draft.version]) + "?table=AR"
    assert "批准件号" in province.get(preview).content.decode()


def test_a_fault_is_told_with_its_cell(world, draft) -> None:
    cells = {}

    def spoil(book: Workbook) -> None:
        cells["kind"] = put(book["columns"], "authority", "kind", "words")
        cells["owner"] = put(book["columns"], "items", "indicator", "R201")

    scheme = take(edited(workbook_bytes(draft.content), spoil), world.statistician, draft).scheme
    told = {(one.sheet, one.cell) for one in standing_of(scheme).faults}
    assert told == {("columns", cells["kind"]), ("columns", cells["owner"])}


def test_a_workbook_without_the_sheet_keeps_them(world, draft) -> None:
    def add(book: Workbook) -> None:
        book["columns"].append(["R103", "paper", "批准件号", "Approval number", "text", "1", "40"])

    def forget(book: Workbook) -> None:
        del book["columns"]

    scheme = take(edited(workbook_bytes(draft.content), add), world.statistician, draft).scheme
    upload = take(edited(workbook_bytes(scheme.content), forget), world.statistician, scheme)
    assert [note["code"] for note in upload.notes] == ["columns_kept"]
    assert len(upload.scheme.definition.indicator("R103").columns) == 4
    actions.delete_draft(scheme=upload.scheme, by=world.statistician)
