"""The pure generator: repeatable, true to the published shares, and correct wherever no slip was put in."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import statistics
from collections import Counter

import pytest
from stdnum.cn import uscc

from demo.generator import slips
from demo.generator.chance import Chance, split
from demo.generator.filing import Tables, filing_tables
from demo.generator.finance import table_of
from demo.generator.places import domains, places
from demo.generator.respondent import FIXED, PRIVATE, THIS_YEAR, Respondent, Slip, respondent
from reports.schemes.checking import Cells, Facts, Failure, run_checks
from reports.schemes.content import bundled

SEED = 11


def checked(made: Respondent, year: int, tables: Tables, before: Tables | None) -> list[Failure]:
    facts = Facts.for_year(
        year,
        institution_uscc=made.uscc,
        registered_certificates=frozenset(row.number for row in made.certificates),
        other_filings=0,
    )
    return run_checks(bundled(), Cells.from_tables(tables), Cells.from_tables(before) if before else None, facts)


def digest(seed: int, count: int) -> str:
    told = [
        [repr(made), *(filing_tables(made, year) for year in (THIS_YEAR - 1, THIS_YEAR) if made.due_in(year))]
        for made in (respondent(seed, index) for index in range(count))
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


@pytest.fixture(scope="module")
def many() -> list[tuple[Respondent, Tables]]:
    """Two thousand institutions of the general kind with this year's tables."""
    first = len(FIXED)
    return [
        (made, filing_tables(made, THIS_YEAR)) for made in (respondent(SEED, at) for at in range(first, first + 2000))
    ]


def test_generator_same_seed_same_digest() -> None:
    assert digest(SEED, 40) == digest(SEED, 40)
    assert digest(SEED, 40) != digest(SEED + 1, 40)


def test_institution_is_the_same_however_many_there_are() -> None:
    backwards = {index: respondent(SEED, index) for index in reversed(range(30))}
    assert [backwards[index] for index in range(30)] == [respondent(SEED, index) for index in range(30)]


def test_shares_follow_the_published_ones(many: list[tuple[Respondent, Tables]]) -> None:
    count = len(many)
    types = Counter(made.unit_type for made, _ in many)
    assert types["10"] / count == pytest.approx(0.78, abs=0.03)
    assert types["20"] / count == pytest.approx(0.19, abs=0.03)
    assert sum(made.holding == PRIVATE for made, _ in many) / count == pytest.approx(0.64, abs=0.03)
    main = Counter(made.domains[0].code for made, _ in many)
    counted = sum(domain.institutions for domain in domains().values())
    for code in ("01", "02", "03", "05"):
        assert main[code] / count == pytest.approx(domains()[code].institutions / counted, abs=0.03)
    assert {len(made.domains) for made, _ in many} == {1, 2, 3, 4}


def figures(many: list[tuple[Respondent, Tables]], table: str, code: str) -> list[int]:
    return [int(tables[table][code]) for _, tables in many]


def test_sizes_follow_the_published_ones(many: list[tuple[Respondent, Tables]]) -> None:
    income = {"JC02": "E201", "JC03": "S201", "JC04": "G201"}
    revenue = [int(tables[table_of(made)][income[table_of(made)]]) for made, tables in many]
    persons = figures(many, "JC01", "A301")
    logs = [math.log(value) for value in revenue], [math.log(value) for value in persons]
    assert statistics.median(revenue) == pytest.approx(1470, rel=0.15)
    assert statistics.pstdev(logs[0]) == pytest.approx(1.914, abs=0.2)
    assert statistics.median(persons) == pytest.approx(19, abs=2)
    assert statistics.pstdev(logs[1]) == pytest.approx(0.93, abs=0.1)
    assert statistics.correlation(*logs) == pytest.approx(0.75, abs=0.06)
    reports = figures(many, "JC05", "W301")
    assert 7_000 < statistics.mean(reports) < 17_000
    assert statistics.pstdev([math.log(value) for value in reports]) == pytest.approx(2, abs=0.25)
    assert statistics.median(figures(many, "JC05", "W201")) == pytest.approx(20, abs=4)
    sets, cost = sum(figures(many, "JC05", "W201")), sum(figures(many, "JC05", "W211"))
    assert sum(figures(many, "JC05", "W202")) / sets == pytest.approx(0.93, abs=0.03)
    assert sum(figures(many, "JC05", "W212")) / cost == pytest.approx(0.65, abs=0.06)


