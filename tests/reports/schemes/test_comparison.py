"""Two versions side by side, and indicators that got another code."""

from copy import deepcopy

import pytest
from django.utils.translation import override

from demo.loading.next_scheme import next_year
from reports.schemes.building import ContentError
from reports.schemes.comparison import FieldChange, compare
from reports.schemes.content import DATA, content_from_folder
from reports.schemes.definition import SchemeDefinition
from reports.schemes.renaming import carried_codes, carried_keys, carried_tables, mapping_of

CONTENT = content_from_folder(DATA / "jc2023")
NEXT = next_year(CONTENT)


def told(sheet, comparison):
    return [(one.kind, one.key, [field.column for field in one.fields]) for one in comparison.section(sheet).changes]


def test_a_version_equals_itself() -> None:
    assert compare(CONTENT, deepcopy(CONTENT)).total == 0


def test_everything_that_changed_is_told_once() -> None:
    found = compare(CONTENT, NEXT)
    assert told("indicators", found) == [
        ("changed", "A305", ["definition_zh"]),
        ("renamed", "W316", ["definition_zh", "definition_en"]),
        ("added", "W603", []),
        ("removed", "W602", []),
    ]
    assert found.section("indicators").changes[1].old_key == "W312"
    assert told("options", found) == [("added", "4", [])]
    assert found.section("options").changes[0].group == "A212"
    # K076 names W316 now in place of W312, which is the renaming and no change of its own.
    assert told("checks", found) == [
        ("changed", "K100", ["expression", "message_zh", "message_en", "help_zh", "help_en"]),
        ("added", "K130", []),
    ]
    assert told("scheme", found) == [("changed", "", ["code", "year", "title_zh", "title_en"])]
    assert [found.section(sheet).changes for sheet in ("tables", "units", "regions")] == [(), (), ()]
    with override("en"):
        assert found.section("checks").label == "Checks"
        assert found.section("checks").changes[0].fields[0].label == "Expression"


def test_without_the_mapping_a_new_code_is_one_gone_and_one_added() -> None:
    found = compare(CONTENT, {**NEXT, "renames": []})
    assert ("removed", "W312", []) in told("indicators", found)
    assert ("added", "W316", []) in told("indicators", found)
    assert [one.key for one in found.section("checks").changes] == ["K076", "K100", "K130"]


def test_what_differs_within_a_text_is_marked() -> None:
    before, after = FieldChange("checks", "expression", "A301 <= 0.5", "A301 <= 0.3").parts
    assert before == [(False, "A301 <= 0."), (True, "5")]
    assert after == [(False, "A301 <= 0."), (True, "3")]
    assert FieldChange("checks", "when", "", "x").parts == ([(True, "")], [(True, "x")])


def test_a_mapping_is_proposed_by_name_then_meaning_then_likeness() -> None:
    after = deepcopy({**NEXT, "renames": []})
    rows = {row["code"]: row for row in after["indicators"]}
    rows["W316"]["definition_zh"] = "别的"
    rows["W313"] |= {"code": "W318", "name_zh": "不合格报告份数"}
    rows["W521"] |= {"code": "W525", "name_zh": "获国家级科学技术奖励", "definition_zh": "别的"}
    found = mapping_of(CONTENT, after)
    assert {one.old["code"]: (one.new, one.why) for one in found.gone} == {
        "W312": ("W316", "name"),
        "W313": ("W318", "meaning"),
        "W521": ("W525", "similar"),
        "W602": ("", ""),
    }
    assert [row["code"] for row in found.fresh] == ["W316", "W318", "W525", "W603"]
    assert mapping_of(CONTENT, NEXT).chosen == {"W312": "W316"}


def test_renamed_twice_is_followed_to_the_code_of_now() -> None:
    later = deepcopy(NEXT)
    later["renames"] = [{"old": "W300", "new": "W312"}, {"old": "W312", "new": "W316"}]
    assert SchemeDefinition.from_content(later).renames == {"W300": "W316", "W312": "W316"}


@pytest.mark.parametrize(
    ("renames", "column"),
    [
        ([{"old": "W311", "new": "W316"}], "old"),
        ([{"old": "W312", "new": "W999"}], "new"),
        ([{"old": "W312", "new": "W300"}, {"old": "W300", "new": "W312"}], "new"),
        ([{"old": "W312", "new": ""}], "new"),
        ([{"old": "W312", "new": "W316"}, {"old": "W312", "new": "W303"}], "old"),
    ],
)
def test_a_mapping_that_leads_nowhere_is_refused(renames, column) -> None:
    with pytest.raises(ContentError) as refused:
        SchemeDefinition.from_content({**NEXT, "renames": renames})
    assert {(one.sheet, one.column) for one in refused.value.problems} == {("renames", column)}


def test_values_of_an_earlier_version_stand_under_the_codes_of_now() -> None:
    definition = SchemeDefinition.from_content(NEXT)
    before = {
        "JC01": {"A301": "5"},
        "JC05": {"W311": "9", "W312": "3"},
        "JC05-1": {"rows": [{"id": "r1", "D101": "1"}]},
    }
    assert carried_tables(definition, before) == {
        "JC01": {"A301": "5"},
        "JC05": {"W311": "9", "W316": "3"},
        "JC05-1": {"rows": [{"id": "r1", "D101": "1"}]},
    }
    assert carried_codes(definition.renames, {"W312": 1, "W316": 2}) == {"W316": 2}
    assert carried_keys(definition.renames, {"K076:W312": "a", "K041@W312": "b"}) == {
        "K076:W316": "a",
        "K041@W312": "b",
    }
