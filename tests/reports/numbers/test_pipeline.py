"""From bytes to counted numbers: partial acceptance, repeats, overlaps, cancelling, running twice."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from portal.jobs.models import Job
from portal.jobs.progress import Silent
from portal.trail.models import Event
from portal.uploads.children import ChildRefused
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing, State
from reports.numbers import actions, causes, files, pages, pipeline, untaken
from reports.numbers.models import NumberBatch, NumberChange, QuarterReturn, ReportNumber
from reports.numbers.views_public import ask
from tests.factories.filings import a_filing
from tests.factories.institutions import Province
from tests.reports.numbers.clients import HTMX, client_of, look, text_of
from tests.reports.numbers.conftest import lines, loaded, send

Sent = Callable[..., NumberBatch]


def counts(batch: NumberBatch) -> tuple[int, int, int, int, int]:
    return batch.read, batch.stored, batch.already, batch.repeated, batch.refused


def keys(institution_id: int) -> list[str]:
    return sorted(ReportNumber.objects.of(institution_id).values_list("key", flat=True))


def staging_tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname ~ '^numbers_(staging|refused|outcome)_[0-9]+_[0-9]+$'"
        )
        return cursor.fetchone()[0]


def test_good_lines_are_stored_and_bad_ones_refused(sent: Sent, filing: Filing, world: Province) -> None:
    batch = sent(lines("FJ-1", "fj-2", "", "FJ-3") + "FJ-4,2023-09-30\nFJ-1,2023-11-06\n")
    assert batch.state == NumberBatch.State.DONE
    assert counts(batch) == (6, 3, 0, 1, 2)
    assert batch.causes == {"blank": 1, "date_outside": 1}
    assert keys(world.a.pk) == ["FJ-1", "FJ-2", "FJ-3"]
    row = ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-2")
    assert (row.raw, row.written, row.issued_on, row.line, row.period) == (
        "fj-2",
        "fj-2",
        dt.date(2023, 11, 5),
        3,
        "2023Q4",
    )
    assert (row.certificate, row.cma_mark, row.state, row.batch_id) == ("221300000001", True, 1, batch.pk)
    assert ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-1").raw is None
    assert QuarterReturn.objects.get(filing=filing).valid == 3
    assert Filing.objects.get(pk=filing.pk).state == State.DRAFTING
    assert staging_tables() == 0


def test_the_first_of_two_equal_lines_counts(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1") + "FJ-1,2023-12-01\n")
    row = ReportNumber.objects.get(institution_id=world.a.pk)
    assert (row.line, row.issued_on) == (2, dt.date(2023, 11, 5))


def test_the_users_file_comes_back_with_reasons(sent: Sent) -> None:
    text = (
        "委托方,检验检测报告编号,出具（签发）日期\n"
        "甲公司,FJ-1,2023-11-05\n乙公司,FJ-2,2023-09-30\n丙公司,FJ-1,2023-11-05\n丁公司,,2023-11-05\n"
    )
    batch = sent(text)
    marked = files.path_of(batch.marked_file).read_text(encoding="utf-8-sig").split("\n")
    assert marked == [
        '委托方,检验检测报告编号,出具（签发）日期,"检查结果"',
        "甲公司,FJ-1,2023-11-05",
        '乙公司,FJ-2,2023-09-30,"出具日期2023-09-30不在本季度内，属于2023Q3。请改正日期，或在该季度报送。"',
        '丙公司,FJ-1,2023-11-05,"与本文件第2行编号相同，只计一次。"',
        '丁公司,,2023-11-05,"编号为空。请填写编号，或删除该行。"',
        "",
    ]


def test_blank_lines_are_passed_over_and_counted(sent: Sent) -> None:
    batch = sent("编号,日期\n,\nFJ-1,2023-11-05\n\n,\nFJ-2,2023-11-05\n\n")
    assert counts(batch) == (2, 2, 0, 0, 0)
    assert batch.blank == 4


def test_nothing_to_say_makes_no_marked_file(sent: Sent) -> None:
    assert sent(lines("FJ-1", "FJ-2")).marked_file == ""


def test_the_same_bytes_again_change_nothing_and_say_so(filing: Filing, world: Province, sent: Sent) -> None:
    first = sent(lines("FJ-1"))
    again = actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="改名.csv", by=world.filer_a)
    assert again.again
    assert again.batch == first
    assert NumberBatch.objects.count() == 1
    assert len(list(files.path_of(first.stored_as).parent.iterdir())) == 1


def test_numbers_filed_before_are_told_with_their_batch(sent: Sent, world: Province) -> None:
    first = sent(lines("FJ-1", "FJ-2"), name="十月.csv")
    second = sent(lines("FJ-2", "FJ-3", "FJ-2"))
    assert counts(second) == (3, 1, 2, 0, 0)
    assert keys(world.a.pk) == ["FJ-1", "FJ-2", "FJ-3"]
    assert ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-2").batch_id == first.pk
    today = dt.datetime.now(tz=dt.timezone(dt.timedelta(hours=8))).date().isoformat()
    assert second.samples == [
        [2, "FJ-2", f"already|{today}|2023Q4|十月.csv"],
        [4, "FJ-2", f"already|{today}|2023Q4|十月.csv"],
    ]


def test_another_institution_may_have_the_same_number(filing: Filing, world: Province, sent: Sent) -> None:
    sent(lines("FJ-1"))
    batch = send(a_filing(filing.round, world.b), lines("FJ-1"), world.filer_b)
    assert counts(batch) == (1, 1, 0, 0, 0)


def test_running_a_batch_again_changes_nothing(sent: Sent, world: Province) -> None:
    batch = sent(lines("FJ-1", "FJ-2", "FJ-1"))
    before = counts(batch)
    NumberBatch.objects.filter(pk=batch.pk).update(state="running", finished_at=None)
    again = pipeline.run(loaded(batch), Silent(), attempt=2)
    assert counts(again) == before == (3, 2, 0, 1, 0)
    assert keys(world.a.pk) == ["FJ-1", "FJ-2"]


def test_a_cancelled_batch_stores_nothing(filing: Filing, world: Province) -> None:
    received = actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=world.filer_a)
    actions.cancel_batch(batch=received.batch, by=world.filer_a)
    batch = pipeline.run(loaded(received.batch), Silent())
    assert batch.state == NumberBatch.State.CANCELLED
    assert keys(world.a.pk) == []
    assert staging_tables() == 0
    assert not actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=world.filer_a).again


def test_replaced_originals_are_marked(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1", "FJ-2"))
    batch = sent("报告编号,签发日期,原编号\nFJ-1A,2023-12-01,fj-1\nFJ-9A,2023-12-01,FJ-9\n")
    assert counts(batch) == (2, 2, 0, 0, 0)
    assert batch.findings == {"original_missing": 1}
    states = dict(ReportNumber.objects.of(world.a.pk).values_list("key", "state"))
    assert states == {"FJ-1": 3, "FJ-2": 1, "FJ-1A": 1, "FJ-9A": 1}
    assert QuarterReturn.objects.get(filing=batch.filing).replaced == 1


def test_a_number_replaced_by_a_file_has_its_history(sent: Sent, filing: Filing, world: Province) -> None:
    """As if it had been replaced on the screen: who, why and by what; the public is told the new number."""
    ReportNumber.objects.create(
        institution_id=world.a.pk, key="FJ-0", issued_on=dt.date(2023, 9, 1), batch_id=0, line=2, quarter=20233
    )
    sent(lines("FJ-1", "FJ-2"))
    text = "报告编号,签发日期,原编号\nFJ-1A,2023-12-01,fj-1\nFJ-1B,2023-12-02,FJ-1\nFJ-0A,2023-12-01,FJ-0\nFJ-9A,2023-12-01,FJ-9\n"
    batch = sent(text, name="更正.csv")
    told = NumberChange.objects.order_by("id").values_list("key", "act", "replacement_key", "reason", "by")
    assert list(told) == [
        ("FJ-1", "replace", "FJ-1A", causes_of(2), world.filer_a.user_id),
        ("FJ-0", "replace", "FJ-0A", causes_of(4), world.filer_a.user_id),
    ]
    answer = ask("FJ-1", world.a.uscc)
    assert (answer.state, answer.change and answer.change.replacement_key) == ("replaced", "FJ-1A")
    event = Event.objects.filter(verb="numbers.imported").latest("id")
    assert event.details == {"stored": 4, "already": 0, "repeated": 0, "refused": 0, "replaced": 2}
    NumberBatch.objects.filter(pk=batch.pk).update(state="running", finished_at=None)
    pipeline.run(loaded(batch), Silent(), attempt=2)
    assert NumberChange.objects.count() == 2
    assert Event.objects.filter(verb="numbers.imported").count() == 2


def causes_of(line: int) -> str:
    return gettext("Replaced by row {line} of “{file}”.").format(line=line, file="更正.csv")


def test_a_file_replaces_nothing_when_it_is_not_stored(sent: Sent, world: Province, monkeypatch) -> None:
    """The history is written with the numbers: what undoes them undoes it too."""
    sent(lines("FJ-1"))
    monkeypatch.setattr(pipeline, "_write_counts", no_room)
    with pytest.raises(OSError, match="no room"):
        sent("报告编号,签发日期,原编号\nFJ-1A,2023-12-01,FJ-1\n")
    assert dict(ReportNumber.objects.of(world.a.pk).values_list("key", "state")) == {"FJ-1": 1}
    assert NumberChange.objects.count() == 0


def no_room(*_: object) -> None:
    raise OSError("no room")


def failed_while_marking(filing: Filing, world: Province, monkeypatch: pytest.MonkeyPatch) -> NumberBatch:
    """Its numbers are stored: one good line, one repeated, one refused."""
    text = lines("FJ-1", "FJ-1") + "FJ-9,2023-09-30\n"
    received = actions.receive(filing=filing, chunks=[text.encode()], name="a.csv", by=world.filer_a)
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_mark", no_room)
        with pytest.raises(OSError, match="no room"):
            pipeline.run(loaded(received.batch), Silent())
    return loaded(received.batch)


def pages_of(batch: NumberBatch, client: Client) -> tuple[str, str]:
    """What the page of the batch and the list of the quarter say of it, in English."""
    client.cookies["django_language"] = "en"
    detail = client.get(reverse("numbers:batch-detail", args=[batch.public_id]), headers=HTMX)
    listed = client.get(reverse("numbers:batch-list", args=[batch.filing.public_id]), headers=HTMX)
    return text_of(detail), text_of(listed)


def test_a_batch_has_its_counts_from_the_moment_its_numbers_are_stored(
    filing: Filing, world: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = failed_while_marking(filing, world, monkeypatch)
    assert (batch.state, counts(batch), batch.causes) == ("running", (3, 1, 0, 1, 1), {"date_outside": 1})
    assert batch.is_counted
    with pytest.raises(NotAllowed):
        actions.cancel_batch(batch=batch, by=world.filer_a)
    assert not loaded(batch).cancel_asked
    again = pipeline.run(loaded(batch), Silent(), attempt=2)
    assert (again.state, counts(again)) == ("done", (3, 1, 0, 1, 1))
    assert again.marked_file
    assert Event.objects.filter(verb="numbers.imported").count() == 1


def test_a_batch_given_up_after_storing_says_what_is_stored(
    filing: Filing, world: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = failed_while_marking(filing, world, monkeypatch)
    pipeline._stop(batch)
    detail, listed = pages_of(batch, client_of(world.filer_a))
    assert "after the numbers were stored. They count as shown" in detail
    assert "nothing stored" not in listed
    assert " 3 1 0 1 1" in listed
    assert Job.objects.filter(kind="numbers.look").count() == 1
    assert [(one.batch, one.rows) for one in untaken.untaken_of(filing)] == [(batch, 1)]
    assert list(pages.lists_read(filing)) == [batch]
    assert [(one.code, one.count) for one in pages.refused_in(filing)] == [("date_outside", 1)]
    assert look(filing).cells["RN-Q"]["Q105"] == "a.csv"


def test_a_batch_given_up_before_storing_says_that_nothing_is(filing: Filing, world: Province) -> None:
    received = actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=world.filer_a)
    pipeline._stop(received.batch)
    detail, listed = pages_of(received.batch, client_of(world.filer_a))
    assert "before anything was stored" in detail
    assert "nothing stored" in listed
    assert not Job.objects.filter(kind="numbers.look").exists()


def test_a_later_attempt_that_cannot_read_the_file_does_not_say_that_nothing_is_stored(
    filing: Filing, world: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = failed_while_marking(filing, world, monkeypatch)
    monkeypatch.setattr(pipeline, "_read", refused_as("slow"))
    again = pipeline.run(loaded(batch), Silent(), attempt=2)
    assert (again.state, again.refusal, counts(again)) == ("failed", {}, (3, 1, 0, 1, 1))
    assert keys(world.a.pk) == ["FJ-1"]
    assert staging_tables() == 0


def refused_as(code: str) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise ChildRefused({"code": code, "values": {}})

    return refuse


def test_a_file_that_cannot_be_marked_says_so_and_gives_the_reasons_as_a_list(
    sent: Sent, world: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.children, "run", refused_as("heavy"))
    batch = sent(lines("FJ-1", "FJ-1") + "=1+1,2023-09-30\n", name="十月.csv")
    assert (batch.state, counts(batch), batch.marked_file) == ("done", (3, 1, 0, 1, 1), "")
    client = client_of(world.filer_a)
    detail, _listed = pages_of(batch, client)
    assert "Your file could not be given back with a column of reasons." in detail
    assert "Correct the refused ones in your own file" in detail
    assert "marked copy" not in detail
    answer = client.get(reverse("numbers:batch-reasons", args=[batch.public_id]), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    answer.close()
    assert "filename" in answer["Content-Disposition"]
    assert [row[:2] for row in rows[1:]] == [["3", "FJ-1"], ["4", "'=1+1"]]
    assert rows[0] == ["Row", "Number", "Why, and how to mend it"]
    assert rows[2][2].startswith("The date of issue 2023-09-30 is not in this quarter")


def test_an_invalid_certificate_is_a_finding_not_a_refusal(sent: Sent, world: Province) -> None:
    world.a.certificates.update(issued_on=dt.date(2023, 11, 10))
    batch = sent(lines("FJ-1") + "FJ-2,2023-11-20\n")
    assert counts(batch) == (2, 2, 0, 0, 0)
    assert batch.findings == {"certificate_day": 1}
    returned = QuarterReturn.objects.get(filing=batch.filing)
    assert (returned.valid, returned.invalid_certificate) == (2, 1)


def test_a_workbook_comes_back_with_everything_it_had(sent: Sent, tmp_path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["委托方", "检验检测报告编号", "出具（签发）日期"])
    sheet.append(["甲", "FJ-1", dt.date(2023, 11, 5)])
    sheet.append(["乙", 123456789012345678, dt.date(2023, 11, 5)])
    sheet.append(["丙", "FJ-3", "2023-12-32"])
    book.create_sheet("说明")["A1"] = "不要改动"
    book.save(tmp_path / "a.xlsx")
    batch = sent((tmp_path / "a.xlsx").read_bytes(), name="a.xlsx")
    assert counts(batch) == (3, 1, 0, 0, 2)
    assert batch.causes == {"digits": 1, "date_impossible": 1}
    marked = openpyxl.load_workbook(files.path_of(batch.marked_file))
    rows = [[cell.value for cell in row] for row in marked.worksheets[0].iter_rows()]
    assert rows[0] == ["委托方", "检验检测报告编号", "出具（签发）日期", "检查结果"]
    assert [str(cell) for cell in rows[1]] == ["甲", "FJ-1", "2023-11-05 00:00:00", "None"]
    assert rows[2][3] == causes.sentence("digits|18")
    assert batch.samples[0][1] == "123456789012345700"
    assert rows[3][3] == "没有“2023-12-32”这一天。请改正出具日期。"
    assert marked["说明"]["A1"].value == "不要改动"


@pytest.mark.parametrize("count", [1, 5])
def test_receiving_costs_the_same_queries_however_many_lines(
    filing: Filing, world: Province, django_assert_max_num_queries: Callable, count: int
) -> None:
    text = lines(*(f"FJ-{number}" for number in range(count)))
    received = actions.receive(filing=filing, chunks=[text.encode()], name="a.csv", by=world.filer_a)
    with django_assert_max_num_queries(60):
        pipeline.run(loaded(received.batch), Silent())


def test_a_block_with_a_number_of_another_quarter_is_compared_line_by_line(
    sent: Sent, filing: Filing, world: Province
) -> None:
    """The quarter is empty, so lines go straight to the table; one of them was filed for another quarter."""
    ReportNumber.objects.create(
        institution_id=world.a.pk, key="FJ-2", issued_on=dt.date(2023, 9, 1), batch_id=0, line=2, quarter=20233
    )
    batch = sent(lines("FJ-1", "FJ-2", "FJ-3"))
    assert counts(batch) == (3, 2, 1, 0, 0)
    assert keys(world.a.pk) == ["FJ-1", "FJ-2", "FJ-3"]
    assert QuarterReturn.objects.get(filing=filing).valid == 2


def test_repeats_far_apart_are_found(sent: Sent, world: Province) -> None:
    """Many blocks, with repeats of the first one in the last; every line is accounted for."""
    many = [f"FJ-{number}" for number in range(45_000)]
    batch = sent(lines(*many, *many[:7]))
    assert counts(batch) == (45_007, 45_000, 0, 7, 0)
    assert ReportNumber.objects.of(world.a.pk).count() == 45_000
