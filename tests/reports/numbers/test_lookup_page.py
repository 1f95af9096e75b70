"""The public look-up: exact, without a session, limited, and silent about everything it is not asked."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from institutions.models import Institution
from portal import visits
from reports.filings.models import Filing
from reports.numbers import limits
from reports.numbers.amending import replace_number, void_number
from reports.numbers.models import NumberBatch, ReportNumber, Visits
from reports.numbers.retyping import retyped
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, text_of

Sent = Callable[..., NumberBatch]
PAGE = "/verify/"


@pytest.fixture
def numbers(sent: Sent, world: Province) -> None:
    sent("报告编号,签发日期,委托方\nFJ〔2023〕001,2023-11-05,海峡食品公司\nFJ-2,2023-11-06,甲\nFJ-3,2023-11-07,乙\n")
    void_number(institution=world.a, number="FJ-2", reason="委托方申请撤回", by=world.filer_a)
    replace_number(
        institution=world.a,
        number="FJ-3",
        replacement="FJ-3A",
        issued_on=dt.date(2023, 12, 1),
        reason="更正样品名称",
        by=world.filer_a,
    )


def ask(client: Client, **params: str) -> Any:
    return client.get(PAGE, params)


@pytest.mark.parametrize(
    "typed", ["FJ〔2023〕001", "fj[2023]001", " ｆｊ【２０２３】００１ ", "FJ〔2023〕 001".replace(" ", "")]
)
def test_a_number_is_found_in_any_writing(client: Client, numbers: None, world: Province, typed: str) -> None:
    answer = ask(client, no=typed)
    words = text_of(answer)
    assert (answer.status_code, answer.context["answer"].code, answer.context["answer"].state) == (
        200,
        "found",
        "valid",
    )
    for told in (
        "FJ〔2023〕001",
        "福建甲检测有限公司",
        world.a.uscc,
        "221300000001",
        "2023年11月5日",
        "2023年第四季度",
    ):
        assert told in words
    for secret in ("海峡食品公司", "编号.csv", world.filer_a.user.name, "委托方申请撤回"):
        assert secret not in words


def test_void_and_replaced_numbers_are_told_as_such(client: Client, numbers: None) -> None:
    void = ask(client, no="FJ-2")
    assert (void.context["answer"].state, "作废日期" in text_of(void), "撤回" in text_of(void)) == (
        "voided",
        True,
        False,
    )
    replaced = ask(client, no="FJ-3")
    assert (replaced.context["answer"].state, "FJ-3A" in text_of(replaced), "更正" in text_of(replaced)) == (
        "replaced",
        True,
        False,
    )
    assert ask(client, no="FJ-3A").context["answer"].state == "valid"


@pytest.mark.parametrize(
    "typed", ["FJ", "FJ-", "FJ%", "FJ_2", "%", "*", "FJ-2 ", "J-2", "001", "x" * 300, "\x00", "' OR 1=1 --", "\ud800"]
)
def test_nothing_but_the_whole_number_finds_anything(client: Client, numbers: None, typed: str) -> None:
    answer = client.get(PAGE, {"no": typed.encode("utf-8", "surrogatepass").decode("utf-8", "replace")})
    found = answer.context["answer"]
    assert answer.status_code == 200
    assert found is None or found.code == "not_found" or typed.strip() == "FJ-2"


def test_the_new_number_of_a_replaced_one_is_told_from_its_own_line_where_no_history_is(
    client: Client, world: Province
) -> None:
    """Of numbers that lists replaced before the portal kept the history of that; by the index of what replaces."""
    rows = [("FJ-5", 3, None), ("FJ-6", 3, None), ("FJ-5A", 1, "FJ-5")]
    for line, (key, state, replaces) in enumerate(rows):
        ReportNumber.objects.create(
            institution_id=world.a.pk, key=key, issued_on="2023-11-05", batch_id=1, line=line, quarter=20234, state=state,
            replaces_key=replaces,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as asked:
        answer = ask(client, no="FJ-5")
    [query] = [one["sql"] for one in asked.captured_queries if '"replaces_key" =' in one["sql"]]
    assert "replaces_key_idx" in plan_of(query)
    assert (answer.context["answer"].newer, "FJ-5A" in text_of(answer)) == ("FJ-5A", True)
    untold = ask(client, no="FJ-6")
    assert (untold.context["answer"].newer, gettext("not told by the institution; ask it for the number")) == (
        "",
        untold.content.decode().split("<dt>" + gettext("New number") + "</dt><dd>")[1].split("</dd>")[0],
    )


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("FJ〔2023〕 001", "FJ〔2023〕001"),
        ("H7–2023–000020", "H7-2023-000020"),
        ("H7—— 2023-1", "H7-2023-1"),
        ("FJ (2023) 001", "FJ(2023)001"),
        ("FJ(2023)001", "FJ〔2023〕001"),
        ("fj（2023）001", "fj〔2023〕001"),
        ("FJ《2023》001", "FJ〔2023〕001"),
        ("FJ[2023]009", ""),
        ("FJ-2023-009", ""),
        ("FJ-9%_*", ""),
        ("1 " * 65, ""),
    ],
)
def test_what_is_often_mistyped_is_offered_mended(client: Client, numbers: None, typed: str, offered: str) -> None:
    """From the typed text alone: the same whether the mended number is filed or not, and found only when it is asked for."""
    answer = ask(client, no=typed, org="福建甲检测有限公司")
    found = answer.context["answer"]
    assert (found.code, found.meant) == ("not_found", offered)
    addresses = re.findall(r'href="/verify/\?(no=[^"]*)"', answer.content.decode())
    query = urlencode({"no": offered, "org": "福建甲检测有限公司"}, quote_via=quote)
    assert [html.unescape(address) for address in addresses] == ([query] if offered else [])


def test_every_mended_number_is_mended_at_most_once_more(client: Client, db: None) -> None:
    first = retyped("FJ (2023)—001")
    assert [first, retyped(first), retyped(retyped(first))] == ["FJ(2023)-001", "FJ〔2023〕-001", ""]


def test_a_number_mended_as_offered_is_found(client: Client, numbers: None) -> None:
    one = ask(client, no="FJ(2023) 001").context["answer"].meant
    two = ask(client, no=one).context["answer"].meant
    assert ask(client, no=two).context["answer"].code == "found"


@pytest.mark.parametrize(
    ("params", "missing"), [({"no": "   "}, True), ({"no": "", "org": "甲"}, True), ({"org": "甲"}, False), ({}, False)]
)
def test_a_look_up_without_a_number_says_what_is_missing(
    client: Client, db: None, params: dict[str, str], missing: bool
) -> None:
    answer = ask(client, **params)
    words = gettext("The number is missing. Enter it as printed on the cover of the report, then look it up again.")
    assert (answer.status_code, answer.context["answer"], words in answer.content.decode()) == (200, None, missing)
    assert ('aria-invalid="true"' in answer.content.decode()) == missing
    assert not Visits.objects.exists()


def test_the_institution_narrows_by_full_name_or_code(client: Client, numbers: None, world: Province) -> None:
    assert ask(client, no="FJ-2", org=world.a.uscc.lower()).context["answer"].code == "found"
    assert ask(client, no="FJ-2", org=world.a.name).context["answer"].code == "found"
    assert ask(client, no="FJ-2", org=world.b.name).context["answer"].code == "not_found"
    part = ask(client, no="FJ-2", org="福建甲")
    assert (part.context["answer"].code, world.a.name in text_of(part)) == ("unknown_institution", False)
    assert 'value="福建甲"' in part.content.decode()


def test_a_number_of_two_institutions_asks_which_and_names_neither(
    client: Client, numbers: None, world: Province
) -> None:
    ReportNumber.objects.create(
        institution_id=world.b.pk, key="FJ-2", issued_on="2023-11-05", batch_id=1, line=1, quarter=20234
    )
    answer = ask(client, no="FJ-2")
    assert answer.context["answer"].code == "several"
    assert (world.a.name in text_of(answer), world.b.name in text_of(answer)) == (False, False)
    assert ask(client, no="FJ-2", org=world.b.uscc).context["answer"].state == "valid"


def test_no_session_is_needed_or_made_and_nothing_is_kept_by_caches(client: Client, numbers: None) -> None:
    answer = ask(client, no="FJ-2")
    assert "sessionid" not in answer.cookies
    assert answer["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer["Vary"]
    assert answer["X-Robots-Tag"] == "noindex"


def test_the_question_is_one_query_on_the_numbers(
    client: Client, numbers: None, django_assert_num_queries: Any
) -> None:
    ask(client, no="FJ〔2023〕001")
    with django_assert_num_queries(4) as found:  # the limit, the number, its institution, the time
        ask(client, no="FJ〔2023〕001")
    about = [query["sql"] for query in found.captured_queries if "numbers_reportnumber" in query["sql"]]
    assert len(about) == 1


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_question_is_answered_by_an_index(numbers: None) -> None:
    plan = plan_of("SELECT * FROM numbers_reportnumber WHERE key = 'FJ-2'")
    assert "Index" in plan
    assert "Seq Scan" not in plan


def test_a_name_is_looked_up_in_one_query_by_an_index(
    client: Client, numbers: None, world: Province, django_assert_num_queries: Any
) -> None:
    ask(client, no="FJ〔2023〕001", org=world.a.name)
    with django_assert_num_queries(4) as found:  # the limit, the institution, the number, the time
        ask(client, no="FJ〔2023〕001", org=world.a.name)
    [asked] = [query["sql"] for query in found.captured_queries if "institutions_institution" in query["sql"]]
    Institution.objects.bulk_create(
        Institution(uscc=f"{at:018d}", name=f"机构{at}", home_bureau=world.gulou, region_code="350102")
        for at in range(2_000)
    )
    with connection.cursor() as cursor:  # of a handful of rows every way costs the planner the same
        cursor.execute("ANALYZE institutions_institution")
    assert "Index Scan using institution_name " in plan_of(asked)


def test_the_limit_says_when_to_go_on_and_keeps_what_was_typed(client: Client, numbers: None, settings: Any) -> None:
    settings.NUMBERS_LOOKUPS_A_MINUTE = 3
    assert [ask(client, no=f"X-{number}").status_code for number in range(3)] == [200, 200, 200]
    answer = ask(client, no="FJ-2")
    assert (answer.status_code, answer.context["answer"]) == (429, None)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert f"请在{answer['Retry-After']}秒后继续" in text_of(answer)
    assert 'value="FJ-2"' in answer.content.decode()
    assert client.get(PAGE).status_code == 200
    other = Client(REMOTE_ADDR="203.0.113.9")
    assert ask(other, no="FJ-2").status_code == 200
    Visits.objects.update(minute=1)
    assert ask(client, no="FJ-2").status_code == 200


def test_the_counter_knows_no_address(client: Client, db: None) -> None:
    Client(REMOTE_ADDR="203.0.113.9").get(PAGE, {"no": "X"})
    assert "203.0.113.9" not in Visits.objects.get().subject
    limits.forget_old()
    assert Visits.objects.count() == 1
    Visits.objects.update(minute=1)
    limits.forget_old()
    assert Visits.objects.count() == 0


def test_one_connection_of_ipv6_is_one_visitor() -> None:
    assert visits.network_of("2001:db8::1") == visits.network_of("2001:db8::ffff") == "2001:db8::/64"
    assert visits.network_of("2001:db8:0:1::1") != visits.network_of("2001:db8::1")
    assert visits.network_of("198.51.100.7") == "198.51.100.7"
    assert visits.network_of(None) == "unknown"


def test_the_code_of_an_institution_leads_here_with_its_credit_code(
    filing: Filing, world: Province, settings: Any
) -> None:
    page = client_of(world.filer_a).get(reverse("numbers:lookup-code", args=[world.a.public_id]))
    assert page.context["address"] == f"{settings.PORTAL_BASE_URL}/verify/?org={world.a.uscc}"
    assert "<svg" in page.content.decode()
    filled = Client().get(PAGE, {"org": world.a.uscc})
    assert f'value="{world.a.uscc}"' in filled.content.decode()
