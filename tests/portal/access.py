"""Who opens the frame's own rooms: trail, messages, background work; see tests/access_matrix.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.jobs import actions as jobs
from portal.trail.verifying import ask_for_verification
from tests.access_matrix import EVERYBODY, Row, only
from tests.factories.institutions import Province

everybody = only(*EVERYBODY)


def _notice(world: Province) -> Mapping[str, Any]:
    """A message to A's filer."""
    notify(
        recipients=[world.filer_a.user], kind=Notice.Kind.INFORMATION, subject_zh="告知", subject_en="For information",
        body_zh="", body_en="", link="",
    )  # fmt: skip
    return {"notice_id": Notice.objects.latest("id").pk}


def _job(world: Province) -> Mapping[str, Any]:
    """Work that A's filer asked for; there is no file yet."""
    return {"job_id": jobs.create(kind="test.none", by=world.filer_a, params={}).pk}


def _verification(world: Province) -> Mapping[str, Any]:
    return {"job_id": ask_for_verification(by=world.audit_admin, anchor="").pk}


ROWS = {
    "trail:event-list": Row(get=only("audit_admin")),
    "trail:event-export": Row(post=only("audit_admin", ok=302, anonymous=302), data=lambda world: {"format": "csv"}),
    "trail:reference": Row(get=only("system_admin", "audit_admin")),
    "trail:verify": Row(post=only("audit_admin", ok=302, anonymous=302)),
    "trail:verification": Row(get=only("audit_admin"), args=_verification),
    "inbox:notice-list": Row(get=everybody),
    "inbox:notice-read-all": Row(post=only(*EVERYBODY, ok=302, anonymous=302)),
    "inbox:notice-detail": Row(get=only("filer", refused=404), args=_notice),
    "inbox:notice-read": Row(post=only("filer", ok=302, refused=404, anonymous=302), args=_notice),
    "jobs:job-list": Row(get=everybody),
    "jobs:job-detail": Row(get=only("filer", refused=404), args=_job),
    "jobs:job-download": Row(get=only(refused=404), args=_job),
}
