"""Supplementary (补报) and repeated filing (重报): the page names the phase, and the marks stay for ever."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from portal.clock import database_now
from reports.filings.actions import answer_remark
from reports.filings.extensions.actions import ask, decide
from reports.filings.extensions.forms import end_of
from reports.filings.models import Filing, Remark
from reports.rounds.models import Phase
from tests.factories.filings import (
    a_filing,
    accepted_filing,
    fill,
    fresh,
    open_round,
    passed,
    returned,
    sign_and_submit,
)
from tests.factories.institutions import Province, build_province

BACKEND = "institutions.accounts.backends.NameBackend"
SECOND, DAY = dt.timedelta(seconds=1), dt.timedelta(days=1)


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


def client_of(membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend=BACKEND)
    return client


def send_again(filing: Filing, world: Province) -> Filing:
    """Mend what the remark names, answer it, submit."""
    remark = Remark.objects.filter(filing=filing, resolution="open").get()
    explanation = "已按期末在册人员名册逐一核对，人数与劳动合同一致。"
    answer_remark(remark=remark, resolution="explained", answer=explanation, by=world.filer_a)
    sign_and_submit(fresh(filing), world.signer_a)
    return fresh(filing)


def test_late_and_repeat_stay_through_every_later_revision(world: Province):
    round = open_round(world, due=-DAY)
    filing = accepted_filing(round, world.a, by=world.signer_a)
    assert (filing.late, filing.repeat) == (True, False)
    for _ in range(2):
        returned(filing, world.fujian_reviewer)
        filing = send_again(filing, world)
        assert (filing.late, filing.repeat) == (True, True)
        assert filing.revision is not None
        assert (filing.revision.late, filing.revision.repeat) == (True, True)
        returned(filing, world.gulou_reviewer)
        filing = send_again(filing, world)
        assert (filing.late, filing.repeat) == (True, True)
        while filing.state == "in_review":
            filing = passed(filing)
    first = filing.revisions.get(number=1)
    assert (first.late, first.repeat) == (True, False)


def test_the_page_names_the_supplementary_phase_while_it_is_open(world: Province):
    round = open_round(world, due=-DAY)
    filing = fill(a_filing(round, world.a), world.filer_a)
    client = client_of(world.filer_a)
    assert "现在提交的记为补报" in client.get(filing.get_absolute_url()).content.decode()
    sign_and_submit(fresh(filing), world.signer_a)
    assert "现在提交的记为补报" not in client.get(filing.get_absolute_url()).content.decode()
    round.phases.filter(name=Phase.Name.SUPPLEMENT).update(due_at=database_now() - SECOND)
    other = a_filing(round, world.b)
    assert "现在提交的记为补报" not in client_of(world.filer_b).get(other.get_absolute_url()).content.decode()


@pytest.mark.parametrize(("offset", "late"), [(SECOND, False), (0 * SECOND, False), (-SECOND, True)])
def test_an_extension_ends_to_the_second_by_the_databases_clock(world: Province, offset: dt.timedelta, late: bool):
    """The test's transaction stands still at `database_now()`; the due time is moved around it."""
    round = open_round(world, due=-2 * DAY)
    filing = fresh(fill(a_filing(round, world.a), world.filer_a))
    granted = ask(filing=filing, until=end_of((database_now() + 3 * DAY).date()), reason="停工", by=world.filer_a)
    decide(extension=granted, until=granted.wanted_until, note="", by=world.gulou_reviewer)
    Filing.objects.filter(pk=filing.pk).update(extended_until=database_now() + offset)
    sign_and_submit(fresh(filing), world.signer_a)
    assert fresh(filing).late is late
    other = fill(a_filing(round, world.b), world.filer_b)
    sign_and_submit(other, world.signer_b)
    assert fresh(other).late is True
