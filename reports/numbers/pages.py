"""What the pages of a quarterly filing show, ready for their templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page
from django.db import connection
from django.db.models.functions import Now
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from institutions.access import acting_as
from institutions.models import Membership, in_reader_language
from institutions.roles import Permission, Role
from portal.clock import database_now
from portal.jobs.models import Job
from portal.jobs.showing import Shown, shown
from portal.rules import Allowed, Denied, Verdict
from portal.ui.paging import page_of
from reports.filings import rules as filing_rules
from reports.filings.errors import NotAllowed, NotReady
from reports.filings.models import Filing, Remark, Revision, State
from reports.filings.pages import Deadline, deadline_of, find_filing
from reports.filings.todo import Next
from reports.numbers import causes, figures, rules, submitting, untaken
from reports.numbers.issues import Issue
from reports.numbers.models import NumberBatch
from reports.numbers.queries import BatchQuerySet
from reports.numbers.submitting import Look, Sent
from reports.rounds.models import Kind
from reports.rounds.quarters import Quarter

#: Of a text file, as they were taken apart: a wrong encoding or separator is seen at a glance.
FIRST_ROWS = 3

#: On a page of them, within the page of the quarter.
BATCHES = 10

_REFUSED = """
SELECT cause.key, sum(cause.value::bigint)::bigint
  FROM numbers_numberbatch b, jsonb_each_text(b.causes) cause
 WHERE b.filing_id = %s
 GROUP BY 1
"""


def find_quarter(request: HttpRequest, public_id: UUID) -> Filing:
    """The quarterly filing in the reader's scope; 404 outside, and for filings of other kinds; refused by `can_read`."""
    filing = find_filing(request, public_id)
    if filing.round.kind != Kind.QUARTERLY_NUMBERS:
        raise Http404
    verdict = rules.can_read(acting_as(request), filing)
    if not verdict:
        raise NotAllowed(verdict.reason)
    return filing


def find_batch(request: HttpRequest, public_id: UUID) -> NumberBatch:
    batches = NumberBatch.objects.visible_to(acting_as(request)).select_related(
        "by__user", "job", "filing__round", "filing__institution", "filing__reviewing_bureau", "filing__step"
    )
    return get_object_or_404(batches, public_id=public_id)


def quarter_of(filing: Filing) -> Quarter:
    return Quarter.parse(filing.round.period)


# -- batches --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """How many lines for one reason, a code of `causes`."""

    code: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """`job` tells the progress of an unfinished batch; None while it waits for the one before it."""

    batch: NumberBatch
    job: Shown | None

    @property
    def state(self) -> str:
        """A code of `portal.ui.states`."""
        if self.batch.state == NumberBatch.State.DONE and (self.batch.refused or self.batch.unread_sheets):
            return "verify"
        return {"refused": "failed"}.get(self.batch.state, self.batch.state)

    @property
    def words(self) -> str:
        done = self.batch.get_state_display()
        if self.state == "verify" and self.batch.refused:
            done = _("Done, some refused") if self.batch.stored or self.batch.already else _("Done, all refused")
        if not self.batch.unread_sheets:
            return done
        count = len(self.batch.unread_sheets)
        words = ngettext("%(done)s; %(count)s sheet not read", "%(done)s; %(count)s sheets not read", count)
        return words % {"done": done, "count": count}

    @property
    def causes(self) -> list[Count]:
        return counts_of(self.batch.causes)

    @property
    def findings(self) -> list[Count]:
        return counts_of(self.batch.findings)

    @property
    def not_counted(self) -> int:
        """Rows that gave no new number, whatever the reason."""
        return self.batch.already + self.batch.repeated + self.batch.refused

    @property
    def not_counted_words(self) -> str:
        if not self.batch.refused:
            return _("Rows already filed or repeated")
        if self.batch.already or self.batch.repeated:
            return _("Rows refused, already filed or repeated")
        return _("Rows refused")

    def rows_for(self, code: str) -> int:
        """Rows with one reason or finding."""
        rows: int = self.batch.causes.get(code, 0) or self.batch.findings.get(code, 0)
        return rows

    @property
    def refusal(self) -> str:
        return causes.refusal(self.batch.refusal) if self.batch.refusal else ""

    @property
    def asks_whose(self) -> bool:
        """Refused only because another institution's code stands in the file; its sender may say it is theirs."""
        return self.batch.state == NumberBatch.State.REFUSED and self.batch.refusal.get("code") == "other_institution"

    @property
    def may_stop(self) -> bool:
        return not (self.batch.is_over or self.batch.is_counted or self.batch.cancel_asked)


def counts_of(by_code: dict[str, int]) -> list[Count]:
    found = [Count(code, causes.label_of(code), count) for code, count in by_code.items()]
    return sorted(found, key=lambda one: (-one.count, one.label))


