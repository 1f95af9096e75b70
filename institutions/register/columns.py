"""The fields of a line of the register, and the names by which their columns go. Nothing here imports Django."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.uploads.headings import LOOKED_AT, MOST_COLUMNS, Headings, plain

USCC, NAME, BUREAU, REGION, ADDRESS, UNIT_TYPE, CONTACT, PHONE, REGISTERED, PARENT, LEGAL = (
    "uscc", "name", "bureau", "region", "address", "unit_type", "contact", "phone", "registered", "parent", "legal",
)  # fmt: skip
KIND, NUMBER, CERT_NAME, ISSUER, ISSUED, EXPIRES, STATUS, DOMAINS = (
    "kind", "number", "cert_name", "issuer", "issued", "expires", "status", "domains",
)  # fmt: skip
FIELDS = (
    USCC, NAME, NUMBER, ISSUED, EXPIRES, KIND, ISSUER, STATUS, CERT_NAME, DOMAINS, BUREAU, REGION, ADDRESS, UNIT_TYPE,
    CONTACT, PHONE, REGISTERED, PARENT, LEGAL,
)  # fmt: skip
#: Without these nothing can be matched.
NEEDED = (USCC, NAME, NUMBER, ISSUED, EXPIRES)

NAMES: dict[str, tuple[str, ...]] = {
    USCC: (
        "统一社会信用代码", "社会信用代码", "信用代码", "统一代码", "机构代码", "组织机构代码",
        "unified social credit code", "credit code", "uscc",
    ),
    NAME: ("机构名称", "单位名称", "检验检测机构名称", "名称", "企业名称", "法人名称", "institution", "name", "institution name"),
    NUMBER: (
        "证书编号", "资质认定证书编号", "证书号", "资质认定证书号", "cma证书编号", "资质证书编号",
        "certificate number", "certificate no", "certificate",
    ),
    ISSUED: ("发证日期", "颁发日期", "发证时间", "批准日期", "有效期起", "issue date", "issued on", "issued", "valid from"),
    EXPIRES: (
        "有效期至", "有效期", "有效期止", "证书有效期", "证书有效期至", "截止日期", "到期日期",
        "valid until", "expires on", "expires", "expiry date",
    ),
    KIND: ("证书类别", "资质类别", "证书类型", "资质类型", "certificate kind", "kind", "type of certificate"),
    ISSUER: ("发证机关", "发证部门", "颁发机关", "发证单位", "issuing authority", "issuer", "issued by"),
    STATUS: ("证书状态", "状态", "资质状态", "certificate status", "status", "state"),
    CERT_NAME: ("证书所载机构名称", "证书名称", "证书机构名称", "name on certificate", "name on the certificate"),
    DOMAINS: ("能力范围主要领域", "专业领域", "领域", "检测领域", "资质认定领域", "domains", "main domain of scope"),
    BUREAU: (
        "属地监管部门", "属地市场监管局", "监管部门", "所属市场监管局", "主管部门", "所在县区", "所属区县", "县市区", "属地",
        "home bureau", "bureau", "county",
    ),
    REGION: ("行政区划代码", "行政区划", "区划代码", "所在地区划代码", "region code", "region"),
    ADDRESS: ("地址", "机构地址", "注册地址", "单位地址", "实验室地址", "住所", "检验检测地址", "address"),
    UNIT_TYPE: ("单位类型", "机构类型", "法人类型", "type of unit", "unit type"),
    CONTACT: ("联系人", "联系人姓名", "contact", "contact person"),
    PHONE: ("联系电话", "电话", "联系方式", "手机", "telephone", "phone"),
    REGISTERED: ("注册日期", "成立日期", "登记日期", "registered on", "founded"),
    PARENT: (
        "所属法人单位统一社会信用代码", "所属法人代码", "上级法人代码", "上级单位统一社会信用代码", "母体法人代码",
        "parent credit code", "parent code", "legal entity code",
    ),
    LEGAL: ("是否独立法人", "独立法人", "法人资格", "是否法人", "legal person", "is legal person"),
}  # fmt: skip
_CODES = {plain(name): field for field, names in NAMES.items() for name in names}


def field_of(heading: Any) -> str | None:
    return _CODES.get(plain(heading)) if heading not in (None, "") else None


def match(cells: Sequence[Any]) -> dict[str, int]:
    """Field → column; where two columns have the same meaning the first, the user decides on the page."""
    found: dict[str, int] = {}
    for index, cell in enumerate(cells[:MOST_COLUMNS]):
        field = field_of(cell)
        if field is not None:
            found.setdefault(field, index)
    return found


def find(rows: Sequence[tuple[int, Sequence[Any]]]) -> Headings | None:
    """The row that names most fields, two at least; else the first one with three texts. None when there is neither."""
    best: Headings | None = None
    for number, cells in rows[:LOOKED_AT]:
        columns = match(cells)
        if len(columns) >= 2 and (best is None or len(columns) > len(best.columns)):
            best = _headings(number, cells, columns)
    if best is not None:
        return best
    for number, cells in rows[:LOOKED_AT]:
        if sum(isinstance(cell, str) and bool(cell.strip()) for cell in cells) >= 3:
            return _headings(number, cells, {})
    return None


def _headings(number: int, cells: Sequence[Any], columns: dict[str, int]) -> Headings:
    unmatched = [str(cell)[:60] for cell in cells if cell not in (None, "") and field_of(cell) is None]
    return Headings(number, number + 1, columns, unmatched[:20], min(len(cells), MOST_COLUMNS))


def remembered(headings: Sequence[str], kept: Mapping[str, str]) -> dict[str, int]:
    """Field → column, by what the bureau chose for the same headings before ("" for "not used"), else by name."""
    found: dict[str, int] = {}
    for index, heading in enumerate(headings):
        known = kept.get(plain(heading))
        if known:
            found.setdefault(known, index)
    told = set(kept)
    for index, heading in enumerate(headings):
        field = field_of(heading)
        if field is not None and plain(heading) not in told:
            found.setdefault(field, index)
    return found
