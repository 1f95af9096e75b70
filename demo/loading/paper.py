"""Filings as the actions would have left them: drafts, revisions, findings, decisions, remarks, explanations.

What a revision holds is computed by the same `Examination` that a signer sees, over rows that are not in the database yet.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation

from demo.generator import answers, slips
from demo.generator.answers import RemarkText
from demo.generator.calendar import Calendar
from demo.generator.course import Act, Course, course_of
from demo.generator.filing import Tables, filing_tables
from demo.generator.finance import table_of
from demo.generator.respondent import Respondent, Slip
from demo.loading.copying import Copier, next_free
from demo.loading.ground import Ground
from demo.loading.register import Numbering, registered
from demo.loading.stories import Story, story_of
from institutions.models import Bureau
from reports.filings.actions import PLEDGE
from reports.filings.drafts import TableDraft
from reports.filings.examination import Examination, figures_of
from reports.filings.models import Decision, Draft, Explanation, Filing, Finding, OffReason, Remark, Revision, State
from reports.filings.prefill import prefilled
from reports.filings.scoring import score
from reports.rounds.models import Round

REVISIONS_EACH = 3  # ids set aside for a filing
DECISIONS_EACH = 12
REMARKS_EACH = 8

_FILING = (
    "id public_id round_id institution_id reviewing_bureau_id scope previous_id due_reason state off_reason step_id step_tier step_since "
    "route version revision_id opened_at late repeat filled required hard_count verify_count score touched_at rostered_at"
)
_REVISION = "id filing_id number scheme_id cells derived figures explanations digest filer_id signer_id pledge late repeat submitted_at"
_FINDING = "revision_id key check_code severity table row_id cells message_zh message_en explanation verdict"
_DECISION = "id filing_id revision_id bureau_id tier verdict note by_id by_label at"
_REMARK = (
    "id filing_id revision_id decision_id bureau_id table row_id indicator reason text by_id at resolution answer "
    "answered_by_id answered_at"
)
_DRAFT = "filing_id table cells touched unread version saved_by_id saved_at"
_EXPLANATION = "filing_id key text by_id at"


@dataclass(frozen=True, slots=True)
class PaperNumbering:
    """Ids of one round's rows, from the numbers of institutions."""

    filings: int
    revisions: int
    decisions: int
    remarks: int

    @classmethod
    def rounds(cls, institutions: int, rounds: int) -> list[PaperNumbering]:
        start = cls(*(next_free(model) for model in (Filing, Revision, Decision, Remark)))
        return [
            cls(
                start.filings + at * institutions,
                start.revisions + at * institutions * REVISIONS_EACH,
                start.decisions + at * institutions * DECISIONS_EACH,
                start.remarks + at * institutions * REMARKS_EACH,
            )
            for at in range(rounds)
        ]


@dataclass(slots=True)
class Told:
    """A filing as written, for whoever tells the trail and the people about it."""

    made: Respondent
    course: Course
    filing: Filing
    digests: list[str] = field(default_factory=list)
    decisions: dict[tuple[str, int], int] = field(default_factory=dict)  # (bureau, revision) -> id
    notes: dict[tuple[str, int], str] = field(default_factory=dict)
    remarks: int = 0


@dataclass(slots=True)
class Last:
    """Last year's accepted filing of an institution, as this year's needs it."""

    filing: Filing
    tables: Tables


class Paper:
    """Writes the filings of one round."""

    def __init__(
        self,
        ground: Ground,
        round: Round,
        calendar: Calendar,
        ids: PaperNumbering,
        people: Numbering,
        *,
        all_drafts: bool = True,
    ) -> None:
        self.ground, self.round, self.calendar, self.ids, self.people = ground, round, calendar, ids, people
        self._all_drafts = all_drafts
        assert round.roster_frozen_at is not None
        self.frozen = round.roster_frozen_at
        self._definition = ground.scheme.definition
        self._pledge = _in_chinese(PLEDGE)
        self.filings = Copier(Filing, _FILING.split())
        self.revisions = Copier(Revision, _REVISION.split())
        self.findings = Copier(Finding, _FINDING.split())
        self.decisions = Copier(Decision, _DECISION.split())
        self.remarks = Copier(Remark, _REMARK.split())
        self.drafts = Copier(Draft, _DRAFT.split())
        self.explanations = Copier(Explanation, _EXPLANATION.split())

    def send(self) -> None:
        for copier in (
            self.filings,
            self.revisions,
            self.findings,
            self.decisions,
            self.remarks,
            self.drafts,
            self.explanations,
        ):
            copier.send()

    def write(self, made: Respondent, last: Last | None) -> tuple[Told, Last | None]:
        """The filing with everything about it; also what next year's needs of it, if it was accepted."""
        story = story_of(made, self.calendar)
        course = story.course if story else course_of(made, self.calendar, self.ground.routes[made.place.bureau])
        desk = _Desk(self, made, course, last, story)
        desk.write()
        done = Last(desk.filing, desk.final) if course.state == "accepted" else None
        return desk.told, done


