"""Rows T1–T12 of docs/bad-inputs.md: dates and periods, posted to the page, and its answer in Chinese. T9 is a row of a file of
report numbers: tests/reports/numbers/test_bad_files.py; T11 is in test_period.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from html import escape

import pytest
from django.test import Client
from django.utils import timezone

from institutions.models import Membership
from portal.clock import database_now
from reports.filings.models import Draft, Filing
from reports.rounds.models import Round
from tests.factories.filings import a_filing, fill, open_round
from tests.factories.filings_data import valid_cells
from tests.factories.institutions import Province
from tests.reports.filings.test_views_pages import address
from tests.reports.filings.test_views_saving import first_row, save, stored, whole

Acting = Callable[[Membership], Client]
TABLE, DAY = "JC01-1", "B105"


@pytest.fixture
def clerk(world: Province, filing: Filing, acting: Acting) -> Client:
    return acting(world.filer_a)


#: row → what is typed for the third of February 2024
READ = {
    "T2": ["2024/2/3", "2024/02/03"],
    "T3": ["2024年2月3日", "2024年2月3号", "2024 年 2 月 3 日"],
    "T4": ["2024.2.3", "20240203"],
    "T6": ["２０２４－０２－０３", "２０２４年２月３日"],
}


@pytest.mark.parametrize("row", READ)
def test_a_date_is_read_and_shown_as_it_was_read(clerk: Client, filing: Filing, row: str):
    key = f"{first_row(clerk, filing, TABLE)}:{DAY}"
    version = 0
    for typed in READ[row]:
        version = save(clerk, filing, TABLE, version, **{key: "2022-03-01"})["version"]
        answer = save(clerk, filing, TABLE, version, **{key: typed})
        version = answer["version"]
        assert answer["cells"][key]["text"] == "2024-02-03"
        assert stored(filing, TABLE)["rows"][0][DAY] == "2024-02-03"
    assert 'value="2024-02-03"' in clerk.get(address("table-edit", filing, TABLE)).content.decode()


TWO_WAYS = "“{}”有两种读法。请按年、月、日填写，如2024-02-03。"
OUTSIDE = "“{}”不在1949-01-01至{today}之间。请核对年份。"
#: row → (typed, the sentence beside the cell, offered)
REFUSED: dict[str, list[tuple[str, str, str | None]]] = {
    "T1": [
        ("2024-02-30", "2024年2月没有30日。", None),
        ("2023-02-29", "2023年2月没有29日。", None),
        ("2023-13-01", "没有13月。", None),
    ],
    "T5": [("02/03/2024", TWO_WAYS, None), ("3/2/24", TWO_WAYS, None)],
    "T7": [("45325", "“45325”像是Excel中2024-02-03的日期序号。如果是这一天，请填2024-02-03。", "2024-02-03")],
    "T8": [(typed, OUTSIDE, None) for typed in ("0001-01-01", "9999-12-31", "1899-12-31")],
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_date_is_refused_in_chinese_and_stays_as_it_was_typed(clerk: Client, filing: Filing, row: str):
    key = f"{first_row(clerk, filing, TABLE)}:{DAY}"
    version = 0
    for typed, reason, offer in REFUSED[row]:
        sentence = reason.format(typed, today=timezone.localdate().isoformat())
        answer = save(clerk, filing, TABLE, version, **{key: typed})
        assert answer["refused"][key]["reason"] == sentence
        assert answer["refused"][key]["offer"] == (offer or "")
        assert stored(filing, TABLE)["rows"][0][DAY] == "2022-03-01"
        assert Draft.objects.get(filing=filing, table=TABLE).unread == {key: typed}
        version = answer["version"]
    save(clerk, filing, TABLE, version, **{key: "2022-03-01"})
    page = whole(clerk, filing, TABLE, **{key: typed})
    assert page.status_code == 422
    shown = page.content.decode()
    assert escape(sentence, quote=False) in shown
    assert f'value="{typed}"' in shown


def test_t7_the_day_a_serial_number_means_is_one_press_away(clerk: Client, filing: Filing):
    key = f"{first_row(clerk, filing, TABLE)}:{DAY}"
    save(clerk, filing, TABLE, **{key: "45325"})
    assert 'data-take="2024-02-03"' in clerk.get(address("table-edit", filing, TABLE)).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"B105": "2023-05-02", "B106": "2023-05-01"},
            "第1行发证日期（B105）2023-05-02不早于有效期至（B106）2023-05-01。请核对两个日期。",
        ),
        (
            {"B106": "2023-06-30"},
            "第1行证书有效期至（B106）2023-06-30，期末已过期，但状态（B107）为有效。请核对；已延续的请说明。",
        ),
    ],
    ids=["T10-end_before_start", "T10-expired"],
)
def test_dates_that_do_not_fit_are_found_with_their_line(
    world: Province, clerk: Client, filing: Filing, change: dict[str, str], words: str
):
    fill(filing, world.filer_a, valid_cells(world.a))
    row = stored(filing, TABLE)["rows"][0]["id"]
    answer = save(clerk, filing, TABLE, 1, **{f"{row}:{code}": value for code, value in change.items()})
    assert words in answer["findings"]
    assert stored(filing, TABLE)["rows"][0].items() >= change.items()


def refused(clerk: Client, filing: Filing) -> str:
    """The page of the refusal; nothing was saved."""
    answer = clerk.post(address("table-edit", filing, "JC05"), {"seen": "0", "W201": "5"})
    assert answer.status_code == 403
    assert not Draft.objects.filter(filing=filing).exists()
    return answer.content.decode()


def test_t12_before_the_round_opens_the_page_says_when(world: Province, clerk: Client):
    filing = a_filing(open_round(world, period="2024", opens=dt.timedelta(days=1)), world.a)
    opens = timezone.localtime(filing.round.phase("fill").opens_at)
    words = f"填报于{opens.year}年{opens.month}月{opens.day}日"
    assert words in refused(clerk, filing)
    assert words in clerk.get(address("table-edit", filing, "JC05")).content.decode()


def test_t12_after_the_round_was_closed_the_page_says_since_when(
    world: Province, round: Round, clerk: Client, filing: Filing
):
    Round.objects.filter(pk=round.pk).update(closed_at=database_now() - dt.timedelta(days=2))
    day = timezone.localdate() - dt.timedelta(days=2)
    words = f"本期已于{day.year}年{day.month}月{day.day}日"
    assert words in refused(clerk, filing)
    assert words in clerk.get(address("table-edit", filing, "JC05")).content.decode()
