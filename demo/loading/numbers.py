"""Three quarters of report numbers: last year's fourth and this year's third, closed and accepted; the fourth, open now.

The numbers come by COPY. In the open quarter the first institution is in the middle of it, one declared a nil return and
one explained a difference, by the product's own actions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models.functions import Now
from django.utils import translation

from demo.generator.calendar import DAY, SHANGHAI, in_office
from demo.generator.chance import Chance
from demo.generator.course import Act, Course
from demo.generator.respondent import Respondent
from demo.loading.copying import Copier, next_free, settle_sequences
from demo.loading.ground import Ground
from demo.loading.paper import Told
from demo.loading.register import Numbering
from demo.loading.telling import Row, Telling
from institutions.models import Institution, Membership
from institutions.roles import Role
from portal.inbox.models import Notice
from reports.filings.actions import PLEDGE, explain
from reports.filings.examination import digest_of
from reports.filings.models import Decision, Filing, Revision
from reports.numbers import figures, submitting
from reports.numbers.amending import void_number
from reports.numbers.models import NumberBatch, QuarterReturn, ReportNumber
from reports.rounds.models import Kind, Phase, Round
from reports.rounds.quarters import Quarter

PERIODS = ("2022Q4", "2023Q3", "2023Q4")
#: By number of the institution: in the middle of sending, explains a difference, declares a nil return; two share a number.
HALF_DONE, EXPLAINS, NIL, SHARING = 0, 5, 4, (5, 0)
SHARED_KEY = "BG-2023-0815"
MOST_OF_ONE = 900
EXPLANATION = "12月28日出具的2份委托检验报告当日撤回重发，编号未启用，已在台账注明作废，故编号比份数多2个。"

_FILING = (
    "id public_id round_id institution_id reviewing_bureau_id scope previous_id due_reason state step_id step_tier step_since "
    "route version revision_id opened_at late repeat filled required hard_count verify_count score touched_at rostered_at"
)
_REVISION = "id filing_id number scheme_id cells derived figures explanations digest filer_id signer_id pledge late repeat submitted_at"
_DECISION = "id filing_id revision_id bureau_id tier verdict note by_id by_label at"
_RETURN = (
    "filing_id declared nil declared_by_id declared_at valid void replaced cma_valid invalid_certificate computed_at patterns "
    "looked_at"
)
_BATCH = (
    "id public_id filing_id by_id source state name size sha256 known_digest stored_as defaults trusts_code idempotency_key "
    "job_id cancel_asked read blank stored already repeated refused causes findings samples reading refusal marked_file reasons_file "
    "created_at finished_at"
)
_NUMBER = "institution_id key raw issued_on certificate domain kind cma_mark site state replaces_key batch_id line quarter filed_at"


@dataclass(frozen=True, slots=True)
class Season:
    """One quarter in the demonstration's own time: `until` is the moment up to which things have happened."""

    quarter: Quarter
    opens: dt.datetime
    due: dt.datetime
    until: dt.datetime
    closed: dt.datetime | None


def seasons(now: dt.datetime) -> list[Season]:
    def at(days: int) -> dt.datetime:
        return (now + days * DAY).astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)

    past = [(-390, -359, -330), (-110, -80, -45)]
    closed = [
        Season(Quarter.parse(period), at(opens), at(due), at(ends), at(ends))
        for period, (opens, due, ends) in zip(PERIODS, past, strict=False)
    ]
    return [*closed, Season(Quarter.parse(PERIODS[-1]), at(-20), at(11), now, None)]


