from __future__ import annotations

from reports.schemes.models import Scheme


def published_schemes() -> list[Scheme]:
    """Every published version, newest year first, without its content."""
    return list(Scheme.objects.filter(status=Scheme.Status.PUBLISHED).defer("content"))
