"""Reading a quarter of report numbers: it has no lines, no unit of measure, and nothing to fill."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from reports.filings.models import Filing, Finding, Remark, State
from reports.numbers import submitting
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.clients import submit, text_of
from tests.review.conftest import Acting


@pytest.fixture
def due(world: Province) -> Filing:
    return a_filing(open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS), world.a)


@pytest.fixture
def nil(world: Province, due: Filing) -> Filing:
    """A nil return with a finding that was explained."""
    submitting.declare_nil(filing=due, by=world.filer_a)
    filing = submit(due, world.signer_a)
    Finding.objects.create(
        revision=filing.revision, key="K116", check_code="K116", severity="verify", table="RN-Q",
        cells=[["RN-Q", None, "Q103"]], message_zh="本季度报告数变动超过50%。", message_en="A change of more than 50%.",
        explanation="实验室搬迁，本季度未出具报告。",
    )  # fmt: skip
    return filing


@pytest.fixture
def county(world: Province, acting: Acting) -> Client:
    return acting(world.gulou_reviewer)


def url(name: str, filing: Filing) -> str:
    return reverse(f"review:{name}", args=[filing.public_id])


def test_only_keys_that_do_something_are_promised(county: Client, nil: Filing):
    page = county.get(url("filing-read", nil)).content.decode()
    assert ("<kbd>↑</kbd>" in page, "<kbd>N</kbd>" in page, "<kbd>C</kbd>" in page) == (False, False, True)
    assert "data-remark-all" in page


def test_the_reasons_are_those_that_numbers_can_have(county: Client, nil: Filing):
    reasons = dict(county.get(url("filing-read", nil)).context["reading"].reasons)
    assert ("unit" in reasons, "missing" in reasons, "other" in reasons) == (False, True, True)
    refused = county.post(url("remark-add", nil), {"cell": "", "reason": "unit", "text": "编号有误。"})
    assert (refused.status_code, set(refused.context["reading"].typed.wrong)) == (422, {"reason"})
    county.post(url("remark-add", nil), {"cell": "", "reason": "other", "text": "编号有误。"})
    assert Remark.objects.get().reason == "other"


@pytest.mark.parametrize("act", ["pass", "return"])
def test_nothing_waits_to_be_judged_after_the_decision(county: Client, nil: Filing, act: str):
    assert "1条，待认定1条" in text_of(county.get(url("filing-read", nil)))
    if act == "return":
        county.post(url("remark-add", nil), {"cell": "", "reason": "other", "text": "请核对。"})
    county.post(url(f"filing-{act}", nil), {"version": nil.version, "revision": 1, "note": "请核对。"})
    assert fresh(nil).state == (State.ACCEPTED if act == "pass" else State.RETURNED)
    assert "待认定" not in text_of(county.get(url("filing-read", nil)))


def test_what_was_not_filed_counts_no_items_to_fill(county: Client, due: Filing):
    page = county.get(url("filing-read", due))
    assert "必填" not in text_of(page)
    assert page.content.decode().count(reverse("review:institution-record", args=[due.institution.public_id])) == 1
