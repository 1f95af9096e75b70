"""Two people at the same moment, with real threads and real transactions: one wins, the other is told, nothing is lost."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from portal.errors import Refused
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.actions import recall, submit
from reports.filings.actions_review import RemarkDraft, add_remark, give_back, pass_on, remove_remark
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change, save_cells
from reports.filings.errors import Incomplete, NotAllowed, StaleFiling
from reports.filings.examination import examine
from reports.filings.models import Decision, Draft, Filing, Recall, Remark, Revision, State
from reports.filings.spreadsheet.actions import receive
from reports.filings.spreadsheet.guarding import FileRefused
from reports.filings.spreadsheet.models import WorkbookUpload
from review.models import Tally
from review.urging.actions import urge
from tests.factories.filings import a_filing, fill, fresh, open_round, submitted_filing
from tests.factories.institutions import Province, a_membership, a_user, build_province

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> Province:
    return build_province()


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Results in the order given; a refusal is its result. All start together, each on a connection of its own."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(position: int, act: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            results[position] = act()
        except Refused as refusal:
            results[position] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return results


def refusals(results: list[object]) -> list[Refused]:
    return [result for result in results if isinstance(result, Refused)]


def test_two_decisions_at_once_one_wins_and_the_other_is_told_by_whom_and_when(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    second = a_membership("reviewer", world.gulou, a_user("second", name="赵二审"))
    remark = RemarkDraft("JC01", "", "A301", "change", "请核对")
    results = at_once(
        lambda: pass_on(filing=filing, by=world.gulou_reviewer, version=filing.version, revision=1),
        lambda: give_back(
            filing=filing, by=second, version=filing.version, revision=1, note="请核对", remarks=[remark]
        ),
    )
    [refusal] = refusals(results)
    decision = Decision.objects.get()
    assert isinstance(refusal, StaleFiling)
    assert decision.by_label in str(refusal.reason)
    after = fresh(filing)
    assert after.version == filing.version + 1
    assert (after.state, after.step) == (
        (State.IN_REVIEW, world.fuzhou) if decision.verdict == "pass" else (State.RETURNED, None)
    )
    assert Event.objects.filter(verb__in=["filing.forward", "filing.return"]).count() == 1


def test_the_same_pass_twice_at_once_is_one_decision(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    results = at_once(
        *[lambda: pass_on(filing=filing, by=world.gulou_reviewer, version=filing.version, revision=1)] * 3
    )
    assert len(refusals(results)) == 2
    assert Decision.objects.count() == 1
    assert fresh(filing).version == filing.version + 1


def test_pass_and_recall_at_once_leave_one_of_both(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    results = at_once(
        lambda: pass_on(filing=filing, by=world.gulou_reviewer, version=filing.version, revision=1),
        lambda: recall(filing=filing, by=world.filer_a, version=filing.version),
    )
    [refusal] = refusals(results)
    assert isinstance(refusal, StaleFiling | NotAllowed)
    after = fresh(filing)
    assert (Decision.objects.count(), Recall.objects.count(), after.state) in (
        (1, 0, State.IN_REVIEW),
        (0, 1, State.DRAFTING),
    )
    assert Revision.objects.count() == 1


def test_a_return_never_goes_without_the_remark_that_is_taken_back_meanwhile(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    remark = add_remark(filing=filing, remark=RemarkDraft("", "", "", "other", "请附合同。"), by=world.gulou_reviewer)
    results = at_once(
        lambda: give_back(filing=filing, by=world.gulou_reviewer, version=filing.version, revision=1, note="请改"),
        lambda: remove_remark(remark=remark, by=world.gulou_reviewer),
    )
    [refusal] = refusals(results)
    assert isinstance(refusal, Incomplete | NotAllowed)
    assert (Decision.objects.count(), Remark.objects.filter(decision__isnull=False).count()) in ((1, 1), (0, 0))
    assert fresh(filing).state == (State.RETURNED if Decision.objects.exists() else State.IN_REVIEW)


def test_a_remark_is_taken_back_once(world: Province):
    filing = submitted_filing(open_round(world), world.a)
    remark = add_remark(filing=filing, remark=RemarkDraft("", "", "", "other", "请附合同。"), by=world.gulou_reviewer)
    results = at_once(*[lambda: remove_remark(remark=remark, by=world.gulou_reviewer)] * 3)
    assert len(refusals(results)) == 2
    assert Remark.objects.count() == 0


def _until_somebody_waits_for_a_lock() -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("Nobody waits.")


def test_an_upload_and_a_submission_that_commit_together_do_not_block_each_other(
    world: Province, settings: Any, tmp_path: Path
):
    """The upload waits for the filing while it holds the institution, to which the submission's notice belongs."""
    settings.MEDIA_ROOT = tmp_path
    filing = a_filing(open_round(world), world.a)

    def upload() -> None:
        with contextlib.suppress(FileRefused):  # it is noted all the same
            receive(filing=filing, chunks=[b"no workbook"], name="a.xlsx", by=world.filer_a)
        connection.close()

    other = threading.Thread(target=upload)
    with transaction.atomic():
        Filing.objects.select_for_update().values_list("pk").get(pk=filing.pk)
        notify(recipients=[world.signer_a.user], kind="submitted", subject_zh="已", subject_en="s", institution=world.a)
        other.start()
        _until_somebody_waits_for_a_lock()
    other.join(30)
    assert (Notice.objects.count(), WorkbookUpload.objects.count()) == (1, 1)


