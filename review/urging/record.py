"""The record of one institution: reminders, lateness, returns and corrections, with times (N21)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q

from institutions.models import Institution, Membership
from portal.inbox.models import Notice
from reports.filings.models import Decision, Filing, Remark, Revision


@dataclass(frozen=True, slots=True)
class Message:
    """One sending to the people of the institution; times are the first reading and the first confirmed mail."""

    at: dt.datetime
    kind: str
    subject: str
    people: int
    read: int
    first_read: dt.datetime | None
    mailed: int
    link: str


@dataclass(frozen=True, slots=True)
class FilingRecord:
    filing: Filing
    revisions: list[Revision]
    returns: list[tuple[Decision, list[Remark]]]
    messages: list[Message]

    @property
    def reminders(self) -> int:
        return sum(1 for message in self.messages if message.kind in (Notice.Kind.REMINDER, Notice.Kind.URGE))

    @property
    def lines(self) -> list[tuple[dt.datetime, str, object]]:
        """(time, kind, object) of everything, in the order of time: message, revision, return (with its remarks)."""
        found: list[tuple[dt.datetime, str, object]] = [(message.at, "message", message) for message in self.messages]
        found += [(revision.submitted_at, "revision", revision) for revision in self.revisions]
        found += [(decision.at, "return", (decision, remarks)) for decision, remarks in self.returns]
        return sorted(found, key=lambda line: line[0])

    @property
    def late(self) -> bool:
        return any(revision.late for revision in self.revisions)


def institution_record(institution: Institution, membership: Membership) -> list[FilingRecord]:
    """Every filing of the institution that the reader sees, the latest round first. Five queries."""
    filings = list(
        Filing.objects.visible_to(membership)
        .filter(institution=institution)
        .select_related("round", "reviewing_bureau", "step")
        .order_by("-round__period", "round__kind")
    )
    revisions = list(
        Revision.objects.filter(filing__in=filings)
        .select_related("filer", "signer")
        .defer("cells", "derived", "figures")
        .order_by("number")
    )
    returns = list(
        Decision.objects.filter(filing__in=filings, verdict=Decision.Verdict.RETURN)
        .select_related("bureau")
        .order_by("id")
    )
    remarks = list(Remark.objects.filter(decision__in=returns).order_by("id"))
    messages = _messages(institution)
    return [
        FilingRecord(
            filing=filing,
            revisions=[r for r in revisions if r.filing_id == filing.pk],
            returns=[(d, [r for r in remarks if r.decision_id == d.pk]) for d in returns if d.filing_id == filing.pk],
            messages=[m for m in messages if m.link == filing.get_absolute_url()],
        )
        for filing in filings
    ]


def _messages(institution: Institution) -> list[Message]:
    from institutions.models import in_reader_language

    kinds = [Notice.Kind.REMINDER, Notice.Kind.URGE, Notice.Kind.RETURNED]
    rows = (
        Notice.objects.filter(institution=institution, kind__in=kinds)
        .order_by()
        .values_list("created_at", "kind", "subject_zh", "subject_en", "link")
        .annotate(
            people=Count("id"),
            read=Count("id", filter=Q(read_at__isnull=False)),
            first_read=Min("read_at"),
            mailed=Count("id", filter=Q(mailed_at__isnull=False)),
            last=Max("id"),
        )
        .order_by("created_at", "last")
    )
    return [
        Message(at, kind, in_reader_language(zh, en), people, read, first_read, mailed, link)
        for at, kind, zh, en, link, people, read, first_read, mailed, _last in rows
    ]
