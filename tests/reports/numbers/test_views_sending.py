"""Files, pasted lists and ranges sent from the page; the template."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from portal.jobs.progress import Silent
from reports.filings.models import Filing, State
from reports.numbers import actions, pipeline
from reports.numbers.models import NumberBatch, ReportNumber
from reports.numbers.template_book import template_book
from tests.factories.filings import a_filing, fresh
from tests.factories.institutions import Province, a_certificate, a_site
from tests.reports.numbers.clients import HTMX, client_of, submit, text_of
from tests.reports.numbers.conftest import lines, loaded, send

Sent = Callable[..., NumberBatch]


def address(name: str, filing: Filing) -> str:
    return reverse(f"numbers:{name}", args=[filing.public_id])


def a_file(text: str, name: str = "编号.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def test_one_file_leads_to_its_batch(filing: Filing, world: Province) -> None:
    answer = client_of(world.filer_a).post(address("batch-upload", filing), {"file": a_file(lines("FJ-1"))})
    batch = NumberBatch.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, reverse("numbers:batch-detail", args=[batch.public_id]))
    assert (batch.name, batch.by, batch.source) == ("编号.csv", world.filer_a, "file")
    assert fresh(filing).state == State.DRAFTING


def test_several_files_are_each_told_of(filing: Filing, world: Province) -> None:
    files = [a_file(lines("FJ-1"), "一.csv"), a_file(lines("FJ-2"), "二.csv"), a_file(lines("FJ-1"), "三.csv")]
    answer = client_of(world.filer_a).post(address("batch-upload", filing), {"file": files}, headers=HTMX)
    assert answer.status_code == 200
    assert [(one.name, one.state) for one in answer.context["told"]] == [
        ("一.csv", "running"),
        ("二.csv", "running"),
        ("三.csv", "excused"),
    ]
    assert NumberBatch.objects.count() == 2
    assert "hx-trigger" in answer.content.decode()


def test_the_same_file_renamed_changes_nothing_and_says_so(filing: Filing, world: Province, sent: Sent) -> None:
    first = sent(lines("FJ-1"), name="十月.csv")
    client = client_of(world.filer_a)
    answer = client.post(address("batch-upload", filing), {"file": a_file(lines("FJ-1"), "改名.csv")}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("numbers:batch-detail", args=[first.public_id])
    assert "十月.csv" in text_of(answer)
    assert NumberBatch.objects.count() == 1


def test_x19_too_much_at_once_is_refused_before_it_is_read(filing: Filing, world: Province, settings: Any) -> None:
    settings.NUMBERS_FILE_MB = 1
    client = client_of(world.filer_a)
    answer = client.post(address("batch-upload", filing), {"file": a_file("x" * 1_200_000)})
    assert answer.status_code == 413
    assert "一次报送超过1MB" in text_of(answer)
    fragment = client.post(address("batch-upload", filing), {"file": a_file("x" * 1_200_000)}, headers=HTMX)
    assert (fragment.status_code, "<html" in fragment.content.decode()) == (413, False)
    assert NumberBatch.objects.count() == 0


def test_one_file_too_large_among_others_is_told_apart(filing: Filing, world: Province, settings: Any) -> None:
    settings.NUMBERS_FILE_MB = 1
    large = a_file(lines(*(f"FJ-{number:060d}" for number in range(14_200))), "大.csv")
    answer = client_of(world.filer_a).post(
        address("batch-upload", filing), {"file": [a_file(lines("FJ-1")), large]}, headers=HTMX
    )
    assert [one.state for one in answer.context["told"]] == ["running", "hard"]
    assert answer.status_code == 200
    assert NumberBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../a.csv", "a.csv"),
        ("长" * 300 + ".csv", "长" * 195 + "….csv"),
        ("🧪编号.csv", "🧪编号.csv"),
        ("\"'<b>.csv", "\"'<b>.csv"),
    ],
)
def test_x30_a_name_is_shown_and_decides_nothing(
    filing: Filing, world: Province, settings: Any, name: str, shown: str
) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.replace("\\", "\\\\").replace('"', '\\"').encode()
        + b'"\r\nContent-Type: text/csv\r\n\r\n'
        + lines("FJ-1").encode()
        + b"\r\n--x--\r\n"
    )
    client = client_of(world.filer_a)
    client.post(address("batch-upload", filing), body, content_type="multipart/form-data; boundary=x")
    batch = NumberBatch.objects.get()
    assert batch.name == shown
    assert re.fullmatch(rf"numbers/{world.a.pk}/[0-9a-f]{{24}}\.upload", batch.stored_as)
    assert Path(settings.MEDIA_ROOT, batch.stored_as).read_bytes().startswith("检验检测报告编号".encode())
    page = client.get(reverse("numbers:batch-detail", args=[batch.public_id])).content.decode()
    assert f'<h1 class="zb-longname">{escape(shown)}</h1>' in page


def test_an_upload_without_the_token_of_the_form_is_refused(filing: Filing, world: Province) -> None:
    client = client_of(world.filer_a, enforce_csrf_checks=True)
    assert client.post(address("batch-upload", filing), {"file": a_file(lines("FJ-1"))}).status_code == 403
    assert NumberBatch.objects.count() == 0
    token = client.get(address("quarter-detail", filing)).cookies["csrftoken"].value
    sent = client.post(address("batch-upload", filing), {"file": a_file(lines("FJ-1"))}, headers={"X-CSRFToken": token})
    assert sent.status_code == 302
    assert NumberBatch.objects.count() == 1


def test_no_file_at_all_is_told(filing: Filing, world: Province) -> None:
    answer = client_of(world.filer_a).post(address("batch-upload", filing), {})
    assert answer.status_code == 422
    assert "未选择文件" in text_of(answer)


def test_nothing_is_taken_while_the_filing_is_in_review(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    client = client_of(world.signer_a)
    client.post(address("quarter-declare", filing), {"count": "1"})
    submit(filing, world.signer_a)
    refused = client.post(address("batch-upload", filing), {"file": a_file(lines("FJ-2"))})
    assert (refused.status_code, refused.context["turned_away"].files) == (403, "编号.csv")
    assert NumberBatch.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_list_pasted_after_somebody_submitted_comes_back_with_the_way_on(
    filing: Filing, world: Province, sent: Sent, headers: dict[str, str]
) -> None:
    sent(lines("FJ-1"))
    client = client_of(world.signer_a)
    client.post(address("quarter-declare", filing), {"count": "1"})
    submit(filing, world.signer_a)
    typed = {"paste-text": "FJ-2\r\nFJ-3", "paste-issued_on": "2023-11-05"}
    refused = client.post(address("batch-paste", filing), typed, headers=headers)
    assert (refused.status_code, refused["HX-Retarget"]) == (403, "#quarter")
    body = refused.content.decode()
    assert "FJ-2\r\nFJ-3</textarea>" in body
    assert body.count(f'action="{address("quarter-recall", filing)}"') == 2
    assert refused.context["filing"].state == State.IN_REVIEW
    assert NumberBatch.objects.count() == 1


# -- lists and ranges -----------------------------------------------------------------------------


def test_a_pasted_list_is_sent(filing: Filing, world: Province) -> None:
    answer = client_of(world.filer_a).post(
        address("batch-paste", filing), {"paste-text": "FJ-1\r\nFJ-2\r\n", "paste-issued_on": "2023-11-05"}
    )
    batch = NumberBatch.objects.get()
    assert answer["Location"] == reverse("numbers:batch-detail", args=[batch.public_id])
    assert (batch.source, batch.defaults) == ("paste", {"N102": "2023-11-05"})


def test_a_list_sent_by_script_leads_to_its_batch(filing: Filing, world: Province) -> None:
    typed = {"paste-text": "FJ-1\r\n", "paste-issued_on": "2023-11-05"}
    answer = client_of(world.filer_a).post(address("batch-paste", filing), typed, headers=HTMX)
    page = reverse("numbers:batch-detail", args=[NumberBatch.objects.get().public_id])
    assert (answer.status_code, answer["HX-Redirect"]) == (200, page)


def test_an_empty_list_comes_back_with_what_was_typed(filing: Filing, world: Province) -> None:
    answer = client_of(world.filer_a).post(
        address("batch-paste", filing), {"paste-text": "  \n", "paste-issued_on": "2023-11-05"}
    )
    assert answer.status_code == 422
    assert answer.context["paste"].errors["text"] == ["清单是空的。请至少粘贴一个编号。"]
    assert 'value="2023-11-05"' in answer.content.decode()
    assert NumberBatch.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": "FJ-1\r\nFJ-2\r\n", "issued_on": "2023-09-30", "certificate": "221300000001"}, "issued_on"),
        ({"text": "FJ-1\t2023-11-05\r\n", "issued_on": "2023-09-30", "certificate": "221300000001"}, "issued_on"),
        ({"text": "FJ-1\r\nFJ-2\r\n", "certificate": "221300000001"}, "issued_on"),
        ({"text": "FJ-1\r\nFJ-2\r\n", "issued_on": "2023-11-05"}, "certificate"),
    ],
)
def test_what_a_list_lacks_in_every_line_is_asked_for_before_it_is_sent(
    filing: Filing, world: Province, typed: dict[str, str], field: str
) -> None:
    a_certificate(world.a, number="231300000009", kind="CMA-S")
    sent = {f"paste-{name}": value for name, value in typed.items()}
    answer = client_of(world.filer_a).post(address("batch-paste", filing), sent)
    assert (answer.status_code, list(answer.context["paste"].errors)) == (422, [field])
    assert "FJ-1" in answer.content.decode()
    assert NumberBatch.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("FJ-1，FJ-2，FJ-3", "text"),
        ("FJ-1\t环境监测\t2023-11-05\t有效\r\nFJ-2\t水质\t2023-11-05\t有效", "text"),
        ("报告编号\t证书编号\r\nFJ-1\t221300000001", "issued_on"),
        ("报告编号\t出具日期\r\nFJ-1\t2023-11-05", "certificate"),
        ("\r\nFJ-1\t2023-11-05", "certificate"),
    ],
)
def test_a_list_whose_columns_are_not_as_expected_stays_on_the_page(
    filing: Filing, world: Province, text: str, field: str
) -> None:
    a_certificate(world.a, number="231300000009", kind="CMA-S")
    answer = client_of(world.filer_a).post(address("batch-paste", filing), {"paste-text": text})
    assert (answer.status_code, list(answer.context["paste"].errors)) == (422, [field])
    assert answer.context["paste"]["text"].value() == text
    assert NumberBatch.objects.count() == 0


def test_columns_with_their_headings_and_dates_in_most_rows_are_sent(filing: Filing, world: Province) -> None:
    client = client_of(world.filer_a)
    for text in (
        "领域\t报告编号\t日期\r\n水质\tFJ-1\t2023-11-05",
        "FJ-1\t2023-11-05\r\nFJ-2\t不详\r\nFJ-3\t2023-11-06",
        "FJ-1\t45235\r\nFJ-2\t",
    ):
        assert client.post(address("batch-paste", filing), {"paste-text": text}).status_code == 302
    assert NumberBatch.objects.count() == 3


def test_a_list_that_begins_with_a_blank_line_is_read(filing: Filing, world: Province) -> None:
    text = "\r\n  \r\nFJ-1\r\nFJ-2\r\n"
    received = actions.paste(filing=filing, text=text, by=world.filer_a, issued_on=dt.date(2023, 11, 5))
    assert pipeline.run(loaded(received.batch), Silent()).stored == 2


@pytest.mark.parametrize("several", [False, True])
def test_the_form_says_what_may_be_needed(filing: Filing, world: Province, several: bool) -> None:
    if several:
        a_certificate(world.a, number="231300000009", kind="CMA-S")
    page = client_of(world.filer_a).get(address("quarter-detail", filing)).content.decode()
    label = {
        name: page.split(f'for="id_paste-{name}"')[1].split("</label>")[0]
        for name in ("text", "issued_on", "certificate")
    }
    assert {name: 'class="soft"' in words for name, words in label.items()} == {
        "text": False,
        "issued_on": False,
        "certificate": not several,
    }
    assert ('id="id_paste-certificate_helptext"' in page) == several


def test_columns_of_a_list_may_hold_what_was_not_chosen(filing: Filing, world: Province) -> None:
    a_certificate(world.a, number="231300000009", kind="CMA-S")
    typed = {"paste-text": "FJ-1\t2023-11-05\t231300000009\r\n"}
    assert client_of(world.filer_a).post(address("batch-paste", filing), typed).status_code == 302
    assert NumberBatch.objects.get().defaults == {}


def test_a_list_with_its_date_mended_is_sent_again(filing: Filing, world: Province) -> None:
    client, typed = client_of(world.filer_a), {"paste-text": "FJ-1\r\nFJ-2\r\n"}
    for day in ("2023-11-05", "2023-11-06", "2023-11-06"):
        client.post(address("batch-paste", filing), typed | {"paste-issued_on": day})
    assert [batch.defaults for batch in NumberBatch.objects.order_by("id")] == [
        {"N102": "2023-11-05"},
        {"N102": "2023-11-06"},
    ]


def test_a_range_is_shown_first_and_then_sent(filing: Filing, world: Province) -> None:
    client, typed = (
        client_of(world.filer_a),
        {"range-first": "FJ-2023-000001", "range-last": "000450", "range-issued_on": "2023-11-05"},
    )
    shown = client.post(address("batch-range", filing), typed)
    assert (shown.status_code, NumberBatch.objects.count()) == (200, 0)
    preview = shown.context["preview"]
    assert (preview.count, preview.shown, preview.last) == (
        450,
        ["FJ-2023-000001", "FJ-2023-000002", "FJ-2023-000003"],
        "FJ-2023-000450",
    )
    assert "报送450个编号" in text_of(shown)
    client.post(address("batch-range", filing), typed | {"add": "1"})
    assert NumberBatch.objects.get().source == "range"


@pytest.mark.parametrize(
    ("first", "last", "day", "field"),
    [
        ("FJ-9", "3", "2023-11-05", "first"),
        ("没有数字", "3", "2023-11-05", "first"),
        ("FJ-1", "3", "2023-09-30", "issued_on"),
        ("FJ-1", "3", "", "issued_on"),
        ("", "", "", "first"),
    ],
)
def test_a_range_that_cannot_be_is_refused(
    filing: Filing, world: Province, first: str, last: str, day: str, field: str
) -> None:
    typed = {"range-first": first, "range-last": last, "range-issued_on": day, "add": "1"}
    answer = client_of(world.filer_a).post(address("batch-range", filing), typed)
    assert answer.status_code == 422
    assert field in answer.context["range"].errors
    assert NumberBatch.objects.count() == 0


# -- the template ---------------------------------------------------------------------------------


def test_the_template_has_headings_text_columns_lists_and_instructions(filing: Filing, world: Province) -> None:
    a_site(world.a)
    answer = client_of(world.filer_a).get(address("template", filing))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["报告编号", "lists", "填写说明"]
    sheet = book["报告编号"]
    assert [cell.value for cell in sheet[1]][:3] == ["检验检测报告编号", "出具（签发）日期", "资质认定证书编号"]
    widths = list(sheet.column_dimensions.values())
    assert (min(one.min for one in widths), max(one.max for one in widths)) == (1, 9)
    assert {one.number_format for one in widths} == {"@"}
    ranges = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert ranges["C2:C1048576"] == "lists!$A$1:$A$1"
    assert book["lists"]["A1"].value == "221300000001"
    assert book["lists"].sheet_state == "hidden"
    assert "2023-10-01至2023-12-31" in book["填写说明"]["B2"].value
    assert book.defined_names["zhibao_template"].value == f'"zhibao:RN:1:{world.a.uscc}"'


def test_the_template_filled_in_is_read_without_a_question(filing: Filing, world: Province) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template_book(fresh(filing))))
    sheet = book["报告编号"]
    for column, value in enumerate(["0001", "2023-11-05", "221300000001", "食品及食品接触材料", None, "否"], start=1):
        sheet.cell(row=2, column=column, value=value)
    buffer = io.BytesIO()
    book.save(buffer)
    batch = send(filing, buffer.getvalue(), world.filer_a, name="模板.xlsx")  # type: ignore[arg-type]
    assert (batch.state, batch.refusal, batch.stored, batch.causes) == ("done", {}, 1, {})
    row = ReportNumber.objects.get()
    assert (row.key, row.cma_mark, row.certificate) == ("0001", False, "221300000001")
    assert batch.reading["other_sheets"] == []


def test_a_template_of_another_institution_is_noticed(filing: Filing, world: Province) -> None:
    other = a_filing(filing.round, world.b)
    book = openpyxl.load_workbook(io.BytesIO(template_book(fresh(other))))
    book["报告编号"]["A2"], book["报告编号"]["B2"] = "FJ-1", "2023-11-05"
    buffer = io.BytesIO()
    book.save(buffer)
    batch = send(filing, buffer.getvalue(), world.filer_a, name="模板.xlsx")  # type: ignore[arg-type]
    assert (batch.state, batch.refusal["code"]) == ("refused", "other_institution")
    assert ReportNumber.objects.count() == 0
