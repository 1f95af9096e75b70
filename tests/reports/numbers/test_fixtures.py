"""Every file of `tests/fixtures/numbers`: those that are read, with what is said about each refused line, and those that are
refused as a whole, with the reason. The files are made by `tests.fixtures.numbers.make`."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from portal.uploads import frames
from portal.uploads.trouble import Unreadable
from reports.numbers import causes
from reports.numbers.reading import child
from reports.numbers.reading.lines import Known
from reports.schemes.content import DATA, content_from_folder
from reports.schemes.definition import SchemeDefinition

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "numbers"
CERTIFICATE = "221300000001"


def known(**more: Any) -> Known:
    table = SchemeDefinition.from_content(content_from_folder(DATA / "jc2023")).table_by_code["RN"]
    return Known(
        start=dt.date(2023, 10, 1),
        end=dt.date(2023, 12, 31),
        today=dt.date(2024, 1, 20),
        certificates={CERTIFICATE: (dt.date(2022, 3, 1), dt.date(2028, 2, 29))},
        options={
            code: {
                label: option.code
                for option in table.by_code[code].options
                for label in (option.label_zh, option.label_en)
            }
            for code in ("N104", "N105", "N108")
        },
        names={item.code: [item.name_zh, item.name_en] for item in table.indicators},
        uscc="913501000000000018",
        **more,
    )


KNOWN = known()


@dataclass
class Read:
    """What came of a file: the good keys, {row: sentence} of the refused lines, and what was told about the reading."""

    keys: list[str] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    told: dict[str, Any] = field(default_factory=dict)


def read(path: Path, told: Known = KNOWN) -> Read:
    out, found = io.BytesIO(), Read()
    found.told = child.read(path, "jsonl" if path.suffix == ".jsonl" else "auto", told, out)
    out.seek(0)
    for kind, payload in frames.receive(out):
        for line in payload.decode().splitlines() if kind in (frames.ROWS, frames.FAULTS) else ():
            cells = line.split("\t")
            if kind == frames.ROWS:
                found.keys.append(cells[1])
            else:
                found.refused[int(cells[0])] = causes.sentence(cells[2])
    assert found.told["read"] == len(found.keys) + len(found.refused)
    return found


TWO = ["FJ-1", "FJ-2"]
TEXT = "请把该列设为“文本”格式后重新填写。"
BROKEN = "“FJ- 9”中有换行或其他不可打印的字符。请在同一行内重新输入该编号。"
said = causes.sentence
OUTSIDE = "出具日期2023-09-30不在本季度内，属于2023Q3。请改正日期，或在该季度报送。"

#: file → (good keys, {row: sentence}, part of what is told about the reading)
PASS: dict[str, tuple[list[str], dict[int, str], dict[str, Any]]] = {
    "plain.csv": (TWO, {}, {"format": "csv", "encoding": "utf-8", "separator": ",", "unmatched": []}),
    "plain.xlsx": (TWO, {}, {"format": "xlsx", "sheet": "报告编号", "other_sheets": [], "cut_off": False}),
    "x02_last_years_template.xlsx": (TWO, {}, {"template": 0, "current_template": 1}),
    "x03_moved_renamed_extra_columns.csv": (TWO, {}, {"unmatched": ["委托方", "备注"], "columns": ["N102", "N103", "N101"]}),
    "x04_title_above_and_two_heading_rows.xlsx": (TWO, {}, {"heading_row": 3, "data_row": 5}),
    "x05_merged_outside_the_data.xlsx": (TWO, {}, {}),
    "x06_formula_not_computed.xlsx": (
        ["FJ-1", "FJ-3"], {3: "单元格是尚未计算的公式。请在Excel或WPS中打开并保存后重新报送。"}, {},
    ),
    "x06_formula_with_empty_text.xlsx": (
        TWO, dict.fromkeys((6, 7), "单元格是尚未计算的公式。请在Excel或WPS中打开并保存后重新报送。"), {"blank": 2},
    ),
    "x07_error_value.xlsx": (["FJ-1", "FJ-3"], {3: "单元格是#N/A之类的错误值。请修正公式，或直接填写内容。"}, {}),
    "x07_error_value.csv": (
        ["FJ-1"], dict.fromkeys((3, 4), "单元格是#N/A之类的错误值。请修正公式，或直接填写内容。"), {},
    ),
    "x08_hidden_row_and_sheet.xlsx": (TWO, {}, {"sheet": "报告编号", "hidden_rows": 1, "other_sheets": ["旧数据"]}),
    "x09_two_sheets_with_data.xlsx": (TWO, {}, {"sheet": "报告编号", "other_sheets": ["十二月"]}),
    "x09_a_second_sheet_without_data.xlsx": (TWO, {}, {"sheet": "报告编号", "other_sheets": []}),
    "x12_csv_renamed.xlsx": (TWO, {}, {"format": "csv"}),
    "x17_phantom_rows.xlsx": (TWO, {}, {}),
    "x17_value_far_below.xlsx": (TWO, {}, {"cut_off": True}),
    "x20_gb18030.csv": (["闽检[2023]第0001号", "FJ-2"], {}, {"encoding": "gb18030"}),
    "x21_utf8_mark.csv": (TWO, {}, {"encoding": "utf-8-sig"}),
    "x21_utf16.csv": (TWO, {}, {"encoding": "utf-16", "separator": "\t"}),
    "x21_utf16_without_mark.csv": (TWO, {}, {"encoding": "utf-16-le"}),
    "x22_semicolon.csv": (TWO, {}, {"separator": ";"}),
    "x22_tab_quotes_and_line_ends_inside.csv": (TWO, {4: OUTSIDE}, {"separator": "\t"}),
    "x22_line_break_in_a_number.csv": (TWO, {3: BROKEN}, {"read": 3}),
    "x22_line_break_in_a_number.xlsx": (TWO, {3: BROKEN}, {"read": 3}),
    "x23_leading_zeros_lost.csv": (["123", "00124"], {}, {"findings": {"zeros": 1}}),
    "x24_scientific.csv": (["FJ-1", "2E10"], {3: f"“2.02312E+13”是科学计数法，电子表格已丢失部分数字。{TEXT}"}, {}),
    "x24_scientific.xlsx": (
        ["FJ-1"], dict.fromkeys((3, 4), f"“2.02312E+13”是科学计数法，电子表格已丢失部分数字。{TEXT}"), {},
    ),
    "x25_eighteen_digits.xlsx": (
        ["FJ-1", "123456789012345"], {3: said("digits|18"), 5: said("date_unreadable|202310050000000000")}, {},
    ),
    "x26_whole_number_cell.xlsx": (["20230001", "20230002"], {}, {}),
    "x27_date_in_the_number_column.xlsx": (["FJ-2"], {2: f"编号被识别成了日期（2023-11-05）。{TEXT}"}, {}),
    "x27_serial_dates_1900.xlsx": (TWO, {}, {"dates_1904": False}),
    "x27_serial_dates_1904.xlsx": (TWO, {}, {"dates_1904": True}),
    "x27_serial_typed.csv": ([], {2: "“45235”是电子表格的日期序号。请把该列设为日期格式，或按2023-11-05的格式填写。"}, {}),
    "x28_truth_value.xlsx": (["FJ-2"], {2: f"“TRUE”是逻辑值，不是编号。{TEXT}"}, {}),
    "x29_variants_are_the_same.csv": (["闽检[2023]1"] * 3 + ["FJ-1"] * 2, {}, {}),
    "x31_twice_in_the_file.csv": (["FJ-1", "FJ-2", "FJ-1", "FJ-1"], {}, {}),
    "x34_blank_lines_in_the_middle.csv": (TWO, {}, {"blank": 2}),
    "x34_blank_lines_in_the_middle.xlsx": (TWO, {}, {"blank": 2}),
    "x35_every_line_wrong.csv": ([], dict.fromkeys(range(2, 122), OUTSIDE), {"causes": {"date_outside": 120}}),
    "x37_inline_strings_without_dimension.xlsx": (TWO, {}, {}),
    "x37_shared_strings.xlsx": (TWO, {}, {}),
    "x37_no_cell_references.xlsx": (TWO, {}, {}),
    "x37_prefixed_names.xlsx": (TWO, {}, {}),
    "x37_strict.xlsx": (TWO, {}, {}),
    "x37_wps.xlsx": (TWO, {}, {"sheet": "shown"}),
    "x37_libreoffice.xlsx": (TWO, {}, {"sheet": "Feuille1"}),
    "x37_libreoffice_whole_sheet.xlsx": (TWO, {}, {"cut_off": False}),
    "x37_google.xlsx": (TWO, {}, {}),
    "x37_excel_mac.xlsx": (TWO, {}, {}),
    "x39_own_code_inside.csv": (["FJ-1"], {}, {}),
    "dates_in_every_spelling.csv": (
        ["FJ-1", "FJ-2", "FJ-3", "FJ-4", "FJ-5", "FJ-6"],
        {
            8: "“05/11/2023”有两种读法。请按2023-11-05的格式填写出具日期。",
            9: "没有“2023-11-31”这一天。请改正出具日期。",
            10: "“不详”不是有效的出具日期。请按2023-11-05的格式填写。",
            11: "出具日期为空。请按2023-11-05的格式填写。",
            12: "出具日期2123-11-05尚未到来。请改正。",
            13: "出具日期2024-01-01不在本季度内，属于2024Q1。请改正日期，或在该季度报送。",
        },
        {},
    ),
    "every_column.csv": (
        ["FJ-1", "FJ-2", "FJ-6", "FJ-7"],
        {
            4: "证书“229999999999”未登记在本机构名下；已登记的有：221300000001。请改正，或请监管部门更正登记。",
            5: said("domain_unknown|炼金"),
            6: "“也许”既不是“是”也不是“否”。请填“是”或“否”，留空视为“是”。",
            9: said("kind_unknown|军用"),
            10: said("state_unknown|遗失"),
        },
        {"replaces": True},
    ),
    "hostile_text.csv": (
        ["<SCRIPT>ALERT(1)</SCRIPT>", "FJ-2"],
        {
            2: said('no_digit|=HYPERLINK("http://x.cn")'),
            4: said("no_digit|a＼tb＼N"),
            5: "“FJ -1”中有换行或其他不可打印的字符。请在同一行内重新输入该编号。",
            7: f"“{'9' * 39}…”超过64个字符。请只填写编号。",
        },
        {},
    ),
    "no_number.csv": (
        ["闽检字(2023)第 0001 号"],
        {
            2: said("range|ZC-2023-101~110"),
            3: said("range|ZC-2023-111至ZC-2023-120"),
            4: said("no_digit|合计"),
            5: said("no_digit|无"),
            6: said("no_digit|-"),
            7: said("no_digit|/"),
            8: said("label|报告编号：ZC-2023-130"),
            9: said("state_behind|ZC-2023-131（作废）"),
            10: said("no_digit|洪志强"),
            11: said("several|RC-2023-K001、RC-2023-K002、RC-2023-K003"),
            12: said("label|1、RC-2023-J001"),
            13: said("total|共2份"),
            14: said("date_behind|RC-2023-Z001 2023-10-05"),
        },
        {"causes": {"range": 2, "no_digit": 5, "label": 2, "state_behind": 1, "several": 1, "total": 1, "date_behind": 1}},
    ),
    "json_lines.jsonl": (
        ["FJ-1", "FJ-2", "20230005"],
        {
            3: "该行不是只含简单值的JSON对象。请每行发送一个对象。",
            4: OUTSIDE,
            5: "该行不是只含简单值的JSON对象。请每行发送一个对象。",
            7: "“”中有换行或其他不可打印的字符。请在同一行内重新输入该编号。",
        },
        {"format": "jsonl"},
    ),
}  # fmt: skip

FOREIGN = "不论文件名如何，这是{}文件。请用.xlsx或.csv报送编号清单。"
BOMB = "文件解压后远大于编号清单应有的大小，未予打开。请把该工作表单独另存为新工作簿。"
ENTITIES = "文件引用了外部或自定义实体，一律不读取。请在Excel或WPS中重新保存。"
OTHERS = "文件中的统一社会信用代码91350100MA00000000不是本机构的，未存储任何内容。请核对文件归属；确属本机构的，确认后即可读取。"
FAIL: dict[str, str] = {
    "x01_another_form.xlsx": "这是另一张表（JC05）的模板。请使用报告编号表的模板。",
    "x03_no_date_column.csv": "没有“出具（签发）日期”列。请增加该列，填写每份报告的出具日期。",
    "x03_same_meaning_twice.csv": "“报告编号”与“报告号”两列含义相同。请删除或改名其中一列。",
    "x04_no_headings.csv": (
        "没有找到报告编号的表头，无法辨认各列。请保留模板的表头行。文件开头是：FJ-1、2023-11-05、FJ-2、2023-11-05"
    ),
    "x05_merged_cells.xlsx": "数据区有合并单元格：A3:A4。合并区域只有第一格有内容。请取消合并、逐行填写后重新报送。",
    "x10_macros.xlsm": "工作簿含有宏，不予接收。请另存为.xlsx后重新报送。",
    "x11_old_xls_renamed.xlsx": "这是旧格式的.xls工作簿。请另存为.xlsx后重新报送。",
    "x11_password.xlsx": "工作簿设有密码。请先取消密码再报送。",
    "x12_document.docx": FOREIGN.format("DOCX"),
    "x12_et_renamed.xlsx": "这是旧格式的.xls工作簿。请另存为.xlsx后重新报送。",
    "x12_wps_renamed.xlsx": FOREIGN.format("DOC/WPS"),
    "x12_html_renamed.xlsx": FOREIGN.format("HTML"),
    "x12_odt.xlsx": FOREIGN.format("ODS"),
    "x12_xml_spreadsheet.xls": FOREIGN.format("XML"),
    "x13_empty.csv": "文件是空的，未存储任何内容。请填写模板后重新报送。",
    "x13_only_blanks.csv": "文件是空的，未存储任何内容。请填写模板后重新报送。",
    "x13_only_headings.csv": "只有表头，没有数据行。未存储任何内容。",
    "x13_only_headings.xlsx": "只有表头，没有数据行。未存储任何内容。",
    "x14_cut_off.xlsx": "文件不完整，可能上传或复制中断。请重新报送。",
    "x14_damaged_member.xlsx": "文件不完整，可能上传或复制中断。请重新报送。",
    "x15_a_thousand_members.xlsx": BOMB,
    "x15_archive_of_archives.xlsx": FOREIGN.format("ZIP"),
    "x15_zip_bomb.xlsx": BOMB,
    "x15_lying_zip_bomb.xlsx": "文件不完整，可能上传或复制中断。请重新报送。",
    "x16_entities_in_shared_strings.xlsx": ENTITIES,
    "x16_entities_in_sheet.xlsx": ENTITIES,
    "x16_entities_in_workbook.xlsx": ENTITIES,
    "x20_no_known_encoding.csv": "文件的文字编码无法识别。请另存为“CSV UTF-8”或.xlsx后重新报送。",
    "x22_quote_never_closed.csv": "第2行附近的引号没有成对。请改正后重新报送。",
    "x38_paper.pdf": FOREIGN.format("PDF"),
    "x38_picture.png": FOREIGN.format("PNG"),
    "x39_other_institution.csv": OTHERS,
    "x39_other_institutions_template.xlsx": OTHERS,
}


def names(folder: str) -> set[str]:
    return {path.name for path in (FOLDER / folder).iterdir()}


def test_every_fixture_has_its_expected_answer() -> None:
    assert names("should_pass") == set(PASS)
    assert names("should_fail") == set(FAIL)


@pytest.mark.parametrize("name", PASS)
def test_file_is_read(name: str) -> None:
    keys, refused, told = PASS[name]
    found = read(FOLDER / "should_pass" / name, known(padded_to=5) if name.startswith("x23") else KNOWN)
    assert found.keys == keys
    assert found.refused == refused
    assert {part: found.told[part] for part in told} == told


@pytest.mark.parametrize("name", FAIL)
def test_file_is_refused(name: str) -> None:
    with pytest.raises(Unreadable) as trouble:
        child.read(FOLDER / "should_fail" / name, "auto", KNOWN, io.BytesIO())
    assert causes.refusal({"code": trouble.value.code, "values": trouble.value.values}) == FAIL[name]


def test_another_institutions_file_is_read_once_its_origin_is_confirmed() -> None:
    found = read(FOLDER / "should_fail" / "x39_other_institution.csv", known(trusts_code=True))
    assert found.keys == ["FJ-1"]


def test_every_fault_and_refusal_has_words() -> None:
    assert set(causes.FAULTS) | set(causes.FINDINGS) == set(causes.LABELS)


def test_dates_of_the_1904_system_come_out_right() -> None:
    out = io.BytesIO()
    child.read(FOLDER / "should_pass" / "x27_serial_dates_1904.xlsx", "auto", KNOWN, out)
    assert b"FJ-1\t\\N\t2023-11-05\t" in out.getvalue()
