"""Which invitations a membership sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from institutions.roles import Permission

if TYPE_CHECKING:
    from institutions.enrolment.models import Invitation  # noqa: F401 - the base names it
    from institutions.enrolment.models_applying import Application  # noqa: F401 - the same
    from institutions.models import Membership


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, membership: Membership | None) -> InvitationQuerySet:
        """Those of the own institution; for bureaus those of the institutions whose register they keep; for system administrators
        those of the bureaus of their subtree."""
        if membership is None:
            return self.none()
        if membership.institution_id is not None:
            return self.filter(institution=membership.institution_id)
        if membership.bureau is not None and membership.may(Permission.READ_INSTITUTIONS):
            return self.filter(institution__home_bureau__path__startswith=membership.bureau.path)
        if membership.bureau is not None and membership.may(Permission.MANAGE_ACCOUNTS):
            return self.filter(bureau__path__startswith=membership.bureau.path)
        return self.none()

    def open(self) -> InvitationQuerySet:
        """Neither accepted nor revoked nor past their time, by somebody still in office."""
        sender = {"created_by__ended_at": None, "created_by__user__is_active": True}
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=Now(), **sender)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, membership: Membership | None) -> ApplicationQuerySet:
        """Of a bureau's subtree: by the institution's home bureau, where the register has none by the bureau that was named."""
        if membership is None or membership.bureau is None or not membership.may(Permission.READ_INSTITUTIONS):
            return self.none()
        path = membership.bureau.path
        known = Q(institution__home_bureau__path__startswith=path)
        return self.filter(known | Q(institution=None, bureau__path__startswith=path))

    def waiting(self) -> ApplicationQuerySet:
        return self.filter(state="waiting")
