"""Notices that follow a move of a filing, to the people of the institution, in both languages."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

from institutions.models import Membership, User
from portal.inbox.actions import notify
from portal.inbox.models import Notice
from reports.filings.models import Decision, Filing, Revision


def people_of(filing: Filing) -> list[User]:
    return [
        membership.user
        for membership in Membership.objects.current()
        .filter(institution=filing.institution_id)
        .select_related("user")
        .distinct("user")
        .order_by("user")
    ]


def send(
    filing: Filing,
    kind: str,
    subject: str,
    body: str,
    values: dict[str, object],
    once_key: str,
    *,
    to: list[User] | None = None,
) -> None:
    """`subject` and `body` are message ids; they are filled in each language apart. Everyone of the institution gets it,
    unless it is to some."""
    words = {}
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            filled = {name: str(value) for name, value in values.items()} | {
                "round": str(filing.round),
                "institution": str(filing.institution),
            }
            words[f"subject_{suffix}"] = _(subject) % filled
            words[f"body_{suffix}"] = _(body) % filled
    notify(
        recipients=people_of(filing) if to is None else to,
        kind=kind,
        link=filing.get_absolute_url(),
        institution=filing.institution,
        once_key=once_key,
        **words,
    )


def submitted(filing: Filing, revision: Revision) -> None:
    send(
        filing,
        Notice.Kind.SUBMITTED,
        "Submitted: %(round)s",
        "%(institution)s submitted its filing. Receipt number %(receipt)s. It is now with %(bureau)s.",
        {"receipt": revision.receipt_number, "bureau": filing.step},
        f"submitted-{filing.pk}-{revision.number}",
    )


def returned(filing: Filing, decision: Decision, remarks: int) -> None:
    send(
        filing,
        Notice.Kind.RETURNED,
        "Returned for correction: %(round)s",
        "%(bureau)s returned the filing of %(institution)s with %(count)s remarks: %(note)s",
        {"bureau": decision.bureau, "count": remarks, "note": decision.note},
        f"returned-{decision.pk}",
    )


def accepted(filing: Filing) -> None:
    send(
        filing,
        Notice.Kind.DECISION,
        "Accepted: %(round)s",
        "The filing of %(institution)s passed the final review. Nothing more to do.",
        {},
        f"accepted-{filing.pk}-{filing.version}",
    )


# The texts above are looked up by value; naming them here lets makemessages find them.
def _texts() -> tuple[str, ...]:
    return (
        _("Submitted: %(round)s"),
        _("%(institution)s submitted its filing. Receipt number %(receipt)s. It is now with %(bureau)s."),
        _("Returned for correction: %(round)s"),
        _("%(bureau)s returned the filing of %(institution)s with %(count)s remarks: %(note)s"),
        _("Accepted: %(round)s"),
        _("The filing of %(institution)s passed the final review. Nothing more to do."),
    )
