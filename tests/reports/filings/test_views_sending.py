"""Explaining, previewing, signing, recalling and answering remarks through the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from institutions.models import Membership
from portal.clock import database_now
from reports.filings.actions_review import pass_on
from reports.filings.examination import examine
from reports.filings.models import Draft, Filing, Revision
from reports.rounds.models import Phase, Round
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    accepted_filing,
    fill,
    fresh,
    open_round,
    returned,
    submitted_filing,
)
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_mending import change
from tests.reports.filings.test_views_pages import address

Acting = Callable[[Membership], Client]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def ready(world: Province, filing: Filing) -> Filing:
    """Filled with valid cells."""
    return fill(filing, world.filer_a)


@pytest.fixture
def signer(world: Province, acting: Acting) -> Client:
    return acting(world.signer_a)


def send(client: Client, filing: Filing, **changed: str) -> HttpResponse:
    """Open the preview, tick the pledge, press the button."""
    context = client.get(address("filing-preview", filing)).context
    data = {"version": str(context["filing"].version), "stamp": context["stamp"], "pledged": "yes"} | changed
    return client.post(address("filing-submit", filing), data)


def unexplained(world: Province, round: Round) -> Filing:
    """A filing with one figure far from the other: a finding that wants an explanation."""
    before = open_round(world, period="2022")
    last = accepted_filing(before, world.a)
    round.previous = before
    round.save(update_fields=["previous"])
    filing = a_filing(round, world.a, previous=last)
    cells = valid_cells(world.a)
    cells["JC05"] |= {"W301": "29000", "W303": "28000", "W311": "28800"}
    cells["JC05-1"]["rows"][0]["D104"] = "25000"
    return fill(filing, world.filer_a, cells)


def nothing_sent(filing: Filing) -> bool:
    return fresh(filing).state == "drafting" and not Revision.objects.filter(filing=filing).exists()


def test_submitting_stores_a_revision_and_leads_to_its_receipt(world: Province, ready: Filing, signer: Client):
    response = send(signer, ready)
    assert response.headers["Location"] == address("receipt-detail", ready, 1)
    revision = Revision.objects.get(filing=ready)
    assert (revision.signer, fresh(ready).state) == (world.signer_a.user, "in_review")
    assert revision.receipt_number in signer.get(response.headers["Location"]).content.decode()


def test_submitting_twice_gives_one_revision(ready: Filing, signer: Client):
    context = signer.get(address("filing-preview", ready)).context
    data = {"version": str(context["filing"].version), "stamp": context["stamp"], "pledged": "yes"}
    first = signer.post(address("filing-submit", ready), data)
    second = signer.post(address("filing-submit", ready), data)
    assert first.headers["Location"] == second.headers["Location"]
    assert Revision.objects.filter(filing=ready).count() == 1


def test_submitting_what_changed_after_the_preview_is_refused(
    world: Province, ready: Filing, signer: Client, acting: Acting
):
    """The preview comes back with what stands now, and says so."""
    stamp = signer.get(address("filing-preview", ready)).context["stamp"]
    acting(world.filer_a).post(address("cell-save", ready, "JC05"), {"W312": "3001", "seen": "1"})
    response = send(signer, ready, stamp=stamp)
    assert response.status_code == 409
    assert response.context["refusal"] in response.content.decode()
    assert response.context["stamp"] == examine(fresh(ready)).digest != stamp
    assert nothing_sent(ready)


def test_submitting_needs_the_pledge(ready: Filing, signer: Client):
    response = send(signer, ready, pledged="")
    assert response.status_code == 422
    assert response.context["refusal"]
    assert nothing_sent(ready)


def test_submitting_with_errors_by_a_crafted_form_is_refused(world: Province, filing: Filing, signer: Client):
    """W4: the button is not there, and posting without it changes nothing."""
    cells = valid_cells(world.a)
    cells["JC05"]["W203"] = "9"
    fill(filing, world.filer_a, cells)
    page = signer.get(address("filing-preview", filing))
    assert not page.context["submit"]
    assert str(page.context["submit"].reason) in page.content.decode()
    response = send(signer, filing)
    assert response.status_code == 422
    assert nothing_sent(filing)


def test_submitting_with_something_unexplained_is_refused(world: Province, round: Round, signer: Client):
    filing = unexplained(world, round)
    assert examine(filing).unexplained
    assert not examine(filing).hard
    assert send(signer, filing).status_code == 422
    assert nothing_sent(filing)


def test_explaining_clears_the_way(world: Province, round: Round, signer: Client):
    filing = unexplained(world, round)
    for failure in examine(filing).unexplained:
        data = {"key": failure.key, "text": EXPLANATION, "at": "JC05"}
        answer = signer.post(address("explanation-save", filing), data, headers=FRAGMENT).json()
        assert EXPLANATION in answer["findings"]
    filing = fresh(filing)
    assert filing.verify_count == 0
    assert send(signer, filing).status_code == 302
    assert set(Revision.objects.get(filing=filing).explanations.values()) == {EXPLANATION}


@pytest.mark.parametrize("text", ["1", "无", " ", "情况属实", "正常", "12345678"])
def test_poor_explanations_are_refused_and_kept_on_the_page(world: Province, round: Round, signer: Client, text: str):
    """W5; an answer of blanks takes the answer back."""
    filing = unexplained(world, round)
    key = examine(filing).unexplained[0].key
    response = signer.post(
        address("explanation-save", filing), {"key": key, "text": text, "at": "JC05"}, headers=FRAGMENT
    )
    assert response.status_code == (200 if not text.strip() else 422)
    if text.strip():
        assert f">{text}</textarea>" in response.json()["findings"]
    assert not filing.explanations.exists()


def test_a_poor_explanation_without_a_script_comes_back_on_the_table(world: Province, round: Round, signer: Client):
    filing = unexplained(world, round)
    key = examine(filing).unexplained[0].key
    response = signer.post(address("explanation-save", filing), {"key": key, "text": "正常", "at": "JC05"})
    page = response.content.decode()
    assert response.status_code == 422
    assert ">正常</textarea>" in page
    assert 'id="grid"' in page
    done = signer.post(address("explanation-save", filing), {"key": key, "text": EXPLANATION, "at": "JC05"})
    assert done.headers["Location"] == f"{address('table-edit', filing, 'JC05')}#f-{key}"


def test_last_years_explanation_is_offered_and_taken(world: Province, round: Round, signer: Client):
    filing = unexplained(world, round)
    key = examine(filing).unexplained[0].key
    page = signer.get(address("table-edit", filing, "JC05")).content.decode()
    assert 'name="last"' not in page  # nothing was explained last year
    signer.post(address("explanation-save", filing), {"key": key, "text": "", "last": "1", "at": "JC05"})
    assert not filing.explanations.exists()


def test_a_finding_that_does_not_stand_cannot_be_explained(ready: Filing, signer: Client):
    response = signer.post(address("explanation-save", ready), {"key": "K100", "text": EXPLANATION})
    assert response.status_code == 422
    assert not ready.explanations.exists()


def test_the_filer_sees_who_signs(world: Province, ready: Filing, acting: Acting):
    """The button stays, dashed, with the reason; the act itself is refused."""
    client = acting(world.filer_a)
    page = client.get(address("filing-preview", ready))
    assert not page.context["submit"]
    assert send(client, ready).status_code == 403
    assert nothing_sent(ready)


def test_submitting_after_the_end_says_how_to_file_late(world: Province, round: Round, ready: Filing, signer: Client):
    """W7: the draft stays."""
    past = database_now() - dt.timedelta(days=1)
    Phase.objects.filter(round=round, name="supplement").delete()
    Phase.objects.filter(round=round, name="fill").update(due_at=past)
    response = send(signer, ready)
    assert response.status_code == 403
    assert "补报" in response.content.decode()
    assert nothing_sent(ready)
    assert Draft.objects.filter(filing=ready).count() == 6


def test_submitting_in_the_supplementary_phase_is_marked_late(round: Round, ready: Filing, signer: Client):
    Phase.objects.filter(round=round, name="fill").update(due_at=database_now() - dt.timedelta(hours=1))
    Phase.objects.filter(round=round, name="supplement").update(opens_at=database_now() - dt.timedelta(hours=1))
    assert signer.get(address("filing-preview", ready)).context["late"] is True
    assert send(signer, ready).status_code == 302
    assert fresh(ready).late is True


@pytest.mark.parametrize("version", ["0", "", "abc", "99999999999999999999", "-1"])
def test_submitting_an_old_version_is_refused(ready: Filing, signer: Client, version: str):
    """W8."""
    response = send(signer, ready, version=version)
    assert response.status_code == 409
    assert nothing_sent(ready)


def test_submitting_for_somebody_else_is_not_found(world: Province, ready: Filing, acting: Acting):
    """W9."""
    stamp = examine(ready).digest
    response = acting(world.signer_b).post(
        address("filing-submit", ready), {"version": str(ready.version), "stamp": stamp, "pledged": "yes"}
    )
    assert response.status_code == 404
    assert nothing_sent(ready)


def test_recalling_takes_it_back_until_somebody_opened_it(world: Province, round: Round, acting: Acting):
    filing = submitted_filing(round, world.a)
    client = acting(world.filer_a)
    assert client.post(address("filing-recall", filing), {"version": str(filing.version)}).status_code == 302
    assert fresh(filing).state == "drafting"
    assert Revision.objects.filter(filing=filing).count() == 1


def test_recalling_an_opened_filing_is_refused_with_who_opened_it(world: Province, round: Round, acting: Acting):
    filing = submitted_filing(round, world.a)
    Filing.objects.filter(pk=filing.pk).update(opened_at=database_now())
    client = acting(world.filer_a)
    assert "鼓楼区市场监督管理局" in client.get(address("filing-detail", filing)).content.decode()
    assert client.post(address("filing-recall", filing), {"version": str(filing.version)}).status_code == 403
    assert fresh(filing).state == "in_review"


@pytest.mark.parametrize("resumes", [False, True])
def test_recalling_is_over_once_a_bureau_passed_the_filing_on(
    world: Province, round: Round, acting: Acting, resumes: bool
):
    """The next bureau has not opened it, but somebody has judged it."""
    Round.objects.filter(pk=round.pk).update(resumes_at_returner=resumes)
    filing = submitted_filing(round, world.a)
    pass_on(filing=filing, by=world.gulou_reviewer, version=filing.version, revision=1)
    filing = fresh(filing)
    assert (filing.step, filing.opened_at) == (world.fuzhou, None)
    client = acting(world.filer_a)
    assert "福州市市场监督管理局" in client.get(address("filing-detail", filing)).content.decode()
    assert client.post(address("filing-recall", filing), {"version": str(filing.version)}).status_code == 403
    assert (fresh(filing).state, fresh(filing).step) == ("in_review", world.fuzhou)


def _returned(world: Province, round: Round) -> Filing:
    filing = submitted_filing(round, world.a)
    returned(filing)
    return fresh(filing)


def answer(client: Client, filing: Filing, resolution: str, text: str, **more: Any) -> HttpResponse:
    remark = filing.remarks.get()
    data = {"remark": str(remark.pk), "resolution": resolution, "answer": text, "at": "JC01"}
    return client.post(address("remark-answer", filing), data, **more)


def test_remarks_are_marked_on_the_cell_and_answered(world: Province, round: Round, signer: Client):
    filing = _returned(world, round)
    page = signer.get(address("table-edit", filing, "JC01"))
    assert next(cell.mark for cell in page.context["grid"].cells if cell.key == "A301") == "remark"
    assert send(signer, filing).status_code == 422
    change(filing, A301="26", A315="3", A325="7", A333="4", A343="5")
    assert answer(signer, filing, "fixed", "").status_code == 302
    assert (filing.remarks.get().resolution, filing.remarks.get().answered_by) == ("fixed", world.signer_a.user)
    assert send(signer, filing).status_code == 302


def test_a_remark_is_explained_with_words(world: Province, round: Round, signer: Client):
    filing = _returned(world, round)
    refused = answer(signer, filing, "explained", "无", headers=FRAGMENT)
    assert refused.status_code == 422
    assert ">无</textarea>" in refused.json()["findings"]
    assert filing.remarks.get().resolution == "open"
    assert answer(signer, filing, "explained", EXPLANATION, headers=FRAGMENT).status_code == 200
    assert filing.remarks.get().answer == EXPLANATION


@pytest.mark.parametrize("resolution", ["open", "", "accepted"])
def test_a_remark_takes_two_answers_only(world: Province, round: Round, signer: Client, resolution: str):
    filing = _returned(world, round)
    assert answer(signer, filing, resolution, EXPLANATION).status_code == 422
    assert filing.remarks.get().resolution == "open"


def test_the_preview_shows_what_changed_since_it_was_sent(world: Province, round: Round, signer: Client):
    filing = _returned(world, round)
    signer.post(address("cell-save", filing, "JC05"), {"W312": "3001", "seen": "1"})
    context = signer.get(address("filing-preview", filing)).context
    assert [(one.code, one.before, one.after) for one in context["corrected"]] == [("W312", "3,000", "3,001")]


def test_the_preview_shows_what_is_far_from_last_year(world: Province, round: Round, signer: Client):
    filing = unexplained(world, round)
    moved = signer.get(address("filing-preview", filing)).context["moved"]
    assert ("W301", "29,000", "9,000") in [(cell.line.code, cell.text, cell.last) for cell in moved]
