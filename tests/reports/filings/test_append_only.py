"""What was submitted and decided stays as written: the database refuses to change or remove it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from reports.filings.actions import recall
from reports.filings.models import Decision, Filing, Finding, Recall, Revision
from reports.rounds.models import Round
from tests.factories.filings import fresh, open_round, returned, submitted_filing
from tests.factories.institutions import Province, a_membership, build_province


@pytest.fixture
def world(db: None) -> Province:
    return build_province()


@pytest.fixture
def this_year(world: Province) -> Round:
    return open_round(world)


@pytest.fixture
def everything(world: Province, this_year: Round) -> Filing:
    """A filing with a revision, a finding, a recall and a decision."""
    filing = submitted_filing(this_year, world.a)
    Finding.objects.create(
        revision=filing.revision, key="K100x", check_code="K100", severity="verify", table="JC01", message_zh="变动", message_en="Change"
    )  # fmt: skip
    returned(filing)
    other = submitted_filing(this_year, world.b)
    recall(filing=other, by=world.signer_b, version=other.version)
    return fresh(filing)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("filings_revision", "digest = repeat('0', 64)"),
        ("filings_revision", "cells = '{}'"),
        ("filings_decision", "note = 'x'"),
        ("filings_decision", "verdict = 'pass'"),
        ("filings_recall", "at = now()"),
        ("filings_finding", "explanation = 'x'"),
        ("filings_finding", "severity = 'info'"),
    ],
)
def test_an_update_is_refused(everything: Filing, table: str, change: str):
    before = _rows(table)
    assert before
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change}")
    assert _rows(table) == before


@pytest.mark.parametrize("table", ["filings_revision", "filings_decision", "filings_recall", "filings_finding"])
def test_a_delete_is_refused(everything: Filing, table: str):
    before = _rows(table)
    assert before
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
    assert _rows(table) == before


def test_the_models_refuse_it_too(everything: Filing):
    for model in (Revision, Decision, Recall):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
        assert model.objects.exists()


def test_the_verdict_of_a_finding_may_change(everything: Filing):
    assert Finding.objects.filter(key="K100x").update(verdict="plausible") == 1


def test_nobody_decides_on_what_they_signed_themselves(world: Province, this_year: Round):
    """Whatever role they switch to: the database knows the person."""
    filing = submitted_filing(this_year, world.a)
    both = a_membership("reviewer", world.gulou, world.signer_a.user)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.create(
            filing=filing,
            revision=filing.revision,
            bureau=world.gulou,
            tier="county",
            verdict="pass",
            by=both.user,
            by_label="x",
        )
    assert Decision.objects.count() == 0


def _rows(table: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t::text FROM {table} t ORDER BY id")
        return cursor.fetchall()
