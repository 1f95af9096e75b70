from __future__ import annotations

import re

from django.urls import reverse

from portal.trail.models import Event
from reports.filings.actions import answer_remark
from reports.filings.models import Decision, Draft, Filing, Finding, Remark, State
from reports.rounds.models import Round
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    accepted_filing,
    fill,
    fresh,
    open_round,
    passed,
    returned,
    sign_and_submit,
    submitted_filing,
)
from tests.factories.institutions import Province, an_institution
from tests.review.conftest import Acting

HTMX = {"HX-Request": "true"}


def url(name: str, filing: Filing) -> str:
    return reverse(f"review:{name}", args=[filing.public_id])


def judged(filing: Filing, **extra) -> dict[str, object]:
    return {"version": filing.version, "revision": filing.revision.number, **extra}


def a_doubt(filing: Filing) -> Finding:
    return Finding.objects.create(
        revision=filing.revision, key="K100x", check_code="K100", severity="verify", table="JC01",
        cells=[["JC01", None, "A301"]], message_zh="期末从业人员变动超过50%", message_en="Staff moved by more than 50%",
        explanation="新设实验室，招聘12人。",
    )  # fmt: skip


def test_reading_shows_this_year_beside_last_year(world: Province, acting: Acting):
    last = open_round(world, period="2022")
    before = accepted_filing(last, world.a)
    filing = submitted_filing(open_round(world, previous=last), world.a, previous=before)
    answer = acting(world.gulou_reviewer).get(url("filing-read", filing), {"view": "all"})
    lines = answer.context["reading"].lines_by_key
    assert (lines["JC01::A301"].this, lines["JC01::A301"].last) == ("25", "25")
    assert lines["JC02::E201"].this == "8,000"
    assert lines["JC01::A102"].this == world.a.name


