"""What people do: send, paste, ranges, void, replace, declare, submit; refused means that nothing changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from portal.errors import TooLarge
from portal.jobs.progress import Silent
from portal.trail.models import Event
from reports.filings.actions import explain
from reports.filings.actions_review import pass_on
from reports.filings.errors import NotAllowed, NotReady
from reports.filings.models import Filing, Revision, State
from reports.numbers import actions, amending, figures, pipeline, submitting
from reports.numbers.errors import NoSuchNumber, NotTaken
from reports.numbers.models import NumberBatch, NumberChange, ReportNumber, SharedNumber
from reports.rounds.models import Kind
from reports.rounds.quarters import Quarter
from tests.factories.filings import EXPLANATION, a_filing, fresh, open_round, reviewer_of
from tests.factories.institutions import Province, a_certificate, a_membership
from tests.reports.numbers.conftest import CERTIFICATE, lines, loaded, send

Sent = Callable[..., NumberBatch]
DAY = dt.date(2023, 11, 5)


def run(received: actions.Received) -> NumberBatch:
    return pipeline.run(loaded(received.batch), Silent())


# -- sending --------------------------------------------------------------------------------------


def test_only_the_institution_sends(filing: Filing, world: Province) -> None:
    for by in (world.filer_b, world.gulou_reviewer, world.statistician):
        with pytest.raises(NotAllowed):
            actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=by)
    assert NumberBatch.objects.count() == 0


def test_an_annual_filing_takes_no_numbers(world: Province) -> None:
    annual = a_filing(open_round(world), world.a)
    with pytest.raises(NotAllowed, match="报告编号在季度任务中报送"):
        actions.receive(filing=annual, chunks=[b"x"], name="a.csv", by=world.filer_a)


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(filing: Filing, world: Province, settings) -> None:
    settings.NUMBERS_FILE_MB = 1
    with pytest.raises(TooLarge, match="文件超过1 MB。请拆分，或去掉不需要的列。"):
        actions.receive(filing=filing, chunks=(b"x" * 2**19 for _ in range(3)), name="a.csv", by=world.filer_a)
    assert NumberBatch.objects.count() == 0
    assert list((settings.MEDIA_ROOT / "numbers" / str(world.a.pk)).iterdir()) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\数据\\编号.xlsx", "编号.xlsx"),
        ("a\u202excod.exe", "a xcod.exe"),
        ("名" * 300 + ".xlsx", "名" * 194 + "….xlsx"),
        ("", "—"),
        ('😀"编号".csv', '😀"编号".csv'),
    ],
)
def test_file_names_are_shown_clean_and_never_used(filing: Filing, world: Province, name: str, shown: str) -> None:
    batch = actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name=name, by=world.filer_a).batch
    assert batch.name == shown
    assert batch.stored_as.startswith(f"numbers/{world.a.pk}/")
    assert len(batch.stored_as.rsplit("/", 1)[1]) == 31


def test_an_idempotency_key_answers_the_first_batch(filing: Filing, world: Province) -> None:
    one = actions.receive(
        filing=filing, chunks=[b"{}"], name="a", by=world.filer_a, source="api", idempotency_key="night-1"
    )
    two = actions.receive(
        filing=filing, chunks=[b"[]"], name="a", by=world.filer_a, source="api", idempotency_key="night-1"
    )
    assert (two.batch, two.again) == (one.batch, True)


def test_pasted_numbers_take_the_date_given_with_them(filing: Filing, world: Province) -> None:
    batch = run(actions.paste(filing=filing, text="FJ-1\nfj-2\n\nFJ-3\n", by=world.filer_a, issued_on=DAY))
    assert (batch.read, batch.stored, batch.name) == (3, 3, "粘贴的清单")
    assert set(ReportNumber.objects.of(world.a.pk).values_list("issued_on", flat=True)) == {DAY}


def test_pasted_columns_of_a_spreadsheet(filing: Filing, world: Province) -> None:
    batch = run(actions.paste(filing=filing, text="FJ-1\t2023-11-06\nFJ-2\t2023年12月1日\n", by=world.filer_a))
    assert batch.stored == 2
    assert ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-2").issued_on == dt.date(2023, 12, 1)


def test_a_range_keeps_its_zeros(filing: Filing, world: Province) -> None:
    received = actions.add_range(filing=filing, first="FJ-2023-000001", last="000450", issued_on=DAY, by=world.filer_a)
    batch = run(received)
    assert (batch.stored, batch.name) == (450, "号段 FJ-2023-000001 … FJ-2023-000450")
    assert ReportNumber.objects.filter(institution_id=world.a.pk, key="FJ-2023-000099").exists()


@pytest.mark.parametrize(
    ("first", "last", "numbers"),
    [
        ("FJ-98", "101", ["FJ-98", "FJ-99", "FJ-100", "FJ-101"]),
        ("FJ-098", "FJ-100", ["FJ-098", "FJ-099", "FJ-100"]),
        ("闽检〔2023〕第08号", "10", ["闽检[2023]第08号", "闽检[2023]第09号", "闽检[2023]第10号"]),
        ("闽检〔2023〕第08号", "闽检〔2023〕第09号", ["闽检[2023]第08号", "闽检[2023]第09号"]),
        ("7", "7", ["7"]),
    ],
)
def test_expanding_a_range(first: str, last: str, numbers: list[str]) -> None:
    assert actions.expand(first, last) == numbers


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("FJ", "9", "“FJ”中没有可以递增的数字。请完整填写起始编号。"),
        ("FJ-10", "9", "号段倒置：9小于FJ-10。"),
        ("FJ-1", "XY-9", "“XY-9”与“FJ-1”不连续。只有最后一段数字可以不同。"),
        ("FJ-1", "100001", "号段共100001个编号，一次最多100000个。请拆分，或改用文件报送。"),
    ],
)
def test_a_range_that_makes_no_sense(first: str, last: str, reason: str) -> None:
    with pytest.raises(NotTaken) as refused:
        actions.expand(first, last)
    assert str(refused.value.reason) == reason


def test_a_file_with_another_code_is_read_after_confirmation(sent: Sent, world: Province) -> None:
    text = "报告编号,日期,统一社会信用代码\nFJ-1,2023-11-05,91350100MA00000000\n"
    batch = sent(text)
    assert (batch.state, batch.refusal["code"]) == (NumberBatch.State.REFUSED, "other_institution")
    assert ReportNumber.objects.count() == 0
    assert run(actions.confirm_origin(batch=batch, by=world.filer_a)).stored == 1


# -- amending -------------------------------------------------------------------------------------


def test_a_voided_number_stays_and_counts_no_more(sent: Sent, filing: Filing, world: Province) -> None:
    sent(lines("FJ-1", "FJ-2"))
    amending.void_number(institution=world.a, number=" fj-1", reason="报告作废重做", by=world.filer_a)
    assert ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-1").state == ReportNumber.State.VOID
    returned = figures.return_of(filing)
    assert (returned.valid, returned.void) == (1, 1)
    change = NumberChange.objects.get()
    assert (change.key, change.act, change.reason, change.by) == ("FJ-1", "void", "报告作废重做", world.filer_a.user)
    assert Event.objects.filter(verb="numbers.voided").count() == 1
    with pytest.raises(NoSuchNumber, match="“FJ-1”已不是有效编号：作废。"):
        amending.void_number(institution=world.a, number="FJ-1", reason="报告作废重做", by=world.filer_a)


def test_a_voided_number_cannot_be_filed_again(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1"))
    amending.void_number(institution=world.a, number="FJ-1", reason="报告作废重做", by=world.filer_a)
    assert sent(lines("FJ-1", "FJ-2")).already == 1
    assert ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-1").state == ReportNumber.State.VOID


def test_a_replacing_number_belongs_to_the_quarter_of_its_own_date(sent: Sent, filing: Filing, world: Province) -> None:
    sent(lines("FJ-1"))
    new = amending.replace_number(
        institution=world.a,
        number="FJ-1",
        replacement="fj-1a",
        issued_on=dt.date(2024, 2, 1),
        reason="样品名称有误",
        by=world.filer_a,
        into=Quarter(2024, 1),
    )
    assert (new.key, new.written, new.period, new.replaces_key, new.certificate) == (
        "FJ-1A",
        "fj-1a",
        "2024Q1",
        "FJ-1",
        "221300000001",
    )
    assert ReportNumber.objects.get(institution_id=world.a.pk, key="FJ-1").state == ReportNumber.State.REPLACED
    returned = figures.return_of(filing)
    assert (returned.valid, returned.replaced) == (0, 1)


@pytest.mark.parametrize(
    ("number", "replacement", "day", "reason"),
    [
        ("FJ-9", "FJ-9A", dt.date(2023, 12, 1), "更正"),
        ("FJ-9", "FJ-9A", dt.date(2023, 12, 1), "样品名称有误"),
        ("FJ-1", "FJ-2", dt.date(2023, 12, 1), "样品名称有误"),
        ("FJ-1", "FJ-1A", dt.date(2023, 11, 4), "样品名称有误"),
        ("FJ-1", "FJ-1A", dt.date(2123, 11, 4), "样品名称有误"),
        ("FJ-1", "", dt.date(2023, 12, 1), "样品名称有误"),
        ("FJ-1", "FJ-1A", dt.date(2024, 1, 1), "样品名称有误"),
    ],
)
def test_a_replacement_that_cannot_be(
    sent: Sent, world: Province, number: str, replacement: str, day: dt.date, reason: str
) -> None:
    sent(lines("FJ-1", "FJ-2"))
    with pytest.raises((NotTaken, NoSuchNumber)):
        amending.replace_number(
            institution=world.a, number=number, replacement=replacement, issued_on=day, reason=reason, by=world.filer_a
        )
    assert set(ReportNumber.objects.of(world.a.pk).values_list("key", "state")) == {("FJ-1", 1), ("FJ-2", 1)}
    assert NumberChange.objects.count() == 0


def test_a_number_filed_before_replaces_another_when_it_is_named_with_its_date(
    sent: Sent, filing: Filing, world: Province
) -> None:
    sent(lines("FJ-1", "FJ-2") + "fj-1a,2023-12-01\n")
    batches = NumberBatch.objects.count()
    named = {"institution": world.a, "number": "FJ-1", "reason": "样品名称有误", "by": world.filer_a}
    with pytest.raises(NotTaken, match="2023-12-01"):
        amending.replace_number(replacement="FJ-1A", issued_on=dt.date(2023, 12, 2), **named)
    new = amending.replace_number(replacement="FJ-1A", issued_on=dt.date(2023, 12, 1), **named)
    assert (new.written, new.replaces_key) == ("fj-1a", "FJ-1")
    rows = ReportNumber.objects.of(world.a.pk).order_by("key").values_list("key", "state", "replaces_key", "issued_on")
    assert [row[:3] for row in rows] == [("FJ-1", 3, None), ("FJ-1A", 1, "FJ-1"), ("FJ-2", 1, None)]
    assert (figures.return_of(filing).valid, figures.return_of(filing).replaced) == (2, 1)
    assert NumberChange.objects.get().replacement_key == "FJ-1A"
    assert NumberBatch.objects.count() == batches
    with pytest.raises(NotTaken):  # one number replaces one
        amending.replace_number(replacement="FJ-1A", issued_on=dt.date(2023, 12, 1), **named | {"number": "FJ-2"})
    assert ReportNumber.objects.get(key="FJ-2").state == ReportNumber.State.VALID


@pytest.mark.parametrize("taken_out", ["void", "replaced"])
def test_a_number_that_is_valid_no_more_replaces_none(sent: Sent, world: Province, taken_out: str) -> None:
    sent(lines("FJ-1", "FJ-2"))
    day, by = dt.date(2023, 11, 5), world.filer_a
    if taken_out == "void":
        amending.void_number(institution=world.a, number="FJ-2", reason="报告作废重做", by=by)
    else:
        amending.replace_number(
            institution=world.a, number="FJ-2", replacement="FJ-3", issued_on=day, reason="样品名称有误", by=by
        )
    with pytest.raises(NotTaken):
        amending.replace_number(
            institution=world.a, number="FJ-1", replacement="FJ-2", issued_on=day, reason="样品名称有误", by=by
        )
    assert ReportNumber.objects.get(key="FJ-1").state == ReportNumber.State.VALID


def test_only_the_institution_amends(sent: Sent, world: Province) -> None:
    sent(lines("FJ-1"))
    for by in (world.filer_b, world.gulou_reviewer):
        with pytest.raises(NotAllowed):
            amending.void_number(institution=world.a, number="FJ-1", reason="报告作废重做", by=by)
    assert ReportNumber.objects.get().state == ReportNumber.State.VALID


# -- declaring and submitting ---------------------------------------------------------------------


def submit(filing: Filing, world: Province):
    loaded_filing = fresh(filing)
    stamp = submitting.look(loaded_filing).digest
    return submitting.submit(
        filing=loaded_filing, by=world.signer_a, version=loaded_filing.version, stamp=stamp, pledged=True
    )


def test_a_quarter_is_submitted_with_its_counts(sent: Sent, filing: Filing, world: Province) -> None:
    sent(lines("FJ-1", "FJ-2"))
    submitting.declare(filing=filing, count=2, by=world.filer_a)
    revision = submit(filing, world)
    assert revision.cells == {"RN-Q": {"Q101": "2023", "Q102": "4", "Q103": "2", "Q105": "编号.csv"}}
    assert revision.derived == {
        "valid": "2",
        "void": "0",
        "replaced": "0",
        "cma_valid": "2",
        "invalid_certificate": "0",
    }
    assert [int(figure) for figure in revision.figures] == [2, 2, 0, 0]
    after = fresh(filing)
    assert (after.state, after.step, len(after.route)) == (State.IN_REVIEW, world.gulou, 3)
    assert (
        submitting.submit(filing=after, by=world.signer_a, version=after.version, stamp=revision.digest, pledged=True)
        == revision
    )


def test_the_filing_names_each_list_once_and_no_replaced_number(sent: Sent, filing: Filing, world: Province) -> None:
    text = f"报告编号,签发日期,证书编号\nFJ-1,2023-11-05,{CERTIFICATE}\nFJ-2,2023-11-05,231300000009\n"
    sent(text, name="十月.csv")
    sent(lines("FJ-3"), name="十一月.csv")
    a_certificate(world.a, number="231300000009", kind="CMA-S")
    sent(text, name="十月.csv")
    amending.replace_number(
        institution=world.a, number="FJ-1", replacement="FJ-1A", issued_on=dt.date(2023, 12, 1), reason="样品名称有误",
        by=world.filer_a,
    )  # fmt: skip
    assert NumberBatch.objects.filter(source="single", filing=filing).exists()
    assert submitting.look(fresh(filing)).cells["RN-Q"]["Q105"] == "十月.csv、十一月.csv"


def test_a_difference_from_the_declared_count_wants_an_explanation(sent: Sent, filing: Filing, world: Province) -> None:
    sent(lines("FJ-1", "FJ-2"))
    submitting.declare(filing=filing, count=3, by=world.filer_a)
    look = submitting.look(fresh(filing))
    assert [(issue.code, issue.severity) for issue in look.issues] == [("K113", "verify")]
    with pytest.raises(NotReady):
        submit(filing, world)
    assert fresh(filing).revision is None
    explain(filing=fresh(filing), key=look.issues[0].key, text=EXPLANATION, by=world.filer_a)
    revision = submit(filing, world)
    assert [(finding.check_code, finding.explanation) for finding in revision.findings.all()] == [("K113", EXPLANATION)]


def test_certificates_not_valid_on_the_day_are_a_finding_of_the_filing(
    sent: Sent, filing: Filing, world: Province
) -> None:
    world.a.certificates.update(issued_on=dt.date(2023, 11, 10))
    sent(lines("FJ-1"))
    submitting.declare(filing=filing, count=1, by=world.filer_a)
    issues = submitting.look(fresh(filing)).issues
    assert [issue.message_zh for issue in issues] == [
        "1个有效编号所用证书在出具日不在有效期内（N103）。请核对；属实的请说明。"
    ]


def test_a_nil_return_is_decided_by_the_first_tier_alone(filing: Filing, world: Province) -> None:
    submitting.declare_nil(filing=filing, by=world.filer_a)
    revision = submit(filing, world)
    assert revision.cells["RN-Q"] == {"Q101": "2023", "Q102": "4", "Q103": "0", "Q104": "1"}
    waiting = fresh(filing)
    assert waiting.route == [world.gulou.pk]
    pass_on(filing=waiting, by=reviewer_of(waiting), version=waiting.version, revision=1)
    assert fresh(filing).state == State.ACCEPTED


def test_no_nil_return_while_numbers_stand(sent: Sent, filing: Filing, world: Province) -> None:
    sent(lines("FJ-1"))
    with pytest.raises(NotTaken):
        submitting.declare_nil(filing=filing, by=world.filer_a)
    assert figures.return_of(filing).declared is None


def test_nothing_is_submitted_without_a_declaration_or_while_a_file_is_read(filing: Filing, world: Province) -> None:
    with pytest.raises(NotReady, match="请先申报本季度有效报告份数，或作零报告声明。"):
        submit(filing, world)
    submitting.declare(filing=filing, count=1, by=world.filer_a)
    actions.receive(filing=filing, chunks=[lines("FJ-1").encode()], name="a.csv", by=world.filer_a)
    with pytest.raises(NotReady, match="还有文件正在读取。请等待完成或取消后再报送。"):
        submit(filing, world)
    assert fresh(filing).state == State.DRAFTING


# -- figures --------------------------------------------------------------------------------------


def test_figures_against_last_year_and_the_annual_table(world: Province) -> None:
    annual = a_filing(open_round(world), world.a)
    before = a_filing(open_round(world, period="2022Q4", kind=Kind.QUARTERLY_NUMBERS), world.a)
    figures.QuarterReturn.objects.create(filing=before, valid=4)
    Filing.objects.filter(pk=before.pk).update(state=State.EXCUSED)
    quarters = [
        a_filing(open_round(world, period=f"2023Q{n}", kind=Kind.QUARTERLY_NUMBERS), world.a) for n in (1, 2, 3, 4)
    ]
    send(quarters[3], lines("FJ-1", "FJ-2"), world.filer_a)
    assert figures.report(quarters[3]).last_year is None
    assert figures.facts_of_year(annual, {}) == {}
    for quarter, valid in zip(quarters[:3], (10, 20, 30), strict=True):
        figures.QuarterReturn.objects.update_or_create(filing=quarter, defaults={"valid": valid})
    for filing in (before, *quarters):
        submitted(filing)
    report = figures.report(quarters[3])
    assert (report.last_year, report.change, report.year_numbers, report.quarters_filed) == (4, -0.5, 62, 4)
    assert report.annual_gap is None
    assert figures.facts_of_year(annual, {}) == {"year_numbers": 62}


def submitted(filing: Filing) -> None:
    """Accepted in the books, with an empty revision."""
    user = filing.institution.memberships.first().user
    revision = Revision.objects.create(
        filing=filing,
        number=1,
        scheme=filing.round.scheme,
        cells={},
        derived={},
        digest="0" * 64,
        filer=user,
        signer=user,
        pledge="",
    )
    Filing.objects.filter(pk=filing.pk).update(state=State.ACCEPTED, revision=revision)


def test_sequences_and_their_gaps(sent: Sent, filing: Filing, world: Province) -> None:
    sent(lines("A-001", "A-002", "A-005", "A-009", "闽检〔2023〕第01号", "闽检〔2023〕第02号", "X"))
    figures.look_closer(filing)
    assert figures.return_of(filing).patterns == [
        {
            "pattern": "A-###", "numbers": 4, "first": "A-001", "last": "A-009", "gaps": 2, "missing": 5,
            "shown": [["A-003", "A-004"], ["A-006", "A-008"]],
        },
        {
            "pattern": "闽检[2023]第##号", "numbers": 2, "first": "闽检[2023]第01号", "last": "闽检[2023]第02号", "gaps": 0,
            "missing": 0, "shown": [],
        },
    ]  # fmt: skip


def test_shared_numbers_are_for_supervisors_alone(sent: Sent, filing: Filing, world: Province) -> None:
    sent(lines("FJ-1", "FJ-2"))
    other = a_filing(filing.round, world.d)
    send(other, lines("FJ-2", "FJ-3"), a_membership("filer", world.d))
    figures.look_closer(filing)
    figures.look_closer(filing)
    quarter = Quarter(2023, 4)
    assert SharedNumber.objects.count() == 2
    own = [(row.key, row.institution, row.other) for row in figures.shared_numbers(world.gulou_reviewer, quarter)]
    assert own == [("FJ-2", world.a, world.d)]
    assert figures.shared_numbers(world.statistician, quarter).count() == 2
    assert figures.shared_numbers(world.taijiang_reviewer, quarter).count() == 0
    with pytest.raises(NotAllowed):
        figures.shared_numbers(world.filer_a, quarter)
