"""The authorisations as pages: what stands, what is to come, what was; giving to several; withdrawing."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from institutions import grants
from institutions.models import Bureau, Grant, Membership
from institutions.queries import today_of_database
from tests.factories.institutions import Province

SignIn = Callable[[Membership], Client]
LIST = "/authorisations/"
GIVE = f"{LIST}prefectures/"


def ahead(count: int) -> dt.date:
    today: dt.date = Bureau.objects.annotate(today=today_of_database()).values_list("today", flat=True)[0]
    return today + dt.timedelta(days=count)


def shown(response) -> list[tuple[str, str]]:
    return [(grant.bureau.code, grant.stage) for grant in response.context["page"]]


def of_fuzhou(world: Province) -> Grant:
    return world.fuzhou.grants.latest("pk")


def test_list_shows_what_stands_what_comes_and_what_was(world: Province, sign_in: SignIn):
    grants.authorise(bureau=world.quanzhou, by=world.statistician, reason="预先授权", starts_on=ahead(3))
    grants.authorise(bureau=world.pingtan, by=world.statistician, reason="短期授权")
    grants.withdraw(bureau=world.pingtan, by=world.statistician, reason="人员变动")
    client = sign_in(world.statistician)
    response = client.get(LIST)
    assert shown(response) == [("350100", "current"), ("350500", "coming"), ("350128P", "past")]
    assert (response.context["prefectures"].authorised, response.context["prefectures"].total) == (1, 3)
    body = response.content.decode()
    for words in ("2023年度审核授权", "预先授权", "短期授权", "人员变动"):
        assert words in body
    assert shown(client.get(LIST, {"stage": "coming"})) == [("350500", "coming")]
    assert shown(client.get(LIST, {"stage": "nonsense"})) == shown(response)


def test_list_shows_a_grant_that_ran_out_without_anybody_closing_it(world: Province, sign_in: SignIn):
    Grant.objects.filter(bureau=world.fuzhou).update(starts_on=ahead(-9), ends_on=ahead(-1))
    response = sign_in(world.statistician).get(LIST)
    assert shown(response) == [("350100", "past")]
    assert response.context["prefectures"].authorised == 0


def test_authorisation_is_given_to_the_ticked_ones(world: Province, sign_in: SignIn):
    client = sign_in(world.statistician)
    assert client.get(GIVE, {"bureau": "350500"}).context["ticked"] == ["350500"]
    last = ahead(400)
    response = client.post(
        GIVE,
        {"bureaus": ["350500", "350128P"], "reason": "年度审核", "starts_on": ahead(2).isoformat(),
         "ends_on": f"{last.year}年{last.month}月{last.day}日"},
    )  # fmt: skip
    assert response.url == LIST
    found = Grant.objects.exclude(bureau=world.fuzhou).order_by("bureau__code")
    assert [(one.bureau, one.reason, one.starts_on, one.ends_on, one.given_by) for one in found] == [
        (bureau, "年度审核", ahead(2), last, world.statistician) for bureau in (world.pingtan, world.quanzhou)
    ]


def test_authorisation_is_given_to_all(world: Province, sign_in: SignIn):
    grants.withdraw(bureau=world.fuzhou, by=world.statistician, reason="统一重新授权")
    assert sign_in(world.statistician).post(GIVE, {"every": "on", "reason": "年度审核"}).status_code == 302
    assert grants.authorised_ids(Bureau.objects.all()) == {world.fuzhou.pk, world.quanzhou.pk, world.pingtan.pk}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"reason": "\u200b"}, "__all__"),
        ({"reason": "长" * 301}, "reason"),
        ({"reason": "授权", "ends_on": "2024-02-30"}, "ends_on"),
        ({"reason": "授权", "starts_on": "02/03/2024"}, "starts_on"),
        ({"reason": "授权", "ends_on": "1999-01-01"}, "__all__"),
        ({"reason": "授权", "bureaus": []}, "bureaus"),
        ({"reason": "授权", "bureaus": ["350102"]}, "bureaus"),
        ({"reason": "授权", "bureaus": ["nowhere"]}, "bureaus"),
    ],
)
def test_giving_refused_keeps_what_was_typed(world: Province, sign_in: SignIn, sent: dict[str, str], field: str):
    response = sign_in(world.statistician).post(GIVE, {"bureaus": ["350500"], **sent})
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    body = response.content.decode()
    assert sent["reason"] in body
    assert ('value="350500" checked' in body) is ("bureaus" not in sent)
    assert not grants.is_authorised(world.quanzhou)


def test_giving_to_one_that_holds_it_is_a_conflict_that_names_it_and_changes_nothing(world: Province, sign_in: SignIn):
    response = sign_in(world.statistician).post(GIVE, {"every": "on", "reason": "全省授权"})
    assert response.status_code == 409
    (said,) = response.context["form"].non_field_errors()
    assert world.fuzhou.name_zh in said
    assert world.quanzhou.name_zh not in said
    assert "全省授权" in response.content.decode()
    assert Grant.objects.count() == 1


def test_authorisation_is_withdrawn_on_its_page_and_stays_in_the_history(world: Province, sign_in: SignIn):
    client, grant = sign_in(world.statistician), of_fuzhou(world)
    page = client.get(f"{LIST}{grant.pk}/")
    assert "2023年度审核授权" in page.content.decode()
    refused = client.post(f"{LIST}{grant.pk}/withdraw/", {"reason": ""})
    assert (refused.status_code, grants.is_authorised(world.fuzhou)) == (422, True)
    assert client.post(f"{LIST}{grant.pk}/withdraw/", {"reason": "人员变动"}).url == LIST
    assert not grants.is_authorised(world.fuzhou)
    assert [(one.close_reason, one.stage) for one in client.get(LIST).context["page"]] == [("人员变动", "past")]
    assert client.post(f"{LIST}{grant.pk}/withdraw/", {"reason": "再来一次"}).status_code == 409
    assert '<form class="zb-fields"' not in client.get(f"{LIST}{grant.pk}/").content.decode()


def test_page_is_not_opened_by_a_django_permission(world: Province, sign_in: SignIn):
    user = world.fuzhou_reviewer.user
    user.user_permissions.add(Permission.objects.get(codename="review_by_authorisation"))
    type(user).objects.filter(pk=user.pk).update(is_superuser=True)
    client = sign_in(world.fuzhou_reviewer)
    assert client.get(LIST).status_code == 200  # reads what concerns the bureau
    assert client.get(GIVE).status_code == 403
    assert client.post(f"{LIST}{of_fuzhou(world).pk}/withdraw/", {"reason": "撤回"}).status_code == 403
    assert grants.is_authorised(world.fuzhou)


@pytest.mark.parametrize("many", [1, 5])
def test_lists_cost_the_same_for_one_row_and_five(
    world: Province, sign_in: SignIn, django_assert_num_queries, many: int
):
    for number in range(many):
        grants.withdraw(bureau=world.fuzhou, by=world.statistician, reason=f"第{number}次")
        grants.authorise(bureau=world.fuzhou, by=world.statistician, reason="再授权")
    client = sign_in(world.statistician)
    client.get(LIST)
    # session, person with memberships; count, rows; prefectures, who is authorised; unread
    with django_assert_num_queries(7):
        response = client.get(LIST)
    assert len(response.context["page"]) == many + 1
    # session, person with memberships; prefectures, their grants, who is authorised; unread
    with django_assert_num_queries(6):
        client.get(GIVE)
