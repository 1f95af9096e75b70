"""Announcements at each stage of their life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from institutions.models import Membership
from portal.jobs.models import Job
from portal.jobs.progress import Silent
from review.announcements import actions, tasks
from review.announcements.actions import Content
from review.announcements.models import Announcement

TITLE = "2023年度检验检测统计调查工作通知"
PEOPLE = ("filer", "signer")


def a_draft(by: Membership, roles: Sequence[str] = PEOPLE, **content: Any) -> Announcement:
    words = {"title": TITLE, "text": "请于3月31日前完成填报。\n\n附件为填报说明。", **content}
    return actions.write(content=Content(roles=roles, **words), by=by)


def delivered(announcement: Announcement) -> Announcement:
    """Its job done here, as the worker would."""
    job = Job.objects.get(kind="announcement.deliver", params__announcement=announcement.pk)
    tasks.deliver(job, Silent(job))
    announcement.refresh_from_db()
    return announcement


def an_announcement(by: Membership, roles: Sequence[str] = PEOPLE, **content: Any) -> Announcement:
    """Published and gone out."""
    return delivered(actions.publish(announcement=a_draft(by, roles, **content), by=by))
