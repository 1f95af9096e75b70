"""The register as pages: who is on them, what is found, what they cost."""

from collections.abc import Callable

import pytest
from django.test import Client

from institutions.models import Institution, Membership
from institutions.roles import Role
from tests.factories.institutions import Province, a_certificate, a_membership, a_site, an_institution

SignIn = Callable[[Membership], Client]
LIST = "/institutions/"


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


def test_pages_reach_no_institution_for_the_three_administrators(world: Province, sign_in: SignIn):
    for membership in (world.system_admin, world.security_admin, world.audit_admin):
        client = sign_in(membership)
        assert client.get(LIST).status_code == 403
        assert client.get(f"{LIST}{world.a.public_id}/").status_code == 403
        assert list(Institution.objects.visible_to(membership)) == []