def test_two_submissions_at_once_are_one_revision(world: Province):
    filing = fill(a_filing(open_round(world), world.a), world.signer_a)
    stamp = examine(filing).digest
    results = at_once(
        *[lambda: submit(filing=filing, by=world.signer_a, version=filing.version, stamp=stamp, pledged=True)] * 2
    )
    assert refusals(results) == []
    assert {result.pk for result in results} == {Revision.objects.get().pk}
    assert Event.objects.filter(verb="filing.submit").count() == 1


def test_two_clerks_saving_different_cells_at_once_lose_nothing(world: Province):
    filing = fill(a_filing(open_round(world), world.a), world.signer_a)
    table = filing.round.scheme.definition.table("JC01")

    def save(code: str, raw: str, by) -> Callable[[], object]:
        return lambda: save_cells(
            filing=fresh(filing), table=table, changes=[Change(CellKey(None, code), raw)], seen=1, by=by
        )

    results = at_once(save("A115", "350005", world.filer_a), save("A113", "350103", world.signer_a))
    assert refusals(results) == []
    draft = Draft.objects.get(filing=filing, table="JC01")
    assert (draft.cells["A115"], draft.cells["A113"], draft.version) == ("350005", "350103", 3)


def test_two_clerks_saving_one_cell_at_once_one_is_told_of_the_conflict(world: Province):
    filing = fill(a_filing(open_round(world), world.a), world.signer_a)
    table = filing.round.scheme.definition.table("JC01")

    def save(raw: str, by) -> Callable[[], object]:
        return lambda: save_cells(
            filing=fresh(filing), table=table, changes=[Change(CellKey(None, "A115"), raw)], seen=1, by=by
        )

    results = at_once(save("350005", world.filer_a), save("350006", world.signer_a))
    [conflict] = [conflict for result in results for conflict in result.conflicts]
    stored = Draft.objects.get(filing=filing, table="JC01").cells["A115"]
    assert {stored, conflict.mine} == {"350005", "350006"}
    assert conflict.stored == stored


def test_two_urgings_at_once_tell_everybody_once(world: Province):
    round = open_round(world)
    a_filing(round, world.a)
    results = at_once(*[lambda: urge(round=round, bureau=world.gulou, choice="owed", by=world.gulou_reviewer)] * 2)
    assert sorted(results) == [0, 1]
    assert Notice.objects.filter(kind="urge").count() == 2


def test_moves_at_once_in_opposite_directions_do_not_wait_for_each_other(world: Province):
    """The tallies of both are right afterwards, without a lock that two moves could take in different orders."""
    round = open_round(world)
    first, second = submitted_filing(round, world.a), submitted_filing(round, world.b)
    results = at_once(
        lambda: pass_on(filing=first, by=world.gulou_reviewer, version=first.version, revision=1),
        lambda: recall(filing=second, by=world.filer_b, version=second.version),
    )
    assert refusals(results) == []
    counts = Tally.objects.all().counts()
    assert (counts.number("in_review"), counts.number("drafting"), counts.number()) == (1, 1, Filing.objects.count())
