"""Who may open the pages of the review. The filing asked for belongs to institution A and waits at 鼓楼."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from portal.clock import database_now
from reports.filings.actions_review import add_remark
from reports.filings.departments import actions as departments
from reports.filings.departments.models import DepartmentChange
from reports.filings.extensions.actions import ask
from reports.filings.extensions.models import Extension
from reports.filings.models import Filing, Finding, Remark
from reports.rounds.models import Round
from tests.access_matrix import ABOVE, BUREAUS, Row, Statuses, only
from tests.factories.filings import a_filing, a_remark, accepted_filing, open_round, submitted_filing
from tests.factories.institutions import Province

OUTSIDE = {"sibling": 404, "other_prefecture": 404}


def _round(world: Province) -> Round:
    return Round.objects.first() or open_round(world)


def _waiting(world: Province) -> Mapping[str, Any]:
    return {"public_id": (Filing.objects.first() or submitted_filing(_round(world), world.a)).public_id}


def _accepted(world: Province) -> Mapping[str, Any]:
    return {"public_id": (Filing.objects.first() or accepted_filing(_round(world), world.a)).public_id}


def _due(world: Province) -> Mapping[str, Any]:
    return {"public_id": (Filing.objects.first() or a_filing(_round(world), world.a)).public_id}


def _remark(world: Province) -> Mapping[str, Any]:
    if not Remark.objects.exists():
        add_remark(filing=submitted_filing(_round(world), world.a), remark=a_remark(), by=world.gulou_reviewer)
    return {"pk": Remark.objects.get().pk}


def _with_remark(world: Province) -> Mapping[str, Any]:
    _remark(world)
    return _waiting(world)


def _in_a_round(world: Province) -> Mapping[str, Any]:
    _round(world)
    return {}


def _finding(world: Province) -> Mapping[str, Any]:
    if not Finding.objects.filter(key="K100x").exists():
        filing = submitted_filing(_round(world), world.a)
        Finding.objects.create(
            revision=filing.revision, key="K100x", check_code="K100", severity="verify", table="JC01",
            message_zh="变动", message_en="Change",
        )  # fmt: skip
    return {"pk": Finding.objects.get(key="K100x").pk}


def _a_round(world: Province) -> Mapping[str, Any]:
    return {"public_id": _round(world).public_id}


def _judged(world: Province) -> Mapping[str, Any]:
    filing = Filing.objects.get()
    assert filing.revision is not None
    return {"version": filing.version, "revision": filing.revision.number, "note": "请核对"}


def _whose_turn(ok: int) -> Statuses:
    """Only the bureau whose turn it is; others above see the filing and are refused."""
    return only("county", ok=ok) | {"prefecture": 409, "province": 409} | OUTSIDE


def _extension(world: Province) -> Mapping[str, Any]:
    due = Filing.objects.first() or a_filing(_round(world), world.a)
    until = database_now() + dt.timedelta(days=20)
    found = Extension.objects.first() or ask(filing=due, until=until, reason="停工", by=world.filer_a)
    return {"public_id": found.public_id}


def _department(world: Province) -> Mapping[str, Any]:
    due = Filing.objects.first() or a_filing(_round(world), world.a)
    found = DepartmentChange.objects.first() or departments.ask(
        filing=due, wanted=world.taijiang, reason="主要证书属台江", by=world.filer_a
    )
    return {"public_id": found.public_id}


ROWS = {
    "review:department-list": Row(get=only(*BUREAUS)),
    "review:department-answer": Row(
        args=_department,
        post=only("sibling", ok=302) | {"other_prefecture": 404},
        data=lambda world: {"decision": "accept"},
    ),
    "review:extension-list": Row(get=only(*BUREAUS)),
    "review:extension-decide": Row(
        args=_extension,
        post=only("county", "province", ok=302) | OUTSIDE,
        data=lambda world: {"decision": "refuse", "note": "理由不足"},
    ),
    "review:queue": Row(get=only(*BUREAUS)),
    "review:queue-pass": Row(post=only(*BUREAUS)),
    "review:filing-read": Row(args=_waiting, get=only(*ABOVE) | OUTSIDE),
    "review:filing-peek": Row(args=_waiting, get=only(*ABOVE) | OUTSIDE),
    "review:filing-open": Row(args=_waiting, post=only(*ABOVE, ok=204) | OUTSIDE),
    "review:filing-pass": Row(args=_waiting, post=_whose_turn(302), data=_judged),
    "review:filing-return": Row(args=_with_remark, post=_whose_turn(302), data=_judged),
    "review:filing-reopen": Row(
        args=_accepted,
        post=only("province", ok=302) | OUTSIDE,
        data=lambda world: {**_judged(world), "cell": "", "reason": "other", "text": "请核对人数。"},
    ),
    "review:filing-excuse": Row(
        args=_due, post=only("province", ok=302), data=lambda world: {"version": 0, "note": "已注销"}
    ),
    "review:remark-add": Row(
        args=_waiting,
        post=_whose_turn(302),
        data=lambda world: {"cell": "JC01::A301", "reason": "unit", "text": "请核对单位。"},
    ),
    "review:remark-remove": Row(args=_remark, post=only("county", ok=302) | OUTSIDE),
    "review:finding-judge": Row(args=_finding, post=_whose_turn(302), data=lambda world: {"verdict": "plausible"}),
    "review:contact-list": Row(get=only(*BUREAUS)),
    "review:coverage": Row(get=only(*BUREAUS)),
    "review:coverage-workbook": Row(args=_in_a_round, get=only(*BUREAUS)),
    "review:coverage-paper": Row(args=_in_a_round, get=only(*BUREAUS)),
    "review:institution-record-paper": Row(
        args=lambda world: {"public_id": world.a.public_id}, get=only(*ABOVE) | OUTSIDE
    ),
    "review:nonfiler-list": Row(get=only(*BUREAUS)),
    "review:nonfiler-workbook": Row(args=_in_a_round, get=only(*BUREAUS)),
    "review:urge": Row(args=_in_a_round, get=only(*BUREAUS), post=only(*BUREAUS, ok=302)),
    "review:institution-record": Row(args=lambda world: {"public_id": world.a.public_id}, get=only(*ABOVE) | OUTSIDE),
    "review:roster-detail": Row(args=_a_round, get=only(*BUREAUS)),
    "review:roster-workbook": Row(args=_a_round, get=only(*BUREAUS)),
    "review:roster-change": Row(
        args=_a_round,
        post=only("province", ok=302),
        data=lambda world: {"uscc": world.b.uscc, "reason": "补录", "act": "add"},
    ),
    "review:roster-freeze": Row(args=_a_round, post=only("province", ok=302)),
}
