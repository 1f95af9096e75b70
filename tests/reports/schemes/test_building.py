import csv
from copy import deepcopy
from typing import Any

import pytest
from django.utils.translation import override

from reports.schemes.building import ContentError
from reports.schemes.content import DATA, bundled, content_from_folder, digest_of
from reports.schemes.definition import SchemeDefinition

CONTENT = content_from_folder(DATA / "jc2023")


def broken(sheet: str, code: str, /, **change: str) -> list[str]:
    content: dict[str, Any] = deepcopy(CONTENT)
    row = next(row for row in content[sheet] if code in (row.get("code"), row.get("unit")))
    row.update(change)
    with override("en"), pytest.raises(ContentError) as caught:
        SchemeDefinition.from_content(content)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("sheet", "code", "change", "problem"),
    [
        ("indicators", "A301", {"dtype": "integer"}, "indicators / A301 / dtype: The type “integer” is not known."),
        ("indicators", "A301", {"table": "JC9"}, "indicators / A301 / table: The table “JC9” is not known."),
        ("indicators", "A301", {"unit": "磅"}, "indicators / A301 / unit: The unit “磅” is not known."),
        ("indicators", "A301", {"name_en": ""}, "indicators / A301 / name_en: This cell must be filled."),
        ("indicators", "A301", {"min": "few"}, "indicators / A301 / min: This is not a number."),
        ("indicators", "A201", {"options": "types"}, "indicators / A201 / options: The list “types” is not known."),
        (
            "indicators",
            "A214",
            {"required": "A999"},
            "indicators / A214 / required: The name “A999” is not known. (at character 1)",
        ),
        ("indicators", "A218", {"formula": "A218 + 1"}, "indicators / A218 / formula: The formula depends on itself."),
        ("indicators", "A302", {"code": "A301"}, "indicators / A301 / code: The code appears 2 times."),
        (
            "tables",
            "JC02",
            {"kind": "yearly"},
            "tables / JC02 / kind: One of annual, report, numbers, derived is needed.",
        ),
        (
            "tables",
            "JC02",
            {"applies_when": "A301"},
            "tables / JC02 / applies_when: The expression gives a value of kind number; yes/no is needed. (at character 1)",
        ),
        ("checks", "K011", {"severity": "bad"}, "checks / K011 / severity: One of hard, verify, info is needed."),
        (
            "checks",
            "K011",
            {"expression": "A311 + A312 = A102"},
            "checks / K011 / expression: A value of kind number cannot be put beside one of kind text. (at character 15)",
        ),
        ("checks", "K011", {"cells": "A311 A999"}, "checks / K011 / cells: The name “A999” is not known."),
        ("checks", "K011", {"message_en": "{total}"}, "checks / K011 / message_en: The name “total” is not known."),
        (
            "checks",
            "K024",
            {"per_row": ""},
            "checks / K024 / expression: Lines of table JC01-1 are named without adding them up, and the rule is not "
            "marked per row.",
        ),
        ("checks", "K012", {"code": "K011"}, "checks / K011 / code: The code appears 2 times."),
        ("checks", "K047", {"fix": "E999 := 1"}, "checks / K047 / fix: The name “E999” is not known."),
    ],
)
def test_what_is_wrong_is_named_by_sheet_code_and_column(
    sheet: str, code: str, change: dict[str, str], problem: str
) -> None:
    assert problem in broken(sheet, code, **change)


def test_everything_wrong_is_told_at_once() -> None:
    content = deepcopy(CONTENT)
    content["indicators"][0]["dtype"] = "x"
    content["checks"][0]["severity"] = "x"
    content["scheme"] = {"code": "jc2023", "version": "two"}
    with pytest.raises(ContentError) as caught:
        SchemeDefinition.from_content(content)
    assert {problem.sheet for problem in caught.value.problems} == {"indicators", "checks", "scheme"}


def test_an_empty_content_is_refused_not_broken() -> None:
    with pytest.raises(ContentError):
        SchemeDefinition.from_content({})


def test_both_languages_are_complete() -> None:
    scheme = bundled()
    for item in scheme.indicator_by_code.values():
        for lang in ("zh", "en"):
            assert item.name(lang)
            assert item.definition(lang)
            assert item.group(lang)
        assert item.name_en.isascii() or not any("\u4e00" <= sign <= "\u9fff" for sign in item.name_en)
    assert all(region.name_zh and region.name_en for region in scheme.regions.rows.values())
    for options in scheme.lists.values():
        assert all(option.label_zh and option.label_en for option in options)
    for check in scheme.checks:
        assert all((check.help("zh"), check.help("en"), check.example))


def test_every_table_carries_its_legal_marks() -> None:
    for table in bundled().tables:
        marks = dict(table.legal_marks("zh"))
        assert list(marks) == ["表号", "制定机关", "批准机关", "批准文号", "有效期至"]
        assert all("示例" in value for value in marks.values())


def test_the_digest_follows_the_content() -> None:
    assert digest_of(CONTENT) == digest_of(deepcopy(CONTENT))
    other = deepcopy(CONTENT)
    other["scheme"]["version"] = 2
    assert digest_of(other) != digest_of(CONTENT)
    assert len(digest_of(CONTENT)) == 64


def test_sheets_have_one_heading_each() -> None:
    for path in (DATA / "jc2023").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            heading = next(csv.reader(file))
        assert len(heading) == len(set(heading))
