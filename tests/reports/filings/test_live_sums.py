"""What the page is told of the sum checks, so that it can add up and judge conditions while somebody types."""

from __future__ import annotations

import json
from typing import Any

import pytest

from reports.filings.conditions import NotTold, Teller
from reports.filings.sums import sums_script
from reports.schemes.building import build
from reports.schemes.checking import Cells, Env
from reports.schemes.content import DATA, bundled, content_from_folder
from reports.schemes.definition import SchemeDefinition
from reports.schemes.language.parser import parse
from tests.factories.filings_data import valid_cells


def with_check(**check: str) -> SchemeDefinition:
    content = content_from_folder(DATA / "jc2023")
    words = {"message_zh": "不符", "message_en": "Wrong", "help_zh": "说明", "help_en": "Help"}
    row = {"code": "K900", "severity": "hard", "table": "JC05"} | words | check
    return build({**content, "checks": [*content["checks"], row]})


def told(scheme: SchemeDefinition, table: str = "JC05") -> dict[str, Any]:
    text = sums_script(scheme.table(table), Env(scheme, Cells.from_tables(valid_cells(10))))
    found: dict[str, Any] = json.loads(text[text.index(">") + 1 : text.rindex("<")])
    return found


def own(found: dict[str, Any]) -> dict[str, Any] | None:
    return next((one for one in found["sums"] if one["code"] == "K900"), None)


def test_plain_sums_come_without_a_condition() -> None:
    found = told(bundled())
    assert found["elsewhere"] == {}
    assert {one["code"] for one in found["sums"]} >= {"K070:a", "K075", "K077", "K079:a", "K082"}
    assert all("when" not in one for one in found["sums"])


@pytest.mark.parametrize(
    ("check", "when", "elsewhere"),
    [
        (
            {"expression": "W501 > 1 implies W502 + W503 = W501"},
            ["and", [">", ["figure", "W501"], ["is", 1.0]]],
            {},
        ),
        (
            {"expression": "W502 + W503 = W501", "when": 'A201 = "10" and filled(W504)'},
            ["and", ["and", ["=", ["elsewhere", "A201"], ["is", "10"]], ["filled", ["figure", "W504"]]]],
            {"A201": "10"},
        ),
        (
            {"expression": "W502 + W503 = W501", "when": "W504 + A301 >= 3 or A302 in (1, 2)"},
            [
                "and",
                [
                    "or",
                    [">=", ["sum", [[1, ["figure", "W504"]], [1, ["elsewhere", "A301"]]]], ["is", 3.0]],
                    ["in", ["elsewhere", "A302"], [["is", 1.0], ["is", 2.0]]],
                ],
            ],
            {"A301": 25.0, "A302": 11.0},
        ),
    ],
)
def test_a_condition_comes_along(check: dict[str, str], when: list[Any], elsewhere: dict[str, Any]) -> None:
    found = told(with_check(**check))
    sum_ = own(found)
    assert sum_ is not None
    assert (sum_["when"], found["elsewhere"]) == (when, elsewhere)


@pytest.mark.parametrize(
    "when", ["prev(W501) > 1", "W101 / A301 > 3", 'any(D101 = "05")', "X002 > 5", "year(A109) > 2000", "unchanged()"]
)
def test_a_condition_that_the_page_cannot_judge_leaves_the_sum_out(when: str) -> None:
    found = told(with_check(expression="W502 + W503 = W501", when=when))
    assert own(found) is None
    assert found["elsewhere"] == {}
    with pytest.raises(NotTold):
        Teller(bundled().table("JC05")).condition(parse(when))


def test_what_stands_in_other_tables_is_told_anew_for_each_filing() -> None:
    scheme = with_check(expression="W502 + W503 = W501", when='A201 = "10"')
    assert told(scheme)["elsewhere"] == {"A201": "10"}
    text = sums_script(scheme.table("JC05"), Env(scheme, Cells.from_tables(valid_cells(20))))
    assert '"elsewhere": {"A201": "20"}' in text


def test_columns_of_a_repeating_table_are_told_against_the_figure_elsewhere() -> None:
    found = told(bundled(), "JC05-1")
    assert [(one["code"], one["rows"], one["constant"]) for one in found["sums"]] == [
        ("K091", True, 7600.0),
        ("K092", True, 9000.0),
    ]
