"""The sheets and columns of a scheme workbook: their order, their words in both languages, and what may be chosen.

The words are data, as those of a scheme are: the workbook carries both languages, the pages show the reader's.
"""

# ruff: noqa: E501 -- a column with its words reads best on one line
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .definition import COLUMN_KINDS, SEVERITIES, TABLE_KINDS, pick

TYPES = (
    "int", "decimal(14,2)", "string20", "string200", "text", "enum", "multi", "bool", "date", "yyyymm", "uscc18",
    "region6", "phone", "mobile", "email", "url", "postcode", "rowref", "rows", "file", "derived", "prefill",
)  # fmt: skip
YES = ("1",)


@dataclass(frozen=True, slots=True)
class Column:
    """`choices` are offered in a drop-down; `strict` refuses anything else. `source` takes them from another sheet."""

    name: str
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""
    needed: bool = False
    choices: tuple[str, ...] = ()
    source: tuple[str, str] | None = None
    strict: bool = False

    def label(self, lang: str | None = None) -> str:
        return pick(self.zh, self.en, lang)


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    zh: str
    en: str
    hint_zh: str
    hint_en: str
    columns: tuple[Column, ...]
    optional: bool = False
    frozen: str = "B2"

    def label(self, lang: str | None = None) -> str:
        return pick(self.zh, self.en, lang)

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


