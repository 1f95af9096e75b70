"""Voiding and replacing numbers that were filed. A number is never deleted; what became of it stays beside it."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from institutions.models import Certificate, Institution, Membership
from institutions.words import one_line
from portal.clock import database_now
from portal.trail.actions import record
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing
from reports.numbers import causes, figures, rules
from reports.numbers.errors import BeingRead, NoReason, NoSuchNumber, NotTaken, OtherQuarter, WrongDay
from reports.numbers.keys import key_of, trouble_in
from reports.numbers.models import NumberBatch, NumberChange, ReportNumber
from reports.numbers.reading.cells import shown
from reports.numbers.staging import try_lock_institution
from reports.numbers.strays import stray_in
from reports.rounds.models import Kind
from reports.rounds.quarters import SHANGHAI, Quarter

SHORTEST_REASON = 4
#: Seconds that a person at a page waits for a short file to be read.
PATIENCE = 3.0


def void_number(*, institution: Institution, number: str, reason: str, by: Membership) -> ReportNumber:
    """Mark a valid number as void. It stays, is shown as void, and counts no more."""
    reason = _allowed(institution, reason, by)
    with transaction.atomic():
        row = _take_out(institution, number, ReportNumber.State.VOID)
        NumberChange.objects.create(
            institution=institution, key=row.key, act=NumberChange.Act.VOID, reason=reason, by=by.user
        )
        _note("numbers.voided", institution, by, {"number": row.written, "reason": reason})
        figures.recompute_quarter(institution.pk, Quarter.from_code(row.quarter))
    return row


def replace_number(
    *,
    institution: Institution,
    number: str,
    replacement: str,
    issued_on: dt.date,
    reason: str,
    by: Membership,
    into: Quarter | None = None,
) -> ReportNumber:
    """Mark a valid number as replaced and file the new one, which belongs to the quarter of its own date of issue. Where that
    is not the quarter of the replaced number, it has to be named as `into`; else it is asked about with `OtherQuarter`.

    The new one may have been filed before, by a list that did not say what it replaces: then it is asked for with its date.
    """
    reason = _allowed(institution, reason, by)
    key = key_of(replacement)
    if trouble_in(key):
        raise NotTaken(
            _("“%(number)s” cannot be a report number. Enter at most 64 printable characters.")
            % {"number": replacement.strip()[:40]}
        )
    if stray := stray_in(key):
        raise NotTaken(causes.sentence(f"{stray}|{shown(replacement)}"))
    with transaction.atomic():
        _not_while_reading(institution)
        row = _take_out(institution, number, ReportNumber.State.REPLACED)
        filed = ReportNumber.objects.filter(institution_id=institution.pk, key=key).first()
        if filed:
            _check_filed(filed, row, issued_on)
        _check_day(institution, row, issued_on, into)
        written = replacement.strip()
        new = _joined(filed, row) if filed else _store_replacement(institution, row, key, written, issued_on, by)
        NumberChange.objects.create(
            institution=institution,
            key=row.key,
            act=NumberChange.Act.REPLACE,
            replacement_key=key,
            reason=reason,
            by=by.user,
        )
        _note("numbers.replaced", institution, by, {"number": row.written, "by": new.written, "reason": reason})
        for code in {row.quarter, new.quarter}:
            figures.recompute_quarter(institution.pk, Quarter.from_code(code))
    return new


def _check_day(institution: Institution, row: ReportNumber, issued_on: dt.date, into: Quarter | None) -> None:
    today = localtime(database_now(), SHANGHAI).date()
    if not row.issued_on <= issued_on <= today:
        raise WrongDay(
            _("The replacing report was issued between %(first)s, the day of the first one, and today.")
            % {"first": row.issued_on.isoformat()}
        )
    old, new = Quarter.from_code(row.quarter), Quarter.of(issued_on)
    if new not in (old, into):
        raise OtherQuarter(_moved(institution, issued_on, old, new), new)


def _moved(institution: Institution, issued_on: dt.date, old: Quarter, new: Quarter) -> str:
    words = {"day": issued_on.isoformat(), "old": old.period, "new": new.period}
    told = (
        _(
            "%(day)s is in %(new)s, not in %(old)s: the new number would count for %(new)s, and %(old)s would have one valid "
            "number less. If the date is mistyped, correct it; if it is right, confirm it."
        )
        % words
    )
    filing = _filings(institution).filter(round__period=new.period).first()
    if filing is None:
        told += (
            _(" Your institution has no filing for %(new)s yet; until then the number is seen on its own page.") % words
        )
    elif filing.state in figures.SENT:
        told += _(" The filing for %(new)s is submitted; what was signed there stays as it is.") % words
    return told


def _allowed(institution: Institution, reason: str, by: Membership) -> str:
    verdict = rules.can_amend(by, institution.pk)
    if not verdict:
        raise NotAllowed(verdict.reason)
    reason = one_line(reason)
    if len(reason) < SHORTEST_REASON:
        raise NoReason(_("Say in a few words why; the reason is kept with the number."))
    return reason[:500]


def _not_while_reading(institution: Institution) -> None:
    """A new number waits until no file of the institution is being stored: the same may stand in the file."""
    if not try_lock_institution(institution.pk, PATIENCE):
        raise BeingRead(
            _(
                "A file of your institution is being read just now, and until it is read no number can be replaced. Nothing was "
                "changed; what you typed stays here. Try again in a few minutes."
            )
        )


def _take_out(institution: Institution, number: str, state: int) -> ReportNumber:
    """Change the state of a valid number, or say why that cannot be."""
    key = key_of(number)
    # What cannot have been filed is not looked for; some of it the database could not even be asked about.
    own = ReportNumber.objects.filter(institution_id=institution.pk, key="" if trouble_in(key) else key)
    if not own.filter(state=ReportNumber.State.VALID).update(state=state):
        row = own.first()
        if row is None:
            raise NoSuchNumber(
                _("“%(number)s” is not among the numbers your institution filed.") % {"number": number.strip()[:80]}
            )
        raise NoSuchNumber(
            _("“%(number)s” is no longer valid: %(state)s.")
            % {"number": row.written, "state": row.get_state_display()},
            row=row,
        )
    return own.get()


def _check_filed(filed: ReportNumber, row: ReportNumber, issued_on: dt.date) -> None:
    if filed.key == row.key or filed.state != ReportNumber.State.VALID or filed.replaces_key is not None:
        raise NotTaken(
            _("“%(number)s” was filed before. The replacing report needs a number of its own.")
            % {"number": filed.written}
        )
    if filed.issued_on != issued_on:
        raise NotTaken(
            _(
                "“%(number)s” was filed before, as issued on %(day)s. If it is the report that replaces this one, enter that "
                "date; if not, enter the number of the new report."
            )
            % {"number": filed.written, "day": filed.issued_on.isoformat()}
        )


def _joined(filed: ReportNumber, row: ReportNumber) -> ReportNumber:
    ReportNumber.objects.of(filed.institution_id).filter(key=filed.key).update(replaces_key=row.key)
    filed.replaces_key = row.key
    return filed


def _store_replacement(
    institution: Institution, row: ReportNumber, key: str, written: str, issued_on: dt.date, by: Membership
) -> ReportNumber:
    quarter = Quarter.of(issued_on)
    filing = _filing_for(institution, quarter, row)
    batch = NumberBatch.objects.create(
        filing=filing, by=by, source=NumberBatch.Source.SINGLE, state=NumberBatch.State.DONE, name=written, size=0,
        sha256=hashlib.sha256(f"replacement:{key}".encode()).hexdigest(), read=1, stored=1, finished_at=database_now(),
    )  # fmt: skip
    return ReportNumber.objects.create(
        institution_id=institution.pk, key=key, raw=None if written == key else written, issued_on=issued_on,
        certificate=_certificate_on(institution, row.certificate, issued_on), domain=row.domain, kind=row.kind,
        cma_mark=row.cma_mark, site=row.site, replaces_key=row.key, batch_id=batch.pk, line=1, quarter=quarter.code,
    )  # fmt: skip


def _filing_for(institution: Institution, quarter: Quarter, row: ReportNumber) -> Filing:
    """The filing of the new number's quarter; while that is not open, the one in which the old number came."""
    filing = _filings(institution).filter(round__period=quarter.period).first()
    return filing or NumberBatch.objects.select_related("filing").get(pk=row.batch_id).filing


def _filings(institution: Institution) -> QuerySet[Filing]:
    return Filing.objects.filter(institution=institution, round__kind=Kind.QUARTERLY_NUMBERS)


def _certificate_on(institution: Institution, number: str, day: dt.date) -> str:
    """The old number's certificate, or the institution's only one where it had none."""
    if number:
        return number
    held = list(Certificate.objects.filter(institution=institution, issued_on__lte=day, expires_on__gte=day)[:2])
    return held[0].number if len(held) == 1 else ""


def _note(verb: str, institution: Institution, by: Membership, details: dict[str, str]) -> None:
    record(verb, by=by, obj=institution, scope=institution.home_bureau.path or "", details=details)
