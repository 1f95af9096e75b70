"""Coverage as a report, and the record of an institution as evidence, on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from institutions.models import Membership
from portal.trail.models import Event
from reports.rounds.models import Round
from review.tally.tasks import fold
from tests.factories.filings import a_filing, returned, submitted_filing
from tests.factories.institutions import Province, an_institution
from tests.portal.paper.looking import ink, pictures, texts

Acting = Callable[[Membership], Client]


@pytest.fixture
def moved(world: Province, this_year: Round) -> None:
    """A was returned, B has not begun."""
    returned(submitted_filing(this_year, world.a))
    a_filing(this_year, world.b)
    fold()


def test_the_report_of_coverage_names_every_bureau_with_its_figures(
    world: Province, this_year: Round, moved: None, acting: Acting
) -> None:
    address = reverse("review:coverage-paper")
    answer = acting(world.statistician).get(address, {"round": str(this_year.public_id)})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    [page], [text] = pictures(answer.content), texts(answer.content)
    for words in (
        this_year.title,
        str(world.fujian),
        str(world.gulou),
        str(world.taijiang),
        "应报 2 家",
        "内部资料",
        "1 / 1",
    ):
        assert words in text
    assert page.width > page.height
    assert ink(page, (0, 0.1, 1, 0.5)) > 5_000
    assert Event.objects.get(verb="review.exported").details == {"list": "coverage", "format": "pdf"}


def test_the_report_of_a_bureau_says_nothing_of_others(
    world: Province, this_year: Round, moved: None, acting: Acting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("review.coverage.views.pdf_of", str.encode)
    answer = acting(world.gulou_reviewer).get(reverse("review:coverage-paper"), {"round": str(this_year.public_id)})
    html = answer.content.decode()
    assert str(world.gulou) in html
    assert str(world.taijiang) not in html


def test_without_a_round_there_is_no_report(world: Province, acting: Acting) -> None:
    assert acting(world.statistician).get(reverse("review:coverage-paper")).status_code == 404


def test_the_record_of_an_institution_is_evidence(
    world: Province, this_year: Round, moved: None, acting: Acting
) -> None:
    address = reverse("review:institution-record-paper", args=[world.a.public_id])
    text = "".join(texts(acting(world.gulou_reviewer).get(address).content))
    for words in (world.a.name, world.a.uscc, this_year.title, "事项", "退回", "监管部门（盖章）", "内部资料"):
        assert words in text
    assert Event.objects.get(verb="review.exported").details == {"list": "record", "format": "pdf"}


def test_the_record_of_an_institution_elsewhere_is_not_there(
    world: Province, this_year: Round, moved: None, acting: Acting
) -> None:
    address = reverse("review:institution-record-paper", args=[world.a.public_id])
    assert acting(world.quanzhou_reviewer).get(address).status_code == 404
    assert not Event.objects.filter(verb="review.exported").exists()


@pytest.mark.parametrize("others", [0, 4])
def test_the_report_asks_as_much_for_many_as_for_one(
    others: int, world: Province, this_year: Round, moved: None, acting: Acting,
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("review.coverage.views.pdf_of", str.encode)
    for number in range(others):
        a_filing(this_year, an_institution(world.gulou, f"福建第{number}检测有限公司"))
    fold()
    client = acting(world.statistician)
    with django_assert_num_queries(12):
        client.get(reverse("review:coverage-paper"), {"round": str(this_year.public_id)})
