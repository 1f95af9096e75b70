"""What the pages of an annual report share."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from institutions.access import acting_as
from institutions.models import Membership
from institutions.roles import Permission
from portal.clock import database_now
from portal.rules import Allowed, Denied, Verdict
from reports.annual.attachments import used_by
from reports.annual.heads import Head, Report, Typed
from reports.filings import rules
from reports.filings.errors import NotAllowed
from reports.filings.examination import Examination, examine
from reports.filings.models import Filing, Remark, State
from reports.filings.pages import Deadline, deadline_of, find_filing
from reports.filings.statistics import Statistics
from reports.filings.todo import Next, counts, remarks_wait
from reports.rounds.models import Kind
from reports.schemes.definition import Indicator, TableDefinition


def find_report(request: HttpRequest, public_id: UUID) -> Filing:
    """The annual report in the reader's scope; 404 outside, and for filings of other kinds.

    What was not submitted yet is the institution's own: a bureau is refused with the reason.
    """
    filing = find_filing(request, public_id)
    if filing.round.kind != Kind.ANNUAL_REPORT:
        raise Http404
    if filing.revision_id is None and acting_as(request).institution_id is None:
        raise NotAllowed(
            _("Nothing was submitted yet. What is being written is the institution's own and is not shown.")
        )
    return filing


def items_of(table: TableDefinition, number: int) -> list[Indicator]:
    """Those of a head, without a look at what stands in it."""
    groups = table.groups()
    if not 0 < number <= len(groups):
        raise Http404
    return groups[number - 1][1]


@dataclass(frozen=True, slots=True)
class Note:
    """A remark of the last return; `typed` and `wrong` keep an answer that was refused."""

    remark: Remark
    typed: str = ""
    wrong: str = ""


@dataclass(frozen=True)
class Look:
    """One look at an annual report as its pages need it."""

    filing: Filing
    examination: Examination
    report: Report
    deadline: Deadline
    may_fill: Verdict
    may_submit: Verdict
    late: bool

    @property
    def statistics(self) -> Statistics:
        return self.examination.statistics

    @property
    def open(self) -> str:
        """What keeps it from being sent, in a sentence; empty when nothing does."""
        verdict = may_send(Allowed(), self.examination)
        return "" if verdict else str(verdict.reason)

    def head(self, number: int) -> Head:
        found = next((head for head in self.report.heads if head.number == number), None)
        if found is None:
            raise Http404
        return found

    def notes(self, refused: Note | None = None) -> list[Note]:
        return [
            refused if refused is not None and refused.remark.pk == remark.pk else Note(remark)
            for remark in self.examination.remarks
        ]


def look_at(request: HttpRequest, filing: Filing, typed: Typed | None = None) -> Look:
    examination, now, membership = examine(filing), database_now(), acting_as(request)
    return Look(
        filing=filing,
        examination=examination,
        report=Report(examination, typed),
        deadline=deadline_of(filing.round, now, filing.extended_until),
        may_fill=rules.can_fill(membership, filing, now),
        may_submit=may_send(rules.can_submit(membership, filing, now), examination),
        late=rules.is_late(filing.round, now, filing.extended_until) and filing.revision_id is None,
    )


def may_send(verdict: Verdict, examination: Examination) -> Verdict:
    """The rule's answer, and then whether anything is still open."""
    if not verdict or examination.is_ready:
        return verdict
    pairs = examination.progress.values()
    open_now = counts(
        blank=sum(required - filled for filled, required in pairs),
        hard=len(examination.mistakes),
        verify=len(examination.unexplained),
        remarks=len(examination.open_remarks),
    )
    told = [_("Still open: %(counts)s.") % {"counts": open_now}] if open_now else []
    if examination.statistics.drawn is None:
        told.append(_("The statistics summary is not drawn yet: submit the statistics of the year first."))
    return Denied(" ".join(told))


def find_remark(filing: Filing, pk: int) -> Remark:
    sent = filing.remarks.filter(decision__isnull=False, revision=filing.revision_id)
    return get_object_or_404(sent.select_related("filing"), pk=pk)


def next_of(look: Look, membership: Membership) -> Next:
    filing = look.filing
    if filing.state == State.IN_REVIEW:
        return Next(_("It is being reviewed by %(bureau)s. Nothing to do for you now.") % {"bureau": filing.step})
    if not look.may_fill:
        return Next(str(look.may_fill.reason))
    if look.examination.open_remarks:
        words = remarks_wait(len(look.examination.open_remarks))
        return Next(words, "#remarks", _("Deal with the remarks"))
    head = look.report.first_open
    if head is not None:
        begun = filing.state != State.DUE
        label = _("Go on filling") if begun else _("Begin filling")
        return Next(_("Go on with “%(head)s”.") % {"head": head.title}, head.url, label)
    preview = reverse("annual:report-preview", args=[filing.public_id])
    if membership.may(Permission.SIGN):
        return Next(
            _("Everything is filled and clear. Look through it once more and sign."), preview, _("Preview and submit")
        )
    return Next(
        _("Everything is filled and clear. Ask the signer of your institution to sign it."), preview, _("Preview")
    )


def room_left(filing: Filing) -> dict[str, float]:
    """Megabytes of files: used, allowed, and the largest single one."""
    return {
        "used": used_by(filing) / 2**20,
        "most": settings.ANNUAL_FILING_MB,
        "each": settings.ANNUAL_FILE_MB,
    }