C = Column
_TABLES = ("tables", "code")
SHEETS: Mapping[str, Sheet] = {
    sheet.name: sheet
    for sheet in (
        Sheet("scheme", "制度", "Scheme", "制度的代码、版本、年度和名称，只有一行。", "Code, version, year and titles; one line.", (
            C("code", "代码", "Code", "字母开头，不超过20个字符，如jc2024", "Begins with a letter, at most 20 characters, such as jc2024", True),
            C("version", "版本", "Version", "整数；已有同代码制度时由系统顺延", "Whole number; the portal gives the next free one", True),
            C("year", "年度", "Year", "数据所属年度", "The year the data are of", True),
            C("title_zh", "中文名称", "Title in Chinese", "", "", True),
            C("title_en", "英文名称", "Title in English", "", "", True),
        )),
        Sheet("tables", "表", "Tables", "每行一张表。", "One line for each table.", (
            C("code", "表代码", "Code", "大写字母开头，如JC01、JC01-1", "Begins with a capital letter, such as JC01, JC01-1", True),
            C("kind", "种类", "Kind", "annual年度统计，report年度报告，numbers报告编号，derived系统计算", "annual, report, numbers or derived", True, TABLE_KINDS, None, True),
            C("repeating", "可多行", "Repeating", "1表示可填多行", "1 when it has several lines", False, YES, None, True),
            C("name_zh", "中文名称", "Name in Chinese", "", "", True),
            C("name_en", "英文名称", "Name in English", "", "", True),
            C("applies_when", "适用条件", "Applies when", "表达式；空白为总是适用", "An expression; blank for always"),
            C("form_number_zh", "表号", "Form number in Chinese"),
            C("form_number_en", "表号（英文）", "Form number in English"),
            C("made_by_zh", "制定机关", "Issued by, in Chinese"),
            C("made_by_en", "制定机关（英文）", "Issued by, in English"),
            C("approved_by_zh", "批准机关", "Approved by, in Chinese"),
            C("approved_by_en", "批准机关（英文）", "Approved by, in English"),
            C("approval_number_zh", "批准文号", "Approval number in Chinese"),
            C("approval_number_en", "批准文号（英文）", "Approval number in English"),
            C("valid_until_zh", "有效期至", "Valid until, in Chinese"),
            C("valid_until_en", "有效期至（英文）", "Valid until, in English"),
        )),
        Sheet("units", "计量单位", "Units", "指标使用的计量单位。", "Units of measure that indicators use.", (
            C("unit", "单位", "Unit", "", "", True),
            C("name_en", "英文名称", "Name in English", "", "", True),
        )),
        Sheet("indicators", "指标", "Indicators", "每行一个指标，按填报顺序排列。", "One line for each indicator, in the order of the form.", (
            C("table", "所在表", "Table", "", "", True, (), _TABLES, True),
            C("code", "指标代码", "Code", "大写字母开头，2至10个字母或数字，全制度不重复", "A capital letter and 1 to 9 letters or digits, once in the scheme", True),
            C("name_zh", "中文名称", "Name in Chinese", "", "", True),
            C("name_en", "英文名称", "Name in English", "", "", True),
            C("unit", "计量单位", "Unit", "", "", False, (), ("units", "unit"), True),
            C("dtype", "数据类型", "Type", "如int整数、decimal(14,2)两位小数、string200文字、enum单选、multi多选、bool是否、date日期", "int, decimal(14,2), string200, enum, multi, bool, date …", True, TYPES),
            C("required", "必填", "Required", "yes为必填，或写条件表达式；空白为选填", "yes, or an expression; blank for optional"),
            C("visible_when", "显示条件", "Visible when", "表达式；空白为总是显示", "An expression; blank for always"),
            C("group_zh", "分组", "Group in Chinese"),
            C("group_en", "分组（英文）", "Group in English"),
            C("options", "选项表", "Option list", "enum和multi须填", "Needed for enum and multi", False, (), ("options", "list")),
            C("min", "下限", "Least", "空白为0，none为不限", "Blank for 0, none for no limit"),
            C("max", "上限", "Most", "日期可填future表示允许将来", "future lets a date lie ahead"),
            C("formula", "计算公式", "Formula", "derived类型用", "For the type derived"),
            C("definition_zh", "指标解释", "Definition in Chinese", "", "", True),
            C("definition_en", "指标解释（英文）", "Definition in English", "", "", True),
            C("source", "出处", "Source"),
        ), frozen="C2"),
        Sheet("options", "选项", "Options", "单选、多选指标的选项，按选项表分组。", "The options of enum and multi indicators, by list.", (
            C("list", "选项表", "List", "", "", True),
            C("code", "选项代码", "Code", "", "", True),
            C("label_zh", "中文", "Chinese", "", "", True),
            C("label_en", "英文", "English", "", "", True),
            C("maps", "对应", "Maps to", "对应另一选项表的代码，空格分开", "Codes of another list, with spaces between"),
            C("source", "出处", "Source"),
        ), frozen="C2"),
        Sheet("checks", "审核关系", "Checks", "每行一条审核关系；表达式为真即通过。", "One line for each check, which holds when its expression is true.", (
            C("code", "编号", "Code", "", "", True),
            C("part", "分项", "Part", "同一编号有多条时填a、b、c", "a, b, c where a code has several"),
            C("severity", "性质", "Severity", "hard必须改正，verify须说明，info提示", "hard, verify or info", True, SEVERITIES, None, True),
            C("table", "所在表", "Table", "", "", True, (), _TABLES, True),
            C("per_row", "逐行", "Each line", "1表示对表的每一行审核", "1 to check every line of the table", False, YES, None, True),
            C("each", "逐项", "For each", "对所列各指标分别审核，表达式中写x", "The indicators that x stands for"),
            C("when", "适用条件", "When", "表达式；不成立时不审核", "An expression; the check rests where it does not hold"),
            C("expression", "表达式", "Expression", "", "", True),
            C("cells", "涉及指标", "Cells", "空白则取表达式中的指标", "Blank for those of the expression"),
            C("shows", "提示中的数值", "Values shown", "名称 := 表达式，分号分开", "name := expression, with semicolons between"),
            C("fix", "改正建议", "Correction offered", "", ""),
            C("message_zh", "提示", "Message in Chinese", "", "", True),
            C("message_en", "提示（英文）", "Message in English", "", "", True),
            C("help_zh", "说明", "Help in Chinese", "", "", True),
            C("help_en", "说明（英文）", "Help in English", "", "", True),
            C("example", "例子", "Example"),
            C("source", "出处", "Source"),
        ), frozen="B2"),
        Sheet("regions", "行政区划", "Regions", "区划代码及其使用年份。", "Division codes with the years they were in force.", (
            C("code", "代码", "Code", "", "", True),
            C("name_zh", "中文名称", "Name in Chinese", "", "", True),
            C("name_en", "英文名称", "Name in English"),
            C("level", "级别", "Level", "province、prefecture或county", "province, prefecture or county", True),
            C("from_year", "启用年份", "From year"),
            C("to_year", "停用年份", "To year"),
            C("successor", "后继代码", "Successor"),
        )),
        Sheet("columns", "明细栏目", "Columns of rows", "rows类型指标的栏目，每行一栏，按填报顺序排列。", "The columns of indicators of the type rows, one line for each, in the order of the form.", (
            C("indicator", "指标代码", "Indicator", "rows类型的指标", "An indicator of the type rows", True, (), ("indicators", "code")),
            C("code", "栏目代码", "Code", "小写字母开头，1至20个小写字母、数字或下划线", "A small letter and at most 19 small letters, digits or underscores", True),
            C("name_zh", "中文名称", "Name in Chinese", "", "", True),
            C("name_en", "英文名称", "Name in English", "", "", True),
            C("kind", "种类", "Kind", "text文字，date日期，bool是否，int整数", "text, date, bool or int", True, COLUMN_KINDS, None, True),
            C("required", "必填", "Required", "1表示每行必填", "1 when it is filled on every line", False, YES, None, True),
            C("length", "最多字数", "Length", "文字的最多字数，1至500；空白为100", "Most characters of a text, 1 to 500; blank for 100"),
        ), frozen="C2", optional=True),
        Sheet("renames", "指标对照", "Renamed indicators", "改了代码的指标：上年数据按此接续。", "Indicators with a new code: last year's values follow it.", (
            C("old", "原代码", "Old code", "以前版本的代码，本版本中不再使用", "Of an earlier version, no longer used in this one", True),
            C("new", "新代码", "New code", "", "", True, (), ("indicators", "code")),
        ), optional=True),
    )
}  # fmt: skip


def sheet_label(name: str, lang: str | None = None) -> str:
    return SHEETS[name].label(lang) if name in SHEETS else name


def column_label(sheet: str, name: str, lang: str | None = None) -> str:
    column = SHEETS[sheet].column(name) if sheet in SHEETS else None
    return column.label(lang) if column else name