def load_numbers(
    ground: Ground, people: Numbering, respondents: list[Respondent], now: dt.datetime
) -> tuple[list[Row], list[Row]]:
    """Rounds, filings, numbers and what was decided about them; the rows of trail and inbox that go with it."""
    filings: dict[tuple[str, int], int] = {}
    events: list[Row] = []
    notices: list[Row] = []
    for season in seasons(now):
        before = season.quarter.year_before
        round = _open_round(
            ground, season, Round.objects.filter(kind=Kind.QUARTERLY_NUMBERS, period=before.period).first()
        )
        writer = _Writer(ground, people, season, round, filings)
        for made in respondents:
            if made.due_in(season.quarter.year):
                writer.write(made)
        writer.send()
        telling = Telling(ground, round, people)
        events += telling.events_of_round(len(writer.told))
        for told in writer.told:
            events += telling.events(told)
            if season.closed is None:
                notices += telling.notices(told, now)
    settle_sequences(Filing, Revision, Decision, QuarterReturn, NumberBatch)
    for filing in Filing.objects.filter(round__kind=Kind.QUARTERLY_NUMBERS, quarter_return__valid__gt=0).select_related(
        "round"
    ):
        figures.look_closer(filing)
    return events, notices


def _open_round(ground: Ground, season: Season, previous: Round | None) -> Round:
    quarter = season.quarter
    round = Round.objects.create(
        scheme=ground.scheme, kind=Kind.QUARTERLY_NUMBERS, period=quarter.period,
        title_zh=quarter.title_zh, title_en=quarter.title_en, cut_off=quarter.end, previous=previous,
        roster_frozen_at=season.opens - DAY, closed_at=season.closed,
    )  # fmt: skip
    Phase.objects.create(round=round, name=Phase.Name.FILL, opens_at=season.opens, due_at=season.due)
    Phase.objects.create(round=round, name=Phase.Name.SUPPLEMENT, opens_at=season.due, due_at=season.due + 365 * DAY)
    return round


@dataclass(slots=True)
class _Course:
    """How one filing went: `count` numbers, `void` of them void, and where it stands."""

    state: str
    count: int
    void: int = 0
    at: dt.datetime | None = None
    late: bool = False
    passed: int = 0


