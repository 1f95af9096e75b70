"""The demonstration has a notice of the province that most have read, and a draft of the county."""

from __future__ import annotations

import pytest

from institutions.models import User
from portal.inbox.models import Notice
from portal.jobs.models import Job
from review.announcements.home import unread
from review.announcements.models import Announcement, ReadReceipt

pytestmark = pytest.mark.usefixtures("province")


def test_one_notice_is_read_by_most_and_one_is_a_draft() -> None:
    notice, draft = Announcement.objects.order_by("pk")
    assert (notice.state, draft.state, draft.bureau.code) == ("published", "draft", "350102")
    assert [file.kind for file in notice.files.all()] == ["xlsx"]
    receipts = ReadReceipt.objects.filter(announcement=notice)
    people = set(receipts.values_list("recipient", flat=True))
    assert len(people) == notice.people
    left = set(receipts.unread().values_list("recipient", flat=True))
    assert 0 < len(left) < len(people) / 3
    told = Notice.objects.filter(once_key=notice.once_key)
    assert set(told.values_list("recipient", flat=True)) == people
    assert set(told.filter(read_at=None).values_list("recipient", flat=True)) == left
    assert set(Job.objects.filter(kind="announcement.deliver").values_list("state", flat=True)) == {"done"}
    for name, number in (("filer", 1), ("gulou", 1), ("province", 0)):
        [membership] = User.objects.get(username=name).current_memberships
        assert unread(membership).context["unread"] == number
