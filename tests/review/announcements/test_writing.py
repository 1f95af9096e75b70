"""A bureau writes, sees whom it reaches, publishes, withdraws and reminds; what was published does not change."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import Workbook

from portal.inbox.models import Notice
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from portal.trail.models import Event
from reports.filings.errors import Incomplete, NotAllowed, StaleFiling
from review.announcements import actions, tasks
from review.announcements.actions import Content
from review.announcements.files import path_of
from review.announcements.models import Announcement, AnnouncementFile, ReadReceipt
from tests.factories.announcements import a_draft, an_announcement, delivered
from tests.factories.annual import a_pdf, a_picture
from tests.factories.institutions import Province
from tests.review.conftest import Acting

NEW = reverse("announcements:announcement-new")


def at(name: str, announcement: Announcement) -> str:
    return reverse(f"announcements:{name}", args=[announcement.public_id])


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def kept_files() -> list[Path]:
    return sorted(Path(settings.MEDIA_ROOT).glob("announcements/*"))


def a_workbook() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def test_from_a_draft_to_receipts_on_screen(world: Province, acting: Acting):
    client = acting(world.gulou_reviewer)
    typed = {"title": "填报通知", "text": "请按时填报。", "roles": ["filer", "signer"]}
    answer = client.post(NEW, typed)
    draft = Announcement.objects.get()
    assert answer.url == at("announcement-written", draft)
    page = client.get(answer.url)
    assert (page.context["reach"].people, page.context["reach"].units) == (4, 2)
    assert not ReadReceipt.objects.exists()
    client.post(at("announcement-publish", draft))
    out = delivered(draft)
    assert (out.state, out.people, out.units) == ("published", 4, 2)
    actions.mark_announcement_read(announcement=out, by=world.filer_a.user)
    [(one, unread, read)] = client.get(reverse("announcements:written-list")).context["rows"]
    assert (one, unread, read) == (out, 3, 1)
    verbs = list(Event.objects.filter(verb__startswith="announcement.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["announcement.written", "announcement.published"]


def test_what_is_missing_is_said_and_what_was_typed_stays(world: Province, acting: Acting):
    answer = acting(world.gulou_reviewer).post(NEW, {"title": "只有标题", "text": "  ", "roles": []})
    assert answer.status_code == 422
    assert "只有标题" in answer.content.decode()
    foreign = {"title": "越界", "text": "不可", "roles": ["filer"], "areas": [world.licheng.pk]}
    assert acting(world.fuzhou_reviewer).post(NEW, foreign).status_code == 422
    assert not Announcement.objects.exists()


def test_who_saves_second_is_told_and_keeps_what_was_typed(world: Province, acting: Acting):
    draft = a_draft(world.gulou_reviewer)
    client = acting(world.gulou_reviewer)
    url = at("announcement-written", draft)
    seen = client.get(url).context["form"]["seen"].value()
    first = {"title": "甲稿", "text": "甲文", "roles": ["filer"], "seen": seen}
    second = {"title": "乙稿", "text": "乙文", "roles": ["signer"], "seen": seen}
    assert client.post(url, first).url == url
    for incomplete in ({"title": ""}, {}):  # a form sent again for another reason is no newer for that
        answer = client.post(url, second | incomplete)
        page = answer.context["form"]
        assert (answer.status_code, page["text"].value()) == (422 if incomplete else 409, "乙文")
        assert (page["seen"].value() == seen) is bool(incomplete)
        stored = Announcement.objects.get()
        assert (stored.title, stored.text, stored.roles) == ("甲稿", "甲文", ["filer"])
    assert client.post(url, second | {"seen": ""}).status_code == 409
    assert client.post(url, second | {"seen": page["seen"].value()}).url == url
    assert Announcement.objects.get().title == "乙稿"


def test_attaching_saves_the_draft_first(world: Province, acting: Acting):
    draft = a_draft(world.gulou_reviewer)
    client, url = acting(world.gulou_reviewer), at("file-attach", draft)
    typed = {"title": "改题", "text": "改文", "roles": ["filer"], "seen": draft.stamp}
    answer = client.post(url, typed | {"text": " ", "file": SimpleUploadedFile("说明.pdf", a_pdf())})
    assert (answer.status_code, answer.context["form"]["title"].value()) == (422, "改题")
    assert answer.context["wrong_file"]
    assert (Announcement.objects.get().title, kept_files()) == (draft.title, [])
    answer = client.post(url, typed | {"file": SimpleUploadedFile("说明.pdf", b"MZ")})
    assert (answer.status_code, Announcement.objects.get().text, kept_files()) == (422, "改文", [])
    typed["seen"] = answer.context["form"]["seen"].value()
    answer = client.post(url, typed | {"title": "再改", "file": SimpleUploadedFile("说明.pdf", a_pdf())})
    assert answer.url == at("announcement-written", draft)
    assert (Announcement.objects.get().title, len(kept_files())) == ("再改", 1)


def test_what_is_published_does_not_change(world: Province, acting: Acting):
    draft = a_draft(world.gulou_reviewer)
    file = actions.attach(announcement=draft, chunks=[a_pdf()], name="说明.pdf", by=world.gulou_reviewer)
    actions.publish(announcement=draft, by=world.gulou_reviewer)
    content = Content(title="另一标题", text="另一正文", roles=["filer"])
    for act in (
        lambda: actions.write(content=content, by=world.gulou_reviewer, announcement=draft),
        lambda: actions.attach(announcement=draft, chunks=[a_picture()], name="图.png", by=world.gulou_reviewer),
        lambda: actions.detach(file=file, by=world.gulou_reviewer),
        lambda: actions.discard(announcement=draft, by=world.gulou_reviewer),
        lambda: actions.publish(announcement=draft, by=world.gulou_reviewer),
    ):
        with pytest.raises(NotAllowed):
            act()
    typed = {"title": "另一标题", "text": "另一正文", "roles": ["filer"]}
    assert acting(world.gulou_reviewer).post(at("announcement-written", draft), typed).status_code == 403
    stored = Announcement.objects.get()
    assert (stored.title, list(stored.files.all()), len(kept_files())) == (draft.title, [file], 1)
    assert Job.objects.filter(kind="announcement.deliver").count() == 1


@pytest.mark.parametrize("who", ["fuzhou_reviewer", "taijiang_reviewer", "statistician"])
def test_only_the_bureau_that_wrote_it_publishes_withdraws_and_reminds(world: Province, who: str):
    draft, out = a_draft(world.gulou_reviewer), an_announcement(world.gulou_reviewer)
    by = getattr(world, who)
    with pytest.raises(NotAllowed):
        actions.publish(announcement=draft, by=by)
    with pytest.raises(NotAllowed):
        actions.withdraw(announcement=out, reason="越权", by=by)
    with pytest.raises(NotAllowed):
        actions.remind(announcement=out, by=by)
    draft.refresh_from_db()
    out.refresh_from_db()
    assert (draft.state, out.state, out.reminded_on) == ("draft", "published", None)


def test_withdrawing_needs_a_reason_and_stops_a_delivery_that_has_not_begun(world: Province, acting: Acting):
    draft = a_draft(world.gulou_reviewer)
    actions.publish(announcement=draft, by=world.gulou_reviewer)
    client = acting(world.gulou_reviewer)
    assert client.post(at("announcement-withdraw", draft), {"reason": " "}).status_code == 422
    with pytest.raises(Incomplete):
        actions.withdraw(announcement=draft, reason="\u200b ", by=world.gulou_reviewer)
    client.post(at("announcement-withdraw", draft), {"reason": "日期有误"})
    stored = delivered(Announcement.objects.get())
    assert (stored.state, stored.withdrawn_reason, stored.people) == ("withdrawn", "日期有误", None)
    assert (ReadReceipt.objects.count(), Notice.objects.count()) == (0, 0)
    with pytest.raises(NotAllowed):
        actions.withdraw(announcement=stored, reason="再撤", by=world.gulou_reviewer)


def test_those_who_have_not_read_are_reminded_once_a_day(world: Province, acting: Acting):
    out = an_announcement(world.gulou_reviewer)
    actions.mark_announcement_read(announcement=out, by=world.filer_a.user)
    client = acting(world.gulou_reviewer)
    client.post(at("announcement-remind", out))
    assert client.post(at("announcement-remind", out)).status_code == 403
    job = Job.objects.get(kind="announcement.remind")
    tasks.remind(job, Silent(job))
    tasks.remind(job, Silent(job))
    told = set(Notice.objects.filter(kind="reminder").values_list("recipient__username", flat=True))
    assert told == {one.user.username for one in (world.signer_a, world.filer_b, world.signer_b)}
    assert Notice.objects.filter(kind="reminder").count() == 3
    Announcement.objects.update(reminded_on="2024-01-01")
    assert actions.remind(announcement=out, by=world.gulou_reviewer) == 3


def test_a_draft_that_was_deleted_meanwhile_is_stale(world: Province):
    draft = a_draft(world.gulou_reviewer)
    actions.attach(announcement=draft, chunks=[a_pdf()], name="说明.pdf", by=world.gulou_reviewer)
    same = Announcement.objects.get()
    actions.discard(announcement=draft, by=world.gulou_reviewer)
    with pytest.raises(StaleFiling):
        actions.publish(announcement=same, by=world.gulou_reviewer)
    assert not Announcement.objects.exists()


def _zip_of(names: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    "make",
    [
        lambda: b"",
        lambda: b"MZ\x90program",
        lambda: a_pdf(b"/OpenAction<</S/JavaScript/JS(app.alert)>>"),
        lambda: _zip_of(("[Content_Types].xml", "word/document.xml")),
        lambda: _zip_of(("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        lambda: a_workbook()[:-40],
    ],
    ids=["empty", "program", "pdf with a script", "docx", "macros", "cut off"],
)
def test_a_file_that_is_not_taken_leaves_nothing(world: Province, acting: Acting, make: Callable[[], bytes]):
    draft = a_draft(world.gulou_reviewer)
    upload = SimpleUploadedFile("通知.pdf", make())
    answer = acting(world.gulou_reviewer).post(at("file-attach", draft), {"file": upload})
    assert answer.status_code == 422
    assert answer.context["wrong_file"]
    assert (AnnouncementFile.objects.count(), kept_files()) == (0, [])


def test_files_are_kept_once_and_go_with_the_draft(world: Province, django_capture_on_commit_callbacks):
    draft = a_draft(world.gulou_reviewer)
    for content, name in ((a_pdf(), "说明.pdf"), (a_workbook(), "附表.xlsx"), (a_picture("JPEG"), "公章.jpg")):
        actions.attach(announcement=draft, chunks=[content], name=name, by=world.gulou_reviewer)
    with pytest.raises(Incomplete):
        actions.attach(announcement=draft, chunks=[a_pdf()], name="同一份.pdf", by=world.gulou_reviewer)
    assert [(file.name, file.kind) for file in draft.files.all()] == [
        ("说明.pdf", "pdf"),
        ("附表.xlsx", "xlsx"),
        ("公章.jpg", "jpeg"),
    ]
    assert len(kept_files()) == 3
    with django_capture_on_commit_callbacks(execute=True):
        actions.detach(file=draft.files.get(kind="jpeg"), by=world.gulou_reviewer)
    assert len(kept_files()) == 2
    with django_capture_on_commit_callbacks(execute=True):
        actions.discard(announcement=draft, by=world.gulou_reviewer)
    assert kept_files() == []


def test_files_that_no_announcement_names_are_swept_after_a_day(world: Province):
    draft = a_draft(world.gulou_reviewer)
    file = actions.attach(announcement=draft, chunks=[a_pdf()], name="说明.pdf", by=world.gulou_reviewer)
    place = Path(settings.MEDIA_ROOT) / "announcements"
    old, fresh = place / "old.upload", place / "fresh.upload"
    for path in (old, fresh):
        path.write_bytes(b"left behind")
    day_ago = time.time() - 25 * 3600
    for path in (old, path_of(file)):
        os.utime(path, (day_ago, day_ago))
    assert tasks.sweep_files() == 1
    assert kept_files() == sorted([fresh, path_of(file)])


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "published", "published_at": None},
        {"state": "withdrawn", "withdrawn_reason": ""},
        {"people": 3},
        {"title": ""},
        {"withdrawn_reason": "未撤回"},
    ],
)
def test_the_database_refuses_what_is_no_state(world: Province, fields: dict[str, object]):
    a_draft(world.gulou_reviewer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.update(**fields)


def test_the_database_refuses_a_second_receipt(world: Province):
    out = an_announcement(world.gulou_reviewer, ["filer", "reviewer"])
    for receipt in ReadReceipt.objects.filter(announcement=out):
        receipt.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            receipt.save(force_insert=True)


@pytest.mark.parametrize("count", [1, 5])
def test_the_list_of_what_was_written_costs_the_same_for_1_and_5(
    world: Province, acting: Acting, count: int, django_assert_num_queries
):
    for number in range(count):
        an_announcement(world.gulou_reviewer, title=f"通知{number}")
    client = acting(world.gulou_reviewer)
    url = reverse("announcements:written-list")
    client.get(url)
    with django_assert_num_queries(6):
        assert len(client.get(url).context["rows"]) == count
