"""What the numbers say: certificates, the annual table, and numbers that another institution filed too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from institutions.models import Membership
from portal.jobs.models import Job
from reports.filings.examination import examine
from reports.filings.models import Filing, Revision, State
from reports.numbers import amending, figures
from reports.numbers.models import NumberBatch, QuarterReturn, ReportNumber, SharedNumber
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fill, fresh, open_round
from tests.factories.institutions import Province, a_membership
from tests.reports.numbers.conftest import lines, send

Sent = Callable[..., NumberBatch]
DAY = dt.date(2023, 11, 5)

# -- certificates ---------------------------------------------------------------------------------

SPELLED = "（闽）认字-2022a-7号"


@pytest.mark.parametrize("written", [SPELLED, "(闽)认字-2022A-7号", ""])
def test_a_certificate_is_the_registers_however_a_line_spells_it(
    sent: Sent, filing: Filing, world: Province, written: str
) -> None:
    world.a.certificates.update(number=SPELLED)
    assert sent(f"报告编号,日期,证书编号\nFJ-1,2023-11-05,{written}\n").stored == 1
    assert ReportNumber.objects.get(institution_id=world.a.pk).certificate == SPELLED
    assert figures.return_of(filing).invalid_certificate == 0


def test_a_certificate_that_is_not_the_institutions_is_told_as_it_was_written(sent: Sent, world: Province) -> None:
    world.a.certificates.update(number=SPELLED)
    batch = sent("报告编号,日期,证书编号\nFJ-1,2023-11-05,(闽)认字-2022b-7号\n")
    assert batch.samples == [[2, "FJ-1", f"certificate_unknown|(闽)认字-2022b-7号|{SPELLED}"]]


# -- the annual table -----------------------------------------------------------------------------


def accepted(filing: Filing, cells: dict[str, Any]) -> Filing:
    """Accepted in the books, with a revision of these cells."""
    user = filing.institution.memberships.first().user
    revision = Revision.objects.create(
        filing=filing, number=1, scheme=filing.round.scheme, cells=cells, derived={}, digest="0" * 64, filer=user,
        signer=user, pledge="",
    )  # fmt: skip
    Filing.objects.filter(pk=filing.pk).update(state=State.ACCEPTED, revision=revision)
    return fresh(filing)


def four_quarters(world: Province, *counts: tuple[int, int]) -> Filing:
    """Filings of A for the quarters of 2023 with these (valid, with the CMA mark), all accepted; answers the last."""
    for number, (valid, marked) in enumerate(counts, 1):
        filing = a_filing(open_round(world, period=f"2023Q{number}", kind=Kind.QUARTERLY_NUMBERS), world.a)
        QuarterReturn.objects.create(filing=filing, valid=valid, cma_valid=marked)
        filing = accepted(filing, {})
    return filing


def annual_of(world: Province, **cells: str) -> Filing:
    """A's annual filing of 2023, accepted with these cells of JC05."""
    return accepted(a_filing(open_round(world), world.a), {"JC05": cells})


#: 1,000 valid numbers, 900 of them with the CMA mark.
YEAR = (250, 200), (250, 200), (250, 250), (250, 250)


@pytest.mark.parametrize(
    ("cells", "compared", "gap"),
    [
        ({"W301": "500", "W311": "900"}, (900, 900, True), 0),
        ({"W301": "800"}, (800, 1000, False), Decimal("0.25")),
        ({}, (None, 1000, False), None),
    ],
)
def test_marked_numbers_are_compared_with_marked_reports_and_all_with_all(
    world: Province, cells: dict[str, str], compared: tuple[int | None, int, bool], gap: Decimal | None
) -> None:
    annual_of(world, **cells)
    report = figures.report(four_quarters(world, *YEAR))
    assert (report.year_numbers, report.quarters_filed) == (1000, 4)
    assert (report.annual, report.annual_numbers, report.annual_is_marked) == compared
    assert report.annual_gap == gap


def test_three_quarters_are_not_compared(world: Province, django_assert_num_queries: Callable) -> None:
    annual, last = annual_of(world, W311="5"), four_quarters(world, *YEAR[:3])
    with django_assert_num_queries(4):
        report = figures.report(last)
    assert (report.quarters_filed, report.annual, report.annual_gap, report.annual_differs) == (3, 5, None, False)
    assert figures.facts_of_year(annual, annual.revision.cells) == {}


@pytest.mark.parametrize(
    ("annual", "numbers", "differs"),
    [
        (1000, 1000, False),
        (1000, 1020, False),
        (1000, 980, False),
        (1000, 1021, True),
        (1000, 979, True),
        (0, 5, False),
    ],
)
def test_two_in_a_hundred_may_differ(annual: int, numbers: int, differs: bool) -> None:
    report = figures.Report(QuarterReturn(), None, 5000, 4, annual, numbers, annual_is_marked=True)
    assert report.annual_differs is differs


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"W301": "7", "W311": "0"}, "W311"),
        ({"W301": "7", "W311": ""}, "W301"),
        ({"W301": "7", "W311": "NA"}, "W301"),
        ({"W301": "ten"}, None),
        ({}, None),
    ],
)
def test_what_the_numbers_are_compared_with(table: dict[str, str], code: str | None) -> None:
    assert figures.compared_item(table) == code