def test_reading_does_not_record_the_opening_but_its_post_does(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    assert client.get(url("filing-read", filing)).status_code == 200
    assert fresh(filing).opened_at is None
    assert client.post(url("filing-open", filing)).status_code == 204
    assert fresh(filing).opened_at is not None
    assert Event.objects.filter(verb="filing.opened").count() == 1
    client.post(url("filing-open", filing))
    assert Event.objects.filter(verb="filing.opened").count() == 1


def test_opening_by_a_bureau_whose_turn_it_is_not_records_nothing(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    assert acting(world.fuzhou_reviewer).post(url("filing-open", filing)).status_code == 204
    assert fresh(filing).opened_at is None


def test_pass_goes_to_the_next_tier_and_on_to_the_next_filing(world: Province, this_year: Round, acting: Acting):
    filing, other = submitted_filing(this_year, world.a), submitted_filing(this_year, world.b)
    answer = acting(world.gulou_reviewer).post(url("filing-pass", filing), judged(filing))
    assert (answer.status_code, answer.url) == (302, url("filing-read", other))
    assert (fresh(filing).state, fresh(filing).step) == (State.IN_REVIEW, world.fuzhou)


def test_second_decision_is_told_by_whom_and_when(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    client.post(url("filing-pass", filing), judged(filing))
    answer = client.post(url("filing-pass", filing), judged(filing))
    assert answer.status_code == 409
    assert "王鼓审" in answer.content.decode()
    assert Decision.objects.count() == 1


def test_a_form_that_was_altered_changes_nothing(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    answer = acting(world.gulou_reviewer).post(url("filing-pass", filing), {"version": "x", "revision": "9" * 40})
    assert answer.status_code == 422
    assert Decision.objects.count() == 0


def test_return_needs_a_remark_and_a_note(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    assert client.post(url("filing-return", filing), judged(filing, note="请核对")).status_code == 422
    client.post(url("remark-add", filing), {"cell": "JC01::A301", "reason": "change", "text": "请核对人数。"})
    assert client.post(url("filing-return", filing), judged(filing, note=" ")).status_code == 422
    assert fresh(filing).state == State.IN_REVIEW
    assert client.post(url("filing-return", filing), judged(filing, note="请核对")).status_code == 302
    assert fresh(filing).state == State.RETURNED
    [remark] = Remark.objects.all()
    assert (remark.indicator, remark.decision) == ("A301", Decision.objects.get())


def test_a_bureau_whose_turn_has_not_come_is_told_whom_it_waits_for(world: Province, this_year: Round, acting: Acting):
    """W1."""
    filing = submitted_filing(this_year, world.a)
    for membership in (world.statistician, world.fuzhou_reviewer):
        answer = acting(membership).post(url("filing-pass", filing), judged(filing))
        assert answer.status_code == 409
        assert "尚待鼓楼区市场监督管理局审核" in answer.content.decode()
    assert fresh(filing).step == world.gulou
    assert not filing.decisions.exists()


def test_remarks_waiting_to_be_sent_keep_the_filing_from_passing(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    client.post(url("remark-add", filing), {"cell": "", "reason": "other", "text": "请附合同。"})
    assert client.post(url("filing-pass", filing), judged(filing)).status_code == 422
    [remark] = Remark.objects.all()
    assert client.post(reverse("review:remark-remove", args=[remark.pk])).status_code == 302
    assert Remark.objects.count() == 0
    assert client.post(url("filing-pass", filing), judged(filing)).status_code == 302


def test_a_remark_without_words_keeps_what_was_chosen(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    answer = acting(world.gulou_reviewer).post(
        url("remark-add", filing), {"cell": "JC01::A301", "reason": "unit", "text": "  "}, headers=HTMX
    )
    assert answer.status_code == 422
    typed = answer.context["reading"].typed
    assert (typed.cell, typed.reason) == ("JC01::A301", "unit")
    assert typed.wrong
    assert Remark.objects.count() == 0


def test_a_remark_without_a_reason_is_refused_at_the_reason(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    asked = client.get(url("filing-read", filing), {"remark": "JC01::A301"}).content.decode()
    [select] = re.findall(r'(?s)<select[^>]*id="remark-reason".*?</select>', asked)
    assert "selected" not in select
    assert re.search(r'<select[^>]*><option value="">', select)
    answer = client.post(url("remark-add", filing), {"cell": "JC01::A301", "reason": "", "text": "请核对人数。"})
    typed = answer.context["reading"].typed
    assert (answer.status_code, set(typed.wrong), typed.text) == (422, {"reason"}, "请核对人数。")
    assert f'id="remark-reason-wrong">{typed.wrong["reason"]}<' in answer.content.decode()
    assert Remark.objects.count() == 0


def test_the_cursor_goes_to_the_field_that_is_wrong(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)

    def cursor(page: str) -> list[str]:
        [form] = re.findall(r'(?s)<form[^>]* id="remark-form".*?</form>', page)
        return re.findall(r'id="([^"]*)"[^>]* autofocus', form)

    begun = client.get(url("filing-read", filing), {"remark": "JC01::A301"}).content.decode()
    assert cursor(begun) == ["remark-reason"]
    for reason, text, field in (("", "请核对。", "reason"), ("change", " ", "text"), ("", " ", "reason")):
        refused = client.post(url("remark-add", filing), {"cell": "JC01::A301", "reason": reason, "text": text})
        assert (refused.status_code, cursor(refused.content.decode())) == (422, [f"remark-{field}"])


def test_a_return_without_words_is_refused_at_the_opinion_with_the_page_kept(
    world: Province, this_year: Round, acting: Acting
):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    bare = client.post(url("filing-return", filing), judged(filing, note="请核对"))
    assert (bare.status_code, bare.context["reading"].opinion.text) == (422, "请核对")
    client.post(url("remark-add", filing), {"cell": "JC01::A301", "reason": "change", "text": "请核对人数。"})
    answer = client.post(url("filing-return", filing), judged(filing, note=" "))
    opinion = answer.context["reading"].opinion
    assert (answer.status_code, bool(opinion.wrong)) == (422, True)
    assert f'id="note-wrong">{opinion.wrong}<' in answer.content.decode()
    assert [remark.text for remark in answer.context["reading"].unsent] == ["请核对人数。"]
    long = client.post(url("filing-return", filing), judged(filing, note="长" * 1001))
    assert (long.status_code, long.context["reading"].opinion.text) == (422, "长" * 1001)
    assert fresh(filing).state == State.IN_REVIEW
    assert not filing.decisions.exists()


def test_a_remark_too_long_is_refused_with_its_words_kept(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    answer = acting(world.gulou_reviewer).post(
        url("remark-add", filing), {"cell": "", "reason": "unit", "text": "长" * 1001}
    )
    assert answer.status_code == 422
    assert "长" * 1001 in answer.content.decode()


def test_a_remark_of_another_bureau_is_not_removed(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    acting(world.gulou_reviewer).post(url("remark-add", filing), {"cell": "", "reason": "other", "text": "请附合同。"})
    [remark] = Remark.objects.all()
    address = reverse("review:remark-remove", args=[remark.pk])
    assert acting(world.fuzhou_reviewer).post(address).status_code == 403
    assert acting(world.taijiang_reviewer).post(address).status_code == 404
    assert Remark.objects.count() == 1


def test_judging_an_explanation_moves_the_count_of_doubts(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    Finding.objects.filter(revision=filing.revision).update(verdict="plausible")
    finding = a_doubt(filing)
    Filing.objects.filter(pk=filing.pk).update(verify_count=1)
    client, address = acting(world.gulou_reviewer), reverse("review:finding-judge", args=[finding.pk])
    assert client.post(address, {"verdict": "plausible"}, headers=HTMX).status_code == 200
    assert (Finding.objects.get(pk=finding.pk).verdict, fresh(filing).verify_count) == ("plausible", 0)
    assert client.post(address, {"verdict": "doubtful"}).status_code == 302
    assert (Finding.objects.get(pk=finding.pk).verdict, fresh(filing).verify_count) == ("doubtful", 1)
    assert client.post(url("filing-pass", filing), judged(filing)).status_code == 422
    assert client.post(address, {"verdict": "perhaps"}).status_code == 422
    assert Event.objects.filter(verb="finding.judged").count() == 2


def test_an_explanation_is_judged_only_by_the_bureau_whose_turn_it_is(
    world: Province, this_year: Round, acting: Acting
):
    finding = a_doubt(submitted_filing(this_year, world.a))
    address = reverse("review:finding-judge", args=[finding.pk])
    assert acting(world.fuzhou_reviewer).post(address, {"verdict": "plausible"}).status_code == 409
    assert acting(world.licheng_reviewer).post(address, {"verdict": "plausible"}).status_code == 404
    assert Finding.objects.get(pk=finding.pk).verdict == "open"


def test_an_explanation_of_an_earlier_revision_is_no_longer_judged(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    finding = a_doubt(filing)
    returned(filing)
    [remark] = Remark.objects.all()
    answer_remark(remark=remark, resolution="explained", answer=EXPLANATION, by=world.signer_a)
    _change(filing, "JC01", "A112", "福州市鼓楼区软件大道2号")
    sign_and_submit(filing, world.signer_a)
    answer = acting(world.gulou_reviewer).post(
        reverse("review:finding-judge", args=[finding.pk]), {"verdict": "plausible"}
    )
    assert answer.status_code == 409
    assert Finding.objects.get(pk=finding.pk).verdict == "open"


def _change(filing: Filing, table: str, code: str, value: str) -> None:
    draft = Draft.objects.get(filing=filing, table=table)
    draft.cells[code] = value
    draft.save()


def test_after_a_resubmission_only_what_changed_and_the_answers_are_shown(
    world: Province, this_year: Round, acting: Acting
):
    filing = submitted_filing(this_year, world.a)
    old = filing.revision.cells["JC01"]["A112"]
    returned(filing)
    [remark] = Remark.objects.all()
    answer_remark(
        remark=remark, resolution="explained", answer="2023年8月招聘检测员6名，劳动合同已备案。", by=world.signer_a
    )
    _change(filing, "JC01", "A112", "福州市鼓楼区软件大道2号")
    sign_and_submit(filing, world.signer_a)
    reading = acting(world.gulou_reviewer).get(url("filing-read", filing), {"view": "changed"}).context["reading"]
    assert [(line.key, line.was) for section in reading.sections for line in section.lines] == [("JC01::A112", old)]
    assert [sent.remark.answer for sent in reading.sent] == ["2023年8月招聘检测员6名，劳动合同已备案。"]
    assert dict(reading.views)["changed"] == 1


def test_reading_what_was_never_submitted_shows_no_draft(world: Province, this_year: Round, acting: Acting):
    filing = fill(a_filing(this_year, world.a), world.signer_a)
    answer = acting(world.gulou_reviewer).get(url("filing-read", filing))
    assert answer.status_code == 200
    assert answer.context["reading"].sheet is None
    assert "8,000" not in answer.content.decode()
    assert filing.drafts.count() > 0


def test_the_province_reopens_an_accepted_filing(world: Province, this_year: Round, acting: Acting):
    filing = accepted_filing(this_year, world.a)
    data = judged(filing, note="抽查发现问题", cell="JC01::A301", reason="register", text="与社保人数不符。")
    assert acting(world.fuzhou_reviewer).post(url("filing-reopen", filing), data).status_code == 403
    assert fresh(filing).state == State.ACCEPTED
    client = acting(world.statistician)
    for missing, kept in (("text", "note"), ("reason", "text"), ("note", "text")):
        refused = client.post(url("filing-reopen", filing), data | {missing: " "})
        reading = refused.context["reading"]
        wrong = reading.typed.wrong | {"note": reading.opinion.wrong}
        assert (refused.status_code, [name for name, words in wrong.items() if words]) == (422, [missing])
        assert {"note": reading.opinion.text, "text": reading.typed.text}[kept] == data[kept]
    assert fresh(filing).state == State.ACCEPTED
    assert acting(world.statistician).post(url("filing-reopen", filing), data).status_code == 302
    assert fresh(filing).state == State.RETURNED


def test_a_refused_reopening_keeps_the_line_that_was_chosen_in_its_view(
    world: Province, this_year: Round, acting: Acting
):
    filing = accepted_filing(this_year, world.a)
    client = acting(world.statistician)
    outside = "JC01::A102"
    page = client.get(url("filing-read", filing), {"view": "all"})
    assert outside in page.context["reading"].lines_by_key
    assert outside not in client.get(url("filing-read", filing)).context["reading"].lines_by_key
    [action] = re.findall(r'<form[^>]* action="([^"]*/reopen/[^"]*)"', page.content.decode())
    data = judged(filing, note=" ", cell=outside, reason="register", text="与登记不符。")
    refused = client.post(action, data)
    assert (refused.status_code, refused.context["reading"].view) == (422, "all")
    [select] = re.findall(r'(?s)<select[^>]*id="reopen-cell".*?</select>', refused.content.decode())
    assert re.findall(r'value="([^"]*)" selected', select) == [outside]


def test_a_refused_decision_keeps_the_view(world: Province, this_year: Round, acting: Acting):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    remark = {"cell": "JC01::A301", "reason": "change", "text": "请核对人数。"}
    for name, note in (("filing-pass", "长" * 1001), ("filing-return", " ")):
        page = client.get(url("filing-read", filing), {"view": "all", "remark": "all"}).content.decode()
        [bar] = re.findall(r'(?s)<form[^>]* id="decide".*?</form>', page)
        [address, pressed] = re.findall(r'action="([^"]*)"', bar)
        assert (address, pressed) == (f"{url(name, filing)}?view=all",) * 2
        refused = client.post(address, judged(filing, note=note))
        assert (refused.status_code, refused.context["reading"].view) == (422, "all")
        client.post(url("remark-add", filing), remark)


def test_the_province_excuses_who_has_not_filed(world: Province, this_year: Round, acting: Acting):
    filing = a_filing(this_year, world.a)
    address, data = url("filing-excuse", filing), {"version": 0, "note": "已注销"}
    assert acting(world.gulou_reviewer).post(address, data).status_code == 403
    refused = acting(world.statistician).post(address, {"version": 0, "note": ""})
    assert (refused.status_code, bool(refused.context["reading"].opinion.wrong)) == (422, True)
    assert fresh(filing).state == State.DUE
    assert acting(world.statistician).post(address, data).status_code == 302
    assert fresh(filing).state == State.EXCUSED


def test_reading_costs_the_same_for_1_and_5_remarks(
    world: Province, this_year: Round, acting: Acting, django_assert_num_queries
):
    filing = submitted_filing(this_year, world.a)
    client = acting(world.gulou_reviewer)
    add = url("remark-add", filing)
    client.post(add, {"cell": "JC01::A301", "reason": "change", "text": "请核对。"})
    client.get(url("filing-read", filing))
    with django_assert_num_queries(17):
        client.get(url("filing-read", filing))
    for code in ("A302", "A303", "A304", "A305"):
        client.post(add, {"cell": f"JC01::{code}", "reason": "change", "text": "请核对。"})
    with django_assert_num_queries(17):
        client.get(url("filing-read", filing))


def test_next_goes_on_in_the_order_of_the_queue_and_around(world: Province, this_year: Round, acting: Acting):
    first, second, third = (submitted_filing(this_year, an_institution(world.gulou, f"机构{n}")) for n in "一二三")
    for filing, score in ((first, 5), (second, 3), (third, 9)):
        Filing.objects.filter(pk=filing.pk).update(score=score)
    client = acting(world.gulou_reviewer)
    following = {f.pk: client.get(url("filing-read", f)).context["reading"].next.pk for f in (first, second, third)}
    assert following == {third.pk: first.pk, first.pk: second.pk, second.pk: third.pk}


def test_the_route_says_where_the_filing_is(world: Province, this_year: Round, acting: Acting):
    filing = passed(submitted_filing(this_year, world.a))
    stations = acting(world.gulou_reviewer).get(url("filing-read", filing)).context["reading"].stations
    assert [station.status for station in stations] == ["done", "done", "here", ""]
