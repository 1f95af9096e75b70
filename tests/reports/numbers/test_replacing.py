"""A number that replaces another, whichever of the two is filed first."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext

from portal.clock import database_now
from portal.trail.models import Event
from reports.filings.models import Filing
from reports.numbers import submitting
from reports.numbers.amending import void_number
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of
from tests.reports.numbers.conftest import lines, send

Sent = Callable[..., NumberBatch]


def counts(batch: NumberBatch) -> tuple[int, int, int, int, int]:
    return batch.read, batch.stored, batch.already, batch.repeated, batch.refused


REPLACING = "报告编号,签发日期,原编号\nFJ-1A,2023-12-01,FJ-1\n"


@pytest.mark.parametrize("filed_before", [False, True])
def test_an_original_that_comes_after_its_replacement_is_stored_as_replaced(
    sent: Sent, filing: Filing, world: Province, filed_before: bool
) -> None:
    """Also where the quarter has no numbers otherwise, and lines go to the table itself."""
    autumn = a_filing(open_round(world, period="2023Q3", kind=Kind.QUARTERLY_NUMBERS), world.a)
    if filed_before:
        send(autumn, lines("FJ-0", day="2023-09-01"), world.filer_a)
    early = sent(REPLACING, name="更正.csv")
    assert (early.findings, issue_keys(filing)) == ({"original_missing": 1}, ["K113:originals"])
    late = send(autumn, lines("FJ-1", "FJ-2", day="2023-09-02"), world.filer_a)
    assert (counts(late), late.findings) == ((2, 2, 0, 0, 0), {})
    states = dict(ReportNumber.objects.of(world.a.pk).exclude(key="FJ-0").values_list("key", "state"))
    assert states == {"FJ-1": 3, "FJ-1A": 1, "FJ-2": 1}
    returned = QuarterReturn.objects.get(filing=autumn)
    assert (returned.valid, returned.replaced) == (1 + filed_before, 1)
    reason = gettext("Replaced by row {line} of “{file}”.").format(line=2, file="更正.csv")
    told = NumberChange.objects.values_list("key", "act", "replacement_key", "reason", "by")
    assert list(told) == [("FJ-1", "replace", "FJ-1A", reason, world.filer_a.user_id)]
    assert Event.objects.filter(verb="numbers.imported").latest("id").details["replaced"] == 1
    assert issue_keys(filing) == []


def issue_keys(filing: Filing) -> list[str]:
    """Findings of the quarter that are about its stored numbers."""
    issues = submitting.look(fresh(filing), database_now()).issues
    return [issue.key for issue in issues if issue.key.startswith("K113:")]


@pytest.mark.parametrize("institution", ["own", "other"])
def test_what_a_void_number_or_another_institution_replaces_stays_valid(
    sent: Sent, filing: Filing, world: Province, institution: str
) -> None:
    if institution == "own":
        sent(REPLACING)
        void_number(institution=world.a, number="FJ-1A", reason="委托方申请撤回", by=world.filer_a)
    else:
        send(a_filing(filing.round, world.b), REPLACING, world.filer_b)
    sent(lines("FJ-1"))
    assert ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-1").state == ReportNumber.State.VALID
    assert NumberChange.objects.filter(key="FJ-1").count() == 0


def test_a_chain_ends_the_same_in_every_order(filing: Filing, world: Province) -> None:
    rows = ["FJ-1,2023-11-05,", "FJ-1A,2023-12-01,FJ-1", "FJ-1B,2023-12-02,FJ-1A"]
    for order in itertools.permutations(rows):
        ReportNumber.objects.of(world.a.pk).delete()
        NumberBatch.objects.all().delete()
        for row in order:
            send(filing, f"报告编号,签发日期,原编号\n{row}\n", world.filer_a)
        states = dict(ReportNumber.objects.of(world.a.pk).values_list("key", "state"))
        assert states == {"FJ-1": 3, "FJ-1A": 3, "FJ-1B": 1}, order
        assert QuarterReturn.objects.get(filing=filing).valid == 1


def test_what_replaces_is_found_by_an_index_of_its_own_in_every_partition(db: None) -> None:
    """Partial, so that numbers that replace nothing, nearly all, cost it nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_partition_tree('numbers_reportnumber') ON relid = indrelid"
            " WHERE isleaf AND pg_get_indexdef(indexrelid) LIKE '%replaces_key%'"
        )
        found = [definition.split(" USING ")[1] for (definition,) in cursor.fetchall()]
    assert found == ["btree (institution_id, replaces_key) WHERE (replaces_key IS NOT NULL)"] * 16


def test_the_page_of_a_number_replaced_before_there_was_a_history_names_the_new_one(
    sent: Sent, filing: Filing, world: Province
) -> None:
    sent(lines("FJ-1"))
    ReportNumber.objects.of(world.a.pk).update(state=ReportNumber.State.REPLACED)
    page = reverse("numbers:number-detail", args=[filing.public_id])
    assert client_of(world.filer_a).get(page, {"number": "FJ-1"}).context["newer"] == ""
    sent(REPLACING)
    assert not NumberChange.objects.exists()
    answer = client_of(world.filer_a).get(page, {"number": "FJ-1"})
    assert (answer.context["newer"], answer.context["newer_found"].number.key) == ("FJ-1A", "FJ-1A")
    assert f'<a href="{page}?number=FJ-1A">FJ-1A</a>' in answer.content.decode()
