"""Files that no attachment names: a server killed between keeping a file and storing its row, or between taking out the row
and removing the file, leaves one behind."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db.models import Model

from portal.clock import database_now
from reports.annual.attachments import FOLDER
from reports.annual.models import Attachment

log = logging.getLogger(__name__)
#: A younger file may be on its way into a report.
HOURS = 24
AT_ONCE = 500


def sweep() -> int:
    """Of annual reports; how many are gone."""
    return sweep_folder(FOLDER, Attachment)


def sweep_folder(folder: str, model: type[Model]) -> int:
    """Remove what no row names by `stored_as` and was not touched for a day; how many. Safe at any time, also twice at once."""
    before = database_now().timestamp() - HOURS * 3600
    root, gone = Path(settings.MEDIA_ROOT), 0
    found = _older(root / folder, before)
    while batch := list(islice(found, AT_ONCE)):
        names = {str(path.relative_to(root)): path for path in batch}
        kept = model._default_manager.filter(stored_as__in=names).order_by()
        known = set(kept.values_list("stored_as", flat=True))
        for name in names.keys() - known:
            names[name].unlink(missing_ok=True)
            gone += 1
    if gone:
        log.info("Removed %d files of %s that no row named.", gone, folder)
    return gone


def _older(folder: Path, before: float) -> Iterator[Path]:
    """Files below the folder that were last written before the moment."""
    for place, _folders, files in os.walk(folder):
        for name in files:
            path = Path(place) / name
            try:
                if path.stat().st_mtime < before:
                    yield path
            except FileNotFoundError:
                continue
