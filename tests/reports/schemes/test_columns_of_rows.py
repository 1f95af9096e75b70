"""The columns of answers of rows: read from their sheet, carried by the workbook, compared; older versions have the first ones."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from reports.schemes.building import ContentError
from reports.schemes.comparison import compare
from reports.schemes.content import DATA, content_from_folder, digest_of
from reports.schemes.definition import RowColumn, SchemeDefinition
from reports.schemes.helptexts import form_of
from reports.schemes.loading import SchemeTaken, load_content, load_scheme
from reports.schemes.values import UnreadableValue, read_value
from reports.schemes.workbook import content_from_workbook, workbook_bytes

CONTENT = content_from_folder(DATA / "jc2023")
TODAY = date(2024, 1, 20)


def changed(which: str, /, **values: str) -> dict[str, Any]:
    content = deepcopy(CONTENT)
    row = next(one for one in content["columns"] if (one["indicator"], one["code"]) == ("R103", which))
    row.update(values)
    return content


def before_columns() -> dict[str, Any]:
    return {name: rows for name, rows in CONTENT.items() if name != "columns"}


def columns(content: dict[str, Any], code: str) -> tuple[RowColumn, ...]:
    return SchemeDefinition.from_content(content).indicator(code).columns


def test_they_come_from_the_sheet() -> None:
    content = changed("what", name_zh="变更内容", length="20")
    content["columns"].append(
        {"indicator": "R103", "code": "count", "name_zh": "次数", "name_en": "Times", "kind": "int"}
    )
    assert columns(content, "R103") == (
        RowColumn("what", "变更内容", "Matter", "text", True, 20),
        RowColumn("on", "日期", "Date", "date", True),
        RowColumn("done", "是否已办理变更", "Change registered", "bool", True),
        RowColumn("count", "次数", "Times", "int", False),
    )
    assert columns({**content, "columns": []}, "R103") == ()


def test_help_names_them() -> None:
    item = SchemeDefinition.from_content(changed("what", length="20")).indicator("R103")
    assert (
        form_of(item) == "逐行填写：变更事项（文字，最多20个字）、日期（日期，如2023-05-17）、是否已办理变更（是或否）"
    )


def test_a_version_from_before_has_the_first_ones() -> None:
    assert columns(before_columns(), "R103") == columns(CONTENT, "R103")
    assert compare(before_columns(), CONTENT).total == 0


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"indicator": "R101"}, "indicator"),
        ({"indicator": "R999"}, "indicator"),
        ({"code": "Was"}, "code"),
        ({"kind": "float"}, "kind"),
        ({"length": "0"}, "length"),
        ({"length": "900"}, "length"),
        ({"name_en": ""}, "name_en"),
        ({"code": "on"}, "code"),  # twice
    ],
)
def test_faults_are_named(values: dict[str, str], column: str) -> None:
    with pytest.raises(ContentError) as refused:
        SchemeDefinition.from_content(changed("what", **values))
    assert {(one.sheet, one.column) for one in refused.value.problems} == {("columns", column)}
    assert all(one.row for one in refused.value.problems)


def test_the_workbook_carries_them() -> None:
    content = changed("what", length="20")
    assert content_from_workbook(BytesIO(workbook_bytes(content)))["columns"] == content["columns"]
    old = content_from_workbook(BytesIO(workbook_bytes(before_columns())))
    assert columns(old, "R309") == columns(CONTENT, "R309")


def test_the_comparison_shows_what_changed() -> None:
    after = changed("what", length="20")
    after["columns"] = [row for row in after["columns"] if row["code"] != "items"]
    found = [(one.kind, one.group, one.key) for one in compare(CONTENT, after).section("columns").changes]
    assert found == [("changed", "R103", "what"), ("removed", "R205", "items")]


def test_columns_follow_an_indicator_that_is_renamed() -> None:
    after = deepcopy(CONTENT)
    for row in after["indicators"]:
        row["code"] = "R193" if row["code"] == "R103" else row["code"]
    for row in after["columns"]:
        row["indicator"] = "R193" if row["indicator"] == "R103" else row["indicator"]
    after["renames"] = [{"old": "R103", "new": "R193"}]
    assert [one.kind for one in compare(CONTENT, after).section("columns").changes] == ["renamed"] * 3


@pytest.mark.django_db
def test_a_version_loaded_before_there_were_columns_stays_what_it_is() -> None:
    old = load_content(before_columns(), publish=True)
    assert load_scheme() == old
    assert old.digest == digest_of(before_columns())
    assert old.definition.indicator("R205").columns == columns(CONTENT, "R205")
    with pytest.raises(SchemeTaken):
        load_content(changed("what", length="20"), publish=True)


def test_reading_of_lines() -> None:
    item = SchemeDefinition.from_content(CONTENT).indicator("R103")
    typed = '[{"what":" 地址  变更","on":"2023年5月6日","done":"是"},{"what":"","on":"","done":""}]'
    assert read_value(item, typed, today=TODAY).stored == '[{"what":"地址 变更","on":"2023-05-06","done":"1"}]'
    assert read_value(item, '[{"what":""}]', today=TODAY).stored is None


@pytest.mark.parametrize(
    "typed",
    [
        "地址变更",
        "[1]",
        "[" * 3000,
        '[{"what":"变更","on":"2023-05-06"}]',
        '[{"what":"变更","on":"2023-13-06","done":"1"}]',
        '[{"what":"变更","on":"2024-05-06","done":"1"}]',  # not yet
        '[{"other":"变更"}]',
        f'[{{"what":"{"长" * 101}","on":"2023-05-06","done":"1"}}]',
    ],
)
def test_lines_that_cannot_be_read(typed: str) -> None:
    item = SchemeDefinition.from_content(CONTENT).indicator("R103")
    with pytest.raises(UnreadableValue):
        read_value(item, typed, today=TODAY)
