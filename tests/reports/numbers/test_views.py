"""The page of a quarterly filing: what it says, the declaration, batches and their result."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils.translation import ngettext

from portal.jobs.models import Job
from portal.trail.models import Event
from reports.filings.models import Filing, State
from reports.numbers import actions
from reports.numbers.models import NumberBatch, QuarterReturn, ReportNumber
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.clients import HTMX, client_of, submit, text_of
from tests.reports.numbers.conftest import lines, nightly

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "numbers" / "should_pass"
Sent = Callable[..., NumberBatch]


def address(name: str, filing: Filing) -> str:
    return reverse(f"numbers:{name}", args=[filing.public_id])


def test_the_page_says_what_to_do_next(filing: Filing, world: Province, sent: Sent) -> None:
    client, page = client_of(world.filer_a), address("quarter-detail", filing)
    assert client.get(page).context["next"].words == "请先申报本季度有效报告份数，或作零报告声明。"
    client.post(address("quarter-declare", filing), {"count": "2"})
    assert client.get(page).context["next"].words == "请报送编号：上传文件、粘贴清单或按号段添加均可。"
    sent(lines("FJ-1", "FJ-2"))
    ready = client.get(page)
    assert ready.context["next"].url == address("quarter-preview", filing)
    assert world.signer_a.user.name in ready.context["next"].words
    signers = client_of(world.signer_a).get(page)
    assert signers.context["next"].label == "预览并报送"


def test_the_list_of_filings_and_the_address_of_the_filing_lead_here(filing: Filing, world: Province) -> None:
    client = client_of(world.filer_a)
    assert address("quarter-detail", filing) in client.get(reverse("filings:filing-list")).content.decode()
    moved = client.get(filing.get_absolute_url())
    assert (moved.status_code, moved["Location"]) == (302, address("quarter-detail", filing))


def test_an_annual_filing_has_no_such_page(world: Province) -> None:
    annual = a_filing(open_round(world), world.a)
    assert client_of(world.filer_a).get(address("quarter-detail", annual)).status_code == 404


@pytest.mark.parametrize("batches", [1, 5])
def test_the_page_costs_the_same_however_many_batches(
    filing: Filing, world: Province, sent: Sent, django_assert_num_queries: Callable, batches: int
) -> None:
    for number in range(batches):
        sent(lines(f"FJ-{number}", "", "x" * 65))
    client = client_of(world.filer_a)
    client.get(address("quarter-detail", filing))
    with django_assert_num_queries(22):
        page = client.get(address("quarter-detail", filing))
    assert len(page.context["batches"]) == batches


def names(page: Any) -> list[str]:
    return [row.batch.name for row in page.context["batches"]]


def test_every_batch_of_a_quarter_is_reached_page_by_page(
    filing: Filing, world: Province, sent: Sent, django_assert_num_queries: Callable
) -> None:
    oldest = sent(lines("FJ-0", "", "x" * 65))
    latest_first = [batch.name for batch in reversed([oldest, *nightly(filing, 91, world.filer_a)])]
    client, page = client_of(world.filer_a), address("quarter-detail", filing)
    first = client.get(page)
    assert f'href="{page}?page=2#batches"' in first.content.decode()
    with django_assert_num_queries(22):
        last = client.get(page, {"page": "10"})
    assert (names(first), names(last)) == (latest_first[:10], latest_first[90:])
    assert names(client.get(page, {"page": "99"})) == names(last)
    assert names(client.get(address("batch-list", filing), {"page": "10"}, headers=HTMX)) == names(last)
    refused = client.post(address("quarter-declare", filing), {"count": "x"})
    assert f'href="{page}?page=2#batches"' in refused.content.decode()


def test_a_page_of_batches_asks_for_itself_and_stays_where_it_is(filing: Filing, world: Province) -> None:
    batches = nightly(filing, 20, world.filer_a)
    NumberBatch.objects.filter(pk=batches[0].pk).update(state=NumberBatch.State.WAITING, read=0)
    client = client_of(world.filer_a)
    answer = client.get(address("batch-list", filing), {"page": "2"}, headers=HTMX)
    assert f'hx-get="{address("batch-list", filing)}?page=2"' in answer.content.decode()
    stop = reverse("numbers:batch-cancel", args=[batches[0].public_id])
    assert f'hx-post="{stop}?page=2"' in answer.content.decode()
    assert names(client.post(f"{stop}?page=2", headers=HTMX)) == names(answer)


# -- declaring ------------------------------------------------------------------------------------


def test_the_count_is_declared(filing: Filing, world: Province) -> None:
    answer = client_of(world.filer_a).post(address("quarter-declare", filing), {"count": "1250"})
    assert (answer.status_code, answer["Location"]) == (302, address("quarter-detail", filing))
    returned = QuarterReturn.objects.get(filing=filing)
    assert (returned.declared, returned.nil, returned.declared_by) == (1250, False, world.filer_a.user)
    assert fresh(filing).state == State.DRAFTING


@pytest.mark.parametrize("typed", ["", "abc", "-3", "0", "12.5", "９" * 30])
def test_a_count_that_is_none_is_refused_and_kept_on_the_page(filing: Filing, world: Province, typed: str) -> None:
    answer = client_of(world.filer_a).post(address("quarter-declare", filing), {"count": typed})
    assert answer.status_code == 422
    assert answer.context["declare"]["count"].value() == typed
    assert answer.context["declare"].errors["count"]
    assert fresh(filing).state == State.DUE


def test_a_nil_return_is_declared_and_refused_while_numbers_stand(filing: Filing, world: Province, sent: Sent) -> None:
    client = client_of(world.filer_a)
    client.post(address("quarter-declare", filing), {"nil": "1"})
    assert QuarterReturn.objects.get(filing=filing).nil
    client.post(address("quarter-declare", filing), {"count": "1"})
    sent(lines("FJ-1"))
    answer = client.post(address("quarter-declare", filing), {"nil": "1"})
    assert answer.status_code == 422
    assert "1" in answer.context["nil_wrong"]
    assert (answer.context["declare"]["count"].value(), answer.context["declare"].errors) == (1, {})
    assert not QuarterReturn.objects.get(filing=filing).nil


# -- batches --------------------------------------------------------------------------------------


def test_a_batch_being_read_shows_its_progress_and_asks_again(filing: Filing, world: Province) -> None:
    received = actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=world.filer_a)
    Job.objects.filter(pk=received.batch.job_id).update(state="running", phase="store", done=40, total=100)
    client = client_of(world.signer_a)
    answer = client.get(address("batch-list", filing), headers=HTMX)
    assert 'hx-trigger="every 2s"' in answer.content.decode()
    assert "第2步，共3步" in text_of(answer)
    assert "40%" in text_of(answer)
    assert "HX-Trigger-After-Settle" not in answer
    detail = client.get(reverse("numbers:batch-detail", args=[received.batch.public_id]), headers=HTMX)
    assert 'hx-trigger="every 2s"' in detail.content.decode()


def test_the_last_answer_stops_asking_and_lets_the_figures_be_fetched(
    filing: Filing, world: Province, sent: Sent
) -> None:
    sent(lines("FJ-1"))
    answer = client_of(world.filer_a).get(address("batch-list", filing), headers=HTMX)
    assert "hx-trigger" not in answer.content.decode()
    assert answer["HX-Trigger-After-Settle"] == "numbers-settled"
    page = client_of(world.filer_a).get(address("quarter-detail", filing), headers=HTMX).content.decode()
    assert [page.count(f'id="{part}"') for part in ("quarter", "quarter-head", "standing")] == [1, 1, 1]
    assert "<html" not in page


def test_the_findings_stand_before_the_batches_and_are_a_jump_away(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    client = client_of(world.filer_a)
    client.post(address("quarter-declare", filing), {"count": "3"})
    answer = client.get(address("quarter-detail", filing))
    assert answer.context["next"].url == "#findings"
    body = answer.content.decode()
    assert body.count('href="#findings"') == 2
    assert body.index('id="findings"') < body.index('id="batches"')


KEPT = re.compile(r'id="([^"]+)"[^>]* hx-preserve')


def test_a_form_sent_by_script_leaves_the_others_as_they_are(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    client, others = client_of(world.filer_a), ["upload", "way-paste", "way-range", "e-k113", "batches"]
    stored = client.post(address("quarter-declare", filing), {"count": "3"}, headers=HTMX)
    assert (stored.status_code, KEPT.findall(stored.content.decode())) == (200, others)
    assert stored.context["said"]
    looked = client.get(address("quarter-detail", filing), headers=HTMX)
    assert KEPT.findall(looked.content.decode()) == ["id_count", *others]


def test_a_batch_is_stopped_from_the_page(filing: Filing, world: Province) -> None:
    batch = actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=world.filer_a).batch
    answer = client_of(world.filer_a).post(reverse("numbers:batch-cancel", args=[batch.public_id]), headers=HTMX)
    assert answer.status_code == 200
    assert NumberBatch.objects.get(pk=batch.pk).cancel_asked


def test_a_batch_is_stopped_from_its_own_page(filing: Filing, world: Province) -> None:
    batch = actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=world.filer_a).batch
    client = client_of(world.filer_a)
    page = client.get(reverse("numbers:batch-detail", args=[batch.public_id])).content.decode()
    assert 'hx-target="#batch"' in page
    stop = reverse("numbers:batch-cancel", args=[batch.public_id])
    answer = client.post(stop, headers={**HTMX, "HX-Target": "batch"})
    assert answer.content.decode().count('id="batch"') == 1
    assert NumberBatch.objects.get(pk=batch.pk).cancel_asked


def test_a_batch_that_waits_for_another_is_stopped_at_once(filing: Filing, world: Province) -> None:
    first, second = (
        actions.receive(filing=filing, chunks=[lines(number).encode()], name="a.csv", by=world.filer_a).batch
        for number in ("FJ-1", "FJ-2")
    )
    client_of(world.filer_a).post(reverse("numbers:batch-cancel", args=[second.public_id]), headers=HTMX)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (NumberBatch.State.WAITING, NumberBatch.State.CANCELLED)
    assert second.finished_at is not None
    assert Event.objects.filter(verb="numbers.cancelled").count() == 1


def test_the_result_is_told_in_words(filing: Filing, world: Province, sent: Sent) -> None:
    first = sent(lines("FJ-0"), name="十月.csv")
    batch = sent(lines("FJ-0", "FJ-1", "FJ-1", "", "2.02312E+13") + "FJ-9,2023-09-28\n")
    page = client_of(world.filer_a).get(reverse("numbers:batch-detail", args=[batch.public_id]))
    assert [(one.label, one.count) for one in page.context["row"].causes] == [
        ("日期不在本季度", 1),
        ("科学计数法", 1),
        ("编号为空", 1),
    ]
    samples = page.context["samples"]
    assert [(one.line, one.number) for one in samples] == [
        (2, "FJ-0"),
        (4, "FJ-1"),
        (5, ""),
        (6, "2.02312E+13"),
        (7, "FJ-9"),
    ]
    assert first.name in samples[0].words
    assert samples[4].words == "出具日期2023-09-28不在本季度内，属于2023Q3。请改正日期，或在该季度报送。"


def test_how_a_text_file_was_taken_apart_is_shown(filing: Filing, world: Province, sent: Sent) -> None:
    batch = sent(
        "报告编号;签发日期;委托方\r\n闽1;2023-11-05;甲\r\n闽2;2023-11-05;乙\r\n闽3;2023-11-05;丙".encode("gb18030")
    )
    page = client_of(world.filer_a).get(reverse("numbers:batch-detail", args=[batch.public_id]))
    assert page.context["facts"][:2] == [
        ("字符编码", "GB18030"),
        ("文件开头", "报告编号 · 签发日期 · 委托方 ⏎ 闽1 · 2023-11-05 · 甲 ⏎ 闽2 · 2023-11-05 · 乙"),
    ]


def test_the_marked_copy_is_downloaded_under_the_name_of_the_file(filing: Filing, world: Province, sent: Sent) -> None:
    batch = sent(lines("FJ-1", ""), name="../../台账.csv")
    answer = client_of(world.filer_a).get(reverse("numbers:batch-marked", args=[batch.public_id]))
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "编号为空。请填写编号，或删除该行。" in body
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert "%E5%8F%B0%E8%B4%A6" in answer["Content-Disposition"]


def test_a_refused_file_of_another_institution_can_be_confirmed(filing: Filing, world: Province, sent: Sent) -> None:
    batch = sent(f"报告编号,签发日期,统一社会信用代码\nFJ-1,2023-11-05,{world.b.uscc}\n")
    assert batch.state == NumberBatch.State.REFUSED
    page = client_of(world.filer_a).get(reverse("numbers:batch-detail", args=[batch.public_id]))
    assert page.context["row"].asks_whose
    assert world.b.uscc in text_of(page)
    answer = client_of(world.filer_a).post(reverse("numbers:batch-confirm", args=[batch.public_id]))
    again = NumberBatch.objects.exclude(pk=batch.pk).get()
    assert answer["Location"] == reverse("numbers:batch-detail", args=[again.public_id])
    assert again.trusts_code


NASTY = '"><img src=x onerror=alert(1)>'


def test_what_people_type_into_files_runs_nowhere(filing: Filing, world: Province, sent: Sent) -> None:
    batch = sent(
        f'报告编号,签发日期,<b>列</b>\n"{NASTY.replace(chr(34), chr(34) * 2)}",2023-09-05,x\n=1+1,2023-11-05,x\n',
        name=f"{NASTY}.csv",
    )
    client = client_of(world.filer_a)
    number = ReportNumber.objects.get(institution_id=world.a.pk)
    pages = [
        address("quarter-detail", filing),
        reverse("numbers:batch-detail", args=[batch.public_id]),
        f"{address('number-list', filing)}?q={NASTY}",
        f"{address('number-detail', filing)}?number={number.key}",
        f"{reverse('numbers:lookup')}?no={NASTY}&org={NASTY}",
    ]
    for page in pages:
        body = client.get(page).content.decode()
        assert "<img src=x" not in body.lower(), page
        assert "<b>列" not in body, page


def test_a_bureau_does_not_see_what_is_being_sent_in(filing: Filing, world: Province, sent: Sent) -> None:
    batch = sent(lines("FJ-1"))
    client = client_of(world.gulou_reviewer)
    assert client.get(reverse("numbers:batch-detail", args=[batch.public_id])).status_code == 404
    assert client.get(address("quarter-detail", filing)).status_code == 403


def test_a_filing_in_review_takes_nothing_more(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    client = client_of(world.signer_a)
    client.post(address("quarter-declare", filing), {"count": "1"})
    submit(filing, world.signer_a)
    page = client.get(address("quarter-detail", filing))
    assert 'id="send"' not in page.content.decode()
    refused = client.post(address("quarter-declare", filing), {"count": "5"})
    assert (refused.status_code, refused.context["turned_away"].typed) == (403, "5")
    assert QuarterReturn.objects.get(filing=filing).declared == 1
    assert json.loads(json.dumps(page.context["standing"].report.difference)) == 0


def test_more_time_and_another_department_are_asked_for_from_the_page(filing: Filing, world: Province) -> None:
    client = client_of(world.filer_a)
    page = client.get(address("quarter-detail", filing)).content.decode()
    for name in ("extension-ask", "department-ask"):
        asking = reverse(f"filings:{name}", args=[filing.public_id])
        assert f'href="{asking}"' in page
        assert client.get(asking).status_code == 200


def test_sheets_that_were_not_read_are_told_in_amber_with_what_to_do(
    filing: Filing, world: Province, sent: Sent
) -> None:
    one = (FIXTURES / "x09_two_sheets_with_data.xlsx").read_bytes()
    batch = sent(one, name="三个月.xlsx")
    assert (batch.state, batch.stored, batch.unread_sheets) == ("done", 2, ["十二月"])
    client = client_of(world.filer_a)
    row = client.get(address("quarter-detail", filing)).context["batches"][0]
    assert (row.state, row.words) == (
        "verify",
        ngettext("%(done)s; %(count)s sheet not read", "%(done)s; %(count)s sheets not read", 1)
        % {"done": "完成", "count": 1},
    )
    page = client.get(reverse("numbers:batch-detail", args=[batch.public_id])).content.decode()
    note = page.index('<span class="zb-st verify zb-wrap">')
    assert note < page.index("十二月") < page.index('<dl class="zb-kpi')


def test_a_workbook_read_to_its_end_is_simply_done(filing: Filing, world: Province, sent: Sent) -> None:
    batch = sent((FIXTURES / "x09_a_second_sheet_without_data.xlsx").read_bytes(), name="模板.xlsx")
    row = client_of(world.filer_a).get(address("quarter-detail", filing)).context["batches"][0]
    assert (batch.unread_sheets, row.state, row.words) == ([], "done", "完成")
