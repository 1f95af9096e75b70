"""Scope: which bureaus and institutions a membership sees. No membership, no rows."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from institutions.roles import Permission
from institutions.words import WIDE_BRACKETS

if TYPE_CHECKING:
    from institutions.models import Bureau, Grant, Institution, Membership, User  # noqa: F401 - the bases name them
    from institutions.register.models import InstitutionChange, RegisterImport  # noqa: F401 - the same


class TreeOrder(models.Func):
    """Of a path, by its numbers: 1/2/ before 1/10/, and what lies below a bureau right behind it."""

    template = "string_to_array(rtrim(%(expressions)s, '/'), '/')::bigint[]"


def today_of_database() -> TruncDate:
    """The database's day in Asia/Shanghai, as an expression."""
    return TruncDate(Now(), tzinfo=timezone.get_default_timezone())


def grant_in_force(lead: str = "") -> Q:
    """Open and on its days, whether or not anybody has closed it since. `lead` leads to the grant, such as "grant__"."""
    begun = Q(**{f"{lead}starts_on": None}) | Q(**{f"{lead}starts_on__lte": today_of_database()})
    lasting = Q(**{f"{lead}ends_on": None}) | Q(**{f"{lead}ends_on__gte": today_of_database()})
    return begun & lasting & Q(**{f"{lead}closed_at": None})


class BureauQuerySet(models.QuerySet["Bureau"]):
    def within(self, bureau: Bureau) -> BureauQuerySet:
        """The bureau itself and everything below it."""
        return self.filter(path__startswith=bureau.path)

    def visible_to(self, membership: Membership | None) -> BureauQuerySet:
        if membership is None or membership.bureau is None:
            return self.none()
        return self.within(membership.bureau)


class InstitutionQuerySet(models.QuerySet["Institution"]):
    def within(self, bureau: Bureau) -> InstitutionQuerySet:
        return self.filter(home_bureau__path__startswith=bureau.path)

    def visible_to(self, membership: Membership | None) -> InstitutionQuerySet:
        """Own institution; for bureaus those whose home bureau lies in the subtree; for an inspector the one."""
        if membership is None:
            return self.none()
        if membership.may(Permission.INSPECT):
            return self.filter(pk=membership.inspects_id)
        if membership.institution_id is not None:
            return self.filter(pk=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_INSTITUTIONS):
            return self.within(membership.bureau)
        return self.none()

    def search(self, words: str) -> InstitutionQuerySet:
        """By name, code or address, literally: `%` and `_` mean themselves. Brackets of either width are the same."""
        if not words:
            return self
        name = words.translate(WIDE_BRACKETS)
        code = unicodedata.normalize("NFKC", words).upper()
        return self.filter(Q(name__icontains=name) | Q(uscc__startswith=code) | Q(address__icontains=words))


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, membership: Membership | None) -> UserQuerySet:
        """For those who manage accounts: of people placed in their subtree alone; at the root also without a place.

        Whoever holds a role outside as well belongs to the administrator above both: a new password opens all of them.
        """
        if membership is None or membership.bureau is None or not membership.may(Permission.MANAGE_ACCOUNTS):
            return self.none()
        if membership.bureau.parent_id is None:
            return self.all()
        path = membership.bureau.path
        placed = Q(memberships__grant=None, memberships__bureau__path__startswith=path)
        employed = Q(memberships__institution__home_bureau__path__startswith=path)
        inside = self.model._default_manager.filter(placed | employed).order_by().values("pk")
        held = apps.get_model("institutions", "Membership")._default_manager.filter(ended_at=None, grant=None)
        at_home = Q(bureau__path__startswith=path) | Q(institution__home_bureau__path__startswith=path)
        return self.filter(pk__in=inside).exclude(pk__in=held.exclude(at_home).order_by().values("user"))

    def search(self, words: str) -> UserQuerySet:
        """Literally: `%` and `_` mean themselves."""
        if not words:
            return self
        return self.filter(Q(name__icontains=words) | Q(username__icontains=words.casefold()))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> MembershipQuerySet:
        """In force: not ended, of an account in use, not at an institution that closed; a stand-in's on its days alone."""
        # Grants are few: looked up once, not joined.
        in_force = apps.get_model("institutions", "Grant")._default_manager.in_force()
        return self.filter(
            Q(institution=None) | Q(institution__status="active"),
            Q(grant=None) | Q(grant__in=in_force),
            ended_at=None,
            user__is_active=True,
        )

    def own(self) -> MembershipQuerySet:
        """Where people work, not where they stand in."""
        return self.filter(grant=None)

    def of_session(self, user_id: int) -> MembershipQuerySet:
        """What a person may act as, with account and place, the oldest first."""
        held = self.current().filter(user=user_id).select_related("user", "bureau", "institution", "inspects")
        return held.annotate(granted=Value(True)).order_by("id")  # type: ignore[no-redef]  # fills the cached property

    def visible_to(self, membership: Membership | None) -> MembershipQuerySet:
        """Also what has ended: of one's own institution; for bureaus of those whose register they keep; for system
        administrators of the bureaus of their subtree. Not those of stand-ins: they are managed with their grants."""
        if membership is None:
            return self.none()
        if membership.institution_id is not None:
            return self.own().filter(institution=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_INSTITUTIONS):
            return self.own().filter(institution__home_bureau__path__startswith=membership.bureau.path or "?")
        if membership.bureau is not None and membership.may(Permission.MANAGE_ACCOUNTS):
            return self.own().filter(bureau__path__startswith=membership.bureau.path or "?")
        return self.none()


