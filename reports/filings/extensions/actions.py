"""Asking for more time, taking the request back, deciding it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from institutions.models import Membership, User
from institutions.roles import Role
from portal.clock import database_now
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from portal.trail.actions import record
from portal.ui.moments import due_time
from reports.filings import rules as filing_rules
from reports.filings.errors import Incomplete, NotAllowed
from reports.filings.extensions import rules
from reports.filings.extensions.files import keep_proof
from reports.filings.extensions.models import Extension
from reports.filings.messages import people_of
from reports.filings.models import Filing


def ask(
    *, filing: Filing, until: dt.datetime, reason: str, by: Membership, chunks: Iterable[bytes] = (), name: str = ""
) -> Extension:
    """Ask until when more time is wanted. One request waits at a time; `chunks` is the proof, checked by its content."""
    with transaction.atomic():
        Filing.objects.select_for_update().values_list("pk").get(pk=filing.pk)
        filing, now = Filing.objects.for_page().get(pk=filing.pk), database_now()
        verdict = rules.can_ask(by, filing, now)
        if not verdict:
            raise NotAllowed(verdict.reason)
        if filing.extensions.waiting().exists():
            raise Incomplete(_("A request is waiting already. Take it back first, or wait for its decision."))
        _must_be_later(filing, until, now)
        if not reason.strip():
            raise Incomplete(_("Say why more time is needed; the bureau decides by it."))
        proof = keep_proof(chunks, name) if name else {}
        extension = Extension.objects.create(
            filing=filing, wanted_until=until, reason=reason.strip()[:1000], asked_by=by, **proof
        )
        _tell_bureau(extension)
        record("extension.asked", by=by, obj=extension, scope=filing.scope, details={"until": until.isoformat()})
    return extension


def _must_be_later(filing: Filing, until: dt.datetime, now: dt.datetime) -> None:
    due = filing_rules.due_of(filing.round, filing.extended_until)
    if until <= now or (due is not None and until <= due):
        raise Incomplete(_("Choose a day after the present due time."))
    over = filing.round.locks_at
    if over is not None and until > over:
        raise Incomplete(_("The round locks on %(date)s; no extension reaches beyond it.") % {"date": due_time(over)})


def take_back(*, extension: Extension, by: Membership) -> Extension:
    with transaction.atomic():
        extension = _locked(extension)
        verdict = rules.can_take_back(by, extension)
        if not verdict:
            raise NotAllowed(verdict.reason)
        extension.state = Extension.State.WITHDRAWN
        extension.save(update_fields=["state"])
        record("extension.withdrawn", by=by, obj=extension, scope=extension.filing.scope)
    return extension


def decide(*, extension: Extension, until: dt.datetime | None, note: str, by: Membership) -> Extension:
    """Grant the time until `until`, which may be another day than asked for, or refuse with None and a note."""
    with transaction.atomic():
        extension, now = _locked(extension), database_now()
        verdict = rules.can_decide(by, extension, now)
        if not verdict:
            raise NotAllowed(verdict.reason)
        note = note.strip()[:1000]
        if until is None and not note:
            raise Incomplete(_("Say why it is refused; the institution reads it."))
        if until is not None:
            _must_be_later(extension.filing, until, now)
            Filing.objects.filter(pk=extension.filing_id).update(extended_until=until)
        extension.state = Extension.State.REFUSED if until is None else Extension.State.GRANTED
        extension.granted_until, extension.note = until, note
        extension.decided_by, extension.decided_at = by, now
        extension.save(update_fields=["state", "granted_until", "note", "decided_by", "decided_at"])
        verb = "extension.refused" if until is None else "extension.granted"
        details = {"until": until.isoformat() if until else "", "note": note}
        record(verb, by=by, obj=extension, scope=extension.filing.scope, details=details)
        _tell(extension)
    return extension


def _locked(extension: Extension) -> Extension:
    Filing.objects.select_for_update().values_list("pk").get(pk=extension.filing_id)
    return Extension.objects.for_list().get(pk=extension.pk)


def _tell_bureau(extension: Extension) -> None:
    """The reviewers of the bureau that decides."""
    filing = extension.filing
    words: dict[str, Any] = {}
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            values = {
                "institution": filing.institution,
                "round": filing.round,
                "date": due_time(extension.wanted_until),
                "reason": extension.reason,
            }
            words |= {
                f"subject_{suffix}": _("More time asked for: %(institution)s, %(round)s") % values,
                f"body_{suffix}": _("Until %(date)s. Reason: %(reason)s") % values,
            }
    reviewers = Membership.objects.current().filter(bureau=filing.reviewing_bureau, role=Role.REVIEWER)
    notify(
        recipients=User.objects.filter(pk__in=reviewers.values("user")),
        kind=Notice.Kind.INFORMATION,
        link=reverse("review:extension-list"),
        **words,
    )


def _tell(extension: Extension) -> None:
    filing = extension.filing
    words: dict[str, Any] = {}
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            if extension.granted_until is None:
                subject = _("More time refused: %(round)s") % {"round": filing.round}
                body = extension.note
            else:
                subject = _("More time granted: %(round)s") % {"round": filing.round}
                body = _("Filling is due until %(date)s now. %(note)s") % {
                    "date": due_time(extension.granted_until),
                    "note": extension.note,
                }
            words |= {f"subject_{suffix}": subject, f"body_{suffix}": body.strip()}
    notify(
        recipients=people_of(filing),
        kind=Notice.Kind.DECISION,
        link=reverse("filings:extension-ask", args=[filing.public_id]),
        institution=filing.institution,
        **words,
    )
