"""The files of an announcement: looked into by a bounded program, kept under names of our own, sent as downloads only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from portal.errors import Unavailable
from portal.uploads import children, storage
from reports.annual import causes
from reports.filings.errors import Incomplete
from review.announcements.models import AnnouncementFile

FOLDER = "announcements"
MOST_FILES = 10
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def keep_file(chunks: Iterable[bytes], name: str) -> tuple[storage.Kept, dict[str, Any]]:
    """The kept file and the fields of `AnnouncementFile` that describe it; Incomplete, and nothing kept, when not taken."""
    try:
        kept = storage.keep(FOLDER, chunks, settings.ANNUAL_FILE_MB * 2**20)
    except storage.TooBig:
        raise Incomplete(
            _("“%(name)s” is larger than %(most)d MB. Scan it in grey at 200 points an inch, or split it.")
            % {"name": storage.clean_name(name), "most": settings.ANNUAL_FILE_MB}
        ) from None
    try:
        report = children.run(
            "portal.uploads.documents", {"path": str(kept.path), "workbooks": True},
            memory_mb=settings.ANNUAL_CHILD_MB, seconds=settings.ANNUAL_CHILD_SECONDS,
        )  # fmt: skip
    except BaseException as error:
        kept.path.unlink(missing_ok=True)
        if isinstance(error, children.ChildRefused):
            raise Incomplete(_words(error.told)) from None
        raise
    fields = {
        "kind": report["kind"],
        "name": storage.clean_name(name),
        "stored_as": kept.stored_as,
        "size": kept.size,
        "sha256": kept.sha256,
    }
    return kept, fields


def _words(told: dict[str, Any]) -> str:
    if told["code"] == "foreign":
        return _("An announcement takes PDF, PNG, JPEG and xlsx files, whatever their names say. Save it as PDF.")
    if told["code"] == "macros":
        return _("The workbook holds programs (macros). Save it as .xlsx without them.")
    return causes.refusal(told)


def path_of(file: AnnouncementFile) -> Path:
    return storage.path_of(file.stored_as, FOLDER)


def whole(file: AnnouncementFile) -> bytes:
    """The file as it was sent; Unavailable when it is missing or another."""
    content = storage.content_of(path_of(file), file.sha256)
    if content is not None:
        return content
    raise Unavailable(
        _("The file “%(name)s” is not as it was stored. Please tell the people who run the portal.")
        % {"name": file.name}
    )
