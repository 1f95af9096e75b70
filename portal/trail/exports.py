"""Events as a file: asked for by an audit administrator, written in the background."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from portal.errors import Refused
from portal.jobs.actions import create
from portal.jobs.models import Job
from portal.jobs.registry import Progress
from portal.trail.actions import record
from portal.trail.models import Event
from portal.trail.queries import Filters
from portal.trail.reading import detail_lines, verb_words
from portal.trail.rules import NotOpen, can_read
from portal.ui.spreadsheet import csv_text, write_text

if TYPE_CHECKING:
    from institutions.models import Membership

FORMATS = ("csv", "xlsx")
WORKBOOK_ROWS = 1_000_000  # a sheet holds 1,048,576


class TooLong(Refused):
    """More events than a sheet of a workbook holds."""

    status = 422


def ask_for_export(*, by: Membership, filters: Filters, kind: str) -> Job:
    """A job that writes the events; the asking itself is an event."""
    verdict = can_read(by)
    if not verdict:
        raise NotOpen(verdict.reason)
    if kind not in FORMATS:
        raise Refused(_("Files are made as csv or xlsx. Choose one of the two."))
    with transaction.atomic():
        record("trail.exported", by=by, details={"format": kind, "filters": filters.chosen()})
        return create(kind="trail.export", by=by, params={"format": kind, "filters": filters.chosen()})


def write(events: models.QuerySet[Event], *, kind: str, progress: Progress) -> Path:
    """The finished file, newest event first."""
    total = events.count()
    if kind == "xlsx" and total > WORKBOOK_ROWS:
        raise TooLong(
            _("%(count)s events were found, and a workbook holds %(limit)s. Narrow the days, or choose csv.")
            % {"count": f"{total:,}", "limit": f"{WORKBOOK_ROWS:,}"}
        )
    path = progress.scratch(f".{kind}")
    progress("write", done=0, total=total)
    rows = _counted(events.order_by("-pk"), progress)
    if kind == "xlsx":
        _write_workbook(path, rows)
    else:
        _write_csv(path, rows)
    return path


def _counted(events: models.QuerySet[Event], progress: Progress) -> Iterator[Event]:
    for number, event in enumerate(events.iterator(chunk_size=2000), start=1):
        yield event
        progress(done=number)


def _head() -> list[str]:
    return [
        _("Number"),
        _("Time"),
        _("Person"),
        _("Act"),
        _("Object"),
        _("Object id"),
        _("Succeeded"),
        _("Address"),
        _("Reference number"),
        _("Details"),
    ]


def _row(event: Event) -> list[Any]:
    return [
        event.pk,
        timezone.localtime(event.at).strftime("%Y-%m-%d %H:%M:%S"),
        event.actor_label,
        verb_words(event),
        event.object_label,
        f"{event.object_type}:{event.object_id}" if event.object_type else "",
        _("yes") if event.succeeded else _("no"),
        event.address or "",
        event.reference,
        "\n".join(f"{name}: {value}" for name, value in detail_lines(event.details)),
    ]


def _write_csv(path: Path, events: Iterator[Event]) -> None:
    """UTF-8 with the mark that Excel wants."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in chain([_head()], map(_row, events)):
            writer.writerow([csv_text(value) for value in row])


def _write_workbook(path: Path, events: Iterator[Event]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Trail"))
    for row in chain([_head()], map(_row, events)):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet)
            if isinstance(value, int):
                cell.value = value
            else:
                write_text(cell, value)
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
