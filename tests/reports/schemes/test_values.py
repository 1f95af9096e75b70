"""Reading, storing and showing one value: the bad inputs people really type, and the wanted answers."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.schemes.content import bundled
from reports.schemes.definition import Indicator
from reports.schemes.values import (
    NOT_APPLICABLE,
    UnreadableValue,
    read_value,
    to_python,
)

SCHEME = bundled()
TODAY = dt.date(2024, 2, 10)
MONEY, PERSONS, SHARE, LOSS = (SCHEME.indicator(code) for code in ("E201", "A301", "W411", "E224"))
DAY, EXPIRY, MONTH = (SCHEME.indicator(code) for code in ("B105", "B106", "A109"))
NAME, NOTE, CODE = (SCHEME.indicator(code) for code in ("A102", "A104", "A101"))


def read(item: Indicator, raw: object) -> str | None:
    return read_value(item, raw, today=TODAY).stored


def refusal(item: Indicator, raw: object) -> tuple[str, str | None]:
    with pytest.raises(UnreadableValue) as caught, override("en"):
        read_value(item, raw, today=TODAY)
    with override("en"):
        return str(caught.value), caught.value.offer


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("1,234,567", "1234567"),  # N1
        ("1，234", "1234"),
        ("１，２３４", "1234"),  # N2
        ("１２３４", "1234"),  # N3
        ("-0", "0"),
        ("0.00", "0"),  # N9
        ("0", "0"),
        ("", None),
        ("   ", None),
        (None, None),  # N18
        ("-", NOT_APPLICABLE),
        ("—", NOT_APPLICABLE),
        ("－", NOT_APPLICABLE),
        ("无", NOT_APPLICABLE),
        ("不适用", NOT_APPLICABLE),
        ("N/A", NOT_APPLICABLE),
        ("/", NOT_APPLICABLE),
        ("007", "7"),
        ("+5", "5"),
        ("1.", "1"),
        ("12.0", "12"),  # N20
        ("\u200b12\ufeff", "12"),
        ("\u00a012\u3000", "12"),
        ("\u200b", None),  # N21, S5
        ("1 234 567", "1234567"),
        ("999999999999", "999999999999"),
        (12, "12"),
        (12.0, "12"),
        (Decimal("12"), "12"),
    ],
)
def test_a_whole_number_is_read(raw: object, wanted: str | None) -> None:
    assert read(MONEY, raw) == wanted


@pytest.mark.parametrize(
    ("raw", "reason", "offer"),
    [
        ("1,2,3", "thousands separators", None),
        ("12,34", "thousands separators", None),  # N5
        ("1_000", "underscore", None),  # N6
        ("٣٤", "digits 0 to 9", None),
        ("१२", "digits 0 to 9", None),  # N7
        ("-5", "negative", None),  # N8
        ("1e3", "scientific", None),
        ("1E+5", "scientific", None),  # N10
        ("1e999", "scientific", None),
        ("1e999999999999", "scientific", None),  # N11
        ("NaN", "not a number", None),
        ("Infinity", "not a number", None),
        ("sNaN", "not a number", None),  # N12
        (float("nan"), "not a number", None),
        (float("inf"), "not a number", None),
        (1e300, "scientific", None),
        ("9" * 400, "too many digits", None),
        (10**4000, "too many digits", None),  # N13
        ("9999999999999", "too large; the largest value is 999,999,999,999", None),  # N14
        ("12万元", "The unit is thousand yuan; fill in digits only", "120"),  # N16
        ("3.5亿", "The unit is thousand yuan", "350000"),
        ("500元", "The unit is thousand yuan", "0.5"),
        ("￥100", "without a currency sign", None),
        ("85%", "The unit is thousand yuan", "85"),
        ("½", "digits 0 to 9", None),
        ("²", "digits 0 to 9", None),
        ("一百", "in words", None),  # N19
        ("12.5", "whole number", None),  # N24
        ("1\n2\n3", "several cells in one box", None),
        ("1\t2", "several cells in one box", None),  # N25
        ("abc", "not a number", None),
        ("1.2.3", "not a number", None),
        ("--5", "not a number", None),
        (True, "yes/no value", None),
        (dt.date(2023, 1, 1), "is a date", None),
        ("1\x002", "cannot be read", None),
    ],
)
def test_a_number_is_refused_with_its_reason(raw: object, reason: str, offer: str | None) -> None:
    message, offered = refusal(MONEY, raw)
    assert reason in message
    assert offered == offer


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("1,234.56", None),
        ("85", "85.00"),
        ("１２．５", "12.50"),
        (".5", "0.50"),
        ("85%", "85.00"),
        (12.5, "12.50"),
        ("1.500", "1.50"),
    ],
)
def test_a_share_is_read(raw: object, wanted: str | None) -> None:
    if wanted is None:
        assert "too large; the largest value is 100" in refusal(SHARE, raw)[0]
    else:
        assert read(SHARE, raw) == wanted


def test_decimals_are_never_rounded() -> None:  # N15
    message, _offer = refusal(SHARE, "1.005")
    assert message == "“1.005” has more than 2 decimal places. Round it yourself; nothing is rounded for you."


def test_a_share_below_one_gets_a_hint() -> None:  # N22
    with override("en"):
        value = read_value(SHARE, "0.85")
        assert (value.stored, str(value.hint)) == ("0.85", "0.85 is read as 0.85%. If you mean 85%, enter 85.")
    assert read_value(SHARE, "85").hint is None


def test_losses_may_be_negative() -> None:
    assert [read(LOSS, raw) for raw in ("-5", "−5", "－５", "–5", "-1,234")] == ["-5", "-5", "-5", "-5", "-1234"]
    assert "too small" in refusal(LOSS, "-9999999999999")[0]


def test_what_was_normalised_is_told() -> None:
    assert read_value(MONEY, "1,234").changed is True
    assert read_value(MONEY, "1234").changed is False
    assert [read_value(MONEY, raw).changed for raw in (1234, 1234.0, Decimal(1234))] == [False, False, False]


@pytest.mark.parametrize(
    "raw",
    [
        "2024-02-03",
        "2024/2/3",
        "2024年2月3日",
        "2024年2月3号",
        "2024年 2月 3日",
        "2024.2.3",
        "20240203",
        "２０２４－０２－０３",
        "2024-02-03 00:00:00",
        dt.date(2024, 2, 3),
        dt.datetime(2024, 2, 3, tzinfo=dt.UTC),
    ],  # T2–T4, T6
)
def test_a_date_is_read_in_many_forms(raw: object) -> None:
    assert read(DAY, raw) == "2024-02-03"


@pytest.mark.parametrize(
    ("raw", "reason", "offer"),
    [
        ("2024-02-30", "Month 2 of 2024 has no day 30", None),
        ("2023年2月29日", "Month 2 of 2023 has no day 29", None),  # T1
        ("2024-13-01", "no month 13", None),
        ("02/03/2024", "two ways", None),
        ("3/2/24", "two ways", None),  # T5
        ("45325", "day number Excel uses for 2024-02-03", "2024-02-03"),  # T7
        ("0001-01-01", "outside 1949-01-01 to 2024-02-10", None),
        ("9999-12-31", "outside", None),
        ("1899-12-31", "outside", None),
        ("2024-02-11", "outside", None),
        ("0000-01-01", "no day", None),  # T8
        ("去年", "not a date", None),
        ("2024-2", "not a date", None),
    ],
)
def test_a_date_is_refused_with_its_reason(raw: str, reason: str, offer: str | None) -> None:
    message, offered = refusal(DAY, raw)
    assert reason in message
    assert offered == offer


def test_expiry_may_lie_ahead() -> None:
    assert read(EXPIRY, "2027-03-14") == "2027-03-14"
    assert "outside" in refusal(EXPIRY, "9999-12-31")[0]


def test_a_month_is_read() -> None:
    forms = ("2023-05", "2023/5", "2023.5", "2023年5月", "202305", "2023-05-17", "２０２３年５月")
    assert {read(MONTH, raw) for raw in forms} == {"2023-05"}
    assert "two ways" in refusal(MONTH, "05/2023")[0]
    assert "no month 13" in refusal(MONTH, "202313")[0]


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("  福州晨光\u202e检测\u202c ", "福州晨光检测"),  # S3
        ("福州\x07晨光", "福州晨光"),  # S4
        ("\u200b", None),  # S5
        ("福州\r\n晨光\t检测", "福州 晨光 检测"),  # S8
        ("<script>{{7*7}}</script>", "<script>{{7*7}}</script>"),  # S9
        ("=1+1", "=1+1"),
        ("＝1", "＝1"),  # S11
        ("𬱖鲤𠮷检测😀", "𬱖鲤𠮷检测😀"),  # S2
        ("晨光(福州)检测", "晨光（福州）检测"),
        ("晨光（福州）检测", "晨光（福州）检测"),
        ("ＡＢＣ检测", "ABC检测"),  # S14
        ("Chenguang（Fuzhou）", "Chenguang(Fuzhou)"),
        ("无", "无"),
    ],
)
def test_a_name_is_cleaned(raw: str, wanted: str | None) -> None:
    assert read(NAME, raw) == wanted


def test_text_too_long_tells_by_how_much() -> None:  # S1
    assert "is 4800 characters too long; at most 200 fit" in refusal(NAME, "检" * 5000)[0]


@pytest.mark.parametrize("raw", ["检测\ud800", "检\x00测"])  # S6, S7
def test_broken_characters_are_refused(raw: str) -> None:
    message, _offer = refusal(NAME, raw)
    assert "cannot be read" in message
    message.encode("utf-8")


def test_paragraphs_keep_their_lines() -> None:
    assert read(NOTE, "甲中心 \r\n乙中心") == "甲中心\n乙中心"


@pytest.mark.parametrize(
    ("raw", "reason", "offer"),
    [
        ("913501O2MA2Y00001E", "Position 7 of “913501O2MA2Y00001E” is “O”", "91350102MA2Y00001E"),
        ("91350102MA2YOOOO1E", "Position 13 of “91350102MA2YOOOO1E” is “O”", "91350102MA2Y00001E"),
        ("91350102MA2Y00001F", "position 18 is “F”, but the first 17 positions call for “E”", None),
        ("91350102MA2Y00001", "has 17 characters", None),
        ("91350102MA2Y00001EE", "has 19 characters", None),
    ],
)
def test_a_credit_code_is_refused_at_its_position(raw: str, reason: str, offer: str | None) -> None:  # S12
    message, offered = refusal(CODE, raw)
    assert reason in message
    assert offered == offer


def test_a_credit_code_is_normalised() -> None:
    assert read(CODE, " ９１３５０１０２ma2y00001e ") == "91350102MA2Y00001E"


@pytest.mark.parametrize(
    ("code", "raw", "wanted"),
    [
        ("A116", "０５９１－８７８０４６８４", "0591-87804684"),
        ("A116", "059187804684", "0591-87804684"),  # S13
        ("A116", "(0591) 8780 4684", "0591-87804684"),
        ("A116", "010-65001234", "010-65001234"),
        ("A116", "400 123 4567", "400-123-4567"),
        ("A116", "+86 138 0000 0001", "13800000001"),
        ("A116", "0591-87804684转801", "0591-87804684-801"),
        ("A117", "138 0000 0001", "13800000001"),
        ("A118", "Filer@Example.CN", "Filer@example.cn"),
        ("A119", "www.example.cn", "http://www.example.cn"),
        ("A115", "３５０００３", "350003"),
        ("A111", "350102", "350102"),
        ("A213", "是", "1"),
        ("A213", "否", "0"),
        ("A213", "no", "0"),
        ("A213", True, "1"),
        ("A213", "1", "1"),
        ("A201", "10", "10"),
        ("A201", "企业", "10"),
        ("A201", "10 企业", "10"),
        ("A201", "enterprise", "10"),
        ("A201", 10.0, "10"),
        ("A212", "无", "0"),
        ("D101", "3", "03"),
        ("C109", "07,03", "03,07"),
        ("C109", ["07", "03", "03"], "03,07"),
        ("C109", "水质、环境监测", "03,07"),
        ("C109", "纺织服装、棉花", "23"),
        ("C109", [], None),
    ],
)
def test_codes_and_choices(code: str, raw: object, wanted: str | None) -> None:
    assert read(SCHEME.indicator(code), raw) == wanted


@pytest.mark.parametrize(
    ("code", "raw", "reason"),
    [
        ("A116", "12345", "not a telephone number"),
        ("A117", "0591-87804684", "not a mobile number"),
        ("A118", "a@b", "not an e-mail address"),
        ("A119", "javascript:alert(1)", "not a web address"),
        ("A115", "35000", "must be 6 digits"),
        ("A111", "鼓楼区", "must be 6 digits"),
        ("A213", "也许", "neither yes nor no"),
        ("A201", "11", "not one of the options: 10 Enterprise"),
        ("C109", "03,99", "“99” is not one of the options"),
        ("A218", "L", "filled by the system"),
        ("A201", True, "yes/no value"),
    ],
)
def test_codes_and_choices_refused(code: str, raw: object, reason: str) -> None:
    assert reason in refusal(SCHEME.indicator(code), raw)[0]


ITEMS = st.sampled_from(list(SCHEME.indicator_by_code.values()))
RAW = st.one_of(
    st.text(st.characters(), max_size=40),
    st.text("0123456789.,-年月日/ 万元％%eE_\n\t，．", max_size=24),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.decimals(allow_nan=True),
    st.dates(),
    st.datetimes(),
)


@settings(max_examples=600, deadline=None)
@given(ITEMS, RAW)
def test_anything_is_read_or_refused(item: Indicator, raw: object) -> None:
    """And what is read is in stored form: reading it again changes nothing."""
    try:
        value = read_value(item, raw, today=TODAY)
    except UnreadableValue as error:
        str(error).encode("utf-8")
        return
    if value.stored is None:
        return
    value.stored.encode("utf-8")
    to_python(item, value.stored)
    assert read_value(item, value.stored, today=TODAY).stored == value.stored
