"""Whatever the sequence of imports, merges, moves, closures, department changes and filings: one filing for each legal entity
and round, one reviewing department for each filing, and counts that add up."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from institutions.actions import close_institution
from institutions.models import Bureau, Certificate, Institution, Membership
from institutions.register import acts, applying, comparing, staging
from institutions.register.lines import Lists, Reader
from institutions.register.models import RegisterImport
from portal.errors import Refused
from reports.filings.actions import recall
from reports.filings.actions_review import pass_on
from reports.filings.departments.actions import answer, ask
from reports.filings.departments.models import DepartmentChange
from reports.filings.models import Filing, State
from reports.filings.roster import add_to_roster, freeze_roster, take_off_roster
from reports.rounds.models import Round
from review.models import Tally
from tests.factories.filings import fill, fresh, open_round, reviewer_of, sign_and_submit, signer_of
from tests.factories.institutions import Province, a_certificate, a_uscc

COLUMNS = {"name": 0, "uscc": 1, "bureau": 2, "number": 3, "issued": 4, "expires": 5, "legal": 6, "parent": 7}
COUNTIES = ("鼓楼区", "台江区", "鲤城区", "平潭综合实验区")
who = st.integers(0, 6)
line = st.tuples(who, st.integers(0, 1), st.integers(0, 3), st.integers(0, 8), st.booleans(), who)
STEPS = st.one_of(
    st.tuples(st.just("import"), st.lists(line, min_size=1, max_size=4)),
    st.tuples(st.just("move"), who, st.integers(0, 3)),
    st.tuples(st.just("merge"), who, who),
    st.tuples(st.sampled_from(("close", "reopen", "submit", "pass", "recall", "add", "off")), who),
    st.tuples(st.just("parent"), who, who),
    st.tuples(st.just("freeze")),
    st.tuples(st.just("ask"), who, st.integers(0, 3)),
    st.tuples(st.just("answer"), who, st.booleans()),
)


class Play:
    """Seven codes, of which five are registered; refusals are part of the game."""

    def __init__(self, world: Province, round: Round) -> None:
        self.world, self.round, self.by = world, round, world.statistician
        self.codes = [one.uscc for one in (world.a, world.b, world.c, world.d, world.e)] + [
            a_uscc(777_001), a_uscc(777_002),
        ]  # fmt: skip
        self.bureaus = [world.gulou, world.taijiang, world.licheng, world.pingtan]

    def step(self, name: str, *values: Any) -> None:
        try:
            with transaction.atomic():
                getattr(self, f"do_{name}")(*values)
        except (Refused, Institution.DoesNotExist, Filing.DoesNotExist, DepartmentChange.DoesNotExist):
            pass

    def _one(self, at: int) -> Institution:
        return Institution.objects.select_related("home_bureau").get(uscc=self.codes[at])

    def _filing(self, at: int) -> Filing:
        return fresh(Filing.objects.get(round=self.round, institution__uscc=self.codes[at]))

    def do_import(self, lines: list[tuple[Any, ...]]) -> None:
        imported = RegisterImport.objects.create(
            by=self.by,
            bureau=self.world.fujian,
            name="x.csv",
            sha256="0" * 64,
            size=1,
            state=RegisterImport.State.APPLYING,
        )
        rows = [
            [f"机构{code}{'新' * name}", self.codes[code], COUNTIES[county], f"22130000{number:04d}", "2022-03-01", "2028-02-29",
             "否" if unit else "是", self.codes[parent]]
            for code, name, county, number, unit, parent in lines
        ]  # fmt: skip
        staging.copy(Reader(COLUMNS, Lists({}), imported.pk).feed(range(2, len(rows) + 2), rows, {}))
        comparing.compare(imported)
        applying.apply(imported, "导入")
        again = applying.apply(imported, "导入")
        assert again == RegisterImport.objects.get(pk=imported.pk).applied

    def do_move(self, at: int, bureau: int) -> None:
        acts.move(institution=self._one(at), bureau=self.bureaus[bureau], reason="迁", by=self.by)

    def do_merge(self, at: int, into: int) -> None:
        acts.merge(institution=self._one(at), into=self._one(into), reason="并", by=self.by)

    def do_close(self, at: int) -> None:
        close_institution(institution=self._one(at), reason="注销", by=self.by)

    def do_reopen(self, at: int) -> None:
        acts.reopen(institution=self._one(at), reason="恢复", by=self.by)

    def do_parent(self, at: int, parent: int) -> None:
        acts.set_parent(institution=self._one(at), parent=self._one(parent), reason="控股", by=self.by)

    def do_freeze(self) -> None:
        freeze_roster(round=self.round, by=self.by)

    def do_add(self, at: int) -> None:
        add_to_roster(round=self.round, institution=self._one(at), reason="加", by=self.by)

    def do_off(self, at: int) -> None:
        take_off_roster(round=self.round, institution=self._one(at), reason="减", by=self.by)

    def do_submit(self, at: int) -> None:
        filing = self._filing(at)
        if filing.state in (State.DUE, State.DRAFTING) and filing.institution.status == "active":
            fill(filing, signer_of(filing.institution))
            sign_and_submit(fresh(filing))

    def do_pass(self, at: int) -> None:
        filing = self._filing(at)
        if filing.state == State.IN_REVIEW:
            assert filing.revision is not None
            pass_on(filing=filing, by=reviewer_of(filing), version=filing.version, revision=filing.revision.number)

    def do_recall(self, at: int) -> None:
        filing = self._filing(at)
        recall(filing=filing, by=signer_of(filing.institution), version=filing.version)

    def do_ask(self, at: int, bureau: int) -> None:
        filing = self._filing(at)
        ask(filing=filing, wanted=self.bureaus[bureau], reason="证书", by=signer_of(filing.institution))

    def do_answer(self, at: int, accepts: bool) -> None:
        """Only an acceptance changes the department."""
        filing = self._filing(at)
        change = DepartmentChange.objects.get(filing=filing, state="asked")
        answer(change=change, accepts=accepts, note="复", by=one_of(change.wanted))
        after = Filing.objects.get(pk=filing.pk).reviewing_bureau_id
        assert after == (change.wanted_id if accepts else filing.reviewing_bureau_id)

    def holds(self) -> None:
        filings = list(Filing.objects.select_related("institution__merged_into", "reviewing_bureau"))
        paths = dict(Bureau.objects.values_list("pk", "path"))
        owing: Counter[int] = Counter()
        for filing in filings:
            assert filing.scope == paths[filing.reviewing_bureau_id]
            if filing.state == State.IN_REVIEW:
                assert filing.route[0] == filing.reviewing_bureau_id
                assert filing.route[-1] == self.world.fujian.pk
                assert filing.step_id in filing.route
            if filing.state not in (State.EXCUSED, State.ACCEPTED):
                owing[_last_heir(filing.institution).pk] += 1
            if filing.institution.status == "closed":
                assert filing.state in (State.EXCUSED, State.ACCEPTED, State.IN_REVIEW)
        assert all(count == 1 for count in owing.values()), owing
        keys = Counter((filing.round_id, filing.institution.uscc) for filing in filings)
        assert all(count == 1 for count in keys.values())
        due = Tally.objects.visible_to(self.by).in_rounds([self.round]).counts().due
        assert due == sum(filing.state != State.EXCUSED for filing in filings)
        waiting = Counter(DepartmentChange.objects.filter(state="asked").values_list("filing", flat=True))
        assert all(count == 1 for count in waiting.values())
        for institution in Institution.objects.exclude(merged_into=None):
            assert not Certificate.objects.filter(institution=institution).exists()


def one_of(bureau: Bureau) -> Membership:
    """A reviewer of the bureau."""
    return Membership.objects.current().filter(bureau=bureau, role="reviewer").select_related("user", "bureau")[0]


def _last_heir(institution: Institution) -> Institution:
    while institution.merged_into is not None:
        institution = institution.merged_into
    return institution


@pytest.mark.django_db
def test_one_filing_for_each_entity_and_one_department_for_each_filing(world: Province):
    for one in (world.a, world.b, world.c, world.d):
        a_certificate(one)
    round = open_round(world, frozen=False)
    freeze_roster(round=round, by=world.statistician)

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        database=None,
    )
    @given(st.lists(STEPS, min_size=2, max_size=9))
    def plays(steps: list[tuple[Any, ...]]) -> None:
        with transaction.atomic():
            play = Play(world, Round.objects.get(pk=round.pk))
            for name, *values in steps:
                play.step(name, *values)
                play.holds()
            transaction.set_rollback(True)

    plays()
