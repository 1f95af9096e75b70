"""Every refusal keeps what support needs under its reference number, and only that; who may look it up, and how it is typed."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from institutions.models import Membership
from portal.errors import ALPHABET, Conflict, Refused, TooMany
from portal.jobs.models import Job
from portal.trail.actions import record
from portal.trail.keeping import forget, without_personal
from portal.trail.models import Event, Refusal
from portal.trail.references import candidates, read_reference
from tests.factories.institutions import Province, a_membership, build_province

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

handler400 = "portal.errors.handler400"
handler403 = "portal.errors.handler403"
handler404 = "portal.errors.handler404"
handler500 = "portal.errors.handler500"


class Unfit(Refused):
    status = 422


ERRORS: dict[str, Exception] = {
    "refused": Refused("The county passed it."),
    "conflict": Conflict("Wang Min was first."),
    "unfit": Unfit("Write to wang@example.com or 0591 8780 4684 about 913501001234567890."),
    "many": TooMany("Ten a minute."),
    "denied": PermissionDenied("Not open."),
    "crash": ZeroDivisionError("geheim"),
    "away": OperationalError("server closed the connection"),
}


def raising(request: HttpRequest, kind: str) -> HttpResponse:
    """An act that wrote something and is then refused."""
    if kind in ERRORS:
        with transaction.atomic():
            record("test.begun", by=None)
            raise ERRORS[kind]
    return HttpResponse("done")


urlpatterns = [path("raise/<kind>/", raising, name="raising"), path("", include("portal.urls"))]


@pytest.fixture
def world() -> Province:
    return build_province()


def signed_in(membership: Membership) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(membership.user, backend="institutions.accounts.backends.NameBackend")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def page_of(client: Client, number: str) -> str:
    answer = client.get(reverse("trail:reference"), {"number": number})
    assert answer.status_code == 200
    return answer.content.decode()


CAUSES = [
    ("/raise/refused/", 403, "The county passed it.", "portal.errors.Refused"),
    ("/raise/denied/", 403, "Not open.", "django.core.exceptions.PermissionDenied"),
    ("/raise/conflict/", 409, "Wang Min was first.", "portal.errors.Conflict"),
    ("/raise/unfit/", 422, "Write to … or … about ….", "tests.portal.trail.test_references.Unfit"),
    ("/raise/many/", 429, "Ten a minute.", "portal.errors.TooMany"),
    ("/raise/crash/", 500, "under this reference number", "ZeroDivisionError · tests/portal/trail/test_references.py:"),
    ("/no/such/page/", 404, "No page has this address", "django.urls.exceptions.Resolver404"),
    ("/institutions/00000000-0000-4000-8000-000000000000/", 404, "The page exists", "django.http.response.Http404"),
    ("/trail/export/", 405, "as a page", ""),
]


@pytest.mark.parametrize(("address", "status", "words", "cause"), CAUSES)
def test_reference_of_a_refusal_leads_to_what_happened(
    world: Province, address: str, status: int, words: str, cause: str
):
    events = Event.objects.count()
    refused = signed_in(world.gulou_reviewer).get(address + "?q=geheim")
    number = refused["X-Reference"]
    assert refused.status_code == status
    assert number in refused.content.decode()
    kept = Refusal.objects.get()
    assert Event.objects.count() == events, "what was refused is rolled back, and yet the refusal is kept"
    assert (kept.reference, kept.status, kept.method, kept.path) == (number, status, "GET", address)
    assert (kept.actor_id, kept.scope) == (world.gulou_reviewer.user_id, world.gulou.path)
    assert kept.cause.startswith(cause)
    for support in (world.audit_admin, world.system_admin):
        page = page_of(signed_in(support), number)
        assert words in page
        assert address in page
        assert str(world.gulou_reviewer) in page
        assert "geheim" not in page


def test_a_form_sent_back_is_found_as_well(world: Province):
    """The foot of every page shows the number."""
    refused = signed_in(world.gulou_reviewer).post(
        reverse("password-change"), {"old": "x", "new": "Geheim-77", "again": ""}
    )
    assert refused.status_code == 422
    assert refused["X-Reference"] in refused.content.decode()
    page = page_of(signed_in(world.system_admin), refused["X-Reference"])
    assert "something is missing or does not fit" in page
    assert "Geheim-77" not in page


def test_pages_that_succeed_keep_nothing_and_a_refusal_costs_one_statement(
    world: Province, django_assert_num_queries: Any
):
    visitor = Client(raise_request_exception=False)
    with django_assert_num_queries(0):
        assert visitor.get("/raise/nothing/").status_code == 200
    with django_assert_num_queries(4):  # whom to ask; one to keep it, between the marks of a transaction
        assert visitor.get("/no/such/page/").status_code == 404
    assert Refusal.objects.count() == 1


def test_a_database_that_is_away_makes_no_second_error(
    world: Province, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    visitor = Client(raise_request_exception=False)
    away = visitor.get("/raise/away/")
    assert (away.status_code, Refusal.objects.count()) == (503, 0)
    monkeypatch.setattr("portal.trail.keeping._KEEP", "SELECT 1 FROM no_such_table")
    caplog.set_level(logging.INFO)
    refused = visitor.get("/raise/conflict/")
    assert refused.status_code == 409
    assert refused["X-Reference"] in refused.content.decode()
    assert f"not kept, reference {refused['X-Reference']}" in caplog.text
    assert Refusal.objects.count() == 0


def test_a_scanner_fills_nothing_and_does_not_hide_others(world: Province, settings: Any):
    settings.REFUSALS_A_MINUTE = 3
    visitor = Client()
    for number in range(5):
        assert visitor.get(f"/wp-admin/{number}").status_code == 404
    assert Refusal.objects.count() == 3
    assert visitor.get("/x", REMOTE_ADDR="2001:db8::1").status_code == 404
    assert visitor.get("/x", REMOTE_ADDR="2001:db8::2").status_code == 404
    assert signed_in(world.filer_a).get("/x").status_code == 404
    assert list(Refusal.objects.order_by("id").values_list("source", flat=True)[3:]) == [
        "2001:db8::/64", "2001:db8::/64", f"account {world.filer_a.user_id}",
    ]  # fmt: skip
    assert visitor.get("/x", REMOTE_ADDR="2001:db8::3").status_code == 404
    assert visitor.get("/x", REMOTE_ADDR="2001:db8::4").status_code == 404
    assert Refusal.objects.filter(source="2001:db8::/64").count() == 3


def test_old_refusals_are_forgotten_but_never_before_the_law_allows(world: Province, settings: Any):
    visitor = Client()
    for _ in range(3):
        visitor.get("/x")
    first, second, third = Refusal.objects.order_by("id")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trail_refusal SET at = now() - interval '181 days' WHERE id = %s", [first.pk])
        cursor.execute("UPDATE trail_refusal SET at = now() - interval '179 days' WHERE id = %s", [second.pk])
    settings.REFUSAL_DAYS = 200
    assert forget() == 0
    settings.REFUSAL_DAYS = 1
    assert forget() == 1
    assert set(Refusal.objects.values_list("pk", flat=True)) == {second.pk, third.pk}


@pytest.mark.parametrize("typed", ["sr4s72hw", " SR4S 72HW ", "ＳＲ４Ｓ－７２ＨＷ", "sr4s–72hw", "S.R.4.S.7.2.H.W"])
def test_a_number_is_read_however_it_is_typed(typed: str):
    assert read_reference(typed) == "SR4S-72HW"


@pytest.mark.parametrize("typed", ["", "SR4S-72H", "SR4S-72HWX", "报告编号一二三四", "SR4S-72H%", "A" * 500])
def test_what_is_no_number_is_told_apart(typed: str):
    assert read_reference(typed) == ""


def test_every_sign_that_is_not_printed_stands_for_some_that_are():
    for sign in "01OIL":
        assert sign not in ALPHABET
        assert candidates(read_reference(f"AAAA-AAA{sign}")) != []
        assert all(set(one) <= set(ALPHABET + "-") for one in candidates(read_reference(f"AAAA-AAA{sign}")))


def test_a_number_misread_is_found_and_said_to_be_another(world: Province):
    Client().get("/x")
    Refusal.objects.update(reference="D84S-J2HW")
    support = signed_in(world.system_admin)
    for typed in ("O84S-12HW", "ob4s-i2hw", "084S-L2HW"):
        page = page_of(support, typed)
        assert "D84S-J2HW" in page
        assert "looks or sounds alike" in page
    assert "looks or sounds alike" not in page_of(support, "d84sj2hw")
    assert "Nothing is kept under AAAA-AAAA" in page_of(support, "aaaa aaaa")
    assert "eight letters and digits" in page_of(support, "call me")


def test_the_auditor_sees_what_the_person_did_around_it_and_the_system_administrator_does_not(world: Province):
    record("test.around", by=world.gulou_reviewer)
    record("test.others", by=world.filer_a)
    number = signed_in(world.gulou_reviewer).get("/raise/conflict/")["X-Reference"]
    page = page_of(signed_in(world.audit_admin), number)
    assert "test.around" in page
    assert "test.others" not in page
    assert "test.around" not in page_of(signed_in(world.system_admin), number)


def test_an_administrator_of_a_bureau_finds_people_of_the_subtree_alone(world: Province):
    system_admin = a_membership("system_admin", world.fuzhou)
    inside = signed_in(world.filer_a).get("/raise/conflict/")["X-Reference"]
    outside = signed_in(world.quanzhou_reviewer).get("/raise/conflict/")["X-Reference"]
    visitor = Client(raise_request_exception=False).get("/raise/conflict/")["X-Reference"]
    support = signed_in(system_admin)
    assert "Wang Min was first." in page_of(support, inside)
    assert "Wang Min was first." in page_of(support, visitor)
    assert "Wang Min was first." not in page_of(support, outside)
    assert "Wang Min was first." in page_of(signed_in(world.system_admin), outside)


def test_the_number_of_work_that_stopped_is_found(world: Province):
    Job.objects.create(
        kind="trail.export", asker=world.quanzhou_reviewer, state=Job.State.FAILED, reason="Full, call 13950001234.",
        reference="ABCD-EFGH",
    )  # fmt: skip
    page = page_of(signed_in(world.system_admin), "abcd efgh")
    assert "Export of the trail" in page
    assert "Full, call …." in page


def test_what_is_left_out_of_a_reason():
    kept = "第 3 行 2026-11-26 12:30 前提交，最多 1,200 条"
    assert without_personal(kept) == kept
    assert without_personal("电话13950001234") == "电话…"
    assert without_personal("12,345.60 千元") == "… 千元"
