"""A quarter of an earlier year, opened on screen years later, is filed by the same reader and compared with afterwards."""

from __future__ import annotations

import re
from decimal import Decimal

from django.test import Client
from django.urls import reverse

from reports.filings.models import Filing, State
from reports.numbers import figures, submitting
from reports.numbers.models import NumberBatch, ReportNumber
from tests.factories.filings import a_scheme, fresh
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, look, submit
from tests.reports.numbers.conftest import lines, send


def opened(client: Client, period: str) -> None:
    """The province opens the quarter with the calendar it is offered, and freezes its roster."""
    page = client.get(reverse("rounds:round-new"), {"quarter": period})
    form = page.context["form"]
    answer = client.post(reverse("rounds:round-new"), {name: form[name].value() or "" for name in form.fields})
    detail = client.get(answer.url)
    client.post(reverse("review:roster-freeze", args=[detail.context["round"].public_id]))


def filing_of(world: Province, period: str) -> Filing:
    return fresh(Filing.objects.get(institution=world.a, round__period=period))


def filed(world: Province, period: str, data: str) -> NumberBatch:
    """Sent by the filer, declared as counted, signed by the signer."""
    batch = send(filing_of(world, period), data, world.filer_a)
    submitting.declare(filing=filing_of(world, period), count=batch.stored, by=world.filer_a)
    submit(filing_of(world, period), world.signer_a)
    return batch


def test_a_quarter_of_a_past_year_is_filed_late_and_is_what_the_year_after_is_compared_with(world: Province) -> None:
    a_scheme()
    province = client_of(world.statistician)
    opened(province, "2023Q4")
    opened(province, "2022Q4")

    numbers = [f"FJ-2022-{number:04d}" for number in range(1, 5)]
    batch = filed(world, "2022Q4", lines(*numbers, day="2022-11-05"))
    assert (batch.state, batch.read, batch.stored, batch.refused) == (NumberBatch.State.DONE, 4, 4, 0)
    stored = ReportNumber.objects.filter(institution_id=world.a.pk, quarter=20224)
    assert sorted(stored.values_list("key", flat=True)) == numbers
    past = filing_of(world, "2022Q4")
    assert (past.state, past.late, past.revision.late) == (State.IN_REVIEW, True, True)
    assert list(past.revision.findings.values_list("key", flat=True)) == ["K115:late"]

    send(filing_of(world, "2023Q4"), lines("FJ-2023-0001"), world.filer_a)
    submitting.declare(filing=filing_of(world, "2023Q4"), count=1, by=world.filer_a)
    found = figures.report(filing_of(world, "2023Q4"))
    assert (found.returned.valid, found.last_year, found.change) == (1, 4, Decimal("-0.75"))
    assert "K116" in {issue.code for issue in look(filing_of(world, "2023Q4")).issues}
    page = client_of(world.filer_a).get(reverse("numbers:quarter-detail", args=[filing_of(world, "2023Q4").public_id]))
    assert page.context["standing"].report.last_year == 4


def test_a_number_of_the_wrong_year_is_refused_in_the_past_quarter(world: Province) -> None:
    a_scheme()
    opened(client_of(world.statistician), "2022Q4")
    data = lines("FJ-1", day="2022-12-31") + "FJ-2,2023-11-05\n"
    batch = send(filing_of(world, "2022Q4"), data, world.filer_a)
    assert (batch.stored, batch.refused, list(batch.causes)) == (1, 1, ["date_outside"])


def test_what_was_not_sent_yet_is_not_compared_with(world: Province) -> None:
    a_scheme()
    province = client_of(world.statistician)
    opened(province, "2023Q4")
    opened(province, "2022Q4")
    send(filing_of(world, "2022Q4"), lines("FJ-1", day="2022-11-05"), world.filer_a)
    send(filing_of(world, "2023Q4"), lines("FJ-2"), world.filer_a)
    submitting.declare(filing=filing_of(world, "2023Q4"), count=1, by=world.filer_a)
    assert figures.report(filing_of(world, "2023Q4")).last_year is None
    assert "K116" not in {issue.code for issue in look(filing_of(world, "2023Q4")).issues}


def test_the_figures_say_what_they_compare_and_what_they_sum(world: Province) -> None:
    a_scheme()
    province = client_of(world.statistician)
    for period in ("2023Q4", "2022Q4", "2023Q3"):
        opened(province, period)
    filed(world, "2022Q4", lines("FJ-1", "FJ-2", day="2022-11-05"))
    filed(world, "2023Q3", lines("FJ-3", day="2023-08-05"))
    clerk = client_of(world.filer_a)
    clerk.cookies["django_language"] = "en"

    def told() -> list[str]:
        page = clerk.get(reverse("numbers:quarter-detail", args=[filing_of(world, "2023Q4").public_id]))
        figures_of_page = page.content.decode().partition('<dl class="zb-kpi">')[2].partition("</dl>")[0]
        return [" ".join(re.sub("<.*?>", " ", one).split()) for one in figures_of_page.split("</div>")[3:5]]

    assert told() == [
        "Same quarter last year 2 one side is 0",
        "Submitted quarters of 2023 1 1 quarter submitted; without this one",
    ]
    send(filing_of(world, "2023Q4"), lines("FJ-4", "FJ-5", "FJ-6"), world.filer_a)
    assert told()[0] == "Same quarter last year 2 +50.0%"
    submitting.declare(filing=filing_of(world, "2023Q4"), count=3, by=world.filer_a)
    submit(filing_of(world, "2023Q4"), world.signer_a)
    assert told()[1] == "Submitted quarters of 2023 4 2 quarters submitted"
