"""The region codes of GB/T 2260 with their years."""

from __future__ import annotations

from django.db.models import Q

from institutions.models import Region


def region_valid(code: str, year: int) -> bool:
    """Whether the code was in force in that year: `from_year <= year < to_year`, an empty bound being open."""
    return (
        Region.objects.filter(code=code)
        .filter(Q(from_year=None) | Q(from_year__lte=year), Q(to_year=None) | Q(to_year__gt=year))
        .exists()
    )
