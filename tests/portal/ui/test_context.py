import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from institutions.models import Bureau, Membership, User
from institutions.roles import Role
from portal.inbox.models import Notice
from portal.ui.context import MENUS, Frame, frame, menu


@pytest.mark.django_db
def test_visitor_has_an_empty_frame_without_queries(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with django_assert_num_queries(0):
        found = frame(request)["frame"]
        assert (found.user, found.membership, found.memberships, found.nav, found.unread) == (None, None, [], [], 0)


def test_frame_holds_before_sessions_were_read():
    found = Frame(RequestFactory().get("/"))
    assert (found.user, found.nav) == (None, [])


def test_every_role_has_a_menu_that_begins_at_home():
    assert set(MENUS) == set(Role.values)
    assert {menu(role, "/")[0].url for role in MENUS} == {"/"}


@pytest.mark.parametrize("role", sorted(MENUS))
def test_only_the_home_page_marks_home(role):
    assert [item.url for item in menu(role, "/") if item.current] == ["/"]
    assert [item.url for item in menu(role, "/nowhere/") if item.current] == []


@pytest.fixture
def person(db):
    bureau = Bureau.objects.create(code="350000", name_zh="福建省市场监督管理局", tier="province", path="1/")
    user = User.objects.create_user(username="zhouli", name="周立")
    Membership.objects.create(user=user, role="statistician", bureau=bureau)
    Membership.objects.create(user=user, role="reviewer", bureau=bureau, ended_at="2024-01-01T00:00:00+08:00")
    return user


@pytest.mark.parametrize("notices", [1, 5])
def test_frame_of_a_person_costs_two_queries_however_many_notices(person, notices, django_assert_num_queries):
    for number in range(notices):
        Notice.objects.create(recipient=person, kind="information", subject_zh=f"第{number}件", subject_en="")
    Notice.objects.create(
        recipient=person, kind="information", subject_zh="已读", subject_en="", read_at="2024-02-01T00:00:00+08:00"
    )
    request = RequestFactory().get("/")
    request.user = person
    with django_assert_num_queries(2):
        found = Frame(request)
        assert (found.unread, found.unread) == (notices, notices)
        assert [(one.role, str(one.place)) for one in found.memberships] == [("statistician", "福建省市场监督管理局")]
