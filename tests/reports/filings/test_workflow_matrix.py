"""Every state × verb × role: legal or refused, and what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from institutions.models import Membership
from portal.errors import Refused
from portal.trail.models import Event
from reports.filings.actions import recall, submit
from reports.filings.actions_review import excuse, give_back, pass_on
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change, save_cells
from reports.filings.examination import examine
from reports.filings.models import Decision, Filing, Recall, Remark, Revision, State
from reports.rounds.models import Round
from tests.factories.filings import (
    EXPLANATION,
    a_filing,
    a_remark,
    accepted_filing,
    fill,
    fresh,
    open_round,
    passed,
    returned,
    submitted_filing,
)
from tests.factories.institutions import Province, build_province

Make = Callable[[Province, Round], Filing]

SITUATIONS: dict[str, Make] = {
    "due": lambda world, round: a_filing(round, world.a),
    "drafting": lambda world, round: fill(a_filing(round, world.a), world.filer_a),
    "at the county": lambda world, round: submitted_filing(round, world.a),
    "at the prefecture": lambda world, round: passed(submitted_filing(round, world.a)),
    "at the province": lambda world, round: passed(passed(submitted_filing(round, world.a))),
    "returned": lambda world, round: _returned(world, round),
    "accepted": lambda world, round: accepted_filing(round, world.a),
    "excused": lambda world, round: a_filing(round, world.a, state=State.EXCUSED),
}


def _returned(world: Province, round: Round) -> Filing:
    filing = submitted_filing(round, world.a)
    returned(filing)
    Remark.objects.update(resolution="explained", answer=EXPLANATION)
    return fresh(filing)


ROLES: dict[str, Callable[[Province], Membership]] = {
    "filer": lambda world: world.filer_a,
    "signer": lambda world: world.signer_a,
    "other signer": lambda world: world.signer_b,
    "county": lambda world: world.gulou_reviewer,
    "other county": lambda world: world.taijiang_reviewer,
    "prefecture": lambda world: world.fuzhou_reviewer,
    "province": lambda world: world.fujian_reviewer,
    "statistician": lambda world: world.statistician,
    "audit": lambda world: world.audit_admin,
}

VERBS: dict[str, Callable[[Filing, Membership], object]] = {
    "save": lambda f, by: save_cells(
        filing=f,
        table=f.round.scheme.definition.table("JC01"),
        changes=[Change(CellKey(None, "A115"), "350004")],
        seen=9,
        by=by,
    ),
    "submit": lambda f, by: submit(filing=f, by=by, version=f.version, stamp=examine(f).digest, pledged=True),
    "recall": lambda f, by: recall(filing=f, by=by, version=f.version),
    "pass": lambda f, by: pass_on(filing=f, by=by, version=f.version, revision=_number(f)),
    "return": lambda f, by: give_back(
        filing=f, by=by, version=f.version, revision=_number(f), note="请核对", remarks=[a_remark()]
    ),
    "excuse": lambda f, by: excuse(filing=f, by=by, version=f.version, note="已注销"),
}


def _number(filing: Filing) -> int:
    return filing.revision.number if filing.revision else 1


def _row(save="", submit="", recall="", pass_="", return_="", excuse="") -> dict[str, set[str]]:
    told = {"save": save, "submit": submit, "recall": recall, "pass": pass_, "return": return_, "excuse": excuse}
    return {verb: set(filter(None, roles.split(", "))) for verb, roles in told.items()}


#: Situation → verb → the roles that may. Everything else is refused.
LEGAL = {
    "due": _row(save="filer, signer", excuse="statistician"),
    "drafting": _row(save="filer, signer", submit="signer", excuse="statistician"),
    "at the county": _row(recall="filer, signer", pass_="county", return_="county"),
    "at the prefecture": _row(pass_="prefecture", return_="prefecture"),
    "at the province": _row(pass_="province, statistician", return_="province, statistician"),
    "returned": _row(save="filer, signer", submit="signer"),
    "accepted": _row(return_="province, statistician"),
    "excused": _row(),
}

AFTER = {
    "save": State.DRAFTING,
    "submit": State.IN_REVIEW,
    "recall": State.DRAFTING,
    "return": State.RETURNED,
    "excuse": State.EXCUSED,
}


def _picture(filing: Filing) -> tuple[object, ...]:
    """Everything a refused act must leave as it was."""
    row = Filing.objects.values().get(pk=filing.pk)
    counts = [model.objects.count() for model in (Revision, Decision, Remark, Recall, Event)]
    return (*row.items(), *counts, *filing.drafts.values_list("table", "version", "cells"))


@pytest.mark.django_db
@pytest.mark.parametrize("situation", SITUATIONS)
def test_every_verb_of_every_role(situation: str):
    world = build_province()
    made = SITUATIONS[situation](world, open_round(world))
    assert set(LEGAL[situation]) == set(VERBS)
    for verb, act in VERBS.items():
        for role, membership in ROLES.items():
            _try(
                made,
                verb,
                act,
                membership(world),
                legal=role in LEGAL[situation][verb],
                said=f"{situation}: {verb} by {role}",
            )


def _try(made: Filing, verb: str, act, by: Membership, *, legal: bool, said: str) -> None:
    with transaction.atomic():
        filing = fresh(made)
        before, version, events = _picture(filing), filing.version, Event.objects.count()
        try:
            act(filing, by)
        except Refused as refusal:
            assert not legal, f"{said}: {refusal.reason}"  # noqa: PT017 -- legal acts are not refused
            assert str(refusal.reason).strip()  # noqa: PT017
            assert _picture(filing) == before, said
        else:
            if (verb, by.role) == ("submit", "signer") and made.state == State.IN_REVIEW and not legal:
                assert _picture(filing) == before, said  # the same submission again is answered, and changes nothing
                transaction.set_rollback(True)
                return
            assert legal, said
            after = fresh(made)
            if verb == "pass":
                assert after.state == (State.ACCEPTED if made.step.tier == "province" else State.IN_REVIEW), said
            elif not (verb == "save" and made.state == State.RETURNED):
                assert after.state == AFTER[verb], said
            if verb != "save":
                assert after.version == version + 1, said
                assert Event.objects.count() == events + 1, said
        transaction.set_rollback(True)
