"""The register and the authorisations as pages: who is on them, what is found, what they cost."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.test import Client

from institutions import grants
from institutions.models import Grant, Institution, Membership
from institutions.roles import Role
from tests.factories.institutions import Province, a_certificate, a_membership, a_site, an_institution

SignIn = Callable[[Membership], Client]
LIST = "/institutions/"
AUTHORISATIONS = "/authorisations/"


def names(response) -> list[str]:
    return [one.name for one in response.context["page"]]


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("statistician", "甲乙丙丁戊"),
        ("fuzhou_reviewer", "甲乙丙"),
        ("gulou_reviewer", "甲乙"),
        ("taijiang_reviewer", "丙"),
        ("quanzhou_reviewer", "丁"),
        ("pingtan_reviewer", "戊"),
    ],
)
def test_institution_list_holds_the_subtree_and_nothing_else(world: Province, sign_in: SignIn, role: str, seen: str):
    response = sign_in(getattr(world, role)).get(LIST)
    assert sorted(names(response)) == sorted(f"福建{one}检测有限公司" for one in seen)
    body = response.content.decode()
    assert [f"福建{one}检测" in body for one in "甲乙丙丁戊"] == [one in seen for one in "甲乙丙丁戊"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("50%", ["增长50%检测"]),
        ("%", ["增长50%检测"]),
        ("_", ["甲_乙检测"]),
        ("\\", []),
        ("福建（特)种", ["福建（特）种检测"]),
        ("' OR 1=1--", []),
        ("  甲_乙\u200b ", ["甲_乙检测"]),
        ("没有", []),
    ],
)
def test_institution_list_finds_words_literally(world: Province, sign_in: SignIn, q: str, found: list[str]):
    for name in ("增长50%检测", "甲_乙检测", "福建（特）种检测"):
        an_institution(world.gulou, name)
    response = sign_in(world.gulou_reviewer).get(LIST, {"q": q})
    assert names(response) == found


def test_institution_list_finds_a_code_by_its_beginning_in_small_letters(world: Province, sign_in: SignIn):
    response = sign_in(world.statistician).get(LIST, {"q": world.a.uscc[:-1].lower()})
    assert names(response) == [world.a.name]


def test_institution_list_filters_by_bureau_below_and_by_state(world: Province, sign_in: SignIn):
    Institution.objects.filter(pk=world.a.pk).update(status="closed")
    client = sign_in(world.statistician)
    assert names(client.get(LIST, {"bureau": world.fuzhou.pk, "status": "closed"})) == [world.a.name]
    assert sorted(names(client.get(LIST, {"bureau": world.fuzhou.pk, "status": "active"}))) == sorted(
        [world.b.name, world.c.name]
    )


@pytest.mark.parametrize(
    "query", ["bureau=x", "bureau=%00", "status=nonsense", "page=x", "page=99999", "q=%00", "q=" + "x" * 500]
)
def test_institution_list_nonsense_in_the_address_is_no_error(world: Province, sign_in: SignIn, query: str):
    assert sign_in(world.gulou_reviewer).get(f"{LIST}?{query}").status_code == 200


def test_institution_list_a_bureau_outside_the_scope_is_no_filter(world: Province, sign_in: SignIn):
    response = sign_in(world.gulou_reviewer).get(LIST, {"bureau": world.quanzhou.pk})
    assert sorted(names(response)) == sorted([world.a.name, world.b.name])


@pytest.mark.parametrize("many", [1, 5])
def test_institution_list_costs_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    for _number in range(many):
        a_certificate(an_institution(world.pingtan))
    Institution.objects.filter(pk=world.e.pk).update(status="closed")
    client = sign_in(world.pingtan_reviewer)
    client.get(LIST)
    # session, person, memberships; count, rows; bureaus of the filter; the frame: memberships, unread
    with django_assert_num_queries(6):
        response = client.get(LIST, {"status": "active"})
    assert len(names(response)) == many


def test_institution_detail_shows_the_register_and_its_people(world: Province, sign_in: SignIn):
    a_certificate(world.a, number="221399990001")
    a_site(world.a, name="金山实验室")
    Institution.objects.filter(pk=world.c.pk).update(parent=world.a)
    body = sign_in(world.gulou_reviewer).get(f"{LIST}{world.a.public_id}/").content.decode()
    for words in (world.a.uscc, "221399990001", "金山实验室", "陈甲填", "黄甲签", "鼓楼区市场监督管理局"):
        assert words in body
    assert "陈乙填" not in body
    assert world.c.name not in body  # its subordinate is in another county


def test_institution_detail_escapes_what_people_typed(world: Province, sign_in: SignIn):
    Institution.objects.filter(pk=world.a.pk).update(name="<script>alert(1)</script>{{7*7}}")
    body = sign_in(world.gulou_reviewer).get(f"{LIST}{world.a.public_id}/").content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in body


@pytest.mark.parametrize("many", [1, 5])
def test_institution_detail_costs_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    for _number in range(many):
        a_certificate(world.e)
        a_site(world.e)
        a_membership(Role.FILER, world.e)
    client = sign_in(world.pingtan_reviewer)
    address = f"{LIST}{world.e.public_id}/"
    client.get(address)
    # session, person, memberships; institution, certificates, sites, people, children, units, merged, history, filings;
    # the frame: memberships, unread
    with django_assert_num_queries(12):
        assert client.get(address).status_code == 200


def standing(response) -> dict[str, bool]:
    return {row.bureau.code: row.holds for row in response.context["rows"]}


def test_authorisation_list_shows_every_prefecture_with_its_state(world: Province, sign_in: SignIn):
    response = sign_in(world.statistician).get(AUTHORISATIONS)
    assert standing(response) == {"350100": True, "350128P": False, "350500": False}
    assert "2023年度审核授权" in response.content.decode()


def test_authorisation_is_given_on_the_page(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    page = client.get(AUTHORISATIONS, {"bureau": "350500"})
    assert page.context["row"].bureau == world.quanzhou
    last = dt.date.today() + dt.timedelta(days=400)  # noqa: DTZ011 - any day well ahead does
    response = client.post(
        f"{AUTHORISATIONS}350500/give/", {"reason": "年度审核", "ends_on": f"{last.year}年{last.month}月{last.day}日"}
    )
    assert response.url == AUTHORISATIONS
    grant = Grant.objects.get(bureau=world.quanzhou)
    assert (grant.reason, grant.ends_on, grant.given_by) == ("年度审核", last, world.statistician)


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "\u200b"}, "__all__"),
        ({"reason": "长" * 301}, "reason"),
        ({"reason": "授权", "ends_on": "2024-02-30"}, "ends_on"),
        ({"reason": "授权", "ends_on": "02/03/2024"}, "ends_on"),
        ({"reason": "授权", "ends_on": "1999-01-01"}, "__all__"),
    ],
)
def test_authorisation_refused_keeps_what_was_typed(world: Province, sign_in: SignIn, sent: dict[str, str], field: str):
    response = sign_in(world.statistician).post(f"{AUTHORISATIONS}350500/give/", sent)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert response.context["row"].bureau == world.quanzhou
    assert sent["reason"] in response.content.decode()
    assert not grants.is_authorised(world.quanzhou)


def test_authorisation_is_withdrawn_on_the_page_and_stays_in_the_history(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    assert client.post(f"{AUTHORISATIONS}350100/withdraw/", {"reason": ""}).status_code == 422
    assert grants.is_authorised(world.fuzhou)
    client.post(f"{AUTHORISATIONS}350100/withdraw/", {"reason": "人员变动"})
    page = client.get(AUTHORISATIONS)
    assert standing(page)["350100"] is False
    assert [one.close_reason for one in page.context["past"]] == ["人员变动"]


def test_authorisation_given_twice_is_a_conflict_that_changes_nothing(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    assert client.post(f"{AUTHORISATIONS}350100/give/", {"reason": "重复"}).status_code == 409
    assert Grant.objects.filter(bureau=world.fuzhou).count() == 1


def test_authorisation_of_a_county_is_refused_with_the_reason(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    response = client.post(f"{AUTHORISATIONS}350102/give/", {"reason": "授权"})
    assert response.status_code == 403
    assert "Only a prefecture needs an authorisation" in response.content.decode()
    assert client.post(f"{AUTHORISATIONS}nowhere/give/", {"reason": "授权"}).status_code == 404
    assert Grant.objects.count() == 1


def test_authorisation_page_is_not_opened_by_a_django_permission(world: Province, sign_in: SignIn):
    user = world.fuzhou_reviewer.user
    user.user_permissions.add(Permission.objects.get(codename="review_by_authorisation"))
    type(user).objects.filter(pk=user.pk).update(is_superuser=True)
    assert sign_in(world.fuzhou_reviewer).get(AUTHORISATIONS).status_code == 403


@pytest.mark.parametrize("many", [1, 5])
def test_authorisation_list_costs_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    for number in range(many):
        grants.withdraw(bureau=world.fuzhou, by=world.statistician, reason=f"第{number}次")
        grants.authorise(bureau=world.fuzhou, by=world.statistician, reason="再授权")
    client = sign_in(world.statistician)
    client.get(AUTHORISATIONS)
    # session, person, memberships; bureaus, open grants, holders; past: count, rows; the frame: memberships, unread
    with django_assert_num_queries(8):
        response = client.get(AUTHORISATIONS)
    assert len(response.context["past"]) == many


def test_pages_reach_no_institution_for_the_three_administrators(world: Province, sign_in: SignIn):
    for membership in (world.system_admin, world.security_admin, world.audit_admin):
        client = sign_in(membership)
        assert client.get(LIST).status_code == 403
        assert client.get(f"{LIST}{world.a.public_id}/").status_code == 403
        assert list(Institution.objects.visible_to(membership)) == []
