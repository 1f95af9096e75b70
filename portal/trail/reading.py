"""Events in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from portal.trail.models import Event
from portal.trail.verbs import detail_label, label_of


def verb_words(event: Event) -> str:
    return label_of(event.verb)


def detail_lines(details: dict[str, Any]) -> list[tuple[str, str]]:
    """(name, value) for each leaf, in the order they were stored; a leaf inside another has both names."""
    return list(_leaves(details, ""))


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            label = detail_label(key)
            yield from _leaves(inner, f"{name} · {label}" if name else label)
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value, start=1):
            yield from _leaves(item, f"{name} {number}")
    elif isinstance(value, list):
        yield name, _(", ").join(_plain(item) for item in value) or "—"
    else:
        yield name, _plain(value)


def _plain(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
