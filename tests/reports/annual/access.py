"""Who may open the pages of annual reports. The report belongs to institution A; its revision holds a file."""

from __future__ import annotations

from typing import Any

from reports.annual.models import Attachment
from reports.filings.models import Filing
from reports.rounds.models import Kind
from tests.access_matrix import ABOVE, INSTITUTION, Row, only
from tests.factories.annual import attach, valid_report
from tests.factories.filings import a_filing, fill, fresh, open_round, sign_and_submit, submitted_filing
from tests.factories.institutions import Province, a_certificate

OWN = only(*INSTITUTION) | {"other_filer": 404}
READ = only(*INSTITUTION, *ABOVE) | {"other_filer": 404, "sibling": 404, "other_prefecture": 404}


def _does(status: int) -> dict[str, int]:
    return only(*INSTITUTION, ok=status) | {"other_filer": 404}


def _draft(world: Province) -> Filing:
    """Being written, with one file."""
    found = Filing.objects.filter(institution=world.a, round__kind=Kind.ANNUAL_REPORT).first()
    if found is None:
        found = a_filing(open_round(world, kind=Kind.ANNUAL_REPORT), world.a)
        attach(found, "R901", world.filer_a)
    return found


def _sent(world: Province) -> Filing:
    found = Filing.objects.filter(institution=world.a, round__kind=Kind.ANNUAL_REPORT).first()
    if found is None:
        a_certificate(world.a)
        statistics = submitted_filing(open_round(world), world.a, by=world.signer_a)
        assert statistics.revision is not None
        found = a_filing(open_round(world, kind=Kind.ANNUAL_REPORT), world.a)
        fill(found, world.filer_a, {"AR": valid_report() | {"R401": statistics.revision.digest}})
        for code in ("R901", "R903"):
            attach(found, code, world.filer_a)
        sign_and_submit(found, world.signer_a)
    return fresh(found)


def _key(world: Province) -> dict[str, Any]:
    return {"public_id": _draft(world).public_id}


def _file(world: Province) -> dict[str, Any]:
    return {"public_id": Attachment.objects.filter(filing=_draft(world)).first().public_id}  # type: ignore[union-attr]


ROWS = {
    "annual:report-detail": Row(args=_key, get=OWN),
    "annual:head-edit": Row(
        args=lambda world: _key(world) | {"number": 1}, get=OWN, post=_does(302), data=lambda world: {"R005": "陈"}
    ),
    "annual:summary-draw": Row(args=_key, post=_does(302)),
    "annual:attachment-add": Row(args=lambda world: _key(world) | {"code": "R905"}, post=_does(422)),
    "annual:attachment-fetch": Row(
        args=lambda world: {"public_id": Attachment.objects.filter(filing=_sent(world)).first().public_id},  # type: ignore[union-attr]
        get=READ,
    ),
    "annual:attachment-remove": Row(args=_file, post=_does(302)),
    "annual:report-preview": Row(args=_key, get=OWN),
    "annual:draft-paper": Row(args=_key, get=OWN),
    "annual:revision-paper": Row(args=lambda world: {"public_id": _sent(world).public_id, "number": 1}, get=READ),
    "annual:report-submit": Row(args=_key, post=_does(422) | {"filer": 403}),
    "annual:report-recall": Row(args=_key, post=_does(409)),
    "annual:remark-answer": Row(args=_key, post=_does(404)),
    "annual:revision-detail": Row(args=lambda world: {"public_id": _sent(world).public_id, "number": 1}, get=READ),
}