def test_slips_and_turnover_are_as_frequent_as_told(many: list[tuple[Respondent, Tables]]) -> None:
    found = Counter(made.slip for made, _ in many)
    told = {Slip.UNIT: 0.03, Slip.MISMATCH: 0.05, Slip.COPIED: 0.01, Slip.LATE: 0.06, Slip.NEVER: 0.02}
    assert {slip: found[slip] / len(many) for slip in told} == pytest.approx(told, abs=0.015)
    changed = sum(made.first_year == THIS_YEAR or made.last_year is not None for made, _ in many)
    assert 0.05 < changed / len(many) <= 0.2


def test_larger_economies_have_more_institutions(many: list[tuple[Respondent, Tables]]) -> None:
    found = Counter(made.place.prefecture for made, _ in many)
    assert [name for name, _ in found.most_common(3)] == ["福州市", "泉州市", "厦门市"]
    assert {place.bureau for place in places().values()} >= {made.place.bureau for made, _ in many}


def test_codes_are_valid_and_unlike(many: list[tuple[Respondent, Tables]]) -> None:
    for made, _ in many:
        assert uscc.is_valid(made.uscc)
        assert made.uscc[2:8] == made.place.region
        number = made.certificates[0].number
        assert (len(number), number[2:4], number.isdigit()) == (12, "13", True)
        for row in made.certificates:
            if row.kind == "CMA-P":
                assert row.expires_on == row.issued_on.replace(year=row.issued_on.year + 6) - dt.timedelta(days=1)
    assert len({made.uscc for made, _ in many}) == len(many)
    numbers = [(row.kind, row.number) for made, _ in many for row in made.certificates]
    assert len(set(numbers)) == len(numbers)


def test_certificate_numbers_stay_unlike_beyond_ten_thousand() -> None:
    numbers = [
        respondent(SEED, index).certificates[0].number
        for block in range(6)
        for index in range(block * 10_000, block * 10_000 + 150)
    ]
    assert len(set(numbers)) == len(numbers)


def test_every_filing_without_a_slip_passes_all_hard_checks_and_seldom_needs_words() -> None:
    wanted_words = filings = 0
    for index in range(400):
        made, before = respondent(SEED, index), None
        for year in (THIS_YEAR - 1, THIS_YEAR):
            if not made.due_in(year):
                continue
            tables = filing_tables(made, year)
            failures = checked(made, year, tables, before)
            assert [failure.message("en") for failure in failures if failure.severity == "hard"] == []
            filings += 1
            wanted_words += any(failure.severity == "verify" for failure in failures)
            before = tables
    assert filings > 700
    assert 0 < wanted_words / filings < 0.1


def test_each_slip_is_found_by_the_check_that_is_there_for_it() -> None:
    made = next(
        one for one in (respondent(SEED, at) for at in range(6, 400)) if one.unit_type == "10" and one.due_in(2022)
    )
    before, correct = filing_tables(made, 2022), filing_tables(made, 2023)
    unit = checked(made, 2023, slips.in_yuan(correct), before)
    assert {"K101", "K100"} <= {failure.code for failure in unit}
    assert [failure for failure in unit if failure.severity == "hard"] == []
    assert "K102" in {failure.code for failure in checked(made, 2023, slips.copied(correct, before), before)}
    for at in range(20):
        mistyped = checked(made, 2023, slips.mismatched(correct, Chance(at)), before)
        assert [failure for failure in mistyped if failure.severity == "hard"]


def test_split_adds_up_and_follows_the_weights() -> None:
    assert split(100, (1, 1, 2)) == [25, 25, 50]
    assert split(10, (1, 1, 1)) == [4, 3, 3]
    assert split(0, (0.3, 0.7)) == [0, 0]
    assert split(7, (0.0, 1.0)) == [0, 7]
