"""The loaded demonstration holds what the actions of the rooms would have left behind."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Count, F

from demo.loading.ground import AUTHORISED
from demo.loading.stories import FROM_LAST_YEAR
from institutions.enrolment.models import Invitation
from institutions.enrolment.models_applying import Application
from institutions.enrolment.models_contacts import ContactCheck
from institutions.enrolment.models_idle import IdleWarning
from institutions.models import Bureau, Grant, Institution, Membership, User
from institutions.roles import Role
from portal.clock import database_now
from portal.inbox.models import Notice
from portal.trail.models import Event, Seal
from portal.trail.verify import verify
from reports.filings.actions import submit
from reports.filings.actions_review import pass_on
from reports.filings.contacts import contact
from reports.filings.examination import digest_of, examine, figures_of, note_counts
from reports.filings.home import tasks
from reports.filings.models import Decision, Filing, Revision, State
from reports.filings.prefill import prefilled
from reports.filings.roster import freeze_roster
from reports.filings.routes import route_for
from reports.filings.rules import is_late
from reports.filings.scoring import score, totals_of
from reports.filings.untouched import untouched
from reports.rounds.models import Kind, Phase, Round
from reports.schemes.checking import Cells, derive
from reports.schemes.models import Scheme
from review.urging.sending import send_reminders
from tests.demo.conftest import SIZE

pytestmark = pytest.mark.usefixtures("province")
#: Of a filing, without moving it.
NO_MOVES = ("filing.opened", "filing.ready", "filing.filled_from_last_year")


def filings() -> list[Filing]:
    """Of annual statistics; quarters of report numbers are looked at in test_numbers.py."""
    return list(Filing.objects.for_page().filter(round__kind=Kind.ANNUAL_STATISTICS).order_by("pk"))


def of_user(username: str) -> Filing:
    mine = Filing.objects.for_page().filter(round__kind=Kind.ANNUAL_STATISTICS, round__period="2023")
    return mine.get(institution__memberships__user__username=username)


def test_province_has_all_bureaus_two_rounds_and_every_state() -> None:
    assert Bureau.objects.count() == 93
    assert Institution.objects.count() == SIZE
    last, this = Round.objects.filter(kind=Kind.ANNUAL_STATISTICS).order_by("period")
    assert (this.previous, last.closed_at is None, this.closed_at) == (last, False, None)
    assert set(last.filings.values_list("state", flat=True)) <= {State.ACCEPTED, State.DUE, State.EXCUSED}
    assert set(this.filings.values_list("state", flat=True)) >= {
        State.DUE,
        State.DRAFTING,
        State.IN_REVIEW,
        State.RETURNED,
        State.ACCEPTED,
    }
    fill = this.phases.get(name=Phase.Name.FILL)
    assert fill.opens_at < this.filings.filter(touched_at__isnull=False).earliest("touched_at").touched_at
    assert dt.timedelta(days=5) < fill.due_at - database_now() < dt.timedelta(days=8)


def test_every_revision_says_what_its_digest_covers() -> None:
    annual = Revision.objects.filter(filing__round__kind=Kind.ANNUAL_STATISTICS)
    revisions = annual.select_related("scheme", "filing__previous__revision", "filing__round")
    assert revisions.count() > SIZE
    for revision in revisions:
        assert revision.digest == digest_of(
            revision.scheme.digest, revision.cells, revision.derived, revision.explanations
        )
        cells, definition = Cells.from_tables(revision.cells), revision.scheme.definition
        assert revision.figures == figures_of(definition, cells)
        before = revision.filing.previous
        previous = Cells.from_tables(before.revision.cells) if before and before.revision else None
        assert revision.derived == derive(definition, cells, previous)
        assert revision.late == revision.filing.late


def test_what_was_submitted_stands_in_the_drafts_and_has_no_errors() -> None:
    submitted = [filing for filing in filings() if filing.state in (State.IN_REVIEW, State.ACCEPTED)]
    assert len(submitted) > SIZE
    totals_of.cache_clear()
    for filing in submitted:
        look = examine(filing)
        assert look.hard == []
        assert look.digest == filing.revision.digest
        assert {failure.key for failure in look.failures} == set(filing.revision.findings.values_list("key", flat=True))
        assert look.unexplained == []
        assert (filing.hard_count, filing.verify_count, filing.score) == (0, len(look.verify), score(look))


def test_counts_of_drafts_are_those_that_saving_would_note() -> None:
    drafting = [filing for filing in filings() if filing.state == State.DRAFTING]
    assert drafting
    for filing in drafting:
        counts = filing.filled, filing.required, filing.hard_count, filing.verify_count
        note_counts(examine(filing))
        assert (filing.filled, filing.required, filing.hard_count, filing.verify_count) == counts


def test_routes_and_steps_are_those_of_the_authorisations() -> None:
    waiting = [filing for filing in filings() if filing.state == State.IN_REVIEW]
    assert {filing.step_tier for filing in waiting} == {"county", "prefecture", "province"}
    for filing in filings():
        if filing.revision is None:
            assert filing.route == []
            continue
        assert filing.route == [bureau.pk for bureau in route_for(filing.reviewing_bureau)]
        assert filing.scope == filing.reviewing_bureau.path
    for filing in waiting:
        passed = list(filing.revision.decisions.filter(verdict="pass").order_by("id").values_list("bureau", flat=True))
        assert passed == filing.route[: len(passed)]
        assert filing.step_id == filing.route[len(passed)]
        assert filing.step_tier == filing.step.tier
        since = filing.revision.decisions.latest("id").at if passed else filing.revision.submitted_at
        assert filing.step_since == since == filing.touched_at
    authorised = Grant.objects.in_force().filter(kind="review")
    assert set(authorised.values_list("bureau__code", flat=True)) == set(AUTHORISED)


def test_grants_of_every_kind_are_in_force_to_come_and_over() -> None:
    found = Grant.objects.staged().exclude(kind="review", stage="current")
    assert {(grant.kind, grant.stage) for grant in found} == {
        ("review", "coming"), ("stand_in", "current"), ("inspect", "past"),
    }  # fmt: skip
    standing_in = Membership.objects.current().get(grant__isnull=False)
    assert standing_in.role == Role.REVIEWER
    assert not Membership.objects.own().filter(user=standing_in.user, bureau=standing_in.bureau).exists()


def test_accepted_filings_were_passed_by_their_whole_route() -> None:
    for filing in Filing.objects.filter(state=State.ACCEPTED).select_related("revision"):
        assert list(filing.revision.decisions.order_by("id").values_list("bureau", "verdict")) == [
            (pk, "pass") for pk in filing.route
        ]


def test_returned_filings_have_open_remarks_of_the_return() -> None:
    returned = Filing.objects.filter(state=State.RETURNED)
    assert returned
    for filing in returned:
        decision = filing.decisions.latest("id")
        assert (decision.verdict, decision.revision_id, bool(decision.note)) == (
            Decision.Verdict.RETURN,
            filing.revision_id,
            True,
        )
        assert decision.remarks.exists()
    answered = Filing.objects.filter(decisions__verdict="return", state__in=[State.IN_REVIEW, State.ACCEPTED])
    assert answered
    assert not answered.filter(remarks__resolution="open").exists()


def test_late_and_repeat_are_marked_as_the_actions_mark_them() -> None:
    for filing in Filing.objects.filter(revision__isnull=False).select_related("round", "revision"):
        assert filing.late == is_late(filing.round, filing.revisions.get(number=1).submitted_at)
        returned = filing.decisions.filter(verdict="return", tier="province", at__lt=filing.revision.submitted_at)
        assert filing.repeat == filing.revision.repeat == returned.exists()


def test_versions_and_the_trail_tell_the_same_moves() -> None:
    moves = dict(
        Event.objects.filter(verb__startswith="filing.")
        .exclude(verb__in=NO_MOVES)
        .values_list("object_id")
        .annotate(count=Count("id"))
    )
    everything = Filing.objects.filter(version__gt=0)
    assert {str(filing.pk): filing.version for filing in everything} == moves
    ends = {}
    for event in Event.objects.filter(verb__startswith="filing.").exclude(verb__in=NO_MOVES).order_by("id"):
        assert event.details["from"] == ends.get(event.object_id, "due")
        ends[event.object_id] = event.details["to"]
    assert ends == {str(filing.pk): filing.state for filing in everything}


def test_trail_is_whole_and_in_the_order_of_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # as at the commit: that is when events are sealed
    assert verify().broken is None
    assert Seal.objects.count() == Event.objects.count()
    times = list(Event.objects.filter(verb__startswith="filing.").order_by("id").values_list("at", flat=True))
    assert times == sorted(times)
    assert times[-1] <= dt.datetime.now(dt.UTC)


def test_freezing_the_roster_again_adds_nobody() -> None:
    statistician = Membership.objects.get(user__username="province")
    this = Round.objects.get(kind=Kind.ANNUAL_STATISTICS, period="2023")
    before = this.filings.count()
    assert freeze_roster(round=this, by=statistician) == 0
    assert this.filings.count() == before
    wrong = this.filings.filter(previous__isnull=False).exclude(
        previous__state=State.ACCEPTED, previous__institution=F("institution")
    )
    assert not wrong.exists()


def test_what_the_register_fills_in_is_what_was_filed() -> None:
    for filing in filings():
        if filing.revision is None:
            continue
        for table, names in {
            "JC01": None,
            "JC01-1": ("id", "B101", "B102", "B110"),
            "JC01-2": ("id", "C101", "C106"),
        }.items():
            wanted, filed = prefilled(filing, table), filing.revision.cells[table]
            if names is None:
                assert {code: filed.get(code) for code in wanted} == wanted
            else:
                assert [[row[name] for name in names] for row in filed["rows"]] == [
                    [row[name] for name in names] for row in wanted["rows"]
                ]


def test_institutions_people_are_told_what_happened() -> None:
    for filing in Filing.objects.filter(state=State.ACCEPTED, round__period="2023"):
        kinds = Notice.objects.filter(institution=filing.institution_id, link=filing.get_absolute_url()).values_list(
            "kind", flat=True
        )
        assert {"submitted", "decision"} <= set(kinds)
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_story_of_the_half_filled_filing() -> None:
    filing = of_user("filer")
    look = examine(filing)
    assert (filing.state, filing.institution.home_bureau.code) == (State.DRAFTING, "350102")
    assert [failure.code for failure in look.wrong] == ["K011"]
    assert 0.4 < filing.filled / filing.required < 0.8
    assert filing.previous is not None
    assert filing.previous.state == State.ACCEPTED
    assert set(filing.institution.memberships.values_list("user__username", "role")) == {
        ("filer", Role.FILER),
        ("signer", Role.SIGNER),
    }


def test_story_of_the_returned_filing_goes_on_through_the_actions() -> None:
    filing, signer = of_user("signer2"), Membership.objects.get(user__username="signer2")
    assert (filing.state, [remark.resolution for remark in filing.remarks.all()]) == (State.RETURNED, ["open", "open"])
    filing.remarks.update(resolution="explained", answer="已按台账逐月核对，原数无误。")
    revision = submit(filing=filing, by=signer, version=filing.version, stamp=examine(filing).digest, pledged=True)
    assert (revision.number, revision.repeat, revision.late) == (2, False, False)


def test_story_of_the_filing_that_waits_for_its_signer() -> None:
    filing, signer = of_user("signer3"), Membership.objects.get(user__username="signer3")
    look = examine(filing)
    assert (filing.state, filing.ready_since is not None, look.is_ready) == (State.DRAFTING, True, True)
    assert {one.code for one in untouched(look)} == set(FROM_LAST_YEAR)
    for person in (signer, Membership.objects.get(user__username="filer3")):
        (line,) = [line for line in tasks(person).context["todo"] if line.filing == filing]
        assert (line.to_sign, line.handover.ended_as) == (person == signer, "")
    assert submit(filing=filing, by=signer, version=filing.version, stamp=look.digest, pledged=True).number == 1


def test_waiting_filings_can_be_passed_on_by_their_reviewer() -> None:
    for tier in ("county", "prefecture", "province"):
        filing = Filing.objects.for_page().filter(step_tier=tier, verify_count=0).first()
        assert filing is not None
        reviewer = Membership.objects.own().get(bureau=filing.step_id, role__in=[Role.REVIEWER, Role.STATISTICIAN])
        decision = pass_on(filing=filing, by=reviewer, version=filing.version, revision=filing.revision.number)
        assert decision.pk > Decision.objects.exclude(pk=decision.pk).latest("pk").pk


def test_everybody_is_marked_as_invented_and_nobody_else_can_sign_in() -> None:
    assert not User.objects.filter(is_demo=False).exists()
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_who_had_not_filed_was_reminded_and_is_not_again_today() -> None:
    last = Round.objects.get(period="2022")
    late = Filing.objects.filter(round=last, late=True).first()
    assert late is not None
    keys = Notice.objects.filter(
        institution=late.institution_id, kind="reminder", once_key__startswith=f"remind-{late.pk}-"
    )
    assert {f"remind-{late.pk}--7", f"remind-{late.pk}--3", f"remind-{late.pk}-0"} <= set(
        keys.values_list("once_key", flat=True)
    )
    before = Notice.objects.count()
    assert (send_reminders(), Notice.objects.count()) == ([], before)


def test_tallies_count_what_is_there() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, sum(count) FROM review_tally GROUP BY state HAVING sum(count) <> 0")
        assert dict(cursor.fetchall()) == dict(
            Filing.objects.values_list("state").annotate(count=Count("id")).order_by()
        )


def test_people_come_and_go_in_the_county_of_the_accounts() -> None:
    """Something stands on each page about people; the account `filer` is asked for its contact."""
    gulou = Membership.objects.select_related("bureau", "user").get(user__username="gulou")
    waiting = Application.objects.visible_to(gulou).waiting()
    assert set(waiting.values_list("match", flat=True)) == {"agrees", "unknown"}
    assert Invitation.objects.open().get().institution.memberships.filter(user__username="filer").exists()
    assert set(IdleWarning.objects.values_list("user__is_active", flat=True)) == {True, False}
    filer = Membership.objects.select_related("institution").get(user__username="filer")
    assert contact(filer).context["needed"] is True
    confirmed = ContactCheck.objects.count() / Institution.objects.filter(status="active").count()
    assert 0.6 < confirmed < 0.95


def test_next_years_scheme_is_a_draft_beside_this_years() -> None:
    draft = Scheme.objects.get(status="draft")
    assert (draft.code, draft.base) == ("jc2024", Scheme.objects.published().get())
    assert draft.definition.renames == {"W312": "W316"}
    assert Event.objects.filter(verb="scheme.copied", object_id=str(draft.pk)).count() == 1


def test_annual_reports_are_written_submitted_and_returned():
    reports = Filing.objects.filter(round__kind=Kind.ANNUAL_REPORT)
    assert reports.get(institution__memberships__user__username="filer").state == State.DRAFTING
    assert set(reports.values_list("state", flat=True)) == {State.DUE, State.DRAFTING, State.IN_REVIEW, State.RETURNED}
    for filing in reports.filter(revision__isnull=False).select_related("revision"):
        assert Revision.objects.filter(
            filing__institution=filing.institution_id, digest=filing.revision.cells["AR"]["R401"]
        ).exists()
