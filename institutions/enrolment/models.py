"""Invitations to act for an institution, or to work for a bureau."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from institutions.enrolment.queries import InvitationQuerySet
from institutions.models import Bureau, Institution, Membership, User
from institutions.roles import INSTITUTION_ROLES, Role


class Invitation(models.Model):
    """Lets one person take a role at an institution or a bureau, once and until `expires_at`, while who made it is in office.

    Only the SHA-256 of the secret is kept; the secret has 32 random bytes, so no slow hash is needed. `replaces` is the
    membership that is handed over: it ends when the invitation is accepted, if it has not ended before.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("invitation", "Open")
        ACCEPTED = "accepted", pgettext_lazy("invitation", "Accepted")
        REVOKED = "revoked", pgettext_lazy("invitation", "Revoked")
        EXPIRED = "expired", pgettext_lazy("invitation", "Expired")

    institution = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="invitations")
    bureau = models.ForeignKey(Bureau, null=True, on_delete=models.PROTECT, related_name="invitations")
    role = models.CharField(max_length=16, choices=Role.choices)
    name = models.CharField(max_length=50, help_text="Who is invited.")
    email = models.EmailField(blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    replaces = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="successions")
    reason = models.CharField(max_length=300, blank=True, help_text="Why the membership is handed over.")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=INSTITUTION_ROLES, institution__isnull=False, bureau=None)
                | (~Q(role__in=INSTITUTION_ROLES) & Q(bureau__isnull=False, institution=None)),
                name="invitation_at_one_place",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="invitation_expires_after_creation"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, revoked_at=None),
                name="invitation_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="invitation_revoked_by_somebody",
            ),
            models.CheckConstraint(condition=Q(replaces=None) | ~Q(reason=""), name="invitation_handover_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.get_role_display()}"

    @property
    def place(self) -> Bureau | Institution:
        place = self.bureau or self.institution
        assert place is not None, "invitation_at_one_place"
        return place

    @property
    def sender_in_office(self) -> bool:
        return self.created_by.ended_at is None and self.created_by.user.is_active

    def state_at(self, now: dt.datetime) -> State:
        """Reads `created_by`: what somebody made who left since is as if they had taken it back."""
        if self.accepted_at is not None:
            return self.State.ACCEPTED
        if self.revoked_at is not None or not self.sender_in_office:
            return self.State.REVOKED
        return self.State.OPEN if self.expires_at > now else self.State.EXPIRED
