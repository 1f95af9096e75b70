"""An uploaded workbook against its filing as it stands now: loaded, read and compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from reports.filings.examination import Examination, examine
from reports.filings.models import Filing
from reports.filings.spreadsheet.difference import Difference, compare, overlaid
from reports.filings.spreadsheet.guarding import FileRefused
from reports.filings.spreadsheet.layout import FORM, FORMAT, STAMP_SHEET
from reports.filings.spreadsheet.models import WorkbookUpload
from reports.filings.spreadsheet.reading import Taken, take
from reports.filings.spreadsheet.stamp import NoStamp, Stamp, read_stamp
from reports.schemes.checking import Failure


def stamp_in(content: Mapping[str, Any]) -> Stamp:
    """The stamp of a file as `child` read it. Raises FileRefused."""
    meta = str(content.get("meta", "")).split(":")
    if len(meta) > 1 and meta[0] == "zhibao" and meta[1] != FORM:
        raise FileRefused("other_form", form=meta[1][:20])
    for sheet in content["sheets"]:
        if sheet["title"] == STAMP_SHEET:
            try:
                return read_stamp(str(cell[3]) for cell in sheet["cells"] if cell[1] == 1)
            except NoStamp:
                break
    raise FileRefused("not_template")


def vetted(filing: Filing, content: Mapping[str, Any]) -> tuple[Stamp, Taken]:
    """The stamp and the cells of a file for this filing. Raises FileRefused for the file of another institution, another
    round or a later form, and for one without a table."""
    stamp = stamp_in(content)
    if stamp.format > FORMAT:
        raise FileRefused("newer_format", format=stamp.format)
    if stamp.institution != filing.institution.uscc:
        raise FileRefused("other_institution", name=stamp.institution_name[:100], code=stamp.institution[:18])
    if stamp.filing != str(filing.public_id):
        raise FileRefused("other_round", round=stamp.round[:100])
    taken = take(content["sheets"], filing.round.scheme.definition, stamp.sheets)
    if not taken.found:
        raise FileRefused("no_tables")
    return stamp, taken


@dataclass
class Comparison:
    """One look at one upload. Build it with `compare_upload`; the checks run when they are first asked for."""

    upload: WorkbookUpload
    stamp: Stamp
    examination: Examination
    difference: Difference

    @cached_property
    def after(self) -> Examination:
        """The filing as it would be with everything saved that can be read."""
        drafts = overlaid(self.examination.drafts, self.difference)
        return Examination(self.examination.filing, self.examination.definition, drafts)

    @property
    def hard(self) -> list[Failure]:
        return self.after.wrong

    @property
    def verify(self) -> list[Failure]:
        return self.after.unexplained

    @property
    def blanks(self) -> int:
        return len(self.after.blanks)


def compare_upload(filing: Filing, upload: WorkbookUpload) -> Comparison:
    """`filing` comes from `find_annual`; the upload was read. Raises FileRefused, as when the round was given another scheme."""
    assert upload.content is not None
    stamp, taken = vetted(filing, upload.content)
    examination = examine(filing)
    difference = compare(examination.definition, examination.drafts, stamp, taken)
    if stamp.scheme != filing.round.scheme.digest:
        words = _(
            "The workbook was made for another version of the scheme (%(scheme)s). What both have in "
            "common was read; download a new one for the rest."
        )
        difference.notes.insert(0, words % {"scheme": stamp.scheme_title[:100]})
    return Comparison(upload, stamp, examination, difference)