def rows_of(batches: Iterable[NumberBatch]) -> list[BatchRow]:
    """One query for the progress of all of them, and none when nothing is being read."""
    listed = list(batches)
    wanted = [batch.job_id for batch in listed if batch.job_id and not batch.is_over]
    jobs = {job.pk: shown(job) for job in Job.objects.filter(pk__in=wanted).annotate(now=Now())} if wanted else {}
    return [BatchRow(batch, jobs.get(batch.job_id) if batch.job_id else None) for batch in listed]


def batches_of(filing: Filing) -> BatchQuerySet:
    """The latest first. Replacements of single numbers are told with the numbers, not here."""
    batches = filing.number_batches.exclude(source=NumberBatch.Source.SINGLE).select_related("by__user")
    return batches.defer("samples").order_by("-id")


def lists_read(filing: Filing) -> BatchQuerySet:
    """Those that were read to their end, whatever became of the marking."""
    return batches_of(filing).counted()


def batch_page(request: HttpRequest, filing: Filing) -> Page[BatchRow]:
    """The page of batches that `?page=` asks for: a program that sends every night makes some 90 a quarter."""
    page = page_of(request, batches_of(filing), size=BATCHES)
    page.object_list = rows_of(page.object_list)
    return page


def refused_in(filing: Filing) -> list[Count]:
    """Refused lines of all batches by reason, the most frequent first: one query however many batches there are."""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [filing.pk])
        return counts_of(dict(cursor.fetchall()))


@dataclass(frozen=True, slots=True)
class Sample:
    line: int
    number: str
    words: str


def samples_of(batch: NumberBatch) -> list[Sample]:
    """The first refused lines in words."""
    return [Sample(line, raw or "", causes.sentence(fault)) for line, raw, fault in batch.samples]


def is_reading(rows: Iterable[BatchRow]) -> bool:
    return any(not row.batch.is_over for row in rows)


def reading_facts(batch: NumberBatch) -> list[tuple[str, str]]:
    """What was told about the reading: (label, words), for a file that may hold surprises."""
    told = batch.reading
    facts = [*_sheet_facts(told), *_text_facts(told)]
    if told.get("data_row", 1) > 1:
        facts.append((_("Data from row"), str(told["data_row"])))
    if told.get("unmatched"):
        facts.append((_("Columns left alone"), "、".join(told["unmatched"])))
    if batch.blank:
        facts.append((_("Blank rows"), _("%(count)s passed over") % {"count": batch.blank}))
    if told.get("cut_off"):
        facts.append((_("End of the sheet"), _("After 1,000 blank rows the rest was not read.")))
    template, current = told.get("template"), told.get("current_template")
    if template is not None and current and template != current:
        facts.append(
            (_("Template"), _("An older version; it was read by its headings. Please take the new one next time."))
        )
    return facts


