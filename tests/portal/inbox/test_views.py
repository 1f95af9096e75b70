"""One's own messages, and nobody else's."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from institutions.models import Membership
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from tests.factories.institutions import Province, build_province


@pytest.fixture
def tree(db: None) -> Province:
    return build_province()


def signed_in(membership: Membership) -> Client:
    client = Client()
    client.force_login(membership.user, backend="institutions.accounts.backends.NameBackend")
    return client


def a_notice(to: Membership, subject: str = "请报送", **fields: Any) -> Notice:
    notify(
        recipients=[to.user],
        **{"kind": "urge", "subject_zh": subject, "subject_en": "Please file", "link": "/jobs/", **fields},
    )
    return Notice.objects.latest("id")


def test_others_notices_do_not_exist(tree: Province) -> None:
    notice = a_notice(tree.filer_a, "只给甲看")
    for who in (tree.filer_b, tree.signer_a, tree.statistician, tree.system_admin):
        client = signed_in(who)
        assert client.get(reverse("inbox:notice-detail", args=[notice.pk])).status_code == 404
        assert client.post(reverse("inbox:notice-read", args=[notice.pk])).status_code == 404
        client.post(reverse("inbox:notice-read-all"))
        assert "只给甲看" not in client.get(reverse("inbox:notice-list")).content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None
    assert "只给甲看" in signed_in(tree.filer_a).get(reverse("inbox:notice-list")).content.decode()
    visitor = Client()
    assert visitor.get(reverse("inbox:notice-list")).status_code == 302
    assert visitor.post(reverse("inbox:notice-read", args=[notice.pk])).status_code == 302


def test_number_beyond_the_database_does_not_exist(tree: Province) -> None:
    assert signed_in(tree.filer_a).get("/inbox/99999999999999999999/").status_code == 404


def test_looking_writes_nothing_and_opening_by_form_marks_it(tree: Province) -> None:
    notice = a_notice(tree.filer_a)
    client = signed_in(tree.filer_a)
    client.get(reverse("inbox:notice-list"))
    assert client.get(reverse("inbox:notice-detail", args=[notice.pk])).status_code == 200
    notice.refresh_from_db()
    assert notice.read_at is None
    assert client.get(reverse("inbox:notice-read", args=[notice.pk])).status_code == 405

    response = client.post(reverse("inbox:notice-read", args=[notice.pk]))
    assert (response.status_code, response["Location"]) == (302, reverse("inbox:notice-detail", args=[notice.pk]))
    notice.refresh_from_db()
    first = notice.read_at
    assert first is not None
    response = client.post(reverse("inbox:notice-read", args=[notice.pk]), {"to": "link"})
    assert (response.status_code, response["Location"]) == (302, "/jobs/")
    notice.refresh_from_db()
    assert notice.read_at == first


def test_htmx_renews_the_mark_alone(tree: Province) -> None:
    notice = a_notice(tree.filer_a)
    response = signed_in(tree.filer_a).post(
        reverse("inbox:notice-read", args=[notice.pk]), headers={"HX-Request": "true"}
    )
    assert response.status_code == 200
    assert response.content.decode().strip().startswith(f'<span id="reading-{notice.pk}" class="zb-st accepted">')


def test_unread_come_first_then_the_newest(tree: Province) -> None:
    old, read, new = (a_notice(tree.filer_a, subject) for subject in ("旧", "已读", "新"))
    client = signed_in(tree.filer_a)
    client.post(reverse("inbox:notice-read", args=[read.pk]))
    response = client.get(reverse("inbox:notice-list"))
    assert [notice.pk for notice in response.context["page"]] == [new.pk, old.pk, read.pk]
    assert response.context["unread"] == 2


def test_mark_all_read_marks_the_own(tree: Province) -> None:
    a_notice(tree.filer_a)
    a_notice(tree.filer_a)
    other = a_notice(tree.filer_b)
    client = signed_in(tree.filer_a)
    assert client.get(reverse("inbox:notice-read-all")).status_code == 405
    assert client.post(reverse("inbox:notice-read-all"))["Location"] == reverse("inbox:notice-list")
    assert list(Notice.objects.filter(read_at=None)) == [other]
    assert client.post(reverse("inbox:notice-read-all")).status_code == 302


def test_words_are_escaped(tree: Province) -> None:
    notice = a_notice(tree.filer_a, "<script>x</script>", body_zh="<b>甲</b>\n\n乙")
    page = signed_in(tree.filer_a).get(reverse("inbox:notice-detail", args=[notice.pk])).content.decode()
    assert "<script>x" not in page
    assert "<p>&lt;b&gt;甲&lt;/b&gt;</p>" in page


def test_empty_inbox_says_what_will_be_there(tree: Province) -> None:
    assert 'class="zb-empty"' in signed_in(tree.filer_a).get(reverse("inbox:notice-list")).content.decode()


@pytest.mark.parametrize("rows", [1, 5])
def test_list_costs_the_same_for_any_number(tree: Province, django_assert_num_queries: Any, rows: int) -> None:
    for _ in range(rows):
        a_notice(tree.filer_a, institution=tree.a)
    client = signed_in(tree.filer_a)
    client.get(reverse("inbox:notice-list"))
    with django_assert_num_queries(6):
        response = client.get(reverse("inbox:notice-list"))
    assert len(response.context["page"]) == rows
