"""Telling people what became of their roles, each in the language of their account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from institutions.models import Institution, Membership, User
from institutions.roles import Role
from portal.inbox.actions import notify
from portal.inbox.models import Notice

HANDED_OVER = _("%(old)s handed the role “%(role)s” of %(institution)s over to %(new)s")
ACCEPTED = _("%(new)s accepted the invitation and now acts for %(institution)s as “%(role)s”")
REASON = _("Reason: %(reason)s")


def tell(
    subject: str | Promise,
    values: Mapping[str, object],
    *,
    recipients: Iterable[User],
    institution: Institution | None = None,
    body: str | Promise = "",
    link: str = "",
    once_key: str | None = None,
) -> int:
    """`values` may hold lazy texts; they are put into words in each language."""
    words = {}
    for language, suffix in (("zh-hans", "zh"), ("en", "en")):
        with override(language):
            named = {name: str(value) for name, value in values.items()}
            words[f"subject_{suffix}"] = str(subject) % named
            words[f"body_{suffix}"] = str(body) % named if body else ""
    return notify(
        recipients=recipients,
        kind=Notice.Kind.INFORMATION,
        institution=institution,
        link=link,
        once_key=once_key,
        **words,
    )


def people_page(institution: Institution) -> str:
    return reverse("institutions:people-list", args=[institution.public_id])


def tell_of_handover(old: Membership, new: Membership, reason: str) -> None:
    """Everybody who acts for the institution, and the one who left."""
    institution = new.institution
    assert institution is not None, "people of institutions"
    current = Membership.objects.current().filter(institution=institution).select_related("user")
    values = {
        "old": old.user.name,
        "new": new.user.name,
        "role": Role(new.role).label,
        "institution": institution.name,
        "reason": reason,
    }
    tell(
        HANDED_OVER,
        values,
        recipients=[*(one.user for one in current), old.user],
        institution=institution,
        body=REASON,
        link=people_page(institution),
    )


def tell_of_acceptance(new: Membership, inviter: User) -> None:
    institution = new.institution
    assert institution is not None, "people of institutions"
    values = {"new": new.user.name, "role": Role(new.role).label, "institution": institution.name}
    tell(ACCEPTED, values, recipients=[inviter], institution=institution, link=people_page(institution))
