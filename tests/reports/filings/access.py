"""Who may open the pages of a filing. The filing asked for belongs to institution A and is being filled."""

from __future__ import annotations

import datetime as dt
from typing import Any

from portal.clock import database_now
from reports.filings.departments import actions as departments
from reports.filings.departments.models import DepartmentChange
from reports.filings.extensions.actions import ask
from reports.filings.extensions.models import Extension
from reports.filings.models import Filing
from tests.access_matrix import ABOVE, INSTITUTION, Row, only, public
from tests.factories.filings import a_filing, fill, open_round, submitted_filing
from tests.factories.institutions import Province

OWN = only(*INSTITUTION) | {"other_filer": 404}


def _drafting(world: Province) -> Filing:
    found = Filing.objects.filter(institution=world.a).first()
    return found or fill(a_filing(open_round(world), world.a), world.filer_a)


def _sent(world: Province) -> Filing:
    found = Filing.objects.filter(institution=world.a).first()
    return found or submitted_filing(open_round(world), world.a)


def _key(world: Province) -> dict[str, Any]:
    return {"public_id": _drafting(world).public_id}


def _table(code: str) -> Any:
    return lambda world: _key(world) | {"code": code}


def _number(world: Province) -> dict[str, Any]:
    return {"public_id": _sent(world).public_id, "number": 1}


def _does(status: int) -> dict[str, int]:
    """An act of the institution itself; others of its kind do not find the filing."""
    return only(*INSTITUTION, ok=status) | {"other_filer": 404}


def _extension(world: Province) -> dict[str, Any]:
    found = Extension.objects.first() or ask(
        filing=_drafting(world), until=database_now() + dt.timedelta(days=20), reason="停工", by=world.filer_a,
        chunks=[b"%PDF-1.7"], name="证明.pdf",
    )  # fmt: skip
    return {"public_id": found.public_id}


def _department(world: Province) -> dict[str, Any]:
    found = DepartmentChange.objects.first() or departments.ask(
        filing=_drafting(world), wanted=world.taijiang, reason="主要证书属台江", by=world.filer_a
    )
    return {"public_id": found.public_id}


READ = only(*INSTITUTION, *ABOVE) | {"other_filer": 404, "sibling": 404, "other_prefecture": 404}

ROWS = {
    "filings:filing-list": Row(get=only(*INSTITUTION, "other_filer")),
    "filings:filing-detail": Row(args=_key, get=OWN),
    "filings:table-edit": Row(args=_table("JC05"), get=OWN, post=_does(302), data=lambda world: {"W101": "1200"}),
    "filings:cell-save": Row(args=_table("JC05"), post=_does(302), data=lambda world: {"W101": "1200"}),
    # Nothing was accepted last year: the act is refused, not the person.
    "filings:last-year-take": Row(args=_table("JC05"), post=_does(422), data=lambda world: {"what": "table"}),
    "filings:row-add": Row(args=_table("JC01-2"), post=_does(302)),
    "filings:row-remove": Row(args=_table("JC01-2"), post=_does(302), data=lambda world: {"row": "r1"}),
    "filings:row-move": Row(args=_table("JC01-2"), post=_does(302), data=lambda world: {"row": "r1 down"}),
    "filings:department-ask": Row(
        args=_key,
        get=READ,
        post=READ | {"filer": 302, "signer": 302, "county": 302, "prefecture": 403, "province": 403},
        data=lambda world: {"wanted": world.taijiang.pk, "reason": "主要证书属台江"},
    ),
    "filings:department-take-back": Row(
        args=_department,
        post=_does(302) | {"county": 403, "sibling": 403, "prefecture": 403, "province": 403, "other_prefecture": 404},
    ),
    "filings:extension-ask": Row(
        args=_key,
        get=OWN,
        post=_does(302),
        data=lambda world: {"until": f"{database_now() + dt.timedelta(days=20):%Y-%m-%d}", "reason": "停工"},
    ),
    "filings:extension-take-back": Row(args=_extension, post=_does(302)),
    "filings:extension-file": Row(args=_extension, get=READ),
    "filings:workbook-download": Row(args=_key, get=OWN),
    # No file in the form, and none uploaded before: the act is refused, not the person.
    "filings:workbook-upload": Row(args=_key, get=OWN, post=_does(422)),
    "filings:workbook-apply": Row(args=_key, post=_does(302)),
    "filings:workbook-marked": Row(args=_key, get=_does(422)),
    "filings:finding-list": Row(args=_key, get=OWN),
    # No such finding or remark on this filing: the act itself is refused, not the person.
    "filings:explanation-save": Row(
        args=_key, post=_does(422), data=lambda world: {"key": "K999", "text": "新增两条检测线"}
    ),
    "filings:remark-answer": Row(args=_key, post=_does(422), data=lambda world: {"remark": "1", "resolution": "fixed"}),
    "filings:filing-preview": Row(args=_key, get=OWN),
    "filings:filing-submit": Row(
        args=_key,
        post=_does(403) | {"signer": 409},
        data=lambda world: {"stamp": "old", "version": "1", "pledged": "yes"},
    ),
    # Not all is filled, and nothing was handed over: signers do not hand over, filers not back.
    "filings:filing-hand-over": Row(args=_key, post=_does(409) | {"signer": 403}, data=lambda world: {"stamp": "old"}),
    "filings:filing-hand-back": Row(args=_key, post=only("signer", ok=403), data=lambda world: {"words": "再核对"}),
    "filings:filing-recall": Row(args=_key, post=_does(409), data=lambda world: {"version": "0"}),
    "filings:receipt-detail": Row(args=_number, get=READ),
    "filings:receipt-paper": Row(args=_number, get=READ),
    "filings:receipt-check": Row(get=public()),
    "filings:draft-paper": Row(args=_key, get=OWN),
    "filings:revision-paper": Row(args=_number, get=READ),
    "filings:revision-list": Row(args=_key, get=READ),
    "filings:revision-detail": Row(args=_number, get=READ),
}