class GrantQuerySet(models.QuerySet["Grant"]):
    def in_force(self) -> GrantQuerySet:
        """Open and on its days, whether or not anybody has closed it since."""
        return self.filter(grant_in_force())

    def standing(self) -> GrantQuerySet:
        """In force or to come: what can be withdrawn."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today_of_database()), closed_at=None)

    def run_out(self) -> GrantQuerySet:
        """Open on paper, but past the last day."""
        return self.filter(closed_at=None, ends_on__lt=today_of_database())

    def visible_to(self, membership: Membership | None) -> GrantQuerySet:
        """Over the bureaus of one's subtree: for whoever gives such grants, and for the reviewers there."""
        may = (Permission.AUTHORISE, Permission.MANAGE_ACCOUNTS, Permission.READ_INSTITUTIONS)
        if membership is None or membership.bureau is None or not any(membership.may(one) for one in may):
            return self.none()
        path = membership.bureau.path
        return self.filter(Q(bureau__path__startswith=path) | Q(institution__home_bureau__path__startswith=path))

    def staged(self) -> GrantQuerySet:
        """Each with its `stage` today, in force before coming before past, the latest given first."""
        coming = Q(closed_at=None, starts_on__gt=today_of_database())
        return self.annotate(
            stage=Case(
                When(grant_in_force(), then=Value("current")), When(coming, then=Value("coming")), default=Value("past")
            ),
            rank=Case(When(grant_in_force(), then=Value(0)), When(coming, then=Value(1)), default=Value(2)),
        ).order_by("rank", "-given_at", "-id")

    def for_list(self) -> GrantQuerySet:
        """With what a line of a list reads: one query."""
        return self.staged().select_related(
            "bureau", "institution__home_bureau", "holder", "given_by__user", "closed_by__user"
        )

    def meeting(self, first: dt.date, last: dt.date | None) -> GrantQuerySet:
        """Open and sharing a day with the span; without `last` it has no end."""
        found = self.filter(Q(ends_on=None) | Q(ends_on__gte=first), closed_at=None)
        return found if last is None else found.filter(Q(starts_on=None) | Q(starts_on__lte=last))


class ImportQuerySet(models.QuerySet["RegisterImport"]):
    def visible_to(self, membership: Membership | None) -> ImportQuerySet:
        """Imports of the bureau itself and of those below it."""
        if membership is None or membership.bureau is None or not membership.may(Permission.READ_INSTITUTIONS):
            return self.none()
        return self.filter(bureau__path__startswith=membership.bureau.path)


class ChangeQuerySet(models.QuerySet["InstitutionChange"]):
    def told_of(self, institution: Institution) -> ChangeQuerySet:
        """The latest first, with what a page shows: one query."""
        return self.filter(institution=institution).select_related("other", "from_bureau", "to_bureau", "by__user")
