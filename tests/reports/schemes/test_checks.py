"""Each check of the annual statistics passes, fails and keeps silent when it should."""

import re

import pytest

from reports.schemes.content import bundled
from reports.schemes.definition import ANNUAL, DERIVED
from tests.reports.schemes.cases import CASES
from tests.reports.schemes.filing import changed, failures, keys

SLIPS = tuple(check.each for check in bundled().checks if check.code == "K101")
FINANCE = {"E": 10, "A": 10, "W": 10, "S": 20, "G": 51}


def test_every_annual_check_has_a_case() -> None:
    scheme = bundled()
    run = {check.key for check in scheme.checks if scheme.table(check.table).kind in (ANNUAL, DERIVED)}
    assert run == set(CASES) | {f"K101:{code}" for code in SLIPS}


def test_every_rule_of_the_list_is_there() -> None:
    wanted = [*range(1, 18), *range(20, 32), *range(40, 53), *range(60, 65), *range(70, 83), *range(90, 95)]
    wanted += [*range(100, 105), *range(110, 117), *range(120, 123)]
    assert {check.code for check in bundled().checks} == {f"K{number:03d}" for number in wanted}


@pytest.mark.parametrize("key", CASES)
def test_check_passes(key: str) -> None:
    case = CASES[key]
    previous = case.good_previous if case.good_previous is not None else case.previous
    assert key not in keys(case.good, unit_type=case.unit_type, previous=previous, facts=case.facts)


@pytest.mark.parametrize("key", CASES)
def test_check_fails(key: str) -> None:
    case = CASES[key]
    facts = case.fail_facts or case.facts
    found = failures(case.fail, unit_type=case.unit_type, previous=case.previous, facts=facts)
    failure = next(failure for failure in found if failure.check.key == key)
    assert failure.cells, "a finding points at its cells"
    for lang in ("zh", "en"):
        assert not re.search(r"[{}]", failure.message(lang))
    assert re.search(r"[\u4e00-\u9fff]", failure.message("zh"))


@pytest.mark.parametrize("key", CASES)
def test_check_with_blank_cells(key: str) -> None:
    case = CASES[key]
    facts = {} if not case.blank else case.facts
    previous = None if not case.blank else case.previous
    assert (key in keys(case.blank, unit_type=case.unit_type, previous=previous, facts=facts)) is case.blank_fails


@pytest.mark.parametrize("code", SLIPS)
@pytest.mark.parametrize("factor", [1000, 10])
def test_a_slip_of_the_unit_is_found_and_a_fix_offered(code: str, factor: int) -> None:
    unit_type = FINANCE[code[0]]
    before = int(changed({}, unit_type).single[code])
    slip = {code: str(before * factor)}
    found = failures(slip, unit_type=unit_type, previous={})
    failure = next(failure for failure in found if failure.check.key == f"K101:{code}")
    assert failure.values["left"] == str(factor)
    assert [(fix.code, fix.value) for fix in failure.fixes] == [(code, str(before))]
    assert f"K100:{code}" not in {failure.check.key for failure in found}
    assert f"K101:{code}" not in keys({code: None}, unit_type=unit_type, previous={})
    assert f"K101:{code}" not in keys({}, unit_type=unit_type, previous={})


def test_a_slip_downwards_is_found() -> None:
    found = failures({"E201": "8"}, previous={})
    failure = next(failure for failure in found if failure.check.key == "K101:E201")
    assert failure.values == {
        "left": "0.001",
        "right": "1",
        "diff": "0.999",
        "guess": "8000",
        "E201": "8",
        "E201.prev": "8000",
    }


@pytest.mark.parametrize("unit_type", [10, 20, 51])
def test_the_valid_filing_fails_nothing(unit_type: int) -> None:
    assert keys({}, unit_type=unit_type) == set()


def test_message_tells_both_values_and_the_difference() -> None:
    (failure,) = failures({"A313": "13"})
    assert failure.message("zh") == (
        "学历分组之和（A311至A315）为26人，期末从业人员（A301）为25人，相差1人。请核对分组或A301。"
    )
    assert failure.message("en") == (
        "The groups by education (A311 to A315) add up to 26, persons engaged (A301) are 25: a difference of 1. "
        "Check the groups or A301."
    )
    assert failure.cells == tuple(("JC01", None, code) for code in ("A311", "A312", "A313", "A314", "A315", "A301"))


def test_missing_certificates_are_named() -> None:
    registered = frozenset({"211312050011", "221312050022"})
    (failure,) = failures({}, facts={"registered_certificates": registered})
    assert failure.values["missing"] == "221312050022"
    assert "缺少1张证书：221312050022" in failure.message("zh")


def test_a_finding_about_one_line_names_it_and_keeps_its_key() -> None:
    (failure,) = [f for f in failures({"JC01-1.r1.B106": "2026-03-14"}) if f.code == "K024"]
    assert failure.key == "K024@r1"
    assert failure.row_id == "r1"
    assert failure.cells == (("JC01-1", "r1", "B105"), ("JC01-1", "r1", "B106"))
    assert failure.message("zh").startswith(
        "第1行有效期至（B106）2026-03-14，按发证日期（B105）2021-03-15加6年应为2027-03-14。"
    )


def test_a_balance_can_be_mended_at_a_click() -> None:
    (failure,) = [f for f in failures({"E234": "1613"}) if f.code == "K047"]
    assert [(fix.table, fix.code, fix.value) for fix in failure.fixes] == [("JC02", "E234", "1610")]


def test_a_table_that_does_not_apply_can_be_cleared() -> None:
    (failure,) = failures({"S201": "8000", "S202": "1"})
    assert failure.key == "K040:e"
    assert [(fix.table, fix.code, fix.value) for fix in failure.fixes] == [
        ("JC03", "S201", None),
        ("JC03", "S202", None),
    ]
