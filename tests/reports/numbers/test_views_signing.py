"""Explaining, looking through, signing, recalling; and the reviewer's side of a quarterly filing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.urls import reverse

from reports.filings.actions import explain
from reports.filings.actions_review import give_back
from reports.filings.models import Filing, Remark, Revision, State
from reports.numbers import submitting
from reports.numbers.amending import void_number
from reports.numbers.models import NumberBatch
from tests.factories.filings import a_remark, fresh, passed
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, look, submit, text_of
from tests.reports.numbers.conftest import lines, nightly

Sent = Callable[..., NumberBatch]
WORDS = "12月28日有2份委托检验报告当日撤回重发，编号未启用，已在台账登记。"


def address(name: str, filing: Filing) -> str:
    return reverse(f"numbers:{name}", args=[filing.public_id])


def declared(filing: Filing, world: Province, count: int) -> None:
    submitting.declare(filing=fresh(filing), count=count, by=world.filer_a)


def form(filing: Filing) -> dict[str, str]:
    return {"version": str(fresh(filing).version), "stamp": look(filing).digest, "pledged": "yes"}


def test_a_finding_is_explained(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1", "FJ-2"))
    declared(filing, world, 3)
    client = client_of(world.filer_a)
    page = client.get(address("quarter-detail", filing))
    assert [doubt.issue.code for doubt in page.context["standing"].doubts] == ["K113"]
    client.post(address("explanation-save", filing), {"key": "K113:", "text": WORDS})
    [doubt] = client.get(address("quarter-detail", filing)).context["standing"].doubts
    key = doubt.issue.key
    client.post(address("explanation-save", filing), {"key": key, "text": WORDS})
    [doubt] = client.get(address("quarter-detail", filing)).context["standing"].doubts
    assert (doubt.mark, doubt.explanation) == ("said", WORDS)


def test_a_poor_explanation_comes_back_with_the_reason(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    declared(filing, world, 3)
    key = look(filing).issues[0].key
    answer = client_of(world.filer_a).post(address("explanation-save", filing), {"key": key, "text": "属实"})
    [doubt] = answer.context["standing"].doubts
    assert (answer.status_code, doubt.typed, bool(doubt.wrong)) == (422, "属实", True)
    assert 'aria-invalid="true" autofocus>属实</textarea>' in answer.content.decode()
    assert not filing.explanations.exists()


def test_the_signer_signs_what_the_preview_showed(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1", "FJ-2"))
    declared(filing, world, 2)
    client = client_of(world.signer_a)
    preview = client.get(address("quarter-preview", filing))
    assert preview.context["standing"].may_submit
    answer = client.post(address("quarter-submit", filing), form(filing))
    assert answer["Location"] == reverse("filings:receipt-detail", args=[filing.public_id, 1])
    assert client.get(answer["Location"]).status_code == 200
    now = fresh(filing)
    assert (now.state, now.revision.signer, now.step) == (State.IN_REVIEW, world.signer_a.user, world.gulou)
    page = client.get(reverse("numbers:revision-detail", args=[filing.public_id, 1]))
    assert (page.context["sent"].declared, page.context["sent"].valid) == (2, 2)
    assert client.get(reverse("filings:revision-list", args=[filing.public_id])).status_code == 200


@pytest.mark.parametrize("change", [{"pledged": ""}, {"stamp": "0" * 64}])
def test_what_cannot_be_sent_comes_back_as_the_preview(
    filing: Filing, world: Province, sent: Sent, change: dict[str, str]
) -> None:
    sent(lines("FJ-1"))
    declared(filing, world, 1)
    answer = client_of(world.signer_a).post(address("quarter-submit", filing), form(filing) | change)
    assert answer.status_code in (409, 422)
    assert answer.context["refusal"]
    assert (fresh(filing).state, Revision.objects.count()) == (State.DRAFTING, 0)


def test_the_button_says_why_it_cannot_be_pressed(filing: Filing, world: Province) -> None:
    page = client_of(world.signer_a).get(address("quarter-preview", filing))
    assert not page.context["standing"].may_submit
    assert str(page.context["standing"].may_submit.reason) in text_of(page)
    assert not client_of(world.filer_a).get(address("quarter-preview", filing)).context["standing"].may_submit


def test_a_submission_is_recalled_until_it_is_opened(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    declared(filing, world, 1)
    now = submit(filing, world.signer_a)
    client = client_of(world.filer_a)
    client.post(address("quarter-recall", filing), {"version": str(now.version)})
    assert fresh(filing).state == State.DRAFTING
    now = submit(filing, world.signer_a)
    reviewer = client_of(world.gulou_reviewer)
    reviewer.post(reverse("review:filing-open", args=[filing.public_id]))
    assert client.post(address("quarter-recall", filing), {"version": str(now.version)}).status_code == 403
    assert fresh(filing).state == State.IN_REVIEW


def test_a_returned_quarter_is_corrected_and_its_remark_answered(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    declared(filing, world, 1)
    now = submit(filing, world.signer_a)
    remark = a_remark(table="RN-Q", indicator="Q103", text="请核对12月的编号是否齐全。")
    give_back(filing=now, by=world.gulou_reviewer, version=now.version, revision=1, note="请核对", remarks=[remark])
    client = client_of(world.filer_a)
    page = client.get(address("quarter-detail", filing))
    assert "请核对12月的编号是否齐全。" in text_of(page)
    pk = Remark.objects.get().pk
    poor = client.post(address("remark-answer", filing), {"remark": pk, "resolution": "explained", "answer": "属实"})
    assert (poor.status_code, poor.context["standing"].remarks[0].typed) == (422, "属实")
    assert Remark.objects.get().resolution == "open"
    client.post(address("remark-answer", filing), {"remark": pk, "resolution": "fixed", "answer": ""})
    assert Remark.objects.get().resolution == "fixed"
    assert submit(filing, world.signer_a).revision.number == 2


def test_a_number_voided_after_acceptance_asks_nothing_of_anybody(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1", "FJ-2"))
    declared(filing, world, 2)
    submit(filing, world.signer_a)
    for _tier in fresh(filing).route:
        passed(fresh(filing))
    client = client_of(world.filer_a)
    before = client.get(address("quarter-detail", filing)).context["standing"]
    assert (fresh(filing).state, before.doubts, before.moved) == (State.ACCEPTED, [], False)
    void_number(institution=world.a, number="FJ-1", reason="重复出具", by=world.filer_a)
    page = client.get(address("quarter-detail", filing))
    standing = page.context["standing"]
    assert (standing.look.returned.valid, standing.moved, standing.doubts) == (1, True, [])
    assert [issue.code for issue in standing.look.issues] == ["K113"]
    assert "请补传编号" not in text_of(page)
    assert standing.deadline.left not in text_of(page)


# -- the reviewer ---------------------------------------------------------------------------------


def test_the_reviewer_reads_figures_refusals_sequences_and_a_sample(
    filing: Filing, world: Province, sent: Sent
) -> None:
    sent(lines(*(f"FJ-{number:04d}" for number in range(40)), ""))
    declared(filing, world, 41)
    explain(filing=fresh(filing), key=look(filing).unexplained[0].key, text=WORDS, by=world.filer_a)
    submit(filing, world.signer_a)
    page = client_of(world.gulou_reviewer).get(reverse("review:filing-read", args=[filing.public_id]))
    quarter = page.context["reading"].quarter
    assert (quarter.sent.declared, quarter.sent.valid, quarter.sent.difference) == (41, 40, -1)
    assert [(one.label, one.count) for one in quarter.refused] == [("编号为空", 1)]
    assert len(quarter.sample) == 12
    again = (
        client_of(world.gulou_reviewer)
        .get(reverse("review:filing-read", args=[filing.public_id]))
        .context["reading"]
        .quarter
    )
    assert [row.key for row in again.sample] == [row.key for row in quarter.sample]
    assert WORDS in text_of(page)


def test_a_nil_return_is_read_lightly_and_judged_by_the_first_tier_alone(filing: Filing, world: Province) -> None:
    submitting.declare_nil(filing=fresh(filing), by=world.filer_a)
    now = submit(filing, world.signer_a)
    assert now.route == [world.gulou.pk]
    client = client_of(world.gulou_reviewer)
    page = client.get(reverse("review:filing-read", args=[filing.public_id]))
    quarter = page.context["reading"].quarter
    assert (quarter.sent.nil, quarter.batches, quarter.sample) == (True, None, [])
    assert "零报告" in text_of(page)
    client.post(
        reverse("review:filing-pass", args=[filing.public_id]), {"version": now.version, "revision": 1, "note": ""}
    )
    assert fresh(filing).state == State.ACCEPTED


def test_the_queue_shows_the_declared_count_and_not_another_item(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1", "FJ-2"))
    declared(filing, world, 2)
    submit(filing, world.signer_a)
    client = client_of(world.gulou_reviewer)
    page = client.get(reverse("review:queue"), {"round": filing.round.public_id})
    assert [row.filing.pk for row in page.context["queue"].rows] == [filing.pk]
    peek = client.get(reverse("review:filing-peek", args=[filing.public_id])).context["peek"]
    assert [(one.indicator.code, one.this) for one in peek.figures] == [("Q103", 2)]


@pytest.mark.parametrize("nights", [1, 5, 92])
def test_the_reviewer_reads_all_refusals_at_the_same_cost_however_many_batches(
    filing: Filing, world: Province, sent: Sent, django_assert_num_queries: Callable, nights: int
) -> None:
    sent(lines("FJ-1"))
    nightly(filing, nights, world.filer_a)
    declared(filing, world, 1)
    submit(filing, world.signer_a)
    client, page = client_of(world.gulou_reviewer), reverse("review:filing-read", args=[filing.public_id])
    client.get(page)
    with django_assert_num_queries(27):
        quarter = client.get(page).context["reading"].quarter
    counted = {"blank": nights, "control": (nights + 1) // 2, "long": nights // 2}
    assert {one.code: one.count for one in quarter.refused} == {code: n for code, n in counted.items() if n}
    assert len(quarter.batches) == min(nights + 1, 50)


def test_the_reviewer_and_the_signer_reach_every_list_page_by_page(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    oldest = nightly(filing, 92, world.filer_a)[0]
    declared(filing, world, 1)
    signers = client_of(world.signer_a).get(address("quarter-preview", filing), {"page": "2"})
    submit(filing, world.signer_a)
    read = reverse("review:filing-read", args=[filing.public_id])
    reviewers = client_of(world.gulou_reviewer).get(read, {"page": "2"})
    link = reverse("numbers:batch-detail", args=[oldest.public_id])
    for page, here in ((signers, address("quarter-preview", filing)), (reviewers, read)):
        assert f'href="{link}"' in page.content.decode()
        assert f'href="{here}?page=1#lists"' in page.content.decode()
