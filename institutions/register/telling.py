"""Telling the people of an institution, and of the bureaus concerned, what befell it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from institutions.models import Bureau, Institution, Membership, User
from institutions.roles import Role
from portal.inbox.actions import notify
from portal.inbox.models import Notice

SUBJECTS: dict[str, str | Promise] = {
    "moved": _("%(institution)s now belongs to %(to)s"),
    "merged": _("%(gone)s was merged into %(institution)s"),
}
_READING = [role for role in Role if role in (Role.REVIEWER, Role.STATISTICIAN)]


def tell(what: str, institution: Institution, *, bureaus: Iterable[Bureau], why: str, **named: object) -> int:
    """In the transaction of the act; mail goes out after it."""
    concerned = Membership.objects.current().filter(
        Q(institution=institution) | Q(bureau__in=list(bureaus), role__in=_READING)
    )
    subjects = {}
    for language in ("zh-hans", "en"):
        with override(language):
            values = {name: str(value) for name, value in named.items()}
            subjects[language] = str(SUBJECTS[what]) % {"institution": institution.name, **values}
    return notify(
        recipients=User.objects.filter(pk__in=concerned.order_by().values("user")),
        kind=Notice.Kind.INFORMATION,
        subject_zh=subjects["zh-hans"],
        subject_en=subjects["en"],
        body_zh=why,
        body_en=why,
        link=reverse("institutions:institution-detail", args=[institution.public_id]),
    )
