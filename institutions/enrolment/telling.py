"""Telling people what became of their roles, each in the language of their account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from institutions.models import Bureau, Institution, Membership, User
from institutions.roles import Role
from portal.inbox.actions import notify
from portal.inbox.models import Notice

HANDED_OVER = _("%(old)s handed the role “%(role)s” of %(place)s over to %(new)s")
ACCEPTED = _("%(new)s accepted the invitation and is now “%(role)s” of %(place)s")
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


def people_page(place: Bureau | Institution) -> str:
    if isinstance(place, Institution):
        return reverse("institutions:people-list", args=[place.public_id])
    return f"{reverse('institutions:bureau-people')}?{urlencode({'bureau': place.code})}"


def tell_of_handover(old: Membership, new: Membership, reason: str) -> None:
    """Everybody who acts for the institution, and the one who left; of a bureau, the two whom it concerns."""
    place = new.place
    people = {old.user, new.user}
    if new.institution is not None:
        current = Membership.objects.current().filter(institution=new.institution).select_related("user")
        people |= {one.user for one in current}
    values = {
        "old": old.user.name,
        "new": new.user.name,
        "role": Role(new.role).label,
        "place": place,
        "reason": reason,
    }
    tell(
        HANDED_OVER,
        values,
        recipients=people,
        institution=new.institution,
        body=REASON,
        link=people_page(place) if new.institution is not None else "",
    )


def tell_of_acceptance(new: Membership, inviter: User) -> None:
    values = {"new": new.user.name, "role": Role(new.role).label, "place": new.place}
    tell(ACCEPTED, values, recipients=[inviter], institution=new.institution, link=people_page(new.place))
