"""Applications of people who register themselves for an institution."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.enrolment.queries import ApplicationQuerySet
from institutions.models import Bureau, Institution, Membership
from institutions.roles import INSTITUTION_ROLES, Role


class Application(models.Model):
    """Somebody asks for an account, naming code and certificate of an institution. A bureau decides.

    Only a keyed hash of the follow-up code is kept. `password` is the hash of what the applicant chose; it moves to the
    account, or is emptied by a refusal.
    """

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("application", "Waiting")
        APPROVED = "approved", pgettext_lazy("application", "Approved")
        REFUSED = "refused", pgettext_lazy("application", "Refused")

    class Match(models.TextChoices):
        """What the register says to code and certificate; told to bureaus alone."""

        AGREES = "agrees", _("Code and certificate belong together on the register")
        CODE_ONLY = "code", _("The code is on the register, but the certificate is none of this institution's")
        CERTIFICATE_ONLY = "certificate", _("The certificate is on the register under another code")
        UNKNOWN = "unknown", _("Neither the code nor the certificate is on the register")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    uscc = models.CharField(max_length=18)
    certificate_number = models.CharField(max_length=40)
    institution_name = models.CharField(max_length=200)
    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="+", help_text="Where the applicant says."
    )
    institution = models.ForeignKey(Institution, null=True, on_delete=models.PROTECT, related_name="applications")
    match = models.CharField(max_length=12, choices=Match.choices)
    name = models.CharField(max_length=50)
    phone = models.CharField(max_length=40)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=16, choices=Role.choices)
    username = models.CharField(max_length=64)
    password = models.CharField(max_length=128, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    at = models.DateTimeField(db_default=Now(), editable=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    membership = models.ForeignKey(Membership, null=True, on_delete=models.PROTECT, related_name="+")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=INSTITUTION_ROLES), name="application_role_of_institution"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at=None, decided_by=None, membership=None)
                | Q(
                    state="approved",
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    membership__isnull=False,
                    password="",
                )
                | Q(state="refused", decided_at__isnull=False, decided_by__isnull=False, membership=None, password="")
                & ~Q(reason=""),
                name="application_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["uscc"], condition=Q(state="waiting"), name="application_waiting")]

    def __str__(self) -> str:
        return f"{self.name} · {self.institution_name}"

    def get_absolute_url(self) -> str:
        return reverse("institutions:application-detail", args=[self.public_id])

    @property
    def decider(self) -> Bureau:
        """The home bureau of the institution as it is now; where the register has none, the bureau the applicant named."""
        return self.institution.home_bureau if self.institution is not None else self.bureau
