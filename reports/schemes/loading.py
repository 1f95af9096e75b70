"""Bringing a scheme version into the database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .content import DATA, content_from_folder, digest_of, same_content
from .definition import SchemeDefinition
from .models import Scheme

__all__ = ["DATA", "SchemeTaken", "content_from_folder", "load_content", "load_scheme"]


class SchemeTaken(Exception):
    """The code and version are published with other content."""


def load_scheme(folder: Path | str = DATA / "jc2023", publish: bool = True) -> Scheme:
    """Loads the scheme of a folder; the same folder again changes nothing and answers the same row."""
    return load_content(content_from_folder(folder), publish=publish)


@transaction.atomic
def load_content(content: Mapping[str, Any], *, publish: bool) -> Scheme:
    """Raises building.ContentError when the content is wrong, SchemeTaken when the version is published already."""
    definition, digest = SchemeDefinition.from_content(content), digest_of(content)
    own: dict[str, Any] = {"code": definition.code, "version": definition.version}
    scheme = Scheme.objects.select_for_update().filter(**own).first()
    if scheme is None or (scheme.digest != digest and not scheme.is_published):
        scheme, _created = Scheme.objects.update_or_create(
            **own,
            defaults={
                "year": definition.year,
                "title_zh": definition.title_zh,
                "title_en": definition.title_en,
                "content": content,
                "digest": digest,
            },
        )
    if not same_content(content, scheme.digest):
        raise SchemeTaken(
            _("%(scheme)s is published with other content. Raise its version number to load this one.")
            % {"scheme": scheme}
        )
    if publish and not scheme.is_published:
        Scheme.objects.filter(pk=scheme.pk).update(status=Scheme.Status.PUBLISHED, published_at=Now())
        scheme.refresh_from_db()
    return scheme