SAYS = "{} valid numbers were uploaded over four quarters, {} reports are filed for the year (W311 or W301): {}% apart"


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        ({"W301": "1000", "W311": "900"}, []),
        ({"W301": "1000", "W311": "1000"}, [SAYS.format("900", "1,000", "10")]),
        ({"W301": "1000"}, []),
        ({"W301": "900"}, [SAYS.format("1,000", "900", "11.1")]),
    ],
)
def test_the_check_of_the_annual_table_compares_alike(world: Province, cells: dict[str, str], found: list[str]) -> None:
    four_quarters(world, *YEAR)
    annual = a_filing(open_round(world), world.a)
    fill(annual, world.filer_a, {"JC05": cells})
    told = [failure.message("en") for failure in examine(fresh(annual)).failures if failure.code == "K114"]
    assert [words.partition(", more than")[0] for words in told] == found


# -- numbers of two institutions ------------------------------------------------------------------


@pytest.fixture
def filer_d(world: Province) -> Membership:
    return a_membership("filer", world.d)


@pytest.fixture
def both(sent: Sent, filing: Filing, world: Province, filer_d: Membership) -> tuple[Filing, Filing]:
    """The filings of A and D, which both filed FJ-1 to FJ-3."""
    sent(lines("FJ-3", "FJ-1", "FJ-2", "FJ-A"))
    other = a_filing(filing.round, world.d)
    send(other, lines("FJ-1", "FJ-2", "FJ-3", "FJ-D"), filer_d)
    return filing, other


def shared() -> list[tuple[str, str, str]]:
    return sorted((row.key, row.institution.name, row.other.name) for row in SharedNumber.objects.all())


def pairs(world: Province, *keys: str) -> list[tuple[str, str, str]]:
    one, two = world.a.name, world.d.name
    return sorted((key, *pair) for key in keys for pair in ((one, two), (two, one)))


@pytest.mark.parametrize("looked_at", [0, 1])
@pytest.mark.parametrize("voided", ["A", "D"])
def test_a_pair_that_was_mended_is_gone_from_both_sides(
    both: tuple[Filing, Filing], world: Province, filer_d: Membership, voided: str, looked_at: int
) -> None:
    figures.look_closer(both[0])
    assert shared() == pairs(world, "FJ-1", "FJ-2", "FJ-3")
    first_found = set(SharedNumber.objects.exclude(key="FJ-2").values_list("pk", "found_at"))
    by, institution = (world.filer_a, world.a) if voided == "A" else (filer_d, world.d)
    amending.void_number(institution=institution, number="FJ-2", reason="编号写错", by=by)
    figures.look_closer(both[looked_at])
    assert shared() == pairs(world, "FJ-1", "FJ-3")
    assert set(SharedNumber.objects.values_list("pk", "found_at")) == first_found


def test_a_number_void_at_one_institution_is_not_shared(
    both: tuple[Filing, Filing], world: Province, filer_d: Membership
) -> None:
    amending.void_number(institution=world.d, number="FJ-1", reason="编号写错", by=filer_d)
    amending.void_number(institution=world.a, number="FJ-3", reason="编号写错", by=world.filer_a)
    figures.look_closer(both[0])
    assert shared() == pairs(world, "FJ-2")


def test_a_new_look_goes_on_where_the_most_had_been_found(
    both: tuple[Filing, Filing], world: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "MOST_SHARED", 1)
    found = []
    for number in ("FJ-1", "FJ-2", "FJ-3"):
        figures.look_closer(both[0])
        found.append(shared())
        amending.void_number(institution=world.a, number=number, reason="编号写错", by=world.filer_a)
    assert found == [pairs(world, "FJ-1"), pairs(world, "FJ-2"), pairs(world, "FJ-3")]


@pytest.mark.parametrize("act", ["void", "replace"])
def test_amending_asks_for_one_closer_look(both: tuple[Filing, Filing], world: Province, act: str) -> None:
    Job.objects.filter(kind="numbers.look").delete()
    for number in ("FJ-1", "FJ-2"):
        if act == "void":
            amending.void_number(institution=world.a, number=number, reason="编号写错", by=world.filer_a)
        else:
            amending.replace_number(
                institution=world.a, number=number, replacement=f"{number}-改", issued_on=DAY, reason="编号写错",
                by=world.filer_a,
            )  # fmt: skip
    assert list(Job.objects.filter(kind="numbers.look").values_list("params", flat=True)) == [{"filing": both[0].pk}]
