"""A register to try the import with, made from what the reader's area holds: newcomers, changes and contradictions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from io import BytesIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from stdnum.cn import uscc as stdnum_uscc

from institutions.models import Bureau, Certificate, Institution, Membership
from portal.ui.spreadsheet import write_text

#: As the certificate offices of the provinces head them.
HEAD = (
    "序号", "机构名称", "统一社会信用代码", "属地监管部门", "机构地址", "联系人", "联系电话", "证书类别", "证书编号",
    "发证机关", "发证日期", "有效期至", "证书状态", "是否独立法人", "所属法人单位统一社会信用代码",
)  # fmt: skip
WIDTHS = (6, 36, 22, 24, 36, 10, 16, 18, 18, 24, 12, 12, 10, 12, 24)
#: Institutions of the area that the example repeats.
TAKEN = 40
#: Serial numbers of invented codes begin here, far from those of the demonstration.
INVENTED = 990_001
RENEWED_FOR = dt.timedelta(days=2191)
OFFICE = "福建省市场监督管理局"


def example_name() -> str:
    return _("Register of certificates, example.xlsx")


def example_book(membership: Membership) -> bytes:
    """The same for the same register. It changes nothing until somebody imports it."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "资质认定获证机构名录"
    _put(sheet, 1, ["福建省检验检测机构资质认定获证机构名录（示例）"])
    sheet["A1"].font = Font(size=14, bold=True)
    _put(sheet, 2, HEAD)
    for cell in sheet[2]:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="center")
    for number, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "C3"
    for number, row in enumerate(_lines(membership), start=1):
        _put(sheet, number + 2, [str(number), *row])
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _put(sheet: Worksheet, row: int, values: Sequence[object]) -> None:
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row=row, column=column)
        assert isinstance(cell, Cell)
        write_text(cell, value)


def _lines(membership: Membership) -> list[list[str]]:
    taken = list(
        Certificate.objects.filter(institution__in=Institution.objects.visible_to(membership).filter(status="active"))
        .filter(kind="CMA-P")
        .select_related("institution__home_bureau")
        .order_by("institution_id", "number")[:TAKEN]
    )
    lines = [_line(one) for one in taken]
    bureau = taken[0].institution.home_bureau if taken else _some_bureau(membership)
    if len(lines) > 5:
        lines[0][0] = _renamed(lines[0][0])
        lines[1][10] = (taken[1].expires_on + RENEWED_FOR).isoformat()
        lines[2][11] = "暂停"
        lines[3][1] = lines[3][1][:-1]  # a code that lost its last character
        lines[4][9] = "2023-02-30"
        lines[5][3] = f"{lines[5][3]}2号楼"
    return [*lines, *_newcomers(bureau, taken[-1] if taken else None)]


def _line(certificate: Certificate) -> list[str]:
    one = certificate.institution
    return [
        one.name, one.uscc, one.home_bureau.name_zh, one.address, one.contact_name, one.contact_phone, "资质认定（省级）",
        certificate.number, certificate.issuer, certificate.issued_on.isoformat(), certificate.expires_on.isoformat(), "有效",
        "是", "",
    ]  # fmt: skip


def _newcomers(bureau: Bureau, last: Certificate | None) -> list[list[str]]:
    """Three that can be registered, one of them perhaps a duplicate; a unit of another; three that contradict themselves."""
    area = bureau.name_zh.removesuffix("市场监督管理局")
    codes = [_code(bureau, at) for at in range(5)]

    def line(name: str, code: str, number: int, address: str, legal: str = "是", parent: str = "") -> list[str]:
        return [
            name, code, bureau.name_zh, address, "林晓", f"0591-8000{number:04d}", "资质认定（省级）", f"2413129900{number:02d}", OFFICE,
            "2024-01-15", "2030-01-14", "有效", legal, parent,
        ]  # fmt: skip

    lines = [
        line(f"{area}新榕检测技术有限公司", codes[0], 1, f"{area}工业路18号"),
        line(f"{area}新榕检测技术有限公司环境实验室", "", 2, f"{area}工业路20号", "否", codes[0]),
        line(f"{area}海西计量检测有限公司", codes[1], 3, f"{area}朝阳路6号"),
        line(f"{area}双名检测有限公司", codes[2], 4, f"{area}朝阳路8号"),
        line(f"{area}双名检验检测有限公司", codes[2], 5, f"{area}朝阳路8号"),
        line(f"{area}同证检测有限公司", codes[3], 6, f"{area}朝阳路10号"),
        line(f"{area}同证科技有限公司", codes[4], 6, f"{area}朝阳路12号"),
    ]
    if last is not None:
        alike = last.institution
        lines.append(line(_renamed(alike.name), _code(bureau, 5), 7, alike.address or f"{area}朝阳路14号"))
    return lines


def _renamed(name: str) -> str:
    short = name.removesuffix("有限公司")
    return f"{short}集团有限公司" if short != name else f"{name}（更名）"


def _code(bureau: Bureau, at: int) -> str:
    body = f"91{bureau.region_code or '350000'}MA{INVENTED + at:07d}"
    return body + stdnum_uscc.calc_check_digit(body)


def _some_bureau(membership: Membership) -> Bureau:
    """The first county of the area, or the bureau itself."""
    assert membership.bureau is not None, "behind READ_INSTITUTIONS"
    within = Bureau.objects.visible_to(membership)
    return within.filter(tier="county").first() or within.get(code=membership.bureau.code)
