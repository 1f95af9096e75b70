"""Rows X1–X39 and T9 of docs/bad-inputs.md: every file of `tests/fixtures/numbers` sent from the page, and the page of its result in
Chinese. What is read of each line stands in test_fixtures.py."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from institutions.models import Institution
from portal.jobs.progress import Silent
from reports.filings.models import Filing
from reports.numbers import files, pipeline
from reports.numbers.models import NumberBatch, ReportNumber
from tests.factories.filings import a_filing
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, text_of
from tests.reports.numbers.conftest import lines, loaded, send
from tests.reports.numbers.test_fixtures import FAIL, FOLDER, OUTSIDE, PASS

OWN_CODE = "913501000000000018"  # of the files that name whose they are

#: file → more of what the page of its result says
TOLD = {
    "x02_last_years_template.xlsx": "模板 模板版本较旧，已按列名读取。下次请使用新模板。",
    "x03_moved_renamed_extra_columns.csv": "未使用的列 委托方、备注",
    "x04_title_above_and_two_heading_rows.xlsx": "数据起始行 5",
    "x08_hidden_row_and_sheet.xlsx": "读取的工作表 报告编号 未读取的工作表 旧数据 隐藏行 含1行隐藏或被筛选的行，已一并读取",
    "x09_two_sheets_with_data.xlsx": "未读取的工作表 十二月",
    "x17_value_far_below.xlsx": "工作表末尾 连续1000个空行之后的内容未读取。",
    "x20_gb18030.csv": "字符编码 GB18030 文件开头 检验检测报告编号 · 出具（签发）日期 ⏎ 闽检〔2023〕第0001号 · 2023-11-05",
    "x21_utf8_mark.csv": "字符编码 UTF-8-SIG",
    "x21_utf16.csv": "字符编码 UTF-16",
    "x22_semicolon.csv": "文件开头 检验检测报告编号 · 出具（签发）日期 ⏎ FJ-1 · 2023-11-05",
    "x23_leading_zeros_lost.csv": "可能丢失前导零 已存储，请留意",
    "x31_twice_in_the_file.csv": "与本文件第2行编号相同，只计一次。",
    "x34_blank_lines_in_the_middle.csv": "空行 跳过2行",
    "x35_every_line_wrong.csv": "日期不在本季度 120",
}
ROWS = sorted({name[:3] for name in (*PASS, *FAIL) if name.startswith("x")})


@pytest.fixture
def filing(filing: Filing, world: Province) -> Filing:
    """Its institution has the code inside the fixtures."""
    Institution.objects.filter(pk=world.a.pk).update(uscc=OWN_CODE)
    return filing


@pytest.fixture
def clerk(world: Province) -> Client:
    return client_of(world.filer_a)


def sent_from_the_page(client: Client, filing: Filing, path: Path) -> tuple[NumberBatch, str]:
    """The batch once it was read, and what the page of its result says."""
    answer = client.post(
        reverse("numbers:batch-upload", args=[filing.public_id]),
        {"file": SimpleUploadedFile(path.name, path.read_bytes())},
    )
    batch = NumberBatch.objects.latest("id")
    detail = reverse("numbers:batch-detail", args=[batch.public_id])
    assert (answer.status_code, answer["Location"]) == (302, detail)
    pipeline.run(loaded(batch), Silent())
    page = client.get(detail)
    assert page.status_code == 200
    return NumberBatch.objects.get(pk=batch.pk), text_of(page)


@pytest.mark.parametrize("row", [row.upper().replace("X0", "X") for row in ROWS])
def test_the_page_says_in_chinese_what_became_of_the_file(
    filing: Filing, world: Province, clerk: Client, row: str
) -> None:
    begins = f"x{int(row[1:]):02d}_"
    if row == "X23":  # whether numbers begin with zeros is known from others of the institution
        send(filing, lines(*(f"{number:05d}" for number in range(1, 9))), world.filer_a)
    for name in (name for name in FAIL if name.startswith(begins)):
        before = ReportNumber.objects.of(world.a.pk).count()
        batch, page = sent_from_the_page(clerk, filing, FOLDER / "should_fail" / name)
        assert batch.state == NumberBatch.State.REFUSED, name
        assert FAIL[name].replace(" ", "") in page.replace(" ", ""), name
        assert ReportNumber.objects.of(world.a.pk).count() == before
    for name in (name for name in PASS if name.startswith(begins)):
        before = ReportNumber.objects.of(world.a.pk).count()
        keys, refused, _told = PASS[name]
        batch, page = sent_from_the_page(clerk, filing, FOLDER / "should_pass" / name)
        assert (batch.state, batch.read, batch.refused) == (
            NumberBatch.State.DONE,
            len(keys) + len(refused),
            len(refused),
        ), name
        assert batch.stored + batch.already == len(set(keys)), name
        assert ReportNumber.objects.of(world.a.pk).count() == before + batch.stored, name
        for sentence in {*refused.values(), TOLD.get(name, "")}:
            assert sentence in page, name


def records(data: bytes, encoding: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=separator))


@pytest.mark.parametrize("name", [name for name in PASS if name.endswith(".csv") or name == "x12_csv_renamed.xlsx"])
def test_a_text_in_any_encoding_comes_back_with_a_reason_beside_every_row(
    filing: Filing, world: Province, name: str
) -> None:
    """Sent again after the reading was given up, so that each row has something to be told; its own cells stay as they were."""
    source, refused = (FOLDER / "should_pass" / name).read_bytes(), PASS[name][1]
    first = send(filing, source, world.filer_a, name=name)
    NumberBatch.objects.filter(pk=first.pk).update(state=NumberBatch.State.FAILED)
    batch = send(filing, source, world.filer_a, name=name)
    assert (batch.state, batch.stored, batch.refused) == (NumberBatch.State.DONE, 0, len(refused))
    told = batch.reading
    before = records(source, told["encoding"], told["separator"])
    after = records(files.path_of(batch.marked_file).read_bytes(), "utf-8-sig", told["separator"])
    assert [row[: len(own)] for row, own in zip(after, before, strict=True)] == before
    width = len(before[told["heading_row"] - 1])
    marked = {number: row[width] for number, row in enumerate(after, start=1) if len(row) > width}
    assert marked.pop(told["heading_row"]) == "检查结果"
    assert len(marked) == batch.read
    assert {number: words for number, words in marked.items() if not words.startswith("已于")} == refused


def test_t9_a_report_issued_outside_the_quarter_is_refused_and_the_right_quarter_named(
    filing: Filing, clerk: Client, tmp_path: Path
) -> None:
    path = tmp_path / "编号.csv"
    path.write_text(lines("FJ-1") + "FJ-2,2023-09-30\n", encoding="utf-8")
    batch, page = sent_from_the_page(clerk, filing, path)
    assert (batch.stored, batch.refused) == (1, 1)
    assert f"3 FJ-2 {OUTSIDE}" in page


def test_x32_a_number_filed_before_is_told_with_its_file_and_counted_once(
    filing: Filing, world: Province, clerk: Client, tmp_path: Path
) -> None:
    first = send(filing, lines("FJ-1"), world.filer_a, name="十月.csv")
    path = tmp_path / "十一月.csv"
    path.write_text(lines("fj－1", "FJ-2"), encoding="utf-8")
    batch, page = sent_from_the_page(clerk, filing, path)
    assert (batch.stored, batch.already, ReportNumber.objects.of(world.a.pk).count()) == (1, 1, 2)
    day = timezone.localtime(first.created_at).date().isoformat()
    assert f"2 fj－1 已于{day}在“十月.csv”中报送（2023Q4），不重复计入。" in page


def test_x33_a_number_of_another_institution_is_not_told_to_its_sender(
    filing: Filing, world: Province, clerk: Client, tmp_path: Path
) -> None:
    theirs = a_filing(filing.round, world.b)
    send(theirs, lines("FJ-1"), world.filer_b)
    path = tmp_path / "编号.csv"
    path.write_text(lines("FJ-1"), encoding="utf-8")
    batch, page = sent_from_the_page(clerk, filing, path)
    assert (batch.stored, batch.already, batch.refused) == (1, 0, 0)
    assert world.b.name not in page
    assert "新编号已全部存储。" in page


def test_x36_the_same_file_again_is_recognised(filing: Filing, world: Province, clerk: Client) -> None:
    first = send(filing, lines("FJ-1"), world.filer_a, name="十月.csv")
    answer = clerk.post(
        reverse("numbers:batch-upload", args=[filing.public_id]),
        {"file": SimpleUploadedFile("改名.csv", lines("FJ-1").encode())},
        follow=True,
    )
    assert answer.redirect_chain[-1][0] == reverse("numbers:batch-detail", args=[first.public_id])
    assert "与此前报送的“十月.csv”完全相同，未作任何更改。" in text_of(answer)
    assert NumberBatch.objects.count() == 1
