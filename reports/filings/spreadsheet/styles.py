"""The looks of a workbook: the colours of the site, fonts that every Chinese office has."""

from __future__ import annotations

from typing import Any

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.workbook import Workbook

INK, SOFT, LINE, EDGE = "FF14304F", "FF52616F", "FFD3DBE4", "FF8FA0B2"
SONG, HEI = "宋体", "黑体"
_LINES = Border(bottom=Side("hair", color=EDGE))
_SIDE = Side("thin", color=EDGE)
_BOX = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)

TITLE, LEGAL, HINT, HEAD, GROUP, LABEL, SUB, CELL, CENTRE, PROSE = (
    f"直报{name}" for name in ("标题", "标识", "提示", "表头", "分组", "指标", "其中", "文字", "居中", "解释")
)
INPUT_TEXT, INPUT_LONG, INPUT_WHOLE, GIVEN_TEXT = (f"直报{name}" for name in ("填文字", "填长文", "填整数", "已给"))
ECHO, PERCENT = "直报万元", "直报增减"
WHOLE = "#,##0"


def figure_format(places: int) -> str:
    return WHOLE + ("." + "0" * places if places else "")


def input_figure(places: int) -> str:
    """The style of a figure to fill in."""
    return f"直报填数{places}" if places else INPUT_WHOLE


def given_figure(places: int) -> str:
    """The style of a figure that is only shown: last year's, or one the system computes."""
    return f"直报示数{places}"


def add_styles(book: Workbook, places: set[int]) -> None:
    """Register every style; a cell takes one by its name."""
    for style in _styles(places):
        book.add_named_style(style)


def _styles(places: set[int]) -> list[NamedStyle]:
    body, bold, soft = Font(SONG, 10), Font(SONG, 10, bold=True, color=INK), Font(SONG, 9, color=SOFT)
    middle = Alignment(vertical="center")
    wrapped = Alignment(vertical="center", wrap_text=True)
    open_cell, shade = Protection(locked=False), PatternFill("solid", fgColor="FFFFFDF3")
    given = PatternFill("solid", fgColor="FFF4F6F9")

    def made(name: str, font: Font, alignment: Alignment = middle, **more: Any) -> NamedStyle:
        return NamedStyle(name, font=font, alignment=alignment, **more)

    def entry(name: str, number_format: str, alignment: Alignment) -> NamedStyle:
        return made(name, body, alignment, border=_BOX, fill=shade, protection=open_cell, number_format=number_format)

    right = Alignment(horizontal="right", vertical="center")
    heading = Alignment(horizontal="center", vertical="center", wrap_text=True)
    found = [
        made(TITLE, Font(HEI, 16, color=INK)),
        made(LEGAL, soft),
        made(HINT, soft, wrapped),
        made(HEAD, bold, heading, border=_BOX, fill=PatternFill("solid", fgColor="FFE3EAF2")),
        made(GROUP, bold, border=_LINES, fill=given),
        made(LABEL, body, wrapped, border=_LINES),
        made(SUB, body, Alignment(vertical="center", wrap_text=True, indent=2), border=_LINES),
        made(CELL, body, wrapped, border=_LINES),
        made(CENTRE, body, Alignment(horizontal="center", vertical="center"), border=_LINES),
        made(PROSE, soft, wrapped, border=_LINES),
        entry(INPUT_TEXT, "@", middle),
        entry(INPUT_LONG, "@", wrapped),
        made(GIVEN_TEXT, soft, right, border=_LINES, fill=given, number_format="@"),
        made(ECHO, soft, right, border=_LINES, number_format='#,##0.0"万元"'),
        made(PERCENT, soft, right, border=_LINES, number_format="+0.0;-0.0;0.0"),
    ]
    for count in sorted(places | {0}):
        found.append(entry(input_figure(count), figure_format(count), right))
        found.append(
            made(given_figure(count), soft, right, border=_LINES, fill=given, number_format=figure_format(count))
        )
    return found


MISSING = DifferentialStyle(fill=PatternFill("solid", bgColor="FFFFE9B8"))
WRONG = DifferentialStyle(fill=PatternFill("solid", bgColor="FFFBD5D0"), font=Font(color="FF9B1C1C", bold=True))
