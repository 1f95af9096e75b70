"""What the comparison's form sends back, as clean data."""

from __future__ import annotations

import json

from django.http import QueryDict


def chosen_boxes(post: QueryDict) -> set[str]:
    return set(post.getlist("box"))


def seen_versions(post: QueryDict) -> dict[str, int]:
    """The version of each table that the page compared with; what cannot be read counts as never seen."""
    try:
        found = json.loads(post.get("seen", ""))
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {table: version for table, version in found.items() if type(version) is int and 0 <= version < 10**9}
