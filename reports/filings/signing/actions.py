"""Marking a filing as ready to sign, handing it back, and what a change afterwards means."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Membership
from portal.clock import database_now
from portal.inbox.models import Notice
from portal.trail.actions import record
from reports.filings import messages
from reports.filings.actions import locked, refuse_unready
from reports.filings.errors import Incomplete, StaleFiling, must
from reports.filings.examination import examine
from reports.filings.models import Filing
from reports.filings.signing import rules
from reports.filings.signing.clearing import end_handover
from reports.filings.signing.models import Handover
from reports.filings.signing.people import signers_of


def hand_over(*, filing: Filing, by: Membership, stamp: str, note: str = "") -> Handover:
    """Mark the filing as ready to sign, as it stands; every signer gets a notice.

    `stamp` is the digest of what the filer saw. Raises StaleFiling when it changed since, NotReady while something is open,
    Incomplete where nobody can sign.
    """
    with transaction.atomic():
        filing = locked(filing)
        now = database_now()
        must(rules.can_hand_over(by, filing, now))
        examination = examine(filing)
        if examination.digest != stamp:
            raise StaleFiling(
                _("The filing changed after you opened the preview. Look through it again, then mark it as ready.")
            )
        refuse_unready(examination)
        signers = signers_of(filing)
        if not signers:
            raise Incomplete(
                _("Nobody of your institution can sign yet. Ask %(bureau)s to appoint a signer, then mark it again.")
                % {"bureau": filing.reviewing_bureau}
            )
        handover = Handover.objects.create(
            filing=filing, by=by.user, note=note.strip()[:500], cells=examination.tables, digest=stamp
        )
        Filing.objects.filter(pk=filing.pk).update(ready_since=now)
        filing.ready_since = now
        record("filing.ready", by=by, obj=filing, scope=filing.scope)
        messages.send(
            filing, Notice.Kind.INFORMATION, READY_SUBJECT, READY_BODY,
            {"who": by.user, "note": handover.note}, f"ready-{handover.pk}", to=signers,
        )  # fmt: skip
    return handover


def hand_back(*, filing: Filing, by: Membership, words: str) -> Handover:
    """Give the filing back to whoever marked it as ready, who is told the words; nothing of the filing changes."""
    with transaction.atomic():
        filing = locked(filing)
        now = database_now()
        must(rules.can_hand_back(by, filing, now))
        words = words.strip()[:1000]
        if not words:
            raise Incomplete(_("Say what has to be changed or looked at; the filer reads exactly this."))
        handover = end_handover(filing, how=Handover.End.BACK, by=by.user, now=now, words=words)
        assert handover is not None, "rules.can_hand_back"
        record("filing.handed_back", by=by, obj=filing, scope=filing.scope)
        messages.send(
            filing, Notice.Kind.INFORMATION, BACK_SUBJECT, BACK_BODY,
            {"who": by.user, "note": words}, f"handed-back-{handover.pk}", to=[handover.by],
        )  # fmt: skip
    return handover


READY_SUBJECT = "Ready for your signature: %(round)s"
READY_BODY = (
    "%(who)s marked the filing of %(institution)s as ready to sign. Look through it and sign, or hand it back. %(note)s"
)
BACK_SUBJECT = "Handed back by the signer: %(round)s"
BACK_BODY = "%(who)s did not sign the filing of %(institution)s: %(note)s"


# The texts above are looked up by value; naming them here lets makemessages find them.
def _texts() -> tuple[object, ...]:
    return (
        _("Ready for your signature: %(round)s"),
        _(
            "%(who)s marked the filing of %(institution)s as ready to sign. Look through it and sign, or hand it back. %(note)s"
        ),
        _("Handed back by the signer: %(round)s"),
        _("%(who)s did not sign the filing of %(institution)s: %(note)s"),
    )
