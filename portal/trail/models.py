"""The trail (留痕): one append-only row per act, sealed into a hash chain when its transaction commits."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Event(models.Model):
    """Who did what to which object. Never updated or deleted: a database trigger refuses both."""

    at = models.DateTimeField(_("time"), db_default=Now(), editable=False)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("person")
    )
    actor_label = models.CharField(max_length=300, blank=True, help_text=_("Person, role and place as they were."))
    verb = models.CharField(_("act"), max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    object_label = models.CharField(_("object"), max_length=300, blank=True)
    scope = models.CharField(max_length=100, blank=True, help_text=_("Path of the bureau concerned."))
    succeeded = models.BooleanField(_("succeeded"), default=True)
    reference = models.CharField(max_length=16, blank=True)
    address = models.GenericIPAddressField(null=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="event_object"),
            models.Index(fields=["verb", "id"], name="event_verb"),
            models.Index(fields=["actor", "id"], name="event_actor"),
            models.Index(fields=["at"], name="event_at"),
            models.Index(fields=["reference"], name="event_reference"),
            models.Index(fields=["id"], condition=models.Q(succeeded=False), name="event_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.verb} {self.object_label}"


class Seal(models.Model):
    """A link of the chain: `digest` covers the event's row and the digest of the seal before it.

    Written only by the deferred trigger on Event, in commit order; `sequence` has no gaps.
    """

    sequence = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="seal")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]

    def __str__(self) -> str:
        return f"{self.sequence} {self.digest[:12]}"


class Refusal(models.Model):
    """A request that was refused or failed, found by the reference number its page showed. No event: it is kept for a while.

    Written by `portal.trail.keeping` alone. The account has no constraint, so that writing waits for no lock on it.
    """

    reference = models.CharField(max_length=16)
    at = models.DateTimeField(db_default=Now(), editable=False)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=200, help_text="Without what stands after the question mark.")
    page = models.CharField(max_length=100, blank=True, help_text="Name of the address; empty when there is none such.")
    status = models.PositiveSmallIntegerField()
    cause = models.CharField(max_length=200, blank=True, help_text="Name of the error, and the line of a crash.")
    reason = models.CharField(max_length=500, blank=True, help_text="As shown, without addresses and long numbers.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, db_constraint=False, on_delete=models.DO_NOTHING, related_name="+"
    )
    actor_label = models.CharField(max_length=300, blank=True, help_text="Person, role and place as they were.")
    scope = models.CharField(max_length=100, blank=True, help_text="Path of the bureau concerned.")
    address = models.GenericIPAddressField(null=True)
    source = models.CharField(max_length=64, help_text="Whose refusals are counted together: an account or a network.")

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["reference"], name="refusal_reference"),
            models.Index(fields=["source", "at"], name="refusal_source"),
            models.Index(fields=["at"], name="refusal_at"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.status}"
