"""What each act is called. A room lists its own in `<room>/verbs.py`, which is loaded at start:

register({"filing.submitted": _("Submitted the filing")})
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST = 60

_labels: dict[str, str | Promise] = {}
_details: dict[str, str | Promise] = {}


def register(labels: Mapping[str, str | Promise]) -> None:
    """Add verbs with their labels. A verb belongs to one room: a second label for it is a mistake."""
    for verb, label in labels.items():
        if len(verb) > LONGEST:
            raise ValueError(f"The verb {verb!r} is longer than {LONGEST} characters.")
        if _labels.setdefault(verb, label) != label:
            raise ValueError(f"The verb {verb!r} has two labels.")


def label_of(verb: str) -> str:
    """In the reader's language; the bare verb where it is not known, such as one of a room that no longer exists."""
    return str(_labels.get(verb, verb))


def choices() -> list[tuple[str, str]]:
    """Every known verb with its label, in the order of the labels."""
    return sorted(((verb, str(label)) for verb, label in _labels.items()), key=lambda pair: pair[1])


def name_details(labels: Mapping[str, str | Promise]) -> None:
    """What keys of `details` are called on the page of the trail; the first room to name a key wins."""
    for key, label in labels.items():
        _details.setdefault(key, label)


def detail_label(key: str) -> str:
    return str(_details.get(key, key))


register(
    {
        "trail.exported": _("Exported the trail"),
        "trail.verified": _("Verified the trail"),
    }
)
name_details(
    {
        "count": pgettext_lazy("trail", "Number"),
        "head": _("Head digest"),
        "fault": _("First fault"),
        "anchor": _("Anchor"),
        "format": _("Format"),
        "filters": _("Filters"),
        "person": _("Person"),
        "verb": _("Act"),
        "object": _("Object"),
        "since": _("From day"),
        "until": _("To day"),
        "outcome": _("Outcome"),
        "reason": _("Reason"),
    }
)