def _in_chinese(text: Any) -> str:
    with translation.override(settings.LANGUAGE_CODE):
        return str(text)


class _Desk:
    """One filing on the table."""

    def __init__(self, paper: Paper, made: Respondent, course: Course, last: Last | None, story: Story | None) -> None:
        self.paper, self.made, self.course, self.last, self.story = paper, made, course, last, story
        self.chance = made.chance("paper", paper.calendar.year)
        ground, people = paper.ground, paper.people
        self.office = ground.offices[made.place.bureau]
        self.route = [ground.offices[code] for code in ground.routes[made.place.bureau]]
        self.filer, self.signer = people.filer(made.index), people.signer(made.index)
        self.filing = Filing(
            pk=paper.ids.filings + made.index + 1,
            public_id=uuid.UUID(int=made.chance("filing", paper.calendar.year).getrandbits(128), version=4),
            round=paper.round, institution=registered(made, people),
            reviewing_bureau=Bureau(pk=self.office.id, code=self.office.code), scope=self.office.path,
            previous=last.filing if last else None, due_reason="certificate", state=course.state,
            off_reason=self._off_reason(), rostered_at=paper.frozen,
        )  # fmt: skip
        self.told = Told(made, course, self.filing)
        self.final: Tables = {}

    def _off_reason(self) -> str:
        """Some of those taken off the roster are the State Administration's."""
        if self.course.state != State.EXCUSED:
            return ""
        return OffReason.NATIONAL if self.made.index % 2 else OffReason.EXEMPT

    # -- what was written at each stage --------------------------------------------------------------------------------

    def write(self) -> None:
        self._settle()
        correct = filing_tables(self.made, self.paper.calendar.year, self._row_id)
        if self.course.submissions or self.course.state == "drafting":
            typed = self.story.tables(correct) if self.story and self.story.tables else self._as_typed(correct)
            for number in range(1, self.course.submissions + 1):
                self._submit(number, typed if number == self.course.submissions else self._earlier(typed))
            if self.course.state == "drafting":
                typed = {table: prefilled(self.filing, table) | cells for table, cells in typed.items()}
                self._draft(typed)
            self._write_drafts(typed)
        self._decide()
        self._write_filing()

    def _row_id(self, kind: str, at: int) -> str:
        return self.paper.people.row_id(self.made.index, kind, at)

    def _as_typed(self, correct: Tables) -> Tables:
        """The tables with the institution's slip in them, or not yet finished. Slips are this year's."""
        slip = self.made.slip if self.paper.calendar.closed is None else Slip.NONE
        if slip == Slip.UNIT:
            return slips.in_yuan(correct)
        if slip == Slip.COPIED and self.last:
            return slips.copied(correct, self.last.tables)
        if slip == Slip.MISMATCH:
            return slips.mismatched(correct, self.chance)
        if self.course.state == "drafting" and self.chance.yes(0.7):
            return slips.half_filled(correct, self.chance.uniform(0.15, 0.95), self.chance)
        return correct

    def _earlier(self, typed: Tables) -> Tables:
        """What the first submission said before a return had it changed."""
        earlier = {table: dict(cells) for table, cells in typed.items()}
        earlier["JC05"]["W312"] = str(int(typed["JC05"]["W312"]) * 9 // 10)
        return earlier

    def _settle(self) -> None:
        filing, course = self.filing, self.course
        filing.late, filing.repeat = course.late, course.repeat
        filing.version = sum(1 for act in course.acts if act.verb != "opened")
        moves = [act for act in course.acts if act.verb != "opened"]
        filing.touched_at = moves[-1].at if moves else None
        if course.submissions:
            filing.route = [office.id for office in self.route]
        if course.state == "in_review":
            at = next(office for office in self.route if office.code == course.step)
            filing.step_id, filing.step_tier, filing.step_since = at.id, at.tier, moves[-1].at
            if self.chance.yes(0.3):
                opened = moves[-1].at + (self.paper.calendar.until - moves[-1].at) * 0.6
                filing.opened_at = opened
                course.acts.append(Act("opened", opened, course.step, course.submissions))
        elif course.submissions:
            filing.opened_at = course.when("opened")

    # -- examining and submitting --------------------------------------------------------------------------------------

    def _examine(self, tables: Tables) -> Examination:
        look = Examination(
            self.filing, self.paper._definition, {code: TableDraft(cells, {}, 1) for code, cells in tables.items()}
        )
        for table in self.paper._definition.tables_of("annual"):
            if table.code not in tables:
                look.drafts[table.code] = TableDraft(prefilled(self.filing, table.code), {}, 0)
        look.explanations = {failure.key: answers.explanation(failure.code, self.chance) for failure in look.verify}
        return look

    def _submit(self, number: int, tables: Tables) -> None:
        look, filing = self._examine(tables), self.filing
        if look.hard:
            raise ValueError(
                f"Institution {self.made.index} of seed {self.made.seed} cannot submit: {look.hard[0].message('en')}"
            )
        submitted = [act for act in self.course.acts if act.verb == "submit"][number - 1].at
        revision = Revision(
            pk=self.paper.ids.revisions + self.made.index * REVISIONS_EACH + number, filing_id=filing.pk, number=number,
            scheme_id=self.paper.ground.scheme.pk, cells=look.tables, derived=look.derived,
            figures=figures_of(look.definition, look.cells), explanations=look.kept_explanations, digest=look.digest,
            filer_id=self.filer, signer_id=self.signer, pledge=self.paper._pledge, late=self.course.late,
            repeat=self.course.repeat and number > 1, submitted_at=submitted,
        )  # fmt: skip
        self.paper.revisions.add({name: getattr(revision, name) for name in _REVISION.split()})
        last = number == self.course.submissions
        for failure in look.failures:
            self._write_finding(revision, failure, look, judged=last and self.course.state == "accepted")
        filing.revision = revision
        self.told.digests.append(look.digest)
        pairs = look.progress.values()
        filing.filled, filing.required = (sum(pair[at] for pair in pairs) for at in (0, 1))
        filing.hard_count, filing.verify_count, filing.score = 0, len(look.verify), score(look)
        if last:
            self.final = look.tables
            self._write_explanations(look, submitted - dt.timedelta(minutes=15))

    def _draft(self, tables: Tables) -> None:
        look, filing = self._examine(tables), self.filing
        if self.chance.yes(0.5):
            look.explanations = {}
        pairs = look.progress.values()
        filing.filled, filing.required = (sum(pair[at] for pair in pairs) for at in (0, 1))
        filing.hard_count, filing.verify_count = len(look.wrong), len(look.unexplained)
        begun = self.course.when("begin")
        assert begun is not None
        self._write_explanations(look, begun + (self.paper.calendar.until - begun) * 0.5)

    def _write_finding(self, revision: Revision, failure: Any, look: Examination, *, judged: bool) -> None:
        plausible = judged and failure.severity == "verify"
        self.paper.findings.add(
            {
                "revision_id": revision.pk, "key": failure.key, "check_code": failure.code, "severity": failure.severity,
                "table": failure.table, "row_id": failure.row_id or "", "cells": [list(cell) for cell in failure.cells],
                "message_zh": failure.message("zh"), "message_en": failure.message("en"),
                "explanation": look.explanations.get(failure.key, ""), "verdict": "plausible" if plausible else "open",
            }
        )  # fmt: skip

    def _write_explanations(self, look: Examination, at: dt.datetime) -> None:
        for key, text in look.explanations.items():
            self.paper.explanations.add(
                {"filing_id": self.filing.pk, "key": key, "text": text, "by_id": self.filer, "at": at}
            )

    def _write_drafts(self, tables: Tables) -> None:
        if not self.paper._all_drafts and self.course.state not in ("drafting", "returned"):
            return
        begun, submitted = self.course.when("begin"), self.course.when("submit")
        assert begun is not None
        end = submitted - dt.timedelta(minutes=10) if submitted else begun + (self.paper.calendar.until - begun) * 0.8
        for at, (table, cells) in enumerate(tables.items()):
            saved = begun + (max(end, begun) - begun) * ((at + 1) / len(tables))
            self.paper.drafts.add(
                {
                    "filing_id": self.filing.pk, "table": table, "cells": cells, "touched": {},
                    "unread": self.story.unread.get(table, {}) if self.story else {}, "version": 1 + self.chance.randrange(6),
                    "saved_by_id": self.filer, "saved_at": saved,
                }
            )  # fmt: skip

    # -- judging -------------------------------------------------------------------------------------------------------

    def _decide(self) -> None:
        for number, act in enumerate(act for act in self.course.acts if act.verb in ("forward", "accept", "return")):
            office = self.paper.ground.offices[act.bureau]
            returned = act.verb == "return"
            note = (
                self.story.note
                if returned and self.story
                else self.chance.choice(answers.RETURN_NOTES if returned else answers.PASS_NOTES)
            )
            decision = self.paper.ids.decisions + self.made.index * DECISIONS_EACH + number + 1
            revision = self.paper.ids.revisions + self.made.index * REVISIONS_EACH + act.revision
            self.paper.decisions.add(
                {
                    "id": decision, "filing_id": self.filing.pk, "revision_id": revision, "bureau_id": office.id,
                    "tier": office.tier, "verdict": "return" if returned else "pass", "note": note,
                    "by_id": office.reviewer.user_id, "by_label": f"{office.name} {office.reviewer.name}", "at": act.at,
                }
            )  # fmt: skip
            self.told.decisions[act.bureau, act.revision] = decision
            self.told.notes[act.bureau, act.revision] = note
            if returned:
                self._write_remarks(act, decision, revision)

    def _write_remarks(self, act: Act, decision: int, revision: int) -> None:
        made = self.made
        texts = self.story.remarks if self.story else answers.remarks(
            table=table_of(made), unit=made.slip == Slip.UNIT, copied=made.slip == Slip.COPIED, chance=self.chance
        )  # fmt: skip
        office = self.paper.ground.offices[act.bureau]
        again = next((later.at for later in self.course.acts if later.verb == "submit" and later.at > act.at), None)
        for at, text in enumerate(texts):
            answered = self._answer(text, act, again, at)
            self.paper.remarks.add(
                {
                    "id": self.paper.ids.remarks + made.index * REMARKS_EACH + self.told.remarks + 1, "filing_id": self.filing.pk,
                    "revision_id": revision, "decision_id": decision, "bureau_id": office.id, "table": text.table, "row_id": "",
                    "indicator": text.indicator, "reason": text.reason, "text": text.text, "by_id": office.reviewer.user_id,
                    "at": act.at - dt.timedelta(minutes=3), **answered,
                }
            )  # fmt: skip
            self.told.remarks += 1

    def _answer(self, text: RemarkText, act: Act, again: dt.datetime | None, at: int) -> dict[str, Any]:
        """Answered by the next submission; of a filing that lies with the institution perhaps the first remark already."""
        begun = again is None and at == 0 and self.story is None and self.chance.yes(0.3)
        if again is None and not begun:
            return {"resolution": "open", "answer": "", "answered_by_id": None, "answered_at": None}
        resolution, words = answers.answer(text, self.chance)
        end = again - dt.timedelta(minutes=12) if again else self.paper.calendar.until
        return {
            "resolution": resolution, "answer": words, "answered_by_id": self.filer,
            "answered_at": act.at + (end - act.at) * 0.7,
        }  # fmt: skip

    def _write_filing(self) -> None:
        names: Iterable[str] = _FILING.split()
        row = {name: getattr(self.filing, name) for name in names}
        self.paper.filings.add(row | {"score": Decimal(row["score"])})
