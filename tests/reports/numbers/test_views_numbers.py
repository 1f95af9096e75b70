"""Looking for a number, voiding and replacing it, and taking all of them out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import IO, Any

import openpyxl
import pytest
from django.db import OperationalError
from django.urls import reverse

from institutions.models import Membership
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from portal.trail.models import Event
from reports.filings.actions import recall
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing
from reports.numbers import extracts, submitting, tasks
from reports.numbers.models import NumberBatch, NumberChange, ReportNumber
from reports.rounds.models import Kind
from tests.factories.filings import a_filing, fresh, open_round
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, submit, text_of
from tests.reports.numbers.conftest import lines, send

Sent = Callable[..., NumberBatch]
REASON = "委托方申请撤回，报告已收回"


def address(name: str, filing: Filing) -> str:
    return reverse(f"numbers:{name}", args=[filing.public_id])


def keys(answer: Any) -> list[str]:
    return [row.key for row in answer.context["rows"]]


def test_numbers_are_found_by_their_beginning_in_any_writing(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ〔2023〕001", "FJ〔2023〕002", "fj-9", "100%_1"))
    client, page = client_of(world.filer_a), address("number-list", filing)
    assert keys(client.get(page)) == ["100%_1", "FJ-9", "FJ[2023]001", "FJ[2023]002"]
    assert keys(client.get(page, {"q": "ｆｊ【2023】"})) == ["FJ[2023]001", "FJ[2023]002"]
    assert keys(client.get(page, {"q": "FJ-9"})) == ["FJ-9"]
    assert keys(client.get(page, {"q": "%"})) == []
    assert keys(client.get(page, {"q": "100%_"})) == ["100%_1"]
    assert keys(client.get(page, {"q": "\x00" + "X" * 300, "after": "\x00"})) == []


def test_only_the_numbers_of_the_quarter_and_the_institution_are_listed(
    filing: Filing, world: Province, sent: Sent
) -> None:
    sent(lines("FJ-1"))
    ReportNumber.objects.create(
        institution_id=world.b.pk, key="FJ-2", issued_on="2023-11-05", batch_id=1, line=1, quarter=20234
    )
    ReportNumber.objects.create(
        institution_id=world.a.pk, key="FJ-3", issued_on="2023-08-05", batch_id=1, line=1, quarter=20233
    )
    assert keys(client_of(world.filer_a).get(address("number-list", filing))) == ["FJ-1"]
    assert client_of(world.filer_a).get(address("number-detail", filing), {"number": "FJ-2"}).status_code == 404


@pytest.mark.parametrize("page", ["number-list", "number-detail", "extract"])
def test_bureaus_see_numbers_once_they_are_submitted(filing: Filing, world: Province, sent: Sent, page: str) -> None:
    batch = sent(lines("FJ-1"))
    reviewer, asked = client_of(world.gulou_reviewer), {"number": "FJ-1", "format": "csv"}
    refused = reviewer.get(address(page, filing), asked)
    assert refused.status_code == 403
    assert "2023-11-05" not in refused.content.decode()  # the day of issue; the number itself was asked for
    assert reviewer.get(reverse("numbers:batch-detail", args=[batch.public_id])).status_code == 404
    submitting.declare(filing=fresh(filing), count=1, by=world.filer_a)
    submit(filing, world.signer_a)
    assert reviewer.get(address(page, filing), asked).status_code == 200
    assert reviewer.get(reverse("numbers:batch-detail", args=[batch.public_id])).status_code == 200
    assert reviewer.get(reverse("numbers:batch-marked", args=[batch.public_id])).status_code == 403


def test_a_long_list_goes_on_after_the_last_number(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines(*(f"FJ-{number:03d}" for number in range(120))))
    client, page = client_of(world.filer_a), address("number-list", filing)
    first = client.get(page)
    second = client.get(page, {"after": first.context["more"]})
    third = client.get(page, {"after": second.context["more"]})
    found = keys(first) + keys(second) + keys(third)
    assert found == [f"FJ-{number:03d}" for number in range(120)]
    assert (len(keys(first)), third.context["more"]) == (50, "")


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_the_same_however_many_numbers(
    filing: Filing, world: Province, sent: Sent, django_assert_num_queries: Callable, count: int
) -> None:
    sent(lines(*(f"FJ-{number}" for number in range(count))))
    client = client_of(world.filer_a)
    client.get(address("number-list", filing))
    with django_assert_num_queries(8):
        client.get(address("number-list", filing))


# -- void and replace -----------------------------------------------------------------------------


def test_a_number_is_voided_with_its_reason(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    client = client_of(world.filer_a)
    answer = client.post(address("number-void", filing), {"number": "FJ-1", "reason": REASON}, follow=True)
    assert "已作废" in text_of(answer)
    assert REASON in text_of(answer)
    assert ReportNumber.objects.get().state == ReportNumber.State.VOID
    assert "作废该编号" not in text_of(answer)


def test_voiding_without_a_reason_or_twice_changes_nothing(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    client = client_of(world.filer_a)
    short = client.post(address("number-void", filing), {"number": "FJ-1", "reason": "错"})
    assert (short.status_code, short.context["void"]["reason"].value()) == (422, "错")
    assert NumberChange.objects.count() == 0
    assert ReportNumber.objects.get().state == ReportNumber.State.VALID
    client.post(address("number-void", filing), {"number": "FJ-1", "reason": REASON})
    assert client.post(address("number-void", filing), {"number": "FJ-1", "reason": REASON}).status_code == 422
    assert NumberChange.objects.count() == 1


def test_a_number_is_replaced_by_a_new_one(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    typed = {"number": "FJ-1", "replacement": "FJ-1A", "issued_on": "2023-12-01", "reason": REASON}
    answer = client_of(world.filer_a).post(address("number-replace", filing), typed, follow=True)
    assert "FJ-1A" in text_of(answer)
    assert dict(ReportNumber.objects.values_list("key", "state")) == {"FJ-1": 3, "FJ-1A": 1}


def test_a_replacement_that_cannot_be_comes_back_as_typed(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1", "FJ-2"))
    typed = {"number": "FJ-1", "replacement": "FJ-2", "issued_on": "2023-12-01", "reason": REASON}
    answer = client_of(world.filer_a).post(address("number-replace", filing), typed)
    assert answer.status_code == 422
    assert answer.context["replace"].errors["replacement"]
    assert answer.context["replace"]["reason"].value() == REASON
    assert set(ReportNumber.objects.values_list("state", flat=True)) == {1}


def test_a_reason_that_says_nothing_is_refused_at_its_own_field(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    typed = {"number": "FJ-1", "replacement": "FJ-1A", "issued_on": "2023-12-01", "reason": "x"}
    answer = client_of(world.filer_a).post(address("number-replace", filing), typed)
    assert answer.status_code == 422
    assert list(answer.context["replace"].errors) == ["reason"]
    assert ReportNumber.objects.get().state == ReportNumber.State.VALID


def test_a_bureau_reads_a_number_and_changes_none(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    client = client_of(world.gulou_reviewer)
    page = client.get(address("number-detail", filing), {"number": "FJ-1"})
    assert "number/void" not in page.content.decode()
    assert client.post(address("number-void", filing), {"number": "FJ-1", "reason": REASON}).status_code == 403
    assert ReportNumber.objects.get().state == ReportNumber.State.VALID


# -- a replacing number of another quarter --------------------------------------------------------

LATER = {"number": "FJ-1", "replacement": "FJ-1A", "issued_on": "2024-01-01", "reason": REASON}


def replaced(filing: Filing, world: Province, **typed: str) -> Any:
    return client_of(world.filer_a).post(address("number-replace", filing), LATER | typed)


def number_page(filing: Filing, number: str, by: Membership) -> Any:
    return client_of(by).get(address("number-detail", filing), {"number": number}, follow=True)


def test_a_date_in_another_quarter_is_told_and_asked_for_once_more(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    for into in ("", "2023Q4", "2024Q2", "2024"):
        asked = replaced(filing, world, into=into)
        assert (asked.status_code, asked.context["asks"]) == (422, "2024Q1")
        assert "2024Q1" in asked.context["replace"].errors["issued_on"][0]
        assert asked.context["replace"]["replacement"].value() == "FJ-1A"
        assert '<button class="btn" type="submit" name="into" value="2024Q1">' in asked.content.decode()
        assert re.search(r'<input[^>]* name="issued_on"[^>]* autofocus', asked.content.decode())
    assert dict(ReportNumber.objects.values_list("key", "state")) == {"FJ-1": 1}
    assert NumberChange.objects.count() == 0
    assert replaced(filing, world, into="2024Q1").status_code == 302
    assert dict(ReportNumber.objects.values_list("key", "quarter")) == {"FJ-1": 20234, "FJ-1A": 20241}


def test_the_question_says_where_the_number_would_be_seen(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    without = replaced(filing, world).context["replace"].errors["issued_on"][0]
    later = a_filing(open_round(world, period="2024Q1", kind=Kind.QUARTERLY_NUMBERS), world.a)
    plain = replaced(filing, world).context["replace"].errors["issued_on"][0]
    submitting.declare_nil(filing=fresh(later), by=world.filer_a)
    submit(later, world.signer_a)
    signed = replaced(filing, world).context["replace"].errors["issued_on"][0]
    assert len({without, plain, signed}) == 3
    assert (without.startswith(plain), signed.startswith(plain)) == (True, True)


def test_a_date_mended_after_the_question_is_not_asked_about(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    assert replaced(filing, world, into="2024Q1", issued_on="2023-12-01").status_code == 302
    assert ReportNumber.objects.get(key="FJ-1A").period == "2023Q4"


@pytest.mark.parametrize("day", ["2123-01-01", "2023-11-04"])
def test_a_date_to_come_or_before_the_first_is_refused_and_not_asked_about(
    filing: Filing, world: Province, sent: Sent, day: str
) -> None:
    sent(lines("FJ-1"))
    refused = replaced(filing, world, issued_on=day, into="2123Q1")
    assert (refused.status_code, refused.context["asks"]) == (422, "")
    assert list(refused.context["replace"].errors) == ["issued_on"]
    assert "into" not in refused.content.decode()
    assert ReportNumber.objects.count() == 1


def test_the_new_number_of_a_quarter_that_is_not_open_is_found_and_voided(
    filing: Filing, world: Province, sent: Sent
) -> None:
    sent(lines("FJ-1", "FJ-2"))
    told = client_of(world.filer_a).post(
        address("number-replace", filing), LATER | {"into": "2024Q1"}, follow=True
    )  # fmt: skip
    link = f'<a href="{address("number-detail", filing)}?number=FJ-1A">FJ-1A</a>'
    assert told.content.decode().count(link) == 2  # said, and in the history of the old number
    assert "2024Q1" in text_of(told)
    page = number_page(filing, "FJ-1A", world.filer_a)
    assert (page.status_code, page.context["row"].period, page.context["at_home"]) == (200, "2024Q1", False)
    assert f'<a href="{address("number-detail", filing)}?number=FJ-1">FJ-1</a>' in page.content.decode()
    listed = client_of(world.filer_a).get(address("number-list", filing), {"q": "fj-1a"})
    assert (keys(listed), listed.context["elsewhere"].number.key) == ([], "FJ-1A")
    assert listed.context["elsewhere"].url in listed.content.decode()
    typed = {"number": "FJ-1A", "reason": REASON}
    voided = client_of(world.filer_a).post(address("number-void", filing), typed, follow=True)
    assert voided.status_code == 200
    assert ReportNumber.objects.get(key="FJ-1A").state == ReportNumber.State.VOID


def test_a_number_is_shown_at_the_filing_of_its_own_quarter(two_quarters: Filing, world: Province) -> None:
    later = Filing.objects.get(institution=world.a, round__period="2024Q1")
    answer = client_of(world.filer_a).get(address("number-detail", two_quarters), {"number": "FJ-7"})
    assert answer["Location"] == f"{address('number-detail', later)}?number=FJ-7"
    assert number_page(two_quarters, "FJ-7", world.filer_a).context["at_home"] is True


def test_a_bureau_sees_a_number_of_another_quarter_once_that_is_submitted(
    two_quarters: Filing, world: Province
) -> None:
    later = Filing.objects.get(institution=world.a, round__period="2024Q1")
    replaced(two_quarters, world, into="2024Q1")
    old = number_page(two_quarters, "FJ-1", world.gulou_reviewer)
    assert (old.status_code, "FJ-1A</a>" in old.content.decode()) == (200, False)
    for number in ("FJ-1A", "FJ-7"):
        assert number_page(two_quarters, number, world.gulou_reviewer).status_code == 404
    listed = client_of(world.gulou_reviewer).get(address("number-list", two_quarters), {"q": "FJ-1A"})
    assert listed.context["elsewhere"] is None
    submitting.declare(filing=fresh(later), count=2, by=world.filer_a)
    submit(later, world.signer_a)
    assert (
        f"{address('number-detail', later)}?number=FJ-1A"
        in number_page(two_quarters, "FJ-1", world.gulou_reviewer).content.decode()
    )
    assert number_page(two_quarters, "FJ-1A", world.gulou_reviewer).context["filing"] == later
    assert number_page(two_quarters, "FJ-1A", world.licheng_reviewer).status_code == 404


def test_a_quarter_without_filing_is_the_institutions_own(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1", "FJ-2"))
    submitting.declare(filing=fresh(filing), count=2, by=world.filer_a)
    submit(filing, world.signer_a)
    replaced(filing, world, into="2024Q1")
    assert number_page(filing, "FJ-1", world.gulou_reviewer).status_code == 200
    assert number_page(filing, "FJ-1A", world.gulou_reviewer).status_code == 404


def test_the_forms_say_what_a_void_means_once_the_quarter_is_signed(two_quarters: Filing, world: Province) -> None:
    assert number_page(two_quarters, "FJ-1", world.filer_a).context["signed"].valid == 1
    assert number_page(two_quarters, "FJ-7", world.filer_a).context["signed"] is None
    recall(filing=two_quarters, by=world.filer_a, version=two_quarters.version)
    assert number_page(two_quarters, "FJ-1", world.filer_a).context["signed"] is None


def test_what_was_taken_out_after_the_signature_is_named_to_both_sides(
    filing: Filing, world: Province, sent: Sent
) -> None:
    sent(lines("FJ-1", "FJ-2", "FJ-3"))
    client_of(world.filer_a).post(address("number-void", filing), {"number": "FJ-3", "reason": "签字之前的错号"})
    submitting.declare(filing=fresh(filing), count=2, by=world.filer_a)
    signed = submit(filing, world.signer_a)
    assert client_of(world.filer_a).get(address("number-list", filing)).context["changed"] == []
    client_of(world.filer_a).post(address("number-void", filing), {"number": "FJ-2", "reason": REASON})
    for by in (world.filer_a, world.gulou_reviewer):
        page = client_of(by).get(address("number-list", filing))
        assert [(one.key, one.reason) for one in page.context["changed"]] == [("FJ-2", REASON)]
        assert (REASON in text_of(page), "签字之前的错号" in text_of(page)) == (True, False)
    quarter = client_of(world.filer_a).get(address("quarter-detail", filing)).content.decode()
    assert f'href="{address("number-list", filing)}#changed"' in quarter
    assert client_of(world.filer_a).get(address("number-list", filing), {"q": "FJ"}).context["changed"] == []
    recall(filing=signed, by=world.filer_a, version=signed.version)
    assert client_of(world.filer_a).get(address("number-list", filing)).context["changed"] == []


def test_changes_of_another_quarter_are_not_among_them(two_quarters: Filing, world: Province) -> None:
    later = Filing.objects.get(institution=world.a, round__period="2024Q1")
    client_of(world.filer_a).post(address("number-void", later), {"number": "FJ-7", "reason": REASON})
    assert NumberChange.objects.count() == 1
    assert client_of(world.filer_a).get(address("number-list", two_quarters)).context["changed"] == []


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_of_a_signed_quarter_costs_the_same_however_much_changed(
    filing: Filing, world: Province, sent: Sent, django_assert_num_queries: Callable, count: int
) -> None:
    sent(lines(*(f"FJ-{at}" for at in range(6))))
    submitting.declare(filing=fresh(filing), count=6, by=world.filer_a)
    submit(filing, world.signer_a)
    client = client_of(world.filer_a)
    for at in range(count):
        client.post(address("number-void", filing), {"number": f"FJ-{at}", "reason": REASON})
    client.get(address("number-list", filing))
    with django_assert_num_queries(9):
        page = client.get(address("number-list", filing))
    assert len(page.context["changed"]) == count


@pytest.mark.parametrize("count", [1, 5])
def test_the_page_of_a_number_costs_the_same_however_often_it_was_changed(
    filing: Filing, world: Province, sent: Sent, django_assert_num_queries: Callable, count: int
) -> None:
    sent(lines("FJ-0", *(f"FJ-{at}" for at in range(1, 6))))
    NumberChange.objects.bulk_create(
        NumberChange(institution=world.a, key="FJ-0", act="replace", replacement_key=f"FJ-{at}", reason=REASON, by=world.filer_a.user)
        for at in range(1, count + 1)
    )  # fmt: skip
    client = client_of(world.filer_a)
    client.get(address("number-detail", filing), {"number": "FJ-0"})
    with django_assert_num_queries(12):
        page = client.get(address("number-detail", filing), {"number": "FJ-0"})
    assert len(page.context["changes"]) == count


# -- taking them out ------------------------------------------------------------------------------


def test_the_csv_has_every_number_and_runs_in_no_spreadsheet(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-2", "=1+1", "@SUM(A1)", "-5", "＝1", "FJ-1"))
    answer = client_of(world.filer_a).get(address("extract", filing), {"format": "csv"})
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(body)))
    assert rows[0][:3] == ["检验检测报告编号", "出具（签发）日期", "资质认定证书编号"]
    assert [row[0] for row in rows[1:]] == ["'-5", "'＝1", "'=1+1", "'@SUM(A1)", "FJ-1", "FJ-2"]
    assert rows[5][1:8] == ["2023-11-05", "221300000001", "", "", "是", "", "有效"]
    assert rows[5][9] == "2023Q4"
    event = Event.objects.get(verb="numbers.exported")
    assert (event.object_id, event.details) == (str(filing.pk), {"format": "csv", "quarters": ["2023Q4"]})


def test_the_workbook_holds_text_alone(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("0001", "=1+1"))
    answer = client_of(world.filer_a).get(address("extract", filing), {"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert [(cell.value, cell.data_type) for cell in sheet["A"][1:]] == [("0001", "s"), ("=1+1", "s")]


def test_a_csv_goes_out_quarter_by_quarter_and_holds_one_file_at_a_time(
    two_quarters: Filing, world: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: list[IO[bytes]] = []
    copy = extracts._copy

    def noted(values: dict, quarters: list, out: IO[bytes], *, safe: bool) -> None:
        files.append(out)
        copy(values, quarters, out, safe=safe)

    monkeypatch.setattr(extracts, "_copy", noted)
    monkeypatch.setattr(extracts, "PIECE", 16)
    asked = {"format": "csv", "quarters": "all"}
    answer = client_of(world.filer_a).get(address("extract", two_quarters), asked)
    assert [file.closed for file in files] == [False]
    _head, *pieces = answer.streaming_content
    assert [file.closed for file in files] == [True, True]
    assert max(map(len, pieces)) == 16
    assert [line[:5] for line in b"".join(pieces).decode().splitlines()] == ["FJ-1,", "FJ-7,"]
    left = client_of(world.filer_a).get(address("extract", two_quarters), asked)
    next(left.streaming_content)
    left.close()
    assert [file.closed for file in files[2:]] == [True]


def test_an_extract_that_cannot_be_made_is_a_page_of_error_and_not_half_a_file(
    filing: Filing, world: Province, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(lines("FJ-1"))

    def broken(*_args: Any, **_more: Any) -> None:
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr(extracts, "_copy", broken)
    client = client_of(world.filer_a, raise_request_exception=False)
    answer = client.get(address("extract", filing), {"format": "csv"})
    assert answer.status_code >= 500
    assert "attachment" not in answer.get("Content-Disposition", "")


#: Written so that a spreadsheet would run them, or so that it would not.
SIGNED = (
    "-5",
    "+6",
    "=1+1",
    "@SUM(A1)",
    "＝2",
    " -8",
    "\t-9",
    "\tFJ-3",
    "\u3000=3",
    "'-7",
    "''+4",
    '="00123"',
    "'FJ-0",
)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_extract_is_read_again_as_the_same_numbers(filing: Filing, world: Province, sent: Sent, form: str) -> None:
    sent(lines("FJ-1", "fj-2", "〔2023〕0001", *SIGNED))
    before = list(ReportNumber.objects.order_by("key").values_list("key", "raw"))
    assert len(before) == 3 + len(SIGNED)
    answer = client_of(world.filer_a).get(address("extract", filing), {"format": form})
    again = sent(b"".join(answer.streaming_content), name=f"导出.{form}")
    assert (again.read, again.stored, again.already, again.refused) == (len(before), 0, len(before), 0)
    assert list(ReportNumber.objects.order_by("key").values_list("key", "raw")) == before


def test_a_large_workbook_is_made_in_the_background(filing: Filing, world: Province, sent: Sent, settings: Any) -> None:
    settings.NUMBERS_SHEET_AT_ONCE = 1
    sent(lines("FJ-1", "FJ-2"))
    answer = client_of(world.filer_a).get(address("extract", filing), {"format": "xlsx"})
    job = Job.objects.get(kind="numbers.extract")
    assert answer["Location"] == reverse("jobs:job-detail", args=[job.pk])
    result = tasks.extract(job, Silent(job))
    assert [cell.value for cell in openpyxl.load_workbook(result.path).worksheets[0]["A"]][1:] == ["FJ-1", "FJ-2"]
    result.path.unlink()


def test_every_quarter_in_scope_can_be_taken_at_once(filing: Filing, world: Province, sent: Sent) -> None:
    a_filing(open_round(world, period="2023Q3", kind=Kind.QUARTERLY_NUMBERS), world.a)
    ReportNumber.objects.create(
        institution_id=world.a.pk, key="FJ-0", issued_on="2023-08-05", batch_id=1, line=1, quarter=20233
    )
    ReportNumber.objects.create(
        institution_id=world.a.pk, key="FJ-X", issued_on="2023-02-05", batch_id=1, line=1, quarter=20231
    )
    sent(lines("FJ-1"))
    answer = client_of(world.filer_a).get(address("extract", filing), {"format": "csv", "quarters": "all"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [(row[0], row[9]) for row in rows[1:]] == [("FJ-0", "2023Q3"), ("FJ-1", "2023Q4")]


@pytest.fixture
def two_quarters(filing: Filing, world: Province, sent: Sent) -> Filing:
    """A's filings: of the fourth quarter, submitted with FJ-1, and of the first of 2024, being filled with FJ-7."""
    following = a_filing(open_round(world, period="2024Q1", kind=Kind.QUARTERLY_NUMBERS), world.a)
    sent(lines("FJ-1"))
    send(following, lines("FJ-7", day="2024-02-05"), world.filer_a)
    submitting.declare(filing=fresh(filing), count=1, by=world.filer_a)
    return submit(filing, world.signer_a)


