"""K115 of a quarterly filing: the reporting time comes from the round's calendar; late is marked, beyond it refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse

from portal.clock import database_now
from reports.filings.models import Filing, State
from reports.numbers import submitting
from reports.numbers.models import NumberBatch, QuarterReturn
from reports.rounds.models import Phase
from tests.factories.filings import fresh
from tests.factories.institutions import Province
from tests.reports.numbers.clients import client_of, look, text_of
from tests.reports.numbers.conftest import lines

Sent = Callable[..., NumberBatch]
DAY = dt.timedelta(days=1)


@pytest.fixture
def ready(filing: Filing, world: Province, sent: Sent) -> Filing:
    """One number, one declared: nothing else to find."""
    sent(lines("FJ-1"))
    submitting.declare(filing=fresh(filing), count=1, by=world.filer_a)
    return filing


def calendar(filing: Filing, **phases: tuple[int, int]) -> None:
    """The round's phases anew, in days from now; no others."""
    now = database_now()
    filing.round.phases.all().delete()
    for name, (opens, due) in phases.items():
        Phase.objects.create(round=filing.round, name=name, opens_at=now + opens * DAY, due_at=now + due * DAY)


def sign(filing: Filing, world: Province) -> int:
    form = {"version": str(fresh(filing).version), "stamp": look(filing).digest, "pledged": "yes"}
    answer = client_of(world.signer_a).post(reverse("numbers:quarter-submit", args=[filing.public_id]), form)
    return answer.status_code


def test_in_time_nothing_is_found(ready: Filing, world: Province) -> None:
    calendar(ready, fill=(-5, 5), supplement=(6, 30))
    assert look(ready).issues == []
    assert sign(ready, world) == 302
    sent = fresh(ready)
    assert (sent.state, sent.late, sent.revision.findings.count()) == (State.IN_REVIEW, False, 0)


def test_late_filing_is_told_marked_and_kept_and_wants_no_explanation(ready: Filing, world: Province) -> None:
    calendar(ready, fill=(-30, -1), supplement=(-1, 30))
    page = client_of(world.signer_a).get(reverse("numbers:quarter-detail", args=[ready.public_id]))
    assert "报送时间（每季首月）已过，本次报送记为补报。" in text_of(page)
    assert [(issue.key, issue.severity) for issue in look(ready).issues] == [("K115:late", "info")]
    assert sign(ready, world) == 302
    sent = fresh(ready)
    assert (sent.state, sent.late) == (State.IN_REVIEW, True)
    assert list(sent.revision.findings.values_list("key", "check_code", "severity", "explanation")) == [
        ("K115:late", "K115", "info", "")
    ]
    assert [issue.key for issue in look(ready).issues] == ["K115:late"]


def test_outside_every_window_it_is_refused_and_says_when(ready: Filing, world: Province) -> None:
    calendar(ready, fill=(-60, -30), supplement=(-30, -1))
    [issue] = look(ready).issues
    assert (issue.key, issue.severity, issue.cells) == ("K115:b", "hard", [["RN-Q", None, "Q102"]])
    page = client_of(world.signer_a).get(reverse("numbers:quarter-detail", args=[ready.public_id]))
    assert "现在不在报送时间内。每季首月报送上一季度的编号，逾期请联系监管部门。" in text_of(page)
    assert sign(ready, world) == 403
    assert (fresh(ready).state, fresh(ready).revision) == (State.DRAFTING, None)


def test_without_a_calendar_the_check_has_nothing_to_compare(ready: Filing, world: Province) -> None:
    calendar(ready)
    assert look(ready).issues == []
    assert sign(ready, world) == 403


def test_what_was_submitted_in_time_is_not_found_late_afterwards(ready: Filing, world: Province) -> None:
    assert sign(ready, world) == 302
    calendar(ready, fill=(-60, -30), supplement=(-30, -1))
    ready.round.closed_at = database_now()
    ready.round.save(update_fields=["closed_at"])
    assert look(ready).issues == []


def test_reading_pages_writes_nothing(filing: Filing, world: Province) -> None:
    """Before the first act there is no row of declaration and counts; looking makes none."""
    own, bureau = client_of(world.signer_a), client_of(world.gulou_reviewer)
    for name in ("quarter-detail", "quarter-preview", "number-list", "template"):
        assert own.get(reverse(f"numbers:{name}", args=[filing.public_id])).status_code == 200, name
    fragment = own.get(reverse("numbers:quarter-detail", args=[filing.public_id]), headers={"HX-Request": "true"})
    batches = own.get(reverse("numbers:batch-list", args=[filing.public_id]), headers={"HX-Request": "true"})
    extract = own.get(reverse("numbers:extract", args=[filing.public_id]), {"format": "csv"})
    tree = bureau.get(reverse("numbers:coverage"))
    assert [answer.status_code for answer in (fragment, batches, extract, tree)] == [200] * 4
    assert QuarterReturn.objects.count() == 0
    submitting.declare(filing=fresh(filing), count=1, by=world.filer_a)
    assert QuarterReturn.objects.get().declared == 1