def _sheet_facts(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if told.get("sheet"):
        yield _("Sheet read"), told["sheet"] + (_(" (hidden)") if told.get("sheet_hidden") else "")
    if told.get("other_sheets"):
        yield _("Sheets not read"), "、".join(told["other_sheets"])
    if told.get("hidden_rows"):
        count = told["hidden_rows"]
        words = ngettext(
            "%(count)s hidden or filtered row was read too", "%(count)s hidden or filtered rows were read too", count
        )
        yield _("Hidden rows"), words % {"count": count}


def _text_facts(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if told.get("encoding"):
        yield _("Characters"), str(told["encoding"]).upper()
    if told.get("preview"):
        rows = [" · ".join(cell for cell in row if cell) for row in told["preview"][:FIRST_ROWS]]
        yield _("First rows"), " ⏎ ".join(rows)


# -- how the filing stands ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Doubt:
    """One finding with what was said about it; `typed` and `wrong` after a refused explanation, `fresh` after any."""

    issue: Issue
    explanation: str
    typed: str = ""
    wrong: str = ""
    fresh: bool = False

    @property
    def mark(self) -> str:
        return "said" if self.issue.severity == "verify" and self.explanation else self.issue.severity

    @property
    def message(self) -> str:
        return in_reader_language(self.issue.message_zh, self.issue.message_en)


@dataclass(frozen=True, slots=True)
class Typed:
    """What form was sent, and an answer as typed when it is refused. `key` is a finding's, "remark-" and a number, or the
    name of another form: its fields are drawn anew where htmx asks, and those of the others stay as they are."""

    key: str = ""
    text: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A reviewer's remark; `typed` and `wrong` after a refused answer, `fresh` after any."""

    remark: Remark
    typed: str = ""
    wrong: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How the quarterly filing stands now."""

    filing: Filing
    look: Look
    report: figures.Report
    doubts: list[Doubt]
    remarks: list[Note]
    deadline: Deadline
    may_send: Verdict
    may_submit: Verdict
    now: dt.datetime

    @property
    def quarter(self) -> Quarter:
        return quarter_of(self.filing)

    @property
    def is_sent(self) -> bool:
        """With the reviewers or accepted: its findings are those of the submission, and nobody explains any more."""
        return self.filing.state in figures.SENT

    @property
    def moved(self) -> bool:
        """The count of valid numbers is no longer the one that was submitted."""
        signed = figures.signed_of(self.filing)
        return signed is not None and self.look.returned.valid != Sent.of(signed).valid

    @property
    def late(self) -> bool:
        return self.filing.revision_id is None and filing_rules.is_late(
            self.filing.round, self.now, self.filing.extended_until
        )


def standing_of(filing: Filing, membership: Membership, typed: Typed | None = None) -> Standing:
    """A fixed number of queries. `filing` comes from `find_quarter`."""
    now, typed = database_now(), typed or Typed()
    look, signed = submitting.look(filing, now), figures.signed_of(filing)
    may_submit = filing_rules.can_submit(membership, filing, now)
    return Standing(
        filing=filing,
        look=look,
        report=figures.report_with(filing, look.returned, look.last_year),
        doubts=_doubts_sent(signed) if signed else _doubts(look, typed),
        remarks=[_note(one, typed) for one in look.remarks] if filing.state in (State.RETURNED, State.DRAFTING) else [],
        deadline=deadline_of(filing.round, now, filing.extended_until),
        may_send=rules.can_send(membership, filing, now),
        may_submit=_ready(look) if may_submit else may_submit,
        now=now,
    )


def _doubts(look: Look, typed: Typed) -> list[Doubt]:
    return [
        Doubt(
            issue,
            look.explanations.get(issue.key, ""),
            typed.text if typed.key == issue.key else "",
            typed.wrong if typed.key == issue.key else "",
            fresh=typed.key == issue.key,
        )
        for issue in look.issues
    ]


def _doubts_sent(signed: Revision) -> list[Doubt]:
    """What was found and said when the filing was submitted; what is voided later asks nothing of anybody."""
    return [
        Doubt(Issue(one.key, one.check_code, one.severity, one.cells, one.message_zh, one.message_en), one.explanation)
        for one in signed.findings.order_by("id")
    ]


def _note(remark: Remark, typed: Typed) -> Note:
    return Note(remark, typed.text, typed.wrong, fresh=True) if typed.key == f"remark-{remark.pk}" else Note(remark)


def _ready(look: Look) -> Verdict:
    """The rule let the person submit; what in the filing still stands against it."""
    try:
        submitting.refuse_unready(look)
    except NotReady as refused:
        return Denied(refused.reason)
    return Allowed()


def next_of(standing: Standing, membership: Membership) -> Next:
    filing, look = standing.filing, standing.look
    if filing.state == State.IN_REVIEW:
        return Next(_("It is being reviewed by %(bureau)s. Nothing to do for you now.") % {"bureau": filing.step})
    if filing.state == State.ACCEPTED:
        return Next(
            _("Accepted. If a report is withdrawn or replaced later, void or replace its number here at any time.")
        )
    if not standing.may_send:
        return Next(str(standing.may_send.reason))
    if look.open_remarks:
        return Next(
            _("The reviewer returned it. Correct the numbers or the count, then answer the remarks."),
            "#remarks",
            _("To the remarks"),
        )
    if look.reading:
        return Next(_("A file is being read. You may leave this page; the reading goes on."))
    if look.returned.declared is None:
        return Next(_("Say first how many valid reports the quarter had, or declare a nil return."))
    if not look.returned.nil and not look.returned.valid:
        return Next(_("Now send the numbers: as a file, as a pasted list, or as a range."))
    if look.hard or look.unexplained:
        return Next(
            _("Look at the findings: correct what is wrong, and explain what is right all the same."),
            "#findings",
            _("To the findings"),
        )
    return _to_sign(standing, membership)


def _to_sign(standing: Standing, membership: Membership) -> Next:
    preview = reverse("numbers:quarter-preview", args=[standing.filing.public_id])
    open_rows = untaken.words(untaken.untaken_of(standing.filing))
    if membership.may(Permission.SIGN):
        words = _(" Otherwise look through it once more and sign.")
        done = _("Everything is there. Look through it once more and sign.")
        return Next(open_rows + words if open_rows else done, preview, _("Preview and submit"))
    signers = Membership.objects.current().filter(institution=standing.filing.institution_id, role=Role.SIGNER)
    names = "、".join(signers.order_by("id").values_list("user__name", flat=True)[:3])
    words = _(" Otherwise ask the signer of your institution (%(names)s) to sign and submit it.")
    done = _("Everything is there. Ask the signer of your institution (%(names)s) to sign and submit it.")
    named = {"names": names or _("none is registered yet; call the county bureau")}
    return Next(open_rows + words % named if open_rows else done % named, preview, _("Preview"))


def largest_file() -> dict[str, int]:
    """For the page: megabytes as stated, bytes for the script."""
    return {"megabytes": settings.NUMBERS_FILE_MB, "bytes": settings.NUMBERS_FILE_MB * 2**20}
