"""Asking for another reviewing department, taking the request back, answering it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from institutions.models import Bureau, Membership, Tier, User
from institutions.roles import Role
from portal.clock import database_now
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.trail.actions import record
from reports.filings.departments import rules
from reports.filings.departments.models import DepartmentChange
from reports.filings.errors import Incomplete, must
from reports.filings.messages import people_of
from reports.filings.models import Filing

ASKED = gettext_noop("Another reviewing department asked for: %(institution)s, %(round)s")
ACCEPTED = gettext_noop("The reviewing department changed: %(institution)s, %(round)s")
REFUSED = gettext_noop("Another reviewing department refused: %(institution)s, %(round)s")


def ask(*, filing: Filing, wanted: Bureau, reason: str, by: Membership) -> DepartmentChange:
    """Ask another department to review the filing. One request waits at a time; the filing stays where it is until then."""
    with transaction.atomic():
        filing = _locked(filing.pk)
        must(rules.can_ask(by, filing, database_now()))
        if filing.department_changes.filter(state=DepartmentChange.State.ASKED).exists():
            raise Incomplete(_("A request is waiting already. Take it back first, or wait for its decision."))
        if wanted.tier == Tier.PROVINCE:
            raise Incomplete(_("The province judges last and never first. Choose a county or a prefecture."))
        if wanted.pk == filing.reviewing_bureau_id:
            raise Incomplete(_("%(bureau)s reviews this filing already.") % {"bureau": wanted})
        if not reason.strip():
            raise Incomplete(_("Say why another department should review; both departments read it."))
        change = DepartmentChange.objects.create(
            filing=filing, before=filing.reviewing_bureau, wanted=wanted, reason=reason.strip()[:1000], asked_by=by
        )
        record("department.asked", by=by, obj=change, scope=filing.scope, details=_names(change))
        _tell(change, ASKED)
    return change


def take_back(*, change: DepartmentChange, by: Membership) -> DepartmentChange:
    with transaction.atomic():
        change = _relocked(change)
        must(rules.can_take_back(by, change))
        change.state = DepartmentChange.State.WITHDRAWN
        change.save(update_fields=["state"])
        record("department.withdrawn", by=by, obj=change, scope=change.filing.scope, details=_names(change))
    return change


def answer(*, change: DepartmentChange, accepts: bool, note: str, by: Membership) -> DepartmentChange:
    """Accepted, the filing is the new department's from this moment; refused, it stays where it is. Both are told."""
    with transaction.atomic():
        change, now = _relocked(change), database_now()
        must(rules.can_answer(by, change, now))
        note = note.strip()[:1000]
        if not accepts and not note:
            raise Incomplete(_("Say why it is refused; the institution reads it."))
        if accepts:
            path = change.wanted.path or ""
            Filing.objects.filter(pk=change.filing_id).update(reviewing_bureau=change.wanted, scope=path)
            change.filing.reviewing_bureau, change.filing.scope = change.wanted, path
        change.state = DepartmentChange.State.ACCEPTED if accepts else DepartmentChange.State.REFUSED
        change.note, change.decided_by, change.decided_at = note, by, now
        change.save(update_fields=["state", "note", "decided_by", "decided_at"])
        verb = "department.accepted" if accepts else "department.refused"
        record(verb, by=by, obj=change, scope=change.filing.scope, details=_names(change) | {"note": note})
        _tell(change, ACCEPTED if accepts else REFUSED)
    return change


def _names(change: DepartmentChange) -> dict[str, str]:
    return {"from": change.before.name_zh, "to": change.wanted.name_zh}


def _locked(pk: int) -> Filing:
    """Submissions wait for the same lock: what is fixed by one is seen here."""
    Filing.objects.select_for_update().values_list("pk").get(pk=pk)
    return Filing.objects.for_page().get(pk=pk)


def _relocked(change: DepartmentChange) -> DepartmentChange:
    filing = _locked(change.filing_id)
    found = DepartmentChange.objects.for_list().get(pk=change.pk)
    found.filing = filing
    return found


def _tell(change: DepartmentChange, subject: str) -> None:
    """Both departments, with the list; the institution, with the page of its filing, once it is decided."""
    filing = change.filing
    words: dict[str, Any] = {}
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            values = {
                "institution": filing.institution, "round": filing.round, "before": change.before, "wanted": change.wanted,
                "reason": change.reason, "note": change.note,
            }  # fmt: skip
            words |= {
                f"subject_{suffix}": _(subject) % values,
                f"body_{suffix}": (_("From %(before)s to %(wanted)s. Reason: %(reason)s %(note)s") % values).strip(),
            }
    reviewers = Membership.objects.current().filter(bureau__in=(change.before, change.wanted), role=Role.REVIEWER)
    notify(
        recipients=User.objects.filter(pk__in=reviewers.values("user")),
        kind=Notice.Kind.INFORMATION,
        link=reverse("review:department-list"),
        **words,
    )
    if change.state != DepartmentChange.State.ASKED:
        notify(
            recipients=people_of(filing),
            kind=Notice.Kind.DECISION,
            link=reverse("filings:department-ask", args=[filing.public_id]),
            institution=filing.institution,
            **words,
        )
