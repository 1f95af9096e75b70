"""Receiving a workbook, saving what was chosen of it, clearing away old files. The only writers of this room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from institutions.models import Institution, Membership
from portal.clock import database_now
from portal.trail.actions import record
from portal.uploads import storage
from portal.uploads.storage import clean_name
from reports.filings import drafts, rules
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change as Typed
from reports.filings.drafts import Conflict
from reports.filings.errors import NotAllowed, StaleFiling
from reports.filings.models import Draft, Filing
from reports.filings.spreadsheet.comparing import Comparison, compare_upload, vetted
from reports.filings.spreadsheet.difference import GoneRow, TableDifference
from reports.filings.spreadsheet.guarding import FileRefused, open_file
from reports.filings.spreadsheet.layout import LISTS_SHEET
from reports.filings.spreadsheet.models import WorkbookUpload

FOLDER = "workbooks"
#: Files kept of one filing; only the last is ever asked for.
KEPT = 5


def receive(*, filing: Filing, chunks: Iterable[bytes], name: str, by: Membership) -> WorkbookUpload:
    """Keep the file, open it in a bounded program and note what it says; nothing of the filing changes.

    Raises NotAllowed, and FileRefused for a file that cannot be read, which is kept and noted with the reason all the same.
    """
    verdict = rules.can_fill(by, filing, database_now())
    if not verdict:
        raise NotAllowed(verdict.reason)
    try:
        kept = storage.keep(f"{FOLDER}/{filing.institution_id}", chunks, settings.WORKBOOK_FILE_MB * 2**20)
    except storage.TooBig:
        raise FileRefused("size", most=settings.WORKBOOK_FILE_MB) from None
    upload = WorkbookUpload(
        filing=filing, by=by, name=clean_name(name), size=kept.size, sha256=kept.sha256, stored_as=kept.stored_as
    )
    refused = None
    try:
        content = open_file(kept.path)
        vetted(filing, content)
        upload.content = {**content, "sheets": [sheet for sheet in content["sheets"] if sheet["title"] != LISTS_SHEET]}
    except FileRefused as error:
        refused, upload.refusal = error, error.told
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise
    try:
        _note(upload, filing, by)
    except BaseException:
        kept.path.unlink(missing_ok=True)
        raise
    if refused is not None:
        raise refused
    return upload


def _note(upload: WorkbookUpload, filing: Filing, by: Membership) -> None:
    with transaction.atomic():
        # One quota, one upload at a time. Only the key may be shared meanwhile: a submission that commits just now has
        # notices to the institution, and this upload waits for its filing.
        Institution.objects.select_for_update(no_key=True).get(pk=filing.institution_id)
        _clear(WorkbookUpload.objects.filter(filing=filing).exclude(stored_as="")[KEPT - 1 :])
        used = (
            WorkbookUpload.objects.filter(filing__institution=filing.institution_id)
            .exclude(stored_as="")
            .aggregate(Sum("size"))
        )
        if (used["size__sum"] or 0) + upload.size > settings.WORKBOOK_QUOTA_MB * 2**20:
            raise FileRefused("quota", most=settings.WORKBOOK_QUOTA_MB, days=settings.WORKBOOK_DAYS)
        upload.save(force_insert=True)
        record(
            "filing.workbook_uploaded",
            by=by,
            obj=filing,
            scope=filing.scope,
            succeeded=upload.content is not None,
            details={"name": upload.name, "size": upload.size, "sha256": upload.sha256}
            | ({"cause": upload.refusal["code"]} if upload.refusal else {}),
        )


# -- saving what was chosen -----------------------------------------------------------------------


@dataclass(slots=True)
class Applied:
    """What became of the chosen cells and lines. A conflict was left as the other person wrote it."""

    cells: int = 0
    added: int = 0
    removed: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    kept_rows: int = 0


def apply_upload(
    *, filing: Filing, upload: WorkbookUpload, chosen: set[str], seen: Mapping[str, int], by: Membership
) -> Applied:
    """Save the chosen boxes of the difference, all or none of them but for conflicts.

    `seen` is the version of each table that the page compared with; a cell that somebody else changed after it stays theirs.
    Raises NotAllowed, and StaleFiling when another file was uploaded since.
    """
    with transaction.atomic():
        latest = WorkbookUpload.objects.select_for_update().filter(filing=filing).order_by("-id").first()
        if latest is None or latest.pk != upload.pk or latest.content is None:
            raise StaleFiling(
                _(
                    "Another workbook was uploaded for this filing meanwhile. Nothing was saved; look at the "
                    "new comparison."
                )
            )
        comparison = compare_upload(filing, latest)
        done = _Applying(filing, comparison, chosen, seen, by).run()
        latest.applied_at = Now()
        latest.applied = {"cells": done.cells, "added": done.added, "removed": done.removed}
        latest.save(update_fields=["applied_at", "applied"])
        record(
            "filing.workbook_applied",
            by=by,
            obj=filing,
            scope=filing.scope,
            details={"name": latest.name, "sha256": latest.sha256, **latest.applied, "conflicts": len(done.conflicts)},
        )
    return done


class _Applying:
    def __init__(
        self, filing: Filing, comparison: Comparison, chosen: set[str], seen: Mapping[str, int], by: Membership
    ) -> None:
        self.filing, self.chosen, self.seen, self.by = filing, chosen, seen, by
        self.comparison = comparison
        self.done = Applied()

    def run(self) -> Applied:
        verdict = rules.can_fill(self.by, self.filing, database_now())
        if not verdict:
            raise NotAllowed(verdict.reason)
        for own in self.comparison.difference.tables:
            self._cells(own)
            self._remove(own)
            self._add(own)
        return self.done

    def _save(self, own: TableDifference, typed: list[Typed], seen: int) -> None:
        saved = drafts.save_cells(filing=self.filing, table=own.table, changes=typed, seen=seen, by=self.by)
        self.done.cells += len(saved.values)
        self.done.conflicts += saved.conflicts

    def _cells(self, own: TableDifference) -> None:
        typed = [Typed(one.key, one.stored or "") for one in own.changes if one.box in self.chosen]
        if typed:
            self._save(own, typed, self.seen.get(own.table.code, 0))

    def _remove(self, own: TableDifference) -> None:
        wanted = [row for row in own.removed if row.box in self.chosen]
        if not wanted:
            return
        draft = Draft.objects.filter(filing=self.filing, table=own.table.code).first()
        touched = draft.touched if draft else {}
        for row in wanted:
            if self._changed_by_others(row, touched):
                self.done.kept_rows += 1
                continue
            drafts.remove_row(filing=self.filing, table=own.table, row_id=row.row_id, by=self.by)
            self.done.removed += 1

    def _changed_by_others(self, row: GoneRow, touched: Mapping[str, list[int]]) -> bool:
        seen = self.seen.get(row.table, 0)
        return any(
            version > seen and user != self.by.user_id
            for name, (version, user) in touched.items()
            if CellKey.parse(name).row_id == row.row_id
        )

    def _add(self, own: TableDifference) -> None:
        for row in own.added:
            if row.box not in self.chosen:
                continue
            row_id = drafts.add_row(filing=self.filing, table=own.table, by=self.by)
            typed = [Typed(CellKey(row_id, item.code), stored or "") for item, stored in row.cells]
            if typed:
                self._save(own, typed, 0)
            self.done.added += 1


# -- clearing away --------------------------------------------------------------------------------


def clear_old() -> int:
    """Remove the files older than WORKBOOK_DAYS; what they said goes with them, that they were sent stays. Safe to run twice."""
    before = database_now() - dt.timedelta(days=settings.WORKBOOK_DAYS)
    with transaction.atomic():
        old = WorkbookUpload.objects.select_for_update(skip_locked=True).filter(at__lt=before).exclude(stored_as="")
        return _clear(old[:500])


def _clear(uploads: Iterable[WorkbookUpload]) -> int:
    paths: list[Path] = []
    for upload in uploads:
        paths.append(storage.path_of(upload.stored_as, FOLDER))
        upload.stored_as, upload.content = "", None
        upload.save(update_fields=["stored_as", "content"])
    for path in paths:
        transaction.on_commit(partial(path.unlink, missing_ok=True))
    return len(paths)
