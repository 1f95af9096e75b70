"""Random acts by random roles: no illegal state, no lost revision, the version only rises, one event for each act."""

from __future__ import annotations

from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from institutions.models import Membership
from portal.errors import Refused
from portal.trail.models import Event
from reports.filings.actions import answer_remark, recall, submit
from reports.filings.actions_review import add_remark, excuse, give_back, open_for_review, pass_on
from reports.filings.cellkeys import CellKey
from reports.filings.drafts import Change, save_cells
from reports.filings.examination import examine
from reports.filings.models import Decision, Filing, Recall, Remark, Revision, State
from tests.factories.filings import EXPLANATION, a_filing, a_remark, fill, fresh, open_round
from tests.factories.institutions import Province, build_province

ROLES = (
    "filer_a", "signer_a", "signer_b", "gulou_reviewer", "taijiang_reviewer", "fuzhou_reviewer", "fujian_reviewer",
    "statistician", "system_admin", "audit_admin",
)  # fmt: skip
TURN = {"county": "gulou_reviewer", "prefecture": "fuzhou_reviewer", "province": "fujian_reviewer"}
roles = st.sampled_from(ROLES)
#: How old the page is that somebody acts from: mostly fresh.
staleness = st.sampled_from((0, 0, 0, 0, 1, 2))

#: What may follow a state directly.
NEXT = {
    State.DUE: {State.DRAFTING, State.EXCUSED},
    State.DRAFTING: {State.IN_REVIEW, State.EXCUSED},
    State.IN_REVIEW: {State.IN_REVIEW, State.DRAFTING, State.RETURNED, State.ACCEPTED},
    State.RETURNED: {State.IN_REVIEW},
    State.ACCEPTED: {State.RETURNED},
    State.EXCUSED: set(),
}


