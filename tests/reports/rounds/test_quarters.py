"""The calendar of a quarter of report numbers: proposed on screen, checked when it is typed, taken on from quarter to quarter."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import override

from reports.filings import rules
from reports.rounds.models import Kind, Phase, Round
from reports.rounds.planning import Plan
from reports.rounds.quarterly import calendar_of, departures, next_quarter, still_to_open
from reports.rounds.quarters import Quarter
from tests.factories.filings import a_scheme, open_round
from tests.factories.institutions import Province, build_province
from tests.reports.rounds.test_planning import address, as_typed
from tests.reports.rounds.test_views import client_of

NEW = reverse("rounds:round-new")
TODAY = dt.date(2024, 1, 15)
Q4 = Quarter(2023, 4)


@pytest.fixture
def world(db: None) -> Province:
    a_scheme()
    return build_province()


@pytest.fixture
def province(world: Province) -> Client:
    return client_of(world.statistician)


def written(round: Round) -> dict[str, tuple[str, str]]:
    """Its phases in local time."""
    return {
        phase.name: (localtime(phase.opens_at).isoformat(), localtime(phase.due_at).isoformat())
        for phase in round.phases.all()
    }


def proposed(client: Client, **asked: str) -> dict[str, str]:
    """The filled form, as it stands on the page."""
    return as_typed(client.get(NEW, asked))


# -- the calendar ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quarter", "opens", "due"),
    [
        (Quarter(2023, 4), "2024-01-01T00:00:00+08:00", "2024-01-31T23:59:59+08:00"),
        (Quarter(2024, 1), "2024-04-01T00:00:00+08:00", "2024-04-30T23:59:59+08:00"),
        (Quarter(2024, 3), "2024-10-01T00:00:00+08:00", "2024-10-31T23:59:59+08:00"),
    ],
)
def test_filling_is_the_month_after_the_quarter_whatever_day_it_is(quarter: Quarter, opens: str, due: str) -> None:
    span = calendar_of(quarter, TODAY).phases[Phase.Name.FILL]
    assert [moment.isoformat() for moment in span] == [opens, due]


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        (dt.date(2024, 1, 15), "2025-01-31T23:59:59+08:00"),
        (dt.date(2026, 6, 10), "2027-06-10T23:59:59+08:00"),
    ],
)
def test_late_filing_follows_on_the_due_time_and_lasts_a_year(today: dt.date, ends: str) -> None:
    opens, due = calendar_of(Q4, today).phases[Phase.Name.SUPPLEMENT]
    assert (opens.isoformat(), due.isoformat()) == ("2024-02-01T00:00:00+08:00", ends)


@pytest.mark.parametrize("period", ["2023", "2023Q5", "2023q4", "Q4"])
def test_what_is_no_quarter(period: str) -> None:
    with pytest.raises(ValueError, match="is no quarter"):
        Quarter.parse(period)


def test_the_next_quarter_and_those_still_to_open(world: Province) -> None:
    assert next_quarter([], TODAY) == Q4
    rounds = [open_round(world, period=period, kind=Kind.QUARTERLY_NUMBERS) for period in ("2023Q2", "2023Q4")]
    rounds.append(open_round(world, period="2030"))
    assert next_quarter(rounds, TODAY) == Quarter(2024, 1)
    to_open = [quarter.period for quarter in still_to_open(rounds, TODAY)]
    assert to_open[:4] == ["2024Q1", "2023Q3", "2023Q1", "2022Q4"]


# -- proposed on screen ----------------------------------------------------------------------------


def test_the_province_opens_the_next_quarter_with_its_calendar_as_proposed(world: Province, province: Client) -> None:
    before = open_round(world, period="2023Q1", kind=Kind.QUARTERLY_NUMBERS)
    open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS)
    assert f'href="{NEW}?quarter=next"' in province.get(reverse("rounds:round-list")).content.decode()
    typed = proposed(province, quarter="next")
    assert (typed["kind"], typed["period"], typed["cut_off"]) == (Kind.QUARTERLY_NUMBERS, "2024Q1", "2024-03-31")
    assert (typed["title_zh"], typed["title_en"]) == ("2024年第一季度报告编号", "Report numbers, quarter 1 of 2024")
    answer = province.post(NEW, typed)
    new = Round.objects.get(period="2024Q1")
    assert (answer.status_code, answer.url) == (302, address(new, "round-detail"))
    found = written(new)
    assert set(found) == {"fill", "supplement"}
    assert found["fill"] == ("2024-04-01T00:00:00+08:00", "2024-04-30T23:59:59+08:00")
    assert found["supplement"][0] == "2024-05-01T00:00:00+08:00"
    assert (new.previous, new.cut_off, new.kind) == (before, dt.date(2024, 3, 31), Kind.QUARTERLY_NUMBERS)


def test_any_quarter_can_be_chosen_without_a_script(world: Province, province: Client) -> None:
    open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS)
    page = province.get(NEW, {"quarter": "2023Q2"})
    assert "<option selected>2023Q2</option>" in page.content.decode()
    assert "<option>2023Q4</option>" not in page.content.decode()
    typed = as_typed(page)
    assert (typed["period"], typed["fill_opens_day"], typed["fill_due_day"]) == ("2023Q2", "2023-07-01", "2023-07-31")


@pytest.mark.parametrize("asked", ["", "2023", "2023Q5", "0000Q1", "next year", "1999Q4"])
def test_a_quarter_that_is_none_leaves_the_form_empty(province: Client, asked: str) -> None:
    assert proposed(province, quarter=asked)["fill_opens_day"] == ""


def test_a_round_begun_from_a_quarter_has_the_next_quarters_own_calendar(world: Province, province: Client) -> None:
    """1 January is a holiday: the day is not moved. What else the quarter had comes three months on, on working days."""
    source = open_round(world, period="2023Q3", kind=Kind.QUARTERLY_NUMBERS)
    source.phases.exclude(name__in=["fill", "county"]).delete()
    due = dt.datetime(2023, 10, 20, 23, 59, 59, tzinfo=localtime().tzinfo)
    source.phases.filter(name="county").update(opens_at=due.replace(day=9, hour=0, minute=0, second=0), due_at=due)
    typed = proposed(province, **{"from": str(source.public_id)})
    assert (typed["period"], typed["cut_off"], typed["lock_day"]) == ("2023Q4", "2023-12-31", "")
    assert [typed[f"fill_{end}"] for end in ("opens_day", "opens_time", "due_day", "due_time")] == [
        "2024-01-01", "", "2024-01-31", "",
    ]  # fmt: skip
    assert (typed["supplement_opens_day"], typed["supplement_opens_time"]) == ("2024-02-01", "")
    assert (typed["county_opens_day"], typed["county_due_day"]) == ("2024-01-09", "2024-01-22")
    assert province.post(NEW, typed).status_code == 302


def test_the_page_costs_the_same_for_1_and_5_rounds(world: Province, province: Client, django_assert_num_queries):
    open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS)
    province.get(NEW, {"quarter": "next"})
    with django_assert_num_queries(8):
        province.get(NEW, {"quarter": "next"})
    for number in (1, 2, 3):
        open_round(world, period=f"2023Q{number}", kind=Kind.QUARTERLY_NUMBERS)
    open_round(world, period="2023")
    with django_assert_num_queries(8):
        province.get(NEW, {"quarter": "next"})


# -- typed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("fill_opens_day", "2024-01-02", ["Filling opens on"]),
        ("fill_due_day", "2024-01-30", ["Filling is due on", "Supplementary filing opens only on"]),
        ("fill_due_time", "17:30", ["Filling is due on", "Supplementary filing opens only on"]),
        ("supplement_opens_day", "2024-02-05", ["Supplementary filing opens only on"]),
        ("cut_off", "2024-01-01", ["The cut-off day is"]),
    ],
)
def test_a_calendar_that_departs_is_warned_of_and_opened_only_when_meant(
    province: Client, field: str, typed: str, words: list[str]
) -> None:
    form = proposed(province, quarter="2023Q4") | {field: typed}
    warned = province.post(NEW, form)
    with override("en"):
        told = departures(Q4, warned.context["form"].plan, warned.context["form"].cleaned_data["cut_off"])
    assert warned.status_code == 422
    assert [said for one, said in zip(told, words, strict=True) if not one.startswith(said)] == []
    assert len(warned.context["departures"]) == len(words)
    assert warned.context["form"][field].value() == typed
    assert not Round.objects.exists()
    assert province.post(NEW, form | {"departing": "1"}).status_code == 302
    assert Round.objects.get().period == "2023Q4"


def test_a_quarter_without_late_filing_is_warned_of(province: Client) -> None:
    form = proposed(province, quarter="2023Q4") | {"supplement_opens_day": "", "supplement_due_day": ""}
    warned = province.post(NEW, form)
    assert (warned.status_code, len(warned.context["departures"])) == (422, 1)
    assert "departing" in warned.content.decode()
    assert not Round.objects.exists()


def test_the_days_of_another_quarter_are_warned_of_and_the_right_ones_offered(province: Client) -> None:
    warned = province.post(NEW, proposed(province, quarter="2023Q4") | {"period": "2024Q1"})
    assert len(warned.context["departures"]) == 3
    assert 'href="?quarter=2024Q1"' in warned.content.decode()
    assert not Round.objects.exists()


def test_a_year_is_not_held_to_the_calendar_of_a_quarter(world: Province, province: Client) -> None:
    last = open_round(world, period="2023")
    answer = province.post(NEW, proposed(province, **{"from": str(last.public_id)}))
    assert answer.status_code == 302


def test_a_lock_that_cuts_late_filing_off_is_refused(province: Client) -> None:
    answer = province.post(NEW, proposed(province, quarter="2023Q4") | {"lock_day": "2024-02-15"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["lock_day"]
    assert not Round.objects.exists()


def test_a_changed_calendar_of_a_quarter_says_in_the_dry_run_how_it_departs(world: Province, province: Client) -> None:
    assert province.post(NEW, proposed(province, quarter="2023Q4")).status_code == 302
    round = Round.objects.get()
    kept = province.post(address(round), as_typed(province.get(address(round))))
    assert kept.context["departures"] == []
    moved = province.post(address(round), as_typed(province.get(address(round)), fill_due_day="2024-02-08"))
    assert len(moved.context["departures"]) == 1
    assert moved.context["departures"][0] in moved.content.decode()


# -- what the calendar does -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "open_", "late"),
    [
        ("2023-12-31T23:59:59", False, False),
        ("2024-01-01T00:00:00", True, False),
        ("2024-01-31T23:59:59", True, False),
        ("2024-02-01T00:00:00", True, True),
        ("2024-06-01T12:00:00", True, True),
    ],
)
def test_a_quarter_as_proposed_is_open_in_its_month_and_late_after_it(
    province: Client, moment: str, open_: bool, late: bool
) -> None:
    assert province.post(NEW, proposed(province, quarter="2023Q4")).status_code == 302
    round = Round.objects.prefetch_related("phases").get()
    now = dt.datetime.fromisoformat(f"{moment}+08:00")
    assert bool(rules.filling_is_open(round, now)) is open_
    assert rules.is_late(round, now) is late


def test_what_is_stored_is_what_the_rule_says(province: Client) -> None:
    assert province.post(NEW, proposed(province, quarter="2023Q4")).status_code == 302
    round = Round.objects.prefetch_related("phases").get()
    assert departures(Q4, Plan.of(round), round.cut_off) == []
    assert Plan.of(round) == calendar_of(Q4, localtime().date())
