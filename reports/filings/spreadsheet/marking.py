"""The person's own file with what is wrong in it as comments on the cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from portal.uploads import storage
from reports.filings.cellkeys import CellKey
from reports.filings.spreadsheet.actions import FOLDER
from reports.filings.spreadsheet.comparing import Comparison
from reports.filings.spreadsheet.guarding import write_comments
from reports.filings.spreadsheet.parts import colon
from reports.schemes.helptexts import rule_card

Mark = tuple[str, int, int, str]


def marked_bytes(comparison: Comparison) -> bytes:
    """The file as sent, formats and further sheets kept as far as the library does. Raises FileRefused; FileNotFoundError
    when the file was cleared away."""
    source = storage.path_of(comparison.upload.stored_as, FOLDER) if comparison.upload.stored_as else None
    if source is None or not source.exists():
        raise FileNotFoundError
    out = storage.new_path(f"{FOLDER}/{comparison.upload.filing.institution_id}", ".xlsx")
    try:
        write_comments(source, out, marks_of(comparison), _("Result of the check:"))
        return out.read_bytes()
    finally:
        out.unlink(missing_ok=True)


def marks_of(comparison: Comparison) -> list[Mark]:
    """What could not be read, then what the checks would say: must be corrected, must be explained."""
    return [*_unreadable(comparison), *_findings(comparison)]


def _unreadable(comparison: Comparison) -> Iterator[Mark]:
    for one in comparison.difference.unreadable:
        words = f"{one.item.code} {one.item.name()}{colon()}{one.reason}"
        if one.offer:
            words += " " + _("Perhaps %(offer)s is meant.") % {"offer": one.offer}
        yield one.sheet, *one.at, words


def _findings(comparison: Comparison) -> Iterator[Mark]:
    places = comparison.difference.places
    for failure in (*comparison.hard, *comparison.verify):
        for table, row_id, code in failure.cells:
            place = places.get((table, str(CellKey(row_id, code))))
            if place is not None:
                kind = _("must be corrected") if failure.severity == "hard" else _("needs an explanation")
                yield *place, f"{failure.code} {kind}{colon()}{failure.message()}\n{rule_card(failure.check).text}"


def marked_name(name: str) -> str:
    """What the marked copy is called."""
    return _("%(name)s, marked.xlsx") % {"name": Path(name).stem[:150]}
