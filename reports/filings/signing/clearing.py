"""The end of a handover. Whoever writes to a filing calls this; it costs nothing while the filing is not with a signer."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from institutions.models import User
from portal.clock import database_now
from portal.inbox.models import Notice
from reports.filings import messages
from reports.filings.models import Filing
from reports.filings.signing.models import Handover
from reports.filings.signing.people import signers_of


def end_handover(
    filing: Filing, *, how: str, by: User | None, now: dt.datetime | None = None, words: str = ""
) -> Handover | None:
    """End the open handover of a filing whose row is locked; returns it, None where there was none."""
    if filing.ready_since is None:
        return None
    handover = Handover.objects.filter(filing=filing, ended_as="").select_related("by").first()
    Filing.objects.filter(pk=filing.pk).update(ready_since=None)
    filing.ready_since = None
    if handover is not None:
        handover.ended_as, handover.ended_by, handover.words = how, by, words
        handover.ended_at = now or database_now()
        handover.save(update_fields=["ended_as", "ended_by", "ended_at", "words"])
        if how == Handover.End.CHANGED:
            _tell_signers(filing, handover)
    return handover


def _tell_signers(filing: Filing, handover: Handover) -> None:
    """All but the one who made the change."""
    others = [person for person in signers_of(filing) if person.pk != handover.ended_by_id]
    messages.send(
        filing, Notice.Kind.INFORMATION, CHANGED_SUBJECT, CHANGED_BODY, {"who": handover.ended_by},
        f"ready-changed-{handover.pk}", to=others,
    )  # fmt: skip


CHANGED_SUBJECT = "Ready to sign, changed afterwards: %(round)s"
CHANGED_BODY = (
    "%(who)s changed the filing of %(institution)s after it was marked as ready to sign. It is not ready any more; the "
    "differences stand on its preview."
)


# The texts above are looked up by value; naming them here lets makemessages find them.
def _texts() -> tuple[object, ...]:
    return (
        _("Ready to sign, changed afterwards: %(round)s"),
        _(
            "%(who)s changed the filing of %(institution)s after it was marked as ready to sign. It is not ready any more; "
            "the differences stand on its preview."
        ),
    )
