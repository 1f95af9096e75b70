"""Lists that prepare a round: certificates that expire, institutions nobody can file for, accounts never used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.models import Bureau, Certificate, Institution, Membership
from institutions.roles import INSTITUTION_ROLES

#: A certificate that expires within so many days is listed.
SOON = dt.timedelta(days=183)
Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """One list: which rows of an area, and what a row shows. The first column links to the institution."""

    title: str | Promise
    explained: str | Promise
    head: tuple[str | Promise, ...]
    widths: tuple[int, ...]
    rows: Callable[[Bureau, dt.date], QuerySet[Any]]
    institution: Callable[[Any], Institution]
    cells: Callable[[Any], Row]


def _expiring(bureau: Bureau, today: dt.date) -> QuerySet[Certificate]:
    certificates = Certificate.objects.filter(
        institution__in=Institution.objects.within(bureau).filter(status="active"),
        status__in=("1", "2"), expires_on__gte=today, expires_on__lte=today + SOON,
    )  # fmt: skip
    return certificates.select_related("institution__home_bureau").order_by("expires_on", "id")


def _without_people(bureau: Bureau, today: dt.date) -> QuerySet[Institution]:
    current = Membership.objects.current().filter(institution=OuterRef("pk"))
    active = Institution.objects.within(bureau).filter(~Exists(current), status="active")
    return active.select_related("home_bureau").order_by("name", "id")


def _never_used(bureau: Bureau, today: dt.date) -> QuerySet[Membership]:
    people = Membership.objects.current().filter(role__in=INSTITUTION_ROLES, user__last_login=None)
    inside = people.filter(institution__home_bureau__path__startswith=bureau.path or "")
    return inside.select_related("user", "institution__home_bureau").order_by("institution__name", "id")


def _idle(bureau: Bureau, today: dt.date) -> QuerySet[Membership]:
    """Warned and not seen since, or closed and not opened again."""
    people = Membership.objects.filter(role__in=INSTITUTION_ROLES, ended_at=None)
    warned = people.filter(
        institution__home_bureau__path__startswith=bureau.path or "",
        user__idle_warnings__isnull=False, user__idle_warnings__settled_at=None, user__idle_warnings__reopened_at=None,
    )  # fmt: skip
    warned = warned.annotate(closes=F("user__idle_warnings__closes_at"), closed=F("user__idle_warnings__closed_at"))
    return warned.select_related("user", "institution__home_bureau").order_by("institution__name", "id")


_INSTITUTION, _CODE, _BUREAU = _("Institution"), _("Unified social credit code"), _("Home bureau")

LISTS: dict[str, ListOf] = {
    "expiring": ListOf(
        title=_("Certificates expiring within six months"),
        explained=_("Whoever does not renew in time is not due in the next round. Remind them, and import the register again."),
        head=(_INSTITUTION, _("Certificate number"), _("Expires on"), _("Issuing authority"), _BUREAU,
              pgettext_lazy("register", "telephone")),
        widths=(36, 18, 12, 26, 26, 18),
        rows=_expiring,
        institution=lambda one: one.institution,
        cells=lambda one: (one.institution.name, one.number, one.expires_on, one.issuer, one.institution.home_bureau,
                           one.institution.contact_phone),
    ),
    "unregistered": ListOf(
        title=_("Institutions without an account"),
        explained=_("Nobody can file for them yet. Ask them to register, or invite a filer and a signer."),
        head=(_INSTITUTION, _CODE, _BUREAU, pgettext_lazy("register", "contact"), pgettext_lazy("register", "telephone")),
        widths=(36, 22, 26, 12, 18),
        rows=_without_people,
        institution=lambda one: one,
        cells=lambda one: (one.name, one.uscc, one.home_bureau, one.contact_name, one.contact_phone),
    ),
    "unused": ListOf(
        title=_("Accounts never used"),
        explained=_("These people have never signed in. Call them before the filling opens; perhaps somebody else does the work now."),
        head=(_INSTITUTION, _("Person"), pgettext_lazy("account", "Role"), _("User name"), pgettext_lazy("register", "telephone"), _BUREAU),
        widths=(36, 12, 12, 24, 18, 26),
        rows=_never_used,
        institution=lambda one: one.institution,
        cells=lambda one: (one.institution.name, one.user.name, one.get_role_display(), one.user.username, one.user.phone,
                           one.institution.home_bureau),
    ),
    "idle": ListOf(
        title=_("Accounts not used for long"),
        explained=_("They were warned, or closed because nobody used them. Ask the institution who does the work now; "
                    "the account is opened again on the page of its person."),
        head=(_INSTITUTION, _("Person"), pgettext_lazy("account", "Role"), _("User name"), _("Closes on"), _("Closed on"), _BUREAU),
        widths=(36, 12, 12, 24, 14, 14, 26),
        rows=_idle,
        institution=lambda one: one.institution,
        cells=lambda one: (one.institution.name, one.user.name, one.get_role_display(), one.user.username, localtime(one.closes).date(),
                           localtime(one.closed).date() if one.closed else None, one.institution.home_bureau),
    ),
}  # fmt: skip


def counts(bureau: Bureau, today: dt.date) -> dict[str, int]:
    """One query for each list."""
    return {name: one.rows(bureau, today).order_by().count() for name, one in LISTS.items()}


def in_batches(rows: QuerySet[Any], cells: Callable[[Any], Row]) -> Iterator[Row]:
    for one in rows.iterator(chunk_size=2000):
        yield cells(one)
