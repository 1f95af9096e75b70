"""The acting membership and the idle time-out."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from institutions.models import Institution, Membership
from institutions.roles import Role
from portal.trail.models import Event
from tests.factories.institutions import PASSWORD, Province, a_membership

SignIn = Callable[[Membership], Client]
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/institutions/?q=%E7%94%B2"}


def acting(client: Client) -> Membership | None:
    return client.get(reverse("profile")).wsgi_request.membership


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + dt.timedelta(minutes=minutes), tick=True)


def test_membership_is_none_for_a_visitor_and_costs_no_query(db: None, client: Client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse("login"))
    assert response.wsgi_request.membership is None


def test_membership_that_ended_gives_way_to_the_next_one(world: Province, sign_in: SignIn):
    second = a_membership(Role.FILER, world.c, world.gulou_reviewer.user)
    client = sign_in(world.gulou_reviewer)
    assert acting(client) == world.gulou_reviewer
    Membership.objects.filter(pk=world.gulou_reviewer.pk).update(ended_at=timezone.now())
    assert acting(client) == second
    Membership.objects.filter(pk=second.pk).update(ended_at=timezone.now())
    assert acting(client) is None


def test_membership_at_an_institution_that_closed_is_gone_at_once(world: Province, sign_in: SignIn):
    client = sign_in(world.filer_a)
    assert acting(client) == world.filer_a
    Institution.objects.filter(pk=world.a.pk).update(status="closed")
    assert acting(client) is None
    refused = client.get(reverse("institutions:institution-detail", args=[world.a.public_id]))
    assert refused.status_code == 403


@pytest.mark.parametrize("more", [0, 4])
def test_membership_is_read_in_one_query_with_its_place(
    world: Province, sign_in: SignIn, django_assert_num_queries, more: int
):
    for place in (world.licheng, world.quanzhou, world.pingtan, world.taijiang)[:more]:
        a_membership(Role.REVIEWER, place, world.gulou_reviewer.user)
    client = sign_in(world.gulou_reviewer)
    client.get(reverse("profile"))
    # the session with the person and the memberships; then the switch looks at them once more and answers 404, which is
    # kept under its reference number: one statement in a transaction of its own
    with django_assert_num_queries(2 + 3):
        response = client.post(reverse("membership-switch"), {"membership": "0"}, headers={"HX-Request": "true"})
    assert response.status_code == 404


def test_idle_session_ends_and_the_page_comes_back_after_signing_in(world: Province, sign_in: SignIn):
    client = sign_in(world.gulou_reviewer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    wanted = reverse("institutions:institution-list") + "?q=%E7%94%B2"
    assert client.get(wanted).status_code == 200
    with later(31):
        response = client.get(wanted)
        assert response.status_code == 302
        page = client.get(response.url)
        assert page.context["locked"].startswith("You were signed out because nothing was asked for a long time.")
        assert page.context["next"] == "/institutions/?q=%E7%94%B2"
        back = client.post(reverse("login"), {"username": "gulou", "password": PASSWORD, "next": page.context["next"]})
        assert back.url == "/institutions/?q=%E7%94%B2"
        assert client.get(back.url).status_code == 200
    assert Event.objects.filter(verb="account.idled-out", actor=world.gulou_reviewer.user).count() == 1


def test_idle_time_counts_from_the_last_request(world: Province, sign_in: SignIn):
    client = sign_in(world.gulou_reviewer)
    client.get(reverse("profile"))
    for minutes in (20, 40, 60):
        with later(minutes):
            assert client.get(reverse("profile")).status_code == 200
    with later(60 + settings.IDLE_SECONDS / 60 + 1):
        assert client.get(reverse("profile")).status_code == 302


def test_a_session_in_use_ends_a_fixed_time_after_signing_in(world: Province, sign_in: SignIn):
    client = sign_in(world.gulou_reviewer)
    client.get(reverse("profile"))
    for minutes in range(20, 12 * 60, 20):
        with later(minutes):
            assert client.get(reverse("profile")).status_code == 200
    with later(12 * 60 + 1):
        assert client.get(reverse("profile")).url == reverse("login") + "?next=%2Faccount%2F"
    assert list(Event.objects.filter(verb__startswith="account.").values_list("verb", flat=True)) == [
        "account.timed-out"
    ]


def test_idle_fragment_asked_for_leads_to_the_sign_in_page(world: Province, sign_in: SignIn):
    client = sign_in(world.gulou_reviewer)
    client.get(reverse("profile"))
    with later(31):
        response = client.get(reverse("institutions:institution-list"), headers=HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (
        204,
        reverse("login") + "?next=%2Finstitutions%2F%3Fq%3D%25E7%2594%25B2&idle=1",
    )


def test_idle_autosave_is_refused_and_the_page_keeps_what_was_typed(world: Province, sign_in: SignIn):
    client = sign_in(world.gulou_reviewer)
    client.get(reverse("profile"))
    with later(31):
        response = client.post(reverse("sessions-end"), {"cell": "123"}, headers=HTMX)
    assert response.status_code == 401
    assert "HX-Redirect" not in response
    body = response.content.decode()
    assert body.strip().startswith('<div id="refusal"')
    assert "<form" not in body
    assert not Event.objects.filter(verb="account.sessions-ended").exists()


def test_idle_form_is_refused_and_its_words_are_shown_without_secrets(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    client.get(reverse("profile"))
    address = reverse("institutions:authorisation-give")
    with later(31):
        response = client.post(
            address,
            {"reason": "写了很久的理由", "password": "geheim-1"},
            headers={"referer": "http://testserver/authorisations/prefectures/?bureau=350500"},
        )
    assert response.status_code == 401
    body = response.content.decode()
    assert "写了很久的理由" in body
    assert "geheim-1" not in body
    assert "next=%2Fauthorisations%2Fprefectures%2F%3Fbureau%3D350500" in body
    assert world.quanzhou.grants.count() == 0


def test_first_password_lets_a_fragment_go_nowhere_else(world: Province, sign_in: SignIn):
    user = world.gulou_reviewer.user
    type(user).objects.filter(pk=user.pk).update(must_change_password=True)
    client = sign_in(world.gulou_reviewer)
    response = client.get(reverse("institutions:institution-list"), headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith(reverse("password-change"))
    assert client.post(reverse("logout")).status_code == 302


def test_idle_form_from_another_site_puts_no_words_on_the_page(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    client.get(reverse("profile"))
    address = reverse("institutions:authorisation-give")
    with later(31):
        response = client.post(address, {"reason": "请拨打假电话"}, headers={"referer": "https://evil.cn/form"})
    assert response.status_code == 401
    assert "请拨打假电话" not in response.content.decode()
    assert "next=%2F" in response.content.decode()


def test_idle_sign_out_is_a_sign_out(world: Province, sign_in: SignIn):
    client = sign_in(world.gulou_reviewer)
    client.get(reverse("profile"))
    with later(31):
        assert client.post(reverse("logout")).url == reverse("login")


def test_pages_of_a_person_signed_in_are_kept_by_no_browser(world: Province, sign_in: SignIn):
    client = sign_in(world.filer_a)
    for name in ("home", "filings:filing-list", "schemes:help-index", "inbox:notice-list"):
        answer = client.get(reverse(name))
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"], name
