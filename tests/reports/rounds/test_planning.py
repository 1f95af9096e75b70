"""Opening a round from the one before, changing its calendar, closing it by hand and by the clock."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import override

from portal.clock import database_now
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings import rules
from reports.filings.models import Filing, State
from reports.rounds import actions, planning
from reports.rounds.actions import NotOpened
from reports.rounds.calendar import forget_special_days, is_known, is_working_day, on_or_after, year_later
from reports.rounds.closing import lock_those_due
from reports.rounds.models import Phase, Round, SpecialDay
from reports.rounds.planning import Plan
from tests.factories.filings import a_filing, a_scheme, fresh, open_round, submitted_filing
from tests.factories.institutions import Province, build_province
from tests.reports.rounds.test_views import client_of

SECOND = dt.timedelta(seconds=1)
DAY = dt.timedelta(days=1)


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


@pytest.fixture
def province(world: Province) -> Client:
    return client_of(world.statistician)


def address(round: Round, name: str = "round-calendar") -> str:
    return reverse(f"rounds:{name}", args=[round.public_id])


def as_typed(page, **changes: str) -> dict[str, str]:
    """The fields as the form shows them, with some typed over."""
    form = page.context["form"]
    return {name: str(form[name].value() or "") for name in form.fields} | changes


def at_once(round: Round, **moments: dt.datetime) -> Round:
    Round.objects.filter(pk=round.pk).update(**moments)
    return Round.objects.prefetch_related("phases").get(pk=round.pk)


# -- opening ---------------------------------------------------------------------------------------


def test_a_round_begins_from_last_years_with_days_moved_to_working_days(world: Province, province: Client):
    last = open_round(world, period="2023")
    opens = dt.datetime(2024, 1, 2, 0, 0, tzinfo=localtime(database_now()).tzinfo)
    last.phases.filter(name="fill").update(opens_at=opens, due_at=opens.replace(day=31, hour=23, minute=59, second=59))
    page = province.get(reverse("rounds:round-new"), {"from": last.public_id})
    typed = as_typed(page)
    assert (typed["period"], typed["title_zh"], typed["cut_off"]) == ("2024", "2024年度统计调查", "2024-12-31")
    assert (typed["fill_opens_day"], typed["fill_opens_time"]) == ("2025-01-02", "")
    assert (typed["fill_due_day"], typed["fill_due_time"]) == ("2025-02-05", "")  # 31 January 2025 is a holiday
    answer = province.post(reverse("rounds:round-new"), typed)
    new = Round.objects.get(period="2024")
    assert answer.url == address(new, "round-detail")
    fill = new.phases.get(name="fill")
    assert localtime(fill.due_at).isoformat() == "2025-02-05T23:59:59+08:00"
    assert (new.previous, new.scheme, new.kind) == (last, a_scheme(), last.kind)
    assert Event.objects.filter(verb="round.opened", object_id=str(new.pk)).count() == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("period", "2023"),
        ("period", "2024Q1"),
        ("fill_due_day", ""),
        ("fill_due_day", "2019-01-01"),
        ("county_due_time", "25:00"),
        ("cut_off", "2024-02-31"),
    ],
)
def test_a_round_that_cannot_stand_is_refused_with_what_was_typed(
    world: Province, province: Client, field: str, typed: str
):
    last = open_round(world, period="2023")
    page = province.get(reverse("rounds:round-new"), {"from": last.public_id})
    answer = province.post(reverse("rounds:round-new"), as_typed(page, **{field: typed}))
    assert answer.status_code == 422
    assert answer.context["form"][field].value() == typed
    assert answer.context["form"].errors
    assert Round.objects.count() == 1


@pytest.mark.parametrize(
    ("phases", "lock", "words"),
    [
        ({"county": (0, 2)}, None, "needs the dates of its filling phase"),
        ({"fill": (0, 2), "county": (3, 3)}, None, "opens before it is due"),
        ({"fill": (0, 2), "county": (0, 9)}, 8, "The lock lies before the end of a phase"),
    ],
)
def test_no_round_is_opened_with_a_calendar_that_cannot_stand(
    world: Province, phases: dict[str, tuple[int, int]], lock: int | None, words: str
):
    now = database_now()
    spans = {name: (now + opens * DAY, now + due * DAY) for name, (opens, due) in phases.items()}
    asked: dict[str, Any] = {
        "scheme": a_scheme(), "kind": "annual", "period": "2024", "title_zh": "2024", "title_en": "2024",
        "cut_off": dt.date(2024, 12, 31), "by": world.statistician,
    }  # fmt: skip
    with override("en"), pytest.raises(NotOpened, match=words):
        actions.open_round(**asked, phases=spans, locks_at=now + lock * DAY if lock else None)
    assert not Round.objects.exists()
    last = max(due for _opens, due in spans.values())
    actions.open_round(**asked, phases={"fill": (now, last)}, locks_at=last)
    assert Round.objects.get().locks_at == last


def test_two_rounds_run_side_by_side(world: Province):
    annual, quarter = open_round(world), open_round(world, period="2024Q1", kind="numbers")
    a_filing(annual, world.a)
    a_filing(quarter, world.a)
    listed = client_of(world.filer_a).get(reverse("rounds:round-list")).context["page"]
    assert {round.pk for round in listed} == {annual.pk, quarter.pk}


# -- the calendar ----------------------------------------------------------------------------------


def test_the_form_keeps_moments_that_nobody_changed(world: Province, province: Client):
    round = open_round(world)
    page = province.get(address(round))
    answer = province.post(address(round), as_typed(page))
    assert answer.context["changes"] == []
    refused = province.post(address(round), as_typed(page, apply="1", reason="误操作", version="0"))
    assert refused.status_code == 422
    assert Round.objects.get().calendar_version == 0


def test_a_dry_run_says_who_is_affected_and_changes_nothing(world: Province, province: Client):
    round = open_round(world)
    a_filing(round, world.a)
    submitted_filing(round, world.b)
    before = Plan.of(round)
    yesterday = localtime(database_now() - DAY).date().isoformat()
    page = province.get(address(round))
    answer = province.post(address(round), as_typed(page, fill_due_day=yesterday, county_due_day=yesterday))
    rows = {
        row.bureau.pk: (row.unsent, row.late, row.late_after, row.in_review, row.overdue, row.overdue_after)
        for row in answer.context["rows"]
    }
    assert rows == {world.gulou.pk: (1, 0, 1, 1, 0, 1)}
    assert answer.context["totals"] == [1, 0, 1, 1, 0, 1]
    assert Plan.of(Round.objects.prefetch_related("phases").get()) == before
    assert not Notice.objects.filter(subject_en__startswith="The calendar").exists()


def test_an_applied_change_is_kept_told_and_recorded(world: Province, province: Client):
    round = open_round(world)
    a_filing(round, world.a)
    later = localtime(round.phase(Phase.Name.FILL).due_at + 3 * DAY).date().isoformat()
    page = province.get(address(round))
    typed = as_typed(page, fill_due_day=later, fill_due_time="18:00", apply="1", reason="台风停工", version="0")
    assert province.post(address(round), typed).status_code == 302
    assert f"{localtime(round.phases.get(name='fill').due_at):%Y-%m-%d %H:%M}" == f"{later} 18:00"
    event = Event.objects.get(verb="round.rescheduled")
    assert (event.details["reason"], list(event.details["changes"])) == ("台风停工", ["fill"])
    told = set(Notice.objects.filter(subject_en__startswith="The calendar").values_list("recipient", flat=True))
    assert {world.filer_a.user_id, world.signer_a.user_id, world.gulou_reviewer.user_id} <= told
    assert world.filer_b.user_id not in told
    assert event.details["told"] == len(told)


def test_whoever_changes_an_older_calendar_is_refused(world: Province, province: Client):
    round = open_round(world)
    page = province.get(address(round))
    later = localtime(round.phase(Phase.Name.FILL).due_at + 3 * DAY).date().isoformat()
    typed = as_typed(page, fill_due_day=later, apply="1", reason="台风停工", version="0")
    assert province.post(address(round), typed).status_code == 302
    kept = round.phases.get(name="fill").due_at
    again = province.post(address(round), typed | {"fill_due_day": localtime(kept + DAY).date().isoformat()})
    assert again.status_code == 409
    assert round.phases.get(name="fill").due_at == kept


def test_a_lock_before_the_end_of_a_phase_is_refused(world: Province):
    round = open_round(world)
    plan = Plan(Plan.of(round).phases, round.phase(Phase.Name.FILL).due_at)
    with pytest.raises(planning.NotPlanned):
        planning.change_calendar(round=round, plan=plan, version=0, reason="试", by=world.statistician)
    assert Round.objects.get().locks_at is None


def test_the_dry_run_costs_the_same_for_1_and_5_bureaus(world: Province, django_assert_num_queries):
    a_filing(open_round(world), world.a)
    round = Round.objects.prefetch_related("phases").get()
    plan, now = Plan.of(round), database_now()
    with django_assert_num_queries(1):
        assert len(planning.affected(round, plan, world.statistician, now)) == 1
    for institution in (world.c, world.d, world.e):
        a_filing(round, institution)
    with django_assert_num_queries(1):
        assert len(planning.affected(round, plan, world.statistician, now)) == 4


# -- deadlines by the database's clock -------------------------------------------------------------


@pytest.mark.parametrize(("offset", "late"), [(-SECOND, False), (0 * SECOND, False), (SECOND, True)])
def test_a_submission_around_the_due_time(world: Province, offset: dt.timedelta, late: bool):
    round = open_round(world)
    round.phases.filter(name="supplement").delete()
    filing = fresh(a_filing(round, world.a))
    now = filing.round.phase(Phase.Name.FILL).due_at + offset
    assert rules.is_late(filing.round, now) is late
    assert bool(rules.can_submit(world.signer_a, filing, now)) is not late
    assert rules.can_fill(world.filer_a, filing, now)


@pytest.mark.parametrize(("offset", "runs"), [(-SECOND, True), (0 * SECOND, True), (SECOND, False)])
def test_nothing_is_possible_after_the_lock(world: Province, offset: dt.timedelta, runs: bool):
    round = open_round(world)
    locks_at = database_now() + DAY
    own, sent = a_filing(round, world.a), submitted_filing(round, world.b)
    at_once(round, locks_at=locks_at)
    own, sent, now = fresh(own), fresh(sent), locks_at + offset
    verdicts = [
        rules.can_fill(world.filer_a, own, now),
        rules.can_submit(world.signer_a, own, now),
        rules.can_excuse(world.statistician, own, now),
        rules.can_recall(world.filer_b, sent, now),
        rules.can_review(world.gulou_reviewer, sent, now),
    ]
    assert [bool(verdict) for verdict in verdicts] == [runs] * 5


def test_the_lock_holds_before_the_clock_wrote_it_down(world: Province):
    round = at_once(open_round(world), locks_at=database_now() - SECOND)
    filing = a_filing(round, world.a)
    page = client_of(world.signer_a).post(
        reverse("filings:filing-submit", args=[filing.public_id]), {"version": "0", "stamp": "", "pledged": "yes"}
    )
    assert page.status_code == 403
    assert Filing.objects.get().state == State.DUE
    assert not Round.objects.running().exists()


def test_the_clock_writes_each_lock_down_once_at_its_own_moment(world: Province):
    fallen = database_now() - SECOND
    round, other = open_round(world), open_round(world, period="2022")
    at_once(round, locks_at=fallen)
    at_once(other, locks_at=fallen + DAY)
    assert [lock_those_due(), lock_those_due()] == [1, 0]
    assert [one.closed_at for one in Round.objects.order_by("-period")] == [fallen, None]
    assert Event.objects.filter(verb="round.locked").count() == 1


def test_a_deadline_moved_while_the_form_is_open_decides_at_submission(world: Province):
    round = open_round(world)
    round.phases.filter(name="supplement").delete()
    filing = a_filing(round, world.a)
    client = client_of(world.signer_a)
    preview = reverse("filings:filing-preview", args=[filing.public_id])
    stamp = client.get(preview).context["stamp"]
    round.phases.filter(name="fill").update(due_at=database_now() - SECOND)
    answer = client.post(
        reverse("filings:filing-submit", args=[filing.public_id]), {"version": "0", "stamp": stamp, "pledged": "yes"}
    )
    assert answer.status_code == 403
    assert Filing.objects.get().state == State.DUE


# -- closing ---------------------------------------------------------------------------------------


def test_a_round_is_closed_and_opened_again_with_reasons(world: Province, province: Client):
    round = at_once(open_round(world), locks_at=database_now() + DAY)
    assert province.post(address(round, "round-close"), {"reason": " "}).status_code == 422
    assert province.post(address(round, "round-close"), {"reason": "汇总完成"}).status_code == 302
    assert Round.objects.get().closed_at is not None
    assert province.post(address(round, "round-close"), {"reason": "再关"}).status_code == 422
    assert (
        province.post(address(round), as_typed(province.get(address(round)), apply="1", reason="试")).status_code == 422
    )
    assert province.post(address(round, "round-open-again"), {"reason": "补报"}).status_code == 302
    assert (Round.objects.get().closed_at, Round.objects.get().locks_at) == (None, None)
    verbs = Event.objects.filter(verb__in=["round.closed", "round.opened-again"]).order_by("id")
    assert [(event.verb, event.details["reason"]) for event in verbs] == [
        ("round.closed", "汇总完成"),
        ("round.opened-again", "补报"),
    ]


# -- working days ----------------------------------------------------------------------------------


def test_entered_days_go_before_the_published_schedule(world: Province, province: Client):
    day = dt.date(2024, 3, 4)  # a Monday
    assert is_working_day(day)
    typed = {"since": "2024-03-04", "until": "2024-03-05", "works": "no", "note": "停电"}
    assert province.post(reverse("rounds:day-list"), typed).status_code == 302
    forget_special_days()
    assert (is_working_day(day), on_or_after(day)) == (False, dt.date(2024, 3, 6))
    assert Event.objects.get(verb="days.entered").details["days"] == ["2024-03-04", "2024-03-05"]
    assert province.post(reverse("rounds:day-list"), {"forget": "2024-03-04"}).status_code == 302
    forget_special_days()
    assert list(SpecialDay.objects.values_list("day", flat=True)) == [dt.date(2024, 3, 5)]
    assert is_working_day(day)


def test_entering_more_than_a_month_is_refused(world: Province, province: Client):
    typed = {"since": "2024-03-04", "until": "2024-05-05", "works": "no", "note": ""}
    assert province.post(reverse("rounds:day-list"), typed).status_code == 422
    assert not SpecialDay.objects.exists()


def test_a_year_nobody_knows_is_monday_to_friday_and_says_so(db: None):
    assert [is_known(2024), is_known(2090)] == [True, False]
    assert is_working_day(dt.date(2090, 10, 2))  # a Monday
    assert year_later(dt.date(2023, 2, 28)) == dt.date(2024, 2, 29)
    assert year_later(dt.date(2024, 2, 28)) == dt.date(2025, 2, 28)


def test_years_whose_holidays_nobody_knows_are_told_once(world: Province, province: Client):
    round = open_round(world)
    later = {f"{name}_due_day": f"2049-03-0{n}" for n, name in enumerate(("fill", "county", "province"), 1)}
    page = province.post(address(round), as_typed(province.get(address(round)), reason="试算", **later))
    assert page.context["form"].unknown_years[-1] == "2049"
    assert page.content.decode().count("2049年的国家放假安排尚未公布") == 1
    assert "影响试算" in page.content.decode()
