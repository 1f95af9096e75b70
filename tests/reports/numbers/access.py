"""Who may open the pages of report numbers. The quarterly filing asked for belongs to institution A and holds two numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from reports.filings.models import Filing
from reports.numbers import tokens
from reports.numbers.models import ApiToken, NumberBatch, ReportNumber
from reports.rounds.models import Kind
from tests.access_matrix import ABOVE, BUREAUS, INSTITUTION, Row, only, public
from tests.factories.filings import a_filing, open_round
from tests.factories.institutions import Province, a_certificate

OWN = only(*INSTITUTION) | {"other_filer": 404}
READ = only(*INSTITUTION, *ABOVE) | {"other_filer": 404, "sibling": 404, "other_prefecture": 404}
FILERS = (*INSTITUTION, "other_filer")


def _does(status: int) -> dict[str, int]:
    return only(*INSTITUTION, ok=status) | {"other_filer": 404}


def _filing(world: Province) -> Filing:
    found = Filing.objects.filter(institution=world.a).first()
    if found is None:
        a_certificate(world.a)
        found = a_filing(open_round(world, period="2023Q4", kind=Kind.QUARTERLY_NUMBERS), world.a)
        batch = NumberBatch.objects.create(
            filing=found,
            by=world.filer_a,
            source="file",
            state="done",
            name="编号.csv",
            size=10,
            sha256="0" * 64,
            read=2,
            stored=2,
        )
        for key in ("FJ-1", "FJ-2"):
            ReportNumber.objects.create(
                institution_id=world.a.pk,
                key=key,
                issued_on=dt.date(2023, 11, 5),
                batch_id=batch.pk,
                line=2,
                quarter=20234,
            )
    return found


def _key(world: Province) -> dict[str, Any]:
    return {"public_id": _filing(world).public_id}


def _batch(world: Province) -> dict[str, Any]:
    return {"public_id": _filing(world).number_batches.get().public_id}


def _token(world: Province) -> dict[str, Any]:
    found = ApiToken.objects.first()
    return {"pk": found.pk if found else tokens.make(name="LIMS", by=world.filer_a)[0].pk}


NUMBER = {"number": "FJ-1", "reason": "报告已撤回，重新检测"}
#: The interface knows tokens alone; a session opens nothing there.
NOBODY = public(401)

ROWS = {
    "numbers:lookup": Row(get=public()),
    "numbers:api-docs": Row(get=public()),
    "numbers:coverage": Row(get=only(*BUREAUS)),
    "numbers:coverage-workbook": Row(args=lambda world: _filing(world) and {}, get=only(*BUREAUS)),
    "numbers:shared-list": Row(get=only(*BUREAUS)),
    "numbers:token-list": Row(get=only(*FILERS)),
    "numbers:token-create": Row(post=only(*FILERS), data=lambda world: {"name": "LIMS"}),
    "numbers:token-revoke": Row(args=_token, post=_does(302)),
    "numbers:lookup-code": Row(args=lambda world: {"public_id": world.a.public_id}, get=READ),
    "numbers:quarter-detail": Row(args=_key, get=OWN),
    "numbers:quarter-declare": Row(args=_key, post=_does(302), data=lambda world: {"count": "2"}),
    "numbers:template": Row(args=_key, get=OWN),
    "numbers:batch-list": Row(args=_key, get=only(*INSTITUTION, ok=302) | {"other_filer": 404}),
    # No file is sent: the act itself is refused, not the person.
    "numbers:batch-upload": Row(args=_key, post=_does(422)),
    "numbers:batch-paste": Row(
        args=_key, post=_does(302), data=lambda world: {"paste-text": "FJ-9", "paste-issued_on": "2023-11-05"}
    ),
    "numbers:batch-range": Row(
        args=_key,
        post=_does(200),
        data=lambda world: {"range-first": "FJ-10", "range-last": "12", "range-issued_on": "2023-11-05"},
    ),
    # Nothing is submitted here: what is being sent in is the institution's own.
    "numbers:batch-detail": Row(args=_batch, get=READ | dict.fromkeys(ABOVE, 404)),
    "numbers:batch-reasons": Row(args=_batch, get=READ | dict.fromkeys(ABOVE, 404)),
    "numbers:batch-cancel": Row(args=_batch, post=_does(403)),
    "numbers:batch-confirm": Row(args=_batch, post=_does(422)),
    "numbers:batch-marked": Row(args=_batch, get=OWN | dict.fromkeys(INSTITUTION, 404)),
    "numbers:number-list": Row(args=_key, get=READ | dict.fromkeys(ABOVE, 403)),
    "numbers:number-detail": Row(args=_key, get=READ | dict.fromkeys(INSTITUTION, 404) | dict.fromkeys(ABOVE, 403)),
    "numbers:number-void": Row(args=_key, post=_does(302), data=lambda world: NUMBER),
    "numbers:number-replace": Row(
        args=_key, post=_does(302), data=lambda world: NUMBER | {"replacement": "FJ-1A", "issued_on": "2023-12-05"}
    ),
    "numbers:extract": Row(args=_key, get=READ | dict.fromkeys(ABOVE, 403)),
    "numbers:explanation-save": Row(
        args=_key, post=_does(422), data=lambda world: {"key": "K999", "text": "新增两条检测线"}
    ),
    "numbers:remark-answer": Row(args=_key, post=_does(422), data=lambda world: {"remark": "1", "resolution": "fixed"}),
    "numbers:quarter-preview": Row(args=_key, get=OWN),
    "numbers:quarter-submit": Row(
        args=_key,
        post=_does(403) | {"signer": 409},
        data=lambda world: {"stamp": "old", "version": "0", "pledged": "yes"},
    ),
    "numbers:quarter-recall": Row(args=_key, post=_does(403), data=lambda world: {"version": "0"}),
    "numbers:revision-detail": Row(
        args=lambda world: _key(world) | {"number": 1},
        get=READ | dict.fromkeys(INSTITUTION, 404) | dict.fromkeys(ABOVE, 403),
    ),
    "api:openapi-json": Row(get=public(), post=public()),
    "api:api-root": Row(get=public(404), post=public(404)),
    "api:batch_send": Row(args=lambda world: {"period": "2023Q4"}, get=public(405), post=NOBODY),
    "api:batch_status": Row(args=lambda world: {"batch_id": _batch(world)["public_id"]}, get=NOBODY, post=public(405)),
    "api:batch_errors": Row(args=lambda world: {"batch_id": _batch(world)["public_id"]}, get=NOBODY, post=public(405)),
    "api:batch_marked": Row(args=lambda world: {"batch_id": _batch(world)["public_id"]}, get=NOBODY, post=public(405)),
    "api:quarter_list": Row(get=NOBODY, post=public(405)),
    "api:quarter_count": Row(args=lambda world: {"period": "2023Q4"}, get=NOBODY, post=public(405)),
    "api:number_void": Row(get=public(405), post=NOBODY, data=lambda world: NUMBER),
}
