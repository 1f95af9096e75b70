"""Who may open the pages of announcements. The one asked for is the county's (鼓楼), to the people of institution A and B."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from review.announcements import actions
from review.announcements.models import Announcement
from tests.access_matrix import ABOVE, BUREAUS, EVERYBODY, Row, only
from tests.factories.announcements import a_draft, an_announcement, delivered
from tests.factories.annual import a_picture
from tests.factories.institutions import Province

OUTSIDE = {"sibling": 404, "other_prefecture": 404}
TOLD = ("filer", "signer", "other_filer")


def _draft(world: Province) -> Announcement:
    return Announcement.objects.first() or a_draft(world.gulou_reviewer)


def _out(world: Province) -> Announcement:
    return Announcement.objects.first() or an_announcement(world.gulou_reviewer)


def _of_draft(world: Province) -> Mapping[str, Any]:
    return {"public_id": _draft(world).public_id}


def _of_published(world: Province) -> Mapping[str, Any]:
    return {"public_id": _out(world).public_id}


def _file(world: Province) -> Mapping[str, Any]:
    """Of one that is out."""
    if not Announcement.objects.exists():
        _attached(world)
        actions.publish(announcement=_draft(world), by=world.gulou_reviewer)
        delivered(_draft(world))
    return {"public_id": _out(world).files.get().public_id}


def _attached(world: Province) -> Mapping[str, Any]:
    draft = _draft(world)
    file = draft.files.first() or actions.attach(
        announcement=draft, chunks=[a_picture()], name="说明.png", by=world.gulou_reviewer
    )
    return {"public_id": file.public_id}


#: A draft is the county's alone; those above do not find it.
KEEPER = only("county", ok=302) | OUTSIDE | {"prefecture": 404, "province": 404}
#: What is out is seen by those above, and kept by the county.
KEPT = only("county", ok=302) | OUTSIDE

ROWS = {
    "announcements:announcement-list": Row(get=only(*EVERYBODY)),
    "announcements:announcement-detail": Row(get=only(*TOLD, refused=404), args=_of_published),
    "announcements:announcement-read": Row(post=only(*TOLD, ok=302, refused=404), args=_of_published),
    "announcements:file-fetch": Row(get=only(*TOLD, *ABOVE, refused=404), args=_file),
    "announcements:written-list": Row(get=only(*BUREAUS)),
    "announcements:announcement-new": Row(
        get=only(*BUREAUS),
        post=only(*BUREAUS, ok=302),
        data=lambda world: {"title": "通知", "text": "请阅", "roles": ["filer"]},
    ),
    "announcements:announcement-written": Row(
        args=_of_draft,
        get=only("county") | OUTSIDE | {"prefecture": 404, "province": 404},
        post=KEEPER,
        data=lambda world: {"title": "通知", "text": "请阅", "roles": ["filer"], "seen": _draft(world).stamp},
    ),
    "announcements:announcement-publish": Row(post=KEEPER, args=_of_draft),
    "announcements:announcement-discard": Row(post=KEEPER, args=_of_draft),
    "announcements:announcement-withdraw": Row(
        post=KEPT, args=_of_published, data=lambda world: {"reason": "日期有误"}
    ),
    "announcements:announcement-remind": Row(post=KEPT, args=_of_published),
    "announcements:file-attach": Row(
        post=only("county", ok=422) | OUTSIDE | {"prefecture": 404, "province": 404}, args=_of_draft
    ),
    "announcements:file-detach": Row(
        post=only("county", ok=302) | OUTSIDE | {"prefecture": 404, "province": 404}, args=_attached
    ),
    "announcements:unread-list": Row(get=only(*ABOVE) | OUTSIDE, args=_of_published),
    "announcements:unread-workbook": Row(post=only(*ABOVE, ok=302) | OUTSIDE, args=_of_published),
}
