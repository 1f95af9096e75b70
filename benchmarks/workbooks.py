"""A filled workbook from its bytes to the comparison on the page: opened in the bounded program, read, compared, checked, drawn.

Baseline: the Federal Audit Clearinghouse takes 11.6 s for a workbook of 3,221 rows, as its developers reported; it is not run here.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import override

from benchmarks.result import Result, against
from portal.rules import Allowed
from reports.filings.drafts import TableDraft
from reports.filings.examination import examine
from reports.filings.models import Filing
from reports.filings.spreadsheet.comparing import Comparison, compare_upload
from reports.filings.spreadsheet.guarding import open_file
from reports.filings.spreadsheet.models import WorkbookUpload
from reports.filings.spreadsheet.showing import page_of
from reports.filings.spreadsheet.writing import (
    Material,
    make_workbook,
    material_of,
    sheet_names,
    stamp_of,
    workbook_bytes,
)
from reports.schemes.definition import Indicator

FAC_SECONDS = 11.6
CELLS = 3_000
LINES = {"JC01-1": 195, "JC01-2": 90, "JC05-1": 40}
TURNS = 5
VALUES = {
    "int": "7", "decimal": "7.00", "bool": "1", "date": "2023-05-17", "yyyymm": "2023-05", "region6": "350102",
    "postcode": "350001", "phone": "0591-87804684", "mobile": "13800000001", "email": "name@example.cn",
    "url": "http://www.example.cn", "uscc18": "91350102MA2Y00001E",
}  # fmt: skip


def measure() -> list[Result]:
    filing = Filing.objects.for_page().filter(state="drafting", round__closed_at=None).order_by("pk").first()
    assert filing is not None
    with override("zh-hans"), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sent.upload"
        path.write_bytes(_filled(filing))
        read = _compare(filing, path).difference.read
        assert read >= CELLS, read
        material = material_of(examine(filing))
        return [
            against("workbook_fill_roundtrip", _seconds(lambda: _show(_compare(filing, path))), FAC_SECONDS, "s", 0.5),
            Result("workbook_fill_roundtrip_cells", read, "cells", better="higher"),
            Result("workbook_download", round(_seconds(lambda: workbook_bytes(material)), 3), "s", bound=2),
        ]


def _seconds(act: Callable[[], object]) -> float:
    times = []
    for _turn in range(TURNS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _compare(filing: Filing, path: Path) -> Comparison:
    return compare_upload(filing, WorkbookUpload(pk=1, filing=filing, name=path.name, content=open_file(path)))


def _show(comparison: Comparison) -> None:
    context = {
        "filing": comparison.examination.filing,
        "upload": comparison.upload,
        "comparison": comparison,
        "page": page_of(comparison),
        "may_fill": Allowed(),
    }
    html = render_to_string("filings/spreadsheet/_comparison.html", context)
    assert 'name="box"' in html


def _filled(filing: Filing) -> bytes:
    """The filing's workbook with every cell filled, in its own stamp: as it was downloaded, and then filled by somebody."""
    material = material_of(examine(filing))
    full = replace(material, drafts={code: _full_draft(material, code) for code in material.drafts})
    book = make_workbook(full)
    sheet = book["zhibao_stamp"]
    sheet.delete_rows(1, sheet.max_row)
    for row, piece in enumerate(stamp_of(material, sheet_names(full.tables)).pieces(), start=1):
        sheet.cell(row, 1).value = piece
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _full_draft(material: Material, code: str) -> TableDraft:
    table = material.definition.table(code)
    values = {item.code: _value(item) for item in table.indicators if not item.computed}
    if not table.repeating:
        kept = {"A201": material.drafts[code].cells.get("A201", "10")} if code == "JC01" else {}
        return TableDraft(values | kept, {}, 1)
    return TableDraft({"rows": [{"id": f"n{number}", **values} for number in range(LINES.get(code, 20))]}, {}, 1)


def _value(item: Indicator) -> str:
    return item.options[0].code if item.options else VALUES.get(item.dtype, "福州")
