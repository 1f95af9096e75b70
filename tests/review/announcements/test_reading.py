"""What a reader sees: unread first, the first page's number, receipts that a GET does not write, files of what stands."""

from __future__ import annotations

import pytest
from django.urls import reverse

from portal.inbox.models import Notice
from review.announcements import actions
from review.announcements.home import unread
from review.announcements.models import Announcement, ReadReceipt
from tests.factories.announcements import TITLE, a_draft, an_announcement, delivered
from tests.factories.annual import a_pdf
from tests.factories.institutions import Province
from tests.review.conftest import Acting

LIST = reverse("announcements:announcement-list")


def test_opening_records_nothing_and_the_form_records_the_first_reading(world: Province, acting: Acting):
    out = an_announcement(world.gulou_reviewer)
    client = acting(world.filer_a)
    page = client.get(out.get_absolute_url()).content.decode()
    assert TITLE in page
    assert "<p>附件为填报说明。</p>" in page
    assert ReadReceipt.objects.filter(read_at__isnull=False).count() == 0
    read = reverse("announcements:announcement-read", args=[out.public_id])
    fragment = client.post(read, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment["Vary"].count("HX-Request")) == (200, 1)
    assert f'id="reading-{out.pk}"' in fragment.content.decode()
    assert "<html" not in fragment.content.decode()
    first = ReadReceipt.objects.get(recipient=world.filer_a.user)
    assert first.read_at is not None
    client.post(read)
    assert ReadReceipt.objects.get(pk=first.pk).read_at == first.read_at
    assert ReadReceipt.objects.filter(read_at__isnull=False).get() == first
    assert Notice.objects.get(recipient=world.filer_a.user).read_at is not None


def test_the_list_has_unread_first_and_the_home_page_counts_them(world: Province, acting: Acting):
    old = an_announcement(world.gulou_reviewer, title="先发")
    new = an_announcement(world.gulou_reviewer, title="后发")
    gone = an_announcement(world.gulou_reviewer, title="已撤")
    actions.withdraw(announcement=gone, reason="日期有误", by=world.gulou_reviewer)
    actions.mark_announcement_read(announcement=new, by=world.filer_a.user)
    client = acting(world.filer_a)
    assert [one.title for one in client.get(LIST).context["page"]] == ["先发", "已撤", "后发"]
    assert list(client.get(LIST, {"show": "unread"}).context["page"]) == [old]
    assert unread(world.filer_a).context["unread"] == 1
    assert unread(world.signer_a).context["unread"] == 2
    assert unread(world.gulou_reviewer).context == {"unread": 0, "may_write": True}


def test_drafts_and_what_others_got_are_not_found(world: Province, acting: Acting):
    draft = a_draft(world.gulou_reviewer)
    out = an_announcement(world.gulou_reviewer, ["signer"])
    client = acting(world.filer_a)
    for one in (draft, out):
        assert client.get(one.get_absolute_url()).status_code == 404
        assert client.post(reverse("announcements:announcement-read", args=[one.public_id])).status_code == 404
    assert list(client.get(LIST).context["page"]) == []
    assert acting(world.signer_a).get(out.get_absolute_url()).status_code == 200


def test_files_are_downloads_for_those_who_got_it_while_it_stands(world: Province, acting: Acting):
    draft = a_draft(world.gulou_reviewer)
    file = actions.attach(announcement=draft, chunks=[a_pdf()], name='说明"<b>.pdf', by=world.gulou_reviewer)
    url = reverse("announcements:file-fetch", args=[file.public_id])
    assert acting(world.filer_a).get(url).status_code == 404
    out = delivered(actions.publish(announcement=draft, by=world.gulou_reviewer))
    answer = acting(world.filer_a).get(url)
    assert (answer.status_code, answer.content) == (200, a_pdf())
    assert answer["Content-Disposition"].startswith("attachment")
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "application/pdf")
    assert acting(world.taijiang_reviewer).get(url).status_code == 404
    assert "&lt;b&gt;" in acting(world.filer_a).get(out.get_absolute_url()).content.decode()
    actions.withdraw(announcement=out, reason="附件有误", by=world.gulou_reviewer)
    assert acting(world.filer_a).get(url).status_code == 404
    assert acting(world.gulou_reviewer).get(url).status_code == 200
    page = acting(world.filer_a).get(out.get_absolute_url()).content.decode()
    assert "附件有误" in page
    assert "附件为填报说明" in page
    assert str(file.public_id) not in page


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_costs_the_same_for_1_and_5(world: Province, acting: Acting, count: int, django_assert_num_queries):
    for number in range(count):
        an_announcement(world.gulou_reviewer, title=f"通知{number}")
    client = acting(world.filer_a)
    client.get(LIST)
    with django_assert_num_queries(6):
        assert len(client.get(LIST).context["page"]) == count
    with django_assert_num_queries(1):
        unread(world.filer_a)


def test_markup_in_an_announcement_is_text(world: Province, acting: Acting):
    out = an_announcement(world.gulou_reviewer, title="<script>alert(1)</script>", text="<img src=x onerror=alert(1)>")
    page = acting(world.filer_a).get(out.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert Announcement.objects.get().title == "<script>alert(1)</script>"
