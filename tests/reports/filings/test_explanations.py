"""Explanations through the pages: copies of the check refused, last year's words shown to the reviewer as such."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from institutions.models import Membership
from reports.filings.examination import examine
from reports.filings.models import Filing
from reports.rounds.models import Round
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    accepted_filing,
    fill,
    fresh,
    open_round,
    reviewer_of,
    sign_and_submit,
)
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]
FRAGMENT = {"HX-Request": "true"}
OTHER = "2023年11月关闭马尾分场所，年末15人离职，全年平均人数仍按月计算。"


def cells(world: Province) -> dict[str, dict[str, str]]:
    """Average persons far from those at year end: K017."""
    found = valid_cells(world.a)
    found["JC01"]["A305"] = "40"
    return found


@pytest.fixture
def doubtful(world: Province, round: Round) -> Filing:
    """Last year K017 was explained and accepted; this year it stands again, not yet explained."""
    last = accepted_filing(open_round(world, period="2022"), world.a, cells=cells(world))
    return fill(a_filing(round, world.a, previous=last), world.filer_a, cells(world))


def explain(client: Client, filing: Filing, text: str, **more: str) -> int:
    data = {"key": "K017", "text": text, "at": "JC01", **more}
    return client.post(address("explanation-save", filing), data, headers=FRAGMENT).status_code


@pytest.mark.parametrize("lang", ["zh-hans", "en"])
def test_a_copy_of_the_finding_explains_nothing(world: Province, doubtful: Filing, acting: Acting, lang: str):
    """W5."""
    failure = next(one for one in examine(doubtful).verify if one.key == "K017")
    with override(lang):
        text = failure.message()
    client = acting(world.filer_a)
    assert explain(client, doubtful, text) == 422
    assert explain(client, doubtful, "".join(sign for sign in text if not sign.isdigit())) == 422
    assert explain(client, doubtful, f"{text} 情况属实") == 422
    assert not doubtful.explanations.exists()
    assert explain(client, doubtful, f"{text} {OTHER}") == 200


def test_last_years_words_are_told_to_the_reviewer(world: Province, doubtful: Filing, acting: Acting):
    client = acting(world.filer_a)
    assert EXPLANATION in client.get(address("table-edit", doubtful, "JC01")).content.decode()
    assert explain(client, doubtful, "", last="1") == 200
    page = client.get(address("table-edit", doubtful, "JC01")).content.decode()
    assert "这是上年的原话，未作改动；审核人会看到这一提示。" in page
    revision = sign_and_submit(doubtful, world.signer_a)
    assert {one.key: one.from_last_year for one in revision.findings.filter(severity="verify")}["K017"] is True
    read = acting(reviewer_of(fresh(doubtful))).get(reverse("review:filing-read", args=[doubtful.public_id]))
    assert "与上年说明相同" in read.content.decode()


def test_words_of_this_year_are_not_marked(world: Province, doubtful: Filing, acting: Acting):
    assert explain(acting(world.filer_a), doubtful, OTHER) == 200
    revision = sign_and_submit(doubtful, world.signer_a)
    assert revision.findings.get(key="K017").from_last_year is False
    read = acting(reviewer_of(fresh(doubtful))).get(reverse("review:filing-read", args=[doubtful.public_id]))
    assert "与上年说明相同" not in read.content.decode()
