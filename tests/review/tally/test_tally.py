"""The tallies always say what a count of the filings would."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from institutions.bureaus import move_bureau
from reports.filings.actions import recall
from reports.filings.actions_review import excuse
from reports.filings.models import Filing
from reports.filings.roster import freeze_roster
from reports.rounds.models import Round
from review.models import Tally
from review.tally.tasks import fold
from tests.factories.filings import a_filing, accepted_filing, fresh, open_round, passed, returned, submitted_filing
from tests.factories.institutions import Province, a_certificate


def counted() -> Counter[tuple[object, ...]]:
    """Straight from the filings."""
    found: Counter[tuple[object, ...]] = Counter()
    for f in Filing.objects.all():
        doubts = f.state == "in_review" and f.verify_count > 0
        found[
            (f.round_id, f.scope, f.state, f.step_id, f.step_tier, f.late, f.repeat, doubts, f.previous_id is None)
        ] += 1
    return found


def tallied() -> Counter[tuple[object, ...]]:
    return Counter(
        {
            (c.round_id, c.scope, c.state, c.step, c.step_tier, c.late, c.repeat, c.doubts, c.newcomer): c.count
            for c in Tally.objects.all().counts()
        }
    )


def test_tally_follows_every_move(world: Province, this_year: Round):
    a_filing(this_year, world.b)
    assert tallied() == counted() != Counter()
    filing = submitted_filing(this_year, world.a)
    assert tallied() == counted()
    recall(filing=filing, by=world.filer_a, version=filing.version)
    assert tallied() == counted()
    excuse(filing=Filing.objects.get(institution=world.b), by=world.statistician, version=0, note="注销")
    assert tallied() == counted()
    returned(passed(submitted_filing(this_year, world.c)))
    accepted_filing(this_year, world.e)
    assert tallied() == counted()
    assert sum(tallied().values()) == 4


def test_tally_follows_updates_of_many_and_deletes(world: Province, this_year: Round):
    for institution in (world.a, world.b, world.c, world.d):
        a_filing(this_year, institution)
    Filing.objects.update(late=True)
    assert tallied() == counted()
    Filing.objects.filter(institution__in=[world.a, world.d]).delete()
    assert tallied() == counted()
    assert sum(tallied().values()) == 2


def test_tally_follows_a_bureau_that_moves(world: Province, this_year: Round):
    a_filing(this_year, world.a)
    move_bureau(bureau=world.gulou, parent=world.quanzhou, by=None)
    world.quanzhou.refresh_from_db()
    assert tallied() == counted()
    assert Tally.objects.all().within(world.quanzhou).counts().number() == 1


def test_tally_of_a_rolled_back_move_is_undone(world: Province, this_year: Round):
    a_filing(this_year, world.a)
    before = tallied()
    with transaction.atomic():
        Filing.objects.update(late=True)
        assert tallied() != before
        transaction.set_rollback(True)
    assert tallied() == before == counted()


def test_freezing_a_roster_adds_one_row_for_each_bureau(world: Province):
    for institution in (world.a, world.b, world.c):
        a_certificate(institution, kind="CMA-P")
    round = open_round(world, frozen=False)
    assert freeze_roster(round=round, by=world.statistician) == 3
    assert Tally.objects.count() == 2
    assert tallied() == counted()


def test_fold_leaves_the_sums_and_fewer_rows(world: Province, this_year: Round):
    accepted_filing(this_year, world.a)
    a_filing(this_year, world.b)
    before = tallied()
    assert Tally.objects.count() > 2
    fold()
    assert tallied() == before == counted()
    assert Tally.objects.count() == 2
    fold()
    assert tallied() == before


def test_tally_is_seen_only_by_bureaus_and_only_their_own(world: Province, this_year: Round):
    a_filing(this_year, world.a)
    a_filing(this_year, world.d)
    seen = {
        m: Tally.objects.visible_to(m).counts().number()
        for m in (world.fuzhou_reviewer, world.licheng_reviewer, world.statistician)
    }
    assert list(seen.values()) == [1, 1, 2]
    assert Tally.objects.visible_to(world.filer_a).counts().number() == 0
    assert Tally.objects.visible_to(world.audit_admin).counts().number() == 0
    assert Tally.objects.visible_to(None).counts().number() == 0
    assert fresh(Filing.objects.get(institution=world.a)).scope == world.gulou.path


def test_autosaving_counts_adds_no_rows(world: Province, this_year: Round):
    a_filing(this_year, world.a)
    Filing.objects.update(filled=3, required=9, hard_count=1, verify_count=4)
    assert Tally.objects.count() == 1