def test_a_bureau_takes_no_quarter_that_was_not_submitted(two_quarters: Filing, world: Province) -> None:
    asked = {"format": "csv", "quarters": "all"}
    for membership, found in (
        (world.filer_a, [("FJ-1", "2023Q4"), ("FJ-7", "2024Q1")]),
        (world.gulou_reviewer, [("FJ-1", "2023Q4")]),
        (world.statistician, [("FJ-1", "2023Q4")]),
    ):
        answer = client_of(membership).get(address("extract", two_quarters), asked)
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert [(row[0], row[9]) for row in rows[1:]] == found
    taken = Event.objects.filter(verb="numbers.exported").order_by("-id").values_list("details", flat=True)
    assert taken[0]["quarters"] == ["2023Q4"]


def test_the_job_asks_again_what_may_be_read(two_quarters: Filing, world: Province, settings: Any) -> None:
    settings.NUMBERS_SHEET_AT_ONCE = 0
    asked = {"format": "xlsx", "quarters": "all"}
    client_of(world.gulou_reviewer).get(address("extract", two_quarters), asked)
    job = Job.objects.get(kind="numbers.extract")
    assert job.params["quarters"] == ["2023Q4"]
    tasks.extract(job, Silent(job)).path.unlink()
    job.params["quarters"] = ["2023Q4", "2024Q1"]
    with pytest.raises(NotAllowed):
        tasks.extract(job, Silent(job))
    job.params["quarters"] = ["2023Q4"]
    job.asker = world.licheng_reviewer
    with pytest.raises(NotAllowed):
        tasks.extract(job, Silent(job))


def test_another_format_is_refused(filing: Filing, world: Province) -> None:
    assert client_of(world.filer_a).get(address("extract", filing), {"format": "pdf"}).status_code == 422
    assert Event.objects.filter(verb="numbers.exported").count() == 0
