"""Versions of the scheme after jc2023."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from demo.loading.next_scheme import next_year
from reports.schemes.content import DATA, content_from_folder
from reports.schemes.loading import load_content
from reports.schemes.models import Scheme


@lru_cache(maxsize=1)
def _next_content() -> dict[str, Any]:
    return next_year(content_from_folder(DATA / "jc2023"))


def next_scheme(*, publish: bool = False, base: Scheme | None = None) -> Scheme:
    """jc2024: W312 renamed W316, W602 gone, W603 new, an option and a check more, K100 narrower."""
    scheme = load_content(_next_content(), publish=False)
    scheme.base = base
    scheme.save(update_fields=["base"])
    return load_content(_next_content(), publish=publish)
