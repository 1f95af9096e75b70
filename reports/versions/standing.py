"""How a version stands: what has to be mended, what should be known of its last upload."""

from __future__ import annotations

from dataclasses import dataclass

from reports.schemes import causes
from reports.schemes.causes import Fault
from reports.schemes.models import Scheme
from reports.versions.models import SchemeUpload


@dataclass(frozen=True)
class Standing:
    """`faults` keep a draft from being published; a published version has none."""

    upload: SchemeUpload | None
    faults: list[Fault]
    notes: list[Fault]


def standing_of(scheme: Scheme) -> Standing:
    """In the active language. One query, and a compilation of the content for a draft."""
    upload = scheme.uploads.select_related("by__user").first()
    if scheme.is_published:
        return Standing(upload, [], [])
    told = causes.told_words(upload.faults, causes.FAULTS) if upload else []
    unread = {(one.sheet, one.cell) for one in told if one.cell}
    notes = causes.told_words(upload.notes, causes.NOTES) if upload else []
    before = scheme.base.content if scheme.base is not None else None
    found = causes.faults_of(scheme.content, upload.places if upload else {}, before)
    # A cell that could not be read is told as that, and not as blank as well.
    return Standing(upload, told + [one for one in found if (one.sheet, one.cell) not in unread], notes)
