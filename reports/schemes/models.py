"""A scheme version (调查制度): tables, indicators, options and checks as one document that never changes once published."""

from __future__ import annotations

from functools import lru_cache

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from reports.schemes.definition import SchemeDefinition, pick
from reports.schemes.queries import SchemeQuerySet


class Scheme(models.Model):
    """`content` is what `SchemeDefinition.from_content` reads; `digest` is SHA-256 over its canonical JSON.

    A trigger refuses to change or delete a published version. `base` is the published version a draft was made from and
    is compared with. The content of a draft may be faulty; then `definition` raises building.ContentError.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("scheme", "Draft")
        PUBLISHED = "published", pgettext_lazy("scheme", "Published")

    code = models.CharField(max_length=20)
    version = models.PositiveSmallIntegerField(default=1)
    year = models.PositiveSmallIntegerField()
    title_zh = models.CharField(max_length=100)
    title_en = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField()
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    base = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="successors")

    objects = SchemeQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="scheme_version_once"),
            models.CheckConstraint(
                condition=Q(status="draft", published_at=None) | Q(status="published", published_at__isnull=False),
                name="scheme_published_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"

    @property
    def title(self) -> str:
        return pick(self.title_zh, self.title_en)

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def definition(self) -> SchemeDefinition:
        """The compiled scheme; built once per process and version."""
        return compiled(self.digest, self.pk)


@lru_cache(maxsize=16)
def compiled(digest: str, pk: int) -> SchemeDefinition:
    """Compile the stored content. The digest is part of the key, so a changed draft is compiled anew."""
    return SchemeDefinition.from_content(Scheme.objects.values_list("content", flat=True).get(pk=pk, digest=digest))
