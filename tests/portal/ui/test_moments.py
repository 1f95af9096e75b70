from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template
from django.utils.translation import override

from portal.ui.moments import due_digits, due_time, last_day

HERE = ZoneInfo("Asia/Shanghai")
SECOND = dt.timedelta(seconds=1)
MIDNIGHT = dt.datetime(2024, 3, 1, tzinfo=HERE)


def test_midnight_is_the_end_of_the_day_before():
    assert last_day(MIDNIGHT) == last_day(MIDNIGHT - SECOND) == dt.date(2024, 2, 29)
    assert last_day(MIDNIGHT + SECOND) == dt.date(2024, 3, 1)
    assert [due_digits(MIDNIGHT + step * SECOND) for step in (-1, 0, 1)] == [
        "2024-02-29 23:59",
        "2024-02-29 24:00",
        "2024-03-01 00:00",
    ]


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "2024年2月29日 24:00"), ("en", "Feb. 29, 2024, 24:00")])
def test_the_formats_of_both_languages_say_24(language: str, words: str):
    with override(language):
        assert due_time(MIDNIGHT) == words


def test_the_filter_takes_a_format_and_nothing_for_nothing():
    page = Template('{{ at|due:"Y年n月j日 H:i" }}|{{ none|due }}')
    assert page.render(Context({"at": MIDNIGHT.astimezone(dt.UTC), "none": None})) == "2024年2月29日 24:00|"


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "2024年2月29日 13:05"), ("en", "Feb. 29, 2024, 13:05")])
def test_a_moment_is_told_on_the_clock_of_24_hours(language: str, words: str) -> None:
    with override(language):
        assert due_time(dt.datetime(2024, 2, 29, 13, 5, tzinfo=HERE)) == words