class _Writer:
    """Writes the filings of one quarter."""

    def __init__(
        self, ground: Ground, people: Numbering, season: Season, round: Round, filings: dict[tuple[str, int], int]
    ) -> None:
        self._ground, self._people, self._season, self._round, self._known = ground, people, season, round, filings
        with translation.override(settings.LANGUAGE_CODE):
            self._pledge = str(PLEDGE)
        self._filings, self._revisions = Copier(Filing, _FILING.split()), Copier(Revision, _REVISION.split())
        self._decisions, self._returns = Copier(Decision, _DECISION.split()), Copier(QuarterReturn, _RETURN.split())
        self._batches, self._numbers = Copier(NumberBatch, _BATCH.split()), Copier(ReportNumber, _NUMBER.split())
        self._filing, self._revision = next_free(Filing), next_free(Revision)
        self._decision, self._batch = next_free(Decision), next_free(NumberBatch)
        self.told: list[Told] = []

    def send(self) -> None:
        for copier in (self._filings, self._revisions, self._decisions, self._returns, self._batches, self._numbers):
            copier.send()

    def write(self, made: Respondent) -> None:
        course = self._course(made)
        self._filing += 1
        self._known[self._season.quarter.period, made.index] = self._filing
        if course.count:
            self._write_numbers(made, course)
        if course.state != "due":
            self._write_return(made, course)
        submitted = course.state in ("in_review", "accepted")
        if submitted:
            self._write_revision(made, course)
        filing = self._write_filing(made, course, submitted=submitted)
        self.told.append(self._tell(made, course, filing, submitted=submitted))

    def _tell(self, made: Respondent, course: _Course, filing: Filing, *, submitted: bool) -> Told:
        """The acts that led there, for the trail and the inbox."""
        acts, digests = [], []
        if course.state != "due":
            assert course.at is not None
            acts.append(
                Act("begin", max(self._season.opens + dt.timedelta(hours=8), course.at - dt.timedelta(hours=3)))
            )
        if submitted:
            assert course.at is not None
            acts.append(Act("submit", course.at, "", 1))
            digests.append(self._digest)
        for step, code in enumerate(self._route(made, course)[: course.passed], start=1):
            last = course.state == "accepted" and step == course.passed
            acts.append(Act("accept" if last else "forward", self._decided(course, step), code, 1))
        return Told(made, Course(course.state, acts), filing, digests)

    def _course(self, made: Respondent) -> _Course:
        chance, season = made.chance("numbers", self._season.quarter.period), self._season
        count = self._count(made)
        tiers = len(self._ground.routes[made.place.bureau])
        # Whoever reports nothing does so every quarter; a sudden nil would ask for an explanation.
        nil = made.index > 5 and made.chance("reports nothing").yes(0.06)
        if season.closed is None and made.index in (HALF_DONE, EXPLAINS, NIL):
            return _Course(
                "drafting" if made.index != NIL else "due", 0 if made.index == NIL else count, at=season.until - 4 * DAY
            )
        if season.closed:
            late = chance.yes(0.05)
            at = season.due + chance.randrange(1, 20) * DAY if late else season.opens + chance.randrange(1, 29) * DAY
            void = sum(chance.yes(0.004) for _ in range(count))
            return _Course(
                "accepted", 0 if nil else count, 0 if nil else void, in_office(at, chance), late, 1 if nil else tiers
            )
        state = chance.pick({"due": 40, "drafting": 15, "in_review": 27, "accepted": 18})
        at = in_office(season.opens + chance.randrange(1, 19) * DAY, chance)
        count = 0 if nil or state == "due" else count
        passed = {"accepted": 1 if nil else tiers, "in_review": 0 if nil else chance.randrange(0, tiers)}.get(state, 0)
        return _Course(state, count, 0, at, False, passed)

    def _count(self, made: Respondent) -> int:
        """About the same every quarter, so that nothing of it is a finding."""
        size = min(MOST_OF_ONE, max(8, made.chance("number of reports").around(70, 0.9)))
        if made.index == HALF_DONE:
            size = 440
        return round(size * made.chance("reports", self._season.quarter.period).uniform(0.92, 1.08))

    def _write_numbers(self, made: Respondent, course: _Course) -> None:
        at = course.at
        assert at is not None
        self._batch += 1
        institution, quarter = self._people.institution(made.index), self._season.quarter
        name = f"报告台账{quarter.period}.xlsx"
        refused: list[tuple[int, str, str]] = [
            (37, "2.02312E+13", "scientific|2.02312E+13"),
            (118, f"{_prefix(made)}-{quarter.year}-00000", "date_outside|2023-09-28|2023Q3"),
            (206, "", "blank"),
        ]
        bad = refused if made.index == HALF_DONE and self._season.closed is None else []
        self._batches.add(
            {
                "id": self._batch, "public_id": uuid.UUID(int=made.chance("batch", quarter.period).getrandbits(128), version=4),
                "filing_id": self._filing, "by_id": self._people.memberships + 2 * made.index + 1, "source": "file", "state": "done",
                "name": name, "size": 9_000 + 40 * course.count,
                "sha256": hashlib.sha256(f"{made.uscc}{quarter.period}".encode()).hexdigest(), "known_digest": "",
                "stored_as": "", "defaults": {},
                "trusts_code": False, "idempotency_key": "", "job_id": None, "cancel_asked": False, "read": course.count + len(bad),
                "blank": 0, "stored": course.count, "already": 0, "repeated": 0, "refused": len(bad),
                "causes": {fault.split("|")[0]: 1 for _line, _raw, fault in bad}, "findings": {}, "samples": [list(line) for line in bad],
                "reading": {"format": "xlsx", "sheet": "报告编号", "data_row": 2}, "refusal": {}, "marked_file": "", "reasons_file": "",
                "created_at": at, "finished_at": at + dt.timedelta(seconds=3),
            }
        )  # fmt: skip
        certificate, domain = made.certificates[0], made.domains[0].code
        for line, (key, issued) in enumerate(self._keys(made, course.count), start=2):
            held = certificate.issued_on <= issued <= certificate.expires_on
            self._numbers.add(
                {
                    "institution_id": institution, "key": key, "raw": None, "issued_on": issued,
                    "certificate": certificate.number if held else "", "domain": domain, "kind": "", "cma_mark": True, "site": None,
                    "state": 2 if line - 2 < course.void else 1, "replaces_key": None, "batch_id": self._batch, "line": line,
                    "quarter": quarter.code, "filed_at": at,
                }
            )  # fmt: skip

    def _keys(self, made: Respondent, count: int) -> Iterator[tuple[str, dt.date]]:
        """Numbers in sequence with a few left out, issued in order over the quarter."""
        quarter, chance = self._season.quarter, made.chance("keys", self._season.quarter.period)
        days, number = (quarter.end - quarter.start).days, quarter.number * 2_000
        for at in range(count):
            number += 2 if chance.yes(0.006) else 1
            key = f"{_prefix(made)}-{quarter.year}-{number:05d}"
            if at == 0 and made.index in SHARING and self._season.closed is None:
                key = SHARED_KEY
            yield key, quarter.start + dt.timedelta(days=at * days // max(1, count))

    def _write_return(self, made: Respondent, course: _Course) -> None:
        valid, half = course.count - course.void, made.index == HALF_DONE and self._season.closed is None
        declared = valid + 7 if half else None if course.state == "drafting" else valid
        nil = course.state in ("in_review", "accepted") and not course.count
        self._returns.add(
            {
                "filing_id": self._filing, "declared": declared, "nil": nil,
                "declared_by_id": self._people.filer(made.index) if declared is not None else None,
                "declared_at": course.at if declared is not None else None, "valid": valid, "void": course.void, "replaced": 0,
                "cma_valid": valid, "invalid_certificate": 0, "computed_at": course.at, "patterns": [], "looked_at": None,
            }
        )  # fmt: skip

    def _write_revision(self, made: Respondent, course: _Course) -> None:
        self._revision += 1
        quarter, valid = self._season.quarter, course.count - course.void
        cells: dict[str, str] = {"Q101": str(quarter.year), "Q102": str(quarter.number), "Q103": str(valid)}
        cells |= {"Q105": f"报告台账{quarter.period}.xlsx"} if course.count else {"Q104": "1"}
        derived = {"valid": valid, "void": course.void, "replaced": 0, "cma_valid": valid, "invalid_certificate": 0}
        counts = {name: str(count) for name, count in derived.items()}
        self._digest = digest_of(self._ground.scheme.digest, {submitting.TABLE: cells}, counts, {})
        self._revisions.add(
            {
                "id": self._revision, "filing_id": self._filing, "number": 1, "scheme_id": self._ground.scheme.pk,
                "cells": {submitting.TABLE: cells}, "derived": counts, "figures": [valid, valid, course.void, 0], "explanations": {},
                "digest": self._digest,
                "filer_id": self._people.filer(made.index), "signer_id": self._people.signer(made.index), "pledge": self._pledge,
                "late": course.late, "repeat": False, "submitted_at": course.at,
            }
        )  # fmt: skip
        for step, code in enumerate(self._route(made, course)[: course.passed], start=1):
            office = self._ground.offices[code]
            self._decision += 1
            self._decisions.add(
                {
                    "id": self._decision, "filing_id": self._filing, "revision_id": self._revision, "bureau_id": office.id,
                    "tier": office.tier, "verdict": "pass", "note": "", "by_id": office.reviewer.user_id,
                    "by_label": f"{office.name} {office.reviewer.name}", "at": self._decided(course, step),
                }
            )  # fmt: skip

    def _route(self, made: Respondent, course: _Course) -> list[str]:
        """A nil return is judged by the first tier alone."""
        route = self._ground.routes[made.place.bureau]
        return route if course.count else route[:1]

    def _decided(self, course: _Course, step: int) -> dt.datetime:
        assert course.at is not None
        return min(course.at + step * dt.timedelta(hours=26), self._season.until - dt.timedelta(minutes=40 - step))

    def _write_filing(self, made: Respondent, course: _Course, *, submitted: bool) -> Filing:
        office, route = self._ground.offices[made.place.bureau], self._route(made, course)
        step = self._ground.offices[route[course.passed]] if course.state == "in_review" else None
        touched = self._decided(course, course.passed) if submitted and course.passed else course.at
        self._filings.add(
            {
                "id": self._filing, "public_id": uuid.UUID(int=made.chance("filing", self._round.period).getrandbits(128), version=4),
                "round_id": self._round.pk, "institution_id": self._people.institution(made.index), "reviewing_bureau_id": office.id,
                "scope": office.path, "previous_id": self._known.get((self._season.quarter.year_before.period, made.index)),
                "due_reason": "certificate", "state": course.state, "step_id": step.id if step else None,
                "step_tier": step.tier if step else "", "step_since": touched if step else None,
                "route": [self._ground.offices[code].id for code in route] if submitted else [],
                "version": {"due": 0, "drafting": 1}.get(course.state, 2 + course.passed),
                "revision_id": self._revision if submitted else None, "opened_at": None, "late": course.late, "repeat": False,
                "filled": 0, "required": 0, "hard_count": 0, "verify_count": 0, "score": 0,
                "touched_at": touched if course.state != "due" else None, "rostered_at": self._round.roster_frozen_at,
            }
        )  # fmt: skip
        institution = Institution(pk=self._people.institution(made.index), name=made.name)
        public_id = uuid.UUID(int=made.chance("filing", self._round.period).getrandbits(128), version=4)
        return Filing(
            pk=self._filing, public_id=public_id, round=self._round, institution=institution, scope=office.path
        )


def _prefix(made: Respondent) -> str:
    """What the institution's numbers begin with."""
    chance = Chance(made.seed, made.index, "prefix")
    letters = {HALF_DONE: "MKCJ", 1: "RCHJ"}.get(made.index)
    return letters or "".join(chance.choice("BCDFGHJKLMNPQRSTWXYZ") for _ in range(2)) + f"{made.index % 1000:03d}"


def act_in_open_quarter(people: Numbering) -> None:
    """What the institutions with a story did themselves, by the actions of the product; after the trail so far is written."""

    def signer(index: int) -> Membership:
        held = Membership.objects.select_related("user", "institution__home_bureau", "bureau")
        return held.get(institution=people.institution(index), role=Role.SIGNER)

    def filing(index: int) -> Filing:
        mine = Filing.objects.for_page().filter(round__kind=Kind.QUARTERLY_NUMBERS, round__period=PERIODS[-1])
        return mine.get(institution=people.institution(index))

    with translation.override(settings.LANGUAGE_CODE):
        explains = filing(EXPLAINS)
        submitting.declare(filing=explains, count=explains.quarter_return.valid - 2, by=signer(EXPLAINS))
        for issue in submitting.look(filing(EXPLAINS)).unexplained:
            explain(filing=filing(EXPLAINS), key=issue.key, text=EXPLANATION, by=signer(EXPLAINS))
        _submit(filing(EXPLAINS), signer(EXPLAINS))
        submitting.declare_nil(filing=filing(NIL), by=signer(NIL))
        for issue in submitting.look(filing(NIL)).unexplained:
            explain(
                filing=filing(NIL),
                key=issue.key,
                text="实验室10月起整体搬迁，本季度停止承接业务，未出具报告。",
                by=signer(NIL),
            )
        _submit(filing(NIL), signer(NIL))
        first = signer(HALF_DONE)
        assert first.institution is not None
        number = ReportNumber.objects.of(first.institution.pk).filter(quarter=20233, state=1).order_by("key")[5]
        void_number(institution=first.institution, number=number.key, reason="委托方申请撤回，报告已收回。", by=first)
    # Nobody is to get a mail about an invented filing.
    Notice.objects.filter(mailed_at=None).update(mailed_at=Now(), mail_handed_at=Now(), mail_attempts=1)


def _submit(filing: Filing, by: Membership) -> None:
    submitting.submit(filing=filing, by=by, version=filing.version, stamp=submitting.look(filing).digest, pledged=True)
