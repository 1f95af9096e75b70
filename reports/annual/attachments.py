"""Files attached to an annual report: taken after a look inside, kept with what was submitted, removed while it is a draft."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from institutions.models import Membership
from portal.clock import database_now
from portal.errors import TooLarge, Unavailable
from portal.trail.actions import record
from portal.uploads import children, storage
from reports.annual import causes
from reports.annual.errors import NotTaken
from reports.annual.models import Attachment
from reports.filings import drafts, rules, statistics
from reports.filings.errors import must
from reports.filings.examination import Examination, digest_of, examine
from reports.filings.models import Filing
from reports.filings.statistics import TABLE
from reports.schemes.definition import Indicator
from reports.schemes.structured import StoredFile, files_of, store_files

FOLDER = "attachments"
MOST_FILES = 10
#: Items that also take a picture; the others take a PDF.
PICTURES_TOO = frozenset(("R903", "R905"))
SIGNED_COPY = "R901"


def content_digest(examination: Examination) -> str:
    """Over the answers that are printed: without the files and the pledge, which come after the paper."""
    table = examination.definition.table(TABLE)
    after = {item.code for item in table.indicators if item.dtype == "file"} | {"R504"}
    cells = examination.drafts[TABLE].cells
    return digest_of({code: value for code, value in cells.items() if code not in after})


def receive(*, filing: Filing, item: Indicator, chunks: Iterable[bytes], name: str, by: Membership) -> Attachment:
    """Keep the file, look into it with a bounded program, and tie it to its item. Nothing stays behind of a refused one.

    Raises TooLarge, NotTaken, or NotAllowed with the rule's reason.
    """
    must(rules.can_fill(by, filing, database_now()))
    most = settings.ANNUAL_FILE_MB * 2**20
    try:
        kept = storage.keep(f"{FOLDER}/{filing.institution_id}", chunks, most)
    except storage.TooBig:
        raise TooLarge(
            _("“%(name)s” is larger than %(most)d MB. Scan it in grey at 200 points an inch, or split it.")
            % {"name": storage.clean_name(name), "most": settings.ANNUAL_FILE_MB}
        ) from None
    try:
        return _take(filing, item, kept, storage.clean_name(name), by)
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise


def _take(filing: Filing, item: Indicator, kept: storage.Kept, name: str, by: Membership) -> Attachment:
    kind, pages = _looked_into(item, kept.path)
    made: list[Attachment] = []
    with transaction.atomic():
        of = content_digest(examine(filing))

        def add(stored: str | None) -> str | None:
            """Under the lock of the filing."""
            files = files_of(stored)
            _must_fit(filing, files, kept)
            attachment = Attachment.objects.create(
                filing=filing, item=item.code, kind=kind, pages=pages, name=name, stored_as=kept.stored_as,
                size=kept.size, sha256=kept.sha256, by=by.user,
            )  # fmt: skip
            made.append(attachment)
            files.append(StoredFile(str(attachment.public_id), name, kept.sha256, kept.size, kind, of))
            return store_files(files)

        drafts.put_cell(
            filing=filing, table=filing.round.scheme.definition.table(TABLE), code=item.code, make=add, by=by
        )
        details = {"item": item.code, "sha256": kept.sha256, "size": kept.size}
        record("annual.attached", by=by, obj=filing, scope=filing.scope, details=details)
    return made[0]


def _looked_into(item: Indicator, path: Path) -> tuple[str, int]:
    try:
        report = children.run(
            "portal.uploads.documents", {"path": str(path)},
            memory_mb=settings.ANNUAL_CHILD_MB, seconds=settings.ANNUAL_CHILD_SECONDS,
        )  # fmt: skip
    except children.ChildRefused as refused:
        raise NotTaken(causes.refusal(refused.told)) from None
    if report["kind"] != Attachment.Kind.PDF and item.code not in PICTURES_TOO:
        raise NotTaken(causes.refusal({"code": "pdf_only"}))
    return report["kind"], min(int(report["pages"]), 99_999)


def _must_fit(filing: Filing, files: list[StoredFile], kept: storage.Kept) -> None:
    same = next((file for file in files if file.sha256 == kept.sha256), None)
    if same is not None:
        raise NotTaken(_("The same file is attached here already as “%(name)s”.") % {"name": same.name})
    if len(files) >= MOST_FILES:
        raise NotTaken(_("An item takes at most %(most)d files. Put the pages into one PDF.") % {"most": MOST_FILES})
    used = used_by(filing)
    if used + kept.size > settings.ANNUAL_FILING_MB * 2**20:
        raise NotTaken(
            _("The files of one annual report take at most %(most)d MB; %(left).1f MB are left. Remove a file or scan it smaller.")
            % {"most": settings.ANNUAL_FILING_MB, "left": max(0, settings.ANNUAL_FILING_MB - used / 2**20)}
        )  # fmt: skip


def used_by(filing: Filing) -> int:
    """Bytes of everything kept for the filing, submitted files included."""
    return sum(Attachment.objects.filter(filing=filing).order_by().values_list("size", flat=True))


def remove(*, attachment: Attachment, by: Membership) -> None:
    """Take the file out of the draft. What a revision names is kept with it; anything else is gone for good."""
    filing = Filing.objects.for_page().get(pk=attachment.filing_id)
    with transaction.atomic():
        table = filing.round.scheme.definition.table(TABLE)

        def without(stored: str | None) -> str | None:
            return store_files([file for file in files_of(stored) if file.id != str(attachment.public_id)])

        drafts.put_cell(filing=filing, table=table, code=attachment.item, make=without, by=by)
        if not Attachment.objects.sealed().filter(pk=attachment.pk).exists():
            path = path_of(attachment)
            attachment.delete()
            transaction.on_commit(lambda: path.unlink(missing_ok=True))
        details = {"item": attachment.item, "sha256": attachment.sha256, "size": attachment.size}
        record("annual.detached", by=by, obj=filing, scope=filing.scope, details=details)


def path_of(attachment: Attachment) -> Path:
    return storage.path_of(attachment.stored_as, FOLDER)


def whole(attachment: Attachment) -> bytes:
    """The file as it was sent; Unavailable when it is missing or another."""
    content = storage.content_of(path_of(attachment), attachment.sha256)
    if content is not None:
        return content
    raise Unavailable(
        _("The file “%(name)s” of %(date)s is not as it was stored. Please tell the people who run the portal.")
        % {"name": attachment.name, "date": f"{localtime(attachment.at):%Y-%m-%d %H:%M}"}
    )


def draw_summary(*, filing: Filing, by: Membership) -> str | None:
    """Take the summary from the statistics as they stand filed now; the digest kept names their revision."""
    with transaction.atomic():
        _own, standing = statistics.latest(filing)
        if standing is None:
            raise NotTaken(_("The statistics of the year are not submitted. Submit them first, then draw the summary."))
        table, digest = filing.round.scheme.definition.table(TABLE), standing.digest
        drafts.put_cell(filing=filing, table=table, code=statistics.SUMMARY, make=lambda _stored: digest, by=by)
        details = {"revision": standing.number, "sha256": digest}
        record("annual.drawn", by=by, obj=filing, scope=filing.scope, details=details)
    return digest
