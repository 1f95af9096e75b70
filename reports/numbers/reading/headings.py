"""Which column is what, by its heading in Chinese, English or by code; never by position."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from portal.uploads.headings import LOOKED_AT, MOST_COLUMNS, Headings, plain
from portal.uploads.trouble import Unreadable

NUMBER, ISSUED, CERTIFICATE, DOMAIN, KIND, MARK, SITE, STATE, REPLACES, CODE = (
    "N101", "N102", "N103", "N104", "N105", "N106", "N107", "N108", "N109", "USCC",
)  # fmt: skip
COLUMNS = (NUMBER, ISSUED, CERTIFICATE, DOMAIN, KIND, MARK, SITE, STATE, REPLACES)

ALIASES: dict[str, tuple[str, ...]] = {
    NUMBER: (
        "检验检测报告编号", "报告编号", "报告号", "报告书编号", "检测报告编号", "检验报告编号", "报告证书编号", "编号",
        "report number", "report no", "report id", "number", "number of report",
    ),
    ISSUED: (
        "出具签发日期", "出具日期", "签发日期", "报告日期", "出具时间", "签发时间", "批准日期", "日期",
        "date of issue", "issue date", "issued on", "issued", "date",
    ),
    CERTIFICATE: (
        "资质认定证书编号", "资质证书编号", "cma证书编号", "证书编号", "资质认定证书号", "证书号",
        "cma certificate used", "certificate number", "certificate no", "certificate", "cma certificate",
    ),
    DOMAIN: ("专业领域", "领域", "survey domain", "domain"),
    KIND: ("报告类别", "类别", "报告类型", "kind", "report kind", "type"),
    MARK: ("是否加盖cma标志", "加盖cma标志", "cma标志", "是否盖cma章", "cma mark", "cma"),
    SITE: ("场所序号", "场所", "site", "site number"),
    STATE: ("报告状态", "状态", "status", "state"),
    REPLACES: ("被替换的原编号", "原编号", "原报告编号", "被替换编号", "replaces number", "replaces", "original number"),
    CODE: ("统一社会信用代码", "社会信用代码", "信用代码", "uscc", "unified social credit code", "credit code"),
}  # fmt: skip
#: A list without headings has these from the left.
LIST = (NUMBER, ISSUED, CERTIFICATE)
_CODED = re.compile(r"^(n10[1-9])(?=$|[^0-9])")


class Names:
    """Every name a column goes by: the aliases, the codes and what the scheme calls it."""

    def __init__(self, of_scheme: Mapping[str, Sequence[str]]) -> None:
        self._codes = {plain(name): code for code, names in ALIASES.items() for name in names}
        for code, names in of_scheme.items():
            self._codes |= {plain(name): code for name in names}

    def code(self, heading: Any) -> str | None:
        if heading is None or heading == "":
            return None
        text = plain(heading)
        if match := _CODED.match(text):
            return match[1].upper()
        return self._codes.get(text)

    def match(self, cells: Sequence[Any]) -> dict[str, int]:
        """Code → column. The same meaning twice is refused: nobody could say which one is meant."""
        found: dict[str, int] = {}
        for index, cell in enumerate(cells[:MOST_COLUMNS]):
            code = self.code(cell)
            if code is None:
                continue
            if code in found:
                raise Unreadable("twice", first=str(cells[found[code]]), second=str(cell))
            found[code] = index
        return found


def columns_of_list(rows: Sequence[Sequence[Any]]) -> dict[str, int]:
    """Code → column of a list without headings: as many as its first row has that is not blank."""
    width = next((len(row) for row in rows if any(row)), 1)
    return {code: index for index, code in enumerate(LIST[:width])}


def find(rows: Sequence[tuple[int, Sequence[Any]]], names: Names) -> Headings | None:
    """The first of the rows that names the number column. A second row of headings right below it is passed over."""
    for position, (number, cells) in enumerate(rows[:LOOKED_AT]):
        try:
            columns = names.match(cells)
        except Unreadable:
            if any(names.code(cell) == NUMBER for cell in cells):
                raise
            continue
        if NUMBER not in columns:
            continue
        data = number + 1
        for below, again in rows[position + 1 : position + 4]:
            try:
                second = names.match(again)
            except Unreadable:
                break
            if NUMBER not in second and not (len(second) >= 2 and set(second.values()) <= set(columns.values())):
                break
            data = below + 1
        unmatched = [str(cell)[:60] for cell in cells if cell not in (None, "") and names.code(cell) is None]
        return Headings(number, data, columns, unmatched[:20], len(cells))
    return None