class Workflow(RuleBasedStateMachine):
    """One filing, from the roster on. Refusals are part of the game; anything else is a fault."""

    world: Province
    seen: ClassVar[set[State]] = set()

    def __init__(self) -> None:
        super().__init__()
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self.filing = fresh(fill(a_filing(open_round(self.world), self.world.a), self.world.filer_a))
        self.version, self.state = self.filing.version, State(self.filing.state)
        self.events, self.digests = Event.objects.count(), []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._atomic.__exit__(None, None, None)

    def _who(self, role: str) -> Membership:
        return getattr(self.world, role)

    def _act(self, act) -> bool:
        """Whether it was done. A refusal leaves everything as it was."""
        self.filing = fresh(self.filing)
        before = Filing.objects.values().get(pk=self.filing.pk)
        try:
            with transaction.atomic():
                act(self.filing)
        except Refused as refusal:
            assert str(refusal.reason).strip()  # noqa: PT017 -- most acts are not refused
            assert Filing.objects.values().get(pk=self.filing.pk) == before
            assert Event.objects.count() == self.events
            return False
        return True

    def _move(self, act) -> None:
        """An act that moves the filing: a legal step, one version, one event."""
        if not self._act(act):
            return
        after = fresh(self.filing)
        if after.version == self.version:  # the same submission again
            assert (after.state, Event.objects.count()) == (self.state, self.events)
            return
        assert State(after.state) in NEXT[self.state]
        assert after.version == self.version + 1
        assert Event.objects.count() == self.events + 1
        self.version, self.state, self.events = after.version, State(after.state), self.events + 1

    @rule(role=roles, persons=st.integers(25, 26))
    def save(self, role: str, persons: int) -> None:
        table = self.filing.round.scheme.definition.table("JC01")
        changes = [Change(CellKey(None, "A115"), f"3500{persons:02d}")]
        self._act(lambda f: save_cells(filing=f, table=table, changes=changes, seen=10**6, by=self._who(role)))

    @rule(role=roles, stale=staleness, pledged=st.sampled_from((True, True, False)))
    def submit(self, role: str, stale: int, pledged: bool) -> None:
        stamp = examine(fresh(self.filing)).digest
        self._move(
            lambda f: submit(filing=f, by=self._who(role), version=f.version - stale, stamp=stamp, pledged=pledged)
        )

    @rule(role=roles, stale=staleness)
    def recall(self, role: str, stale: int) -> None:
        self._move(lambda f: recall(filing=f, by=self._who(role), version=f.version - stale))

    @rule(role=roles)
    def open(self, role: str) -> None:
        opened = fresh(self.filing).opened_at
        self._act(lambda f: open_for_review(filing=f, by=self._who(role)))
        if fresh(self.filing).opened_at != opened:
            self.events += 1

    @rule(role=roles)
    def remark(self, role: str) -> None:
        self._act(lambda f: add_remark(filing=f, remark=a_remark(), by=self._who(role)))

    @rule(role=roles)
    def answer(self, role: str) -> None:
        for remark in Remark.objects.filter(filing=self.filing, decision__isnull=False, resolution="open"):
            self._act(
                lambda f, remark=remark: answer_remark(
                    remark=remark, resolution="explained", answer=EXPLANATION, by=self._who(role)
                )
            )

    @rule(role=roles, stale=staleness)
    def pass_on(self, role: str, stale: int) -> None:
        self._move(lambda f: pass_on(filing=f, by=self._who(role), version=f.version - stale, revision=self._number()))

    @rule(role=roles, stale=staleness, note=st.sampled_from(("请核对", " ")))
    def give_back(self, role: str, stale: int, note: str) -> None:
        self._move(
            lambda f: give_back(
                filing=f,
                by=self._who(role),
                version=f.version - stale,
                revision=self._number(),
                note=note,
                remarks=[a_remark()],
            )
        )

    @rule()
    def go_on(self) -> None:
        """The one whose turn it is does the next thing, so that games get far."""
        if self.state == State.IN_REVIEW:
            self.pass_on(TURN[fresh(self.filing).step_tier], 0)
        elif self.state in (State.DRAFTING, State.RETURNED):
            self.answer("signer_a")
            self.submit("signer_a", 0, True)

    @rule()
    def go_back(self) -> None:
        """The one whose turn it is returns it; of an accepted filing the province."""
        if self.state in (State.IN_REVIEW, State.ACCEPTED):
            self.give_back(TURN[fresh(self.filing).step_tier or "province"], 0, "请核对")

    @rule(role=st.sampled_from(ROLES[:-3]))
    def excuse(self, role: str) -> None:
        """Never the statistician: an excused filing would end the game."""
        self._move(lambda f: excuse(filing=f, by=self._who(role), version=f.version, note="已注销"))

    def _number(self) -> int:
        return self.filing.revision.number if self.filing.revision else 1

    @invariant()
    def nothing_is_lost_and_everything_fits(self) -> None:
        filing = fresh(self.filing)
        self.seen.add(State(filing.state))
        assert (filing.version, filing.state) == (self.version, self.state)
        digests = list(Revision.objects.filter(filing=filing).order_by("number").values_list("number", "digest"))
        assert digests[: len(self.digests)] == self.digests
        assert [number for number, _digest in digests] == list(range(1, len(digests) + 1))
        self.digests = digests
        assert (filing.step is not None) == (filing.state == State.IN_REVIEW)
        if filing.step is not None:
            assert filing.step_id in filing.route
            assert filing.step_tier == filing.step.tier
        if filing.state in (State.IN_REVIEW, State.RETURNED, State.ACCEPTED):
            assert filing.revision is not None
            assert filing.revision.number == len(digests)
        if filing.state == State.ACCEPTED:
            judged = Decision.objects.filter(revision=filing.revision, verdict="pass").values_list("bureau", flat=True)
            assert list(judged.order_by("id")) == filing.route
        assert Decision.objects.count() + Recall.objects.count() <= self.version
        for decision in Decision.objects.filter(verdict="return"):
            assert decision.remarks.exists()


@pytest.mark.django_db
def test_workflow_survives_random_acts():
    Workflow.world = build_province()
    run_state_machine_as_test(
        Workflow,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert Workflow.seen == {State.DRAFTING, State.IN_REVIEW, State.RETURNED, State.ACCEPTED}
