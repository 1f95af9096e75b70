"""Rows X1–X39 of docs/bad-inputs.md for the workbook of a filing: sent from the page, and what the page says of it in Chinese.

Where a row is not here it is about lists of report numbers alone (tests/reports/numbers/test_bad_files.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from institutions.models import Institution
from reports.filings.models import Draft, Filing
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fill
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.fixtures.filings.make import FILING, USCC, rewritten
from tests.reports.filings.spreadsheet.books import book_of, changed, download, place_of, send, sheet_of, typed
from tests.reports.filings.test_views_pages import address

HERE = Path(__file__).resolve().parents[3] / "fixtures" / "filings"


@pytest.fixture
def filing(world: Province, round: Round) -> Filing:
    """The filing whose workbooks lie in the folder."""
    Institution.objects.filter(pk=world.a.pk).update(uscc=USCC)
    world.a.refresh_from_db()
    return fill(a_filing(round, world.a, public_id=FILING), world.filer_a, valid_cells(10))


def cells(filing: Filing) -> list[Any]:
    return list(Draft.objects.filter(filing=filing).order_by("table").values_list("table", "cells", "unread"))


def words_of(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).split())


#: row → file of should_fail, its sentence
REFUSED: dict[str, list[tuple[str, str]]] = {
    "X1": [
        ("other_form", "这是另一种表（RN）的模板，不是本填报件的工作簿。请从本页下载工作簿。"),
        ("not_template", "这不是本系统的工作簿：缺少标明填报件归属的隐藏标识。请从本页下载工作簿，将数据复制进去。"),
    ],
    "X2": [
        ("other_round", "这是另一项填报任务“2022年度统计调查”的工作簿，未读取任何内容。请下载本任务的工作簿，将数据复制进去。"),
        ("newer_format", "该工作簿由更新版本的系统生成（格式99）。请从本页重新下载。"),
    ],
    "X4": [("no_tables", "工作簿中没有本填报件的报表：各工作表均无带指标代码的表头。请重新下载工作簿，将数据复制进去。")],
    "X10": [("macros", "工作簿含有宏，不予接收。请另存为不含宏的“Excel工作簿(.xlsx)”后上传。")],
    "X11": [
        ("encrypted", "工作簿设有打开密码。请打开后取消密码（文件›信息›保护工作簿），保存后重新上传。"),
        ("xls", "这是旧格式（.xls）工作簿。请打开后另存为“Excel工作簿(.xlsx)”再上传。"),
    ],
    "X12": [
        (f"foreign-{kind}", f"这是{kind}文件，与文件名不符。请上传从本页下载的.xlsx工作簿。")
        for kind in ("CSV", "HTML", "ODS", "ZIP")
    ],
    "X13": [("empty", "文件为空。请打开工作簿重新保存后上传。")],
    "X14": [
        ("truncated", "文件不完整，缺少末尾部分，可能是复制或上传中断。请从保存处重新复制后上传。"),
        ("damaged", "工作簿已损坏，无法读取。请在Excel或WPS中打开，另存为新文件后上传。"),
    ],
    "X15": [("bomb", "文件解压后远大于填报件应有的大小，未予打开。请重新下载工作簿，将数据复制进去。")],
    "X16": [("entities", "文件引用了外部实体或自定义实体，系统一律不读取。请在Excel或WPS中打开并重新保存后上传。")],
    "X18": [("too_much", "工作簿的单元格远多于填报件所需。请删除与填报无关的工作表后重新上传。")],
    "X38": [
        (f"foreign-{kind}", f"这是{kind}文件，与文件名不符。请上传从本页下载的.xlsx工作簿。") for kind in ("PNG", "PDF")
    ],
    "X39": [
        (
            "other_institution",
            "这是福州他家检测有限公司（91350100MA2Y99999X）的工作簿，不属于贵机构，未读取任何内容。请选择本机构的文件。",
        )
    ],
}  # fmt: skip


@pytest.mark.parametrize("row", REFUSED)
def test_a_workbook_is_refused_in_chinese_and_changes_nothing(clerk: Client, filing: Filing, row: str):
    before = cells(filing)
    for name, sentence in REFUSED[row]:
        response = send(clerk, filing, (HERE / "should_fail" / f"{name}.xlsx").read_bytes())
        assert response.status_code == 422
        assert sentence in words_of(response)
        assert cells(filing) == before


MERGED = "合并单元格（{}）：一个值不能对应多个单元格。请取消合并后分别填写。"
SHEET = "工作表“JC05 检验检测业务情况”"
#: row → file of should_pass, what the page says
READ: dict[str, list[tuple[str, list[str]]]] = {
    "X2": [("older_scheme", ["该工作簿按调查制度的另一版本（"])],
    "X3": [
        ("moved_columns", ["1,200", "1,300"]),
        ("renamed_sheets", ["1,200", "1,300"]),
        ("other_columns", [f"{SHEET}：以下列不读取：我的备注。"]),
        ("value_column_renamed", [f"{SHEET}第7行：应有且只有一列“代码”和一列“本年”，现有："]),
        ("unknown_codes", [f"{SHEET}：以下代码不是现行制度的指标，未读取：W103A", "W999"]),
    ],
    "X5": [("merged", [MERGED.format("D9:D10"), MERGED.format("C10:C11")])],
    "X6": [
        ("formulas_never_computed", ["=W102+W103", "尚未计算"]),
        ("formulas_computed", ["取自公式=W102+W103+100最近一次的计算结果。"]),
    ],
    "X7": [("errors_and_odd_cells", ["单元格显示错误值#N/A。请修正公式，或直接填写数值。"])],
    "X8": [
        ("hidden_lines", [f"{SHEET}：隐藏的2行也已读取。", "工作表“JC01-2 检验检测场所”已隐藏，仍已读取。"]),
    ],
    "X9": [("copied_sheet", ["工作表“备份”与前面的工作表同为JC05表，只读取了前一个。"])],
    "X17": [("phantom_lines", ["1,200", "1,300"])],
    "X25": [("errors_and_odd_cells", ["单元格是超过15位的数字，末尾几位已被表格软件丢失。请将单元格设为文本格式后重新填写。"])],
    "X27": [("errors_and_odd_cells", ["表格软件把填写的内容变成了日期2023-05-01。请将单元格设为文本格式后重新填写。"])],
    "X28": [("errors_and_odd_cells", ["是“是/否”值，此项需要其他类型的内容。"])],
    "X31": [("line_copied", ["工作表“JC01-2 检验检测场所”第12行由其他行复制而来，按新增行处理。"])],
    "X37": [("shared_strings", ["1,200", "1,300"])],
}  # fmt: skip


@pytest.mark.parametrize("row", READ)
def test_what_was_read_of_a_workbook_and_what_not_is_told_in_chinese(clerk: Client, filing: Filing, row: str):
    before = cells(filing)
    for name, told in READ[row]:
        response = send(clerk, filing, (HERE / "should_pass" / f"{name}.xlsx").read_bytes())
        assert response.status_code == 302
        page = words_of(clerk.get(response["Location"]))
        for words in told:
            assert words in page, name
        assert cells(filing) == before


def _blank_line(book: Any) -> None:
    sheet_of(book, "JC01-2").insert_rows(11)


def _code_spelled(book: Any) -> None:
    cell = place_of(book, "W101")
    cell.value = 1300
    cell.offset(column=-2).value = " ｗ101　"


def _twice(book: Any) -> None:
    cell = place_of(book, "W102")
    cell.offset(column=-2).value = "W101"


def _two_heading_lines(book: Any) -> None:
    sheet = sheet_of(book, "JC05")
    place_of(book, "W101").value = 1300
    sheet.insert_rows(7)
    sheet.cell(7, 2).value = "编码"


#: row → what people did to the workbook they downloaded, what the page says, what it must not say
DONE: dict[str, tuple[Callable[[Any], object], list[str], list[str]]] = {
    "X4": (_two_heading_lines, ["1,300"], ["该工作表未读取"]),
    "X24": (typed("W101", "2.02312E+13"), ["“2.02312E+13”是科学计数法，请用普通数字填写。"], []),
    "X26": (typed("W101", 1300.0), ["1,300"], ["1300.0", "应为整数"]),
    "X27": (typed("B105", dt.datetime(2022, 4, 2)), ["2022-04-02"], ["无法读取的单元格"]),  # noqa: DTZ001 -- workbooks know no zones
    "X29": (_code_spelled, ["1,300"], ["未读取："]),
    "X31": (_twice, ["代码W101出现两次（", "且数值不同。请删除其中一行。"], []),
    "X34": (_blank_line, ["工作簿与填报件内容一致，无须保存。"], ["删除一行"]),
}  # fmt: skip


@pytest.mark.parametrize("row", DONE)
def test_a_workbook_that_was_changed_is_read_and_told_in_chinese(clerk: Client, filing: Filing, row: str):
    do, told, silent = DONE[row]
    before = cells(filing)
    response = send(clerk, filing, changed(download(clerk, filing), do))
    assert response.status_code == 302
    page = words_of(clerk.get(response["Location"]))
    assert [words for words in told if words not in page] == []
    assert [words for words in silent if words in page] == []
    assert cells(filing) == before


def test_x19_the_limit_stands_in_the_refusal(clerk: Client, filing: Filing, settings: Any):
    settings.WORKBOOK_FILE_MB = 0
    response = send(clerk, filing, (HERE / "should_pass" / "untouched.xlsx").read_bytes())
    assert response.status_code == 422
    assert "文件超过0MB。填好的工作簿通常不到1MB，请删除图片和无关的工作表后重新上传。" in words_of(response)


def test_x30_the_name_of_a_file_is_shown_clean(clerk: Client, filing: Filing):
    content = (HERE / "should_pass" / "untouched.xlsx").read_bytes()
    for name, shown in (("../../表.xlsx", "表.xlsx"), ('"<b>".xlsx', '"<b>".xlsx'), ("😀.xlsx", "😀.xlsx")):
        response = send(clerk, filing, content, name)
        assert shown in words_of(clerk.get(response["Location"]))


def test_x36_the_same_workbook_again_has_nothing_to_save(clerk: Client, filing: Filing):
    content = download(clerk, filing)
    for _time in range(2):
        response = send(clerk, filing, content, "改名.xlsx")
        assert "工作簿与填报件内容一致，无须保存。" in words_of(clerk.get(response["Location"]))


def test_x37_a_workbook_saved_as_strict_open_xml_is_read_and_marked(clerk: Client, filing: Filing):
    def strict(_name: str, data: bytes) -> bytes:
        for ordinary, other in (
            ("spreadsheetml/2006/main", "spreadsheetml/main"),
            ("officeDocument/2006/", "officeDocument/"),
        ):
            data = data.replace(
                f"http://schemas.openxmlformats.org/{ordinary}".encode(), f"http://purl.oclc.org/ooxml/{other}".encode()
            )
        return data

    made = changed(download(clerk, filing), typed("W101", 1300), typed("W102", "七百"))
    response = send(clerk, filing, rewritten(made, strict))
    assert response.status_code == 302
    page = words_of(clerk.get(response["Location"]))
    assert "1,300" in page
    assert "“七百”是汉字数字，请用0至9的数字填写。" in page
    marked = clerk.get(address("workbook-marked", filing))
    assert "七百" in place_of(book_of(marked.content), "W102").comment.text
