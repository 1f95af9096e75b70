"""What an audit administrator sees first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.trail.queries import slice_of, visible_to
from portal.trail.reading import verb_words
from portal.ui.parts import Part

if TYPE_CHECKING:
    from institutions.models import Membership

SHOWN = 10


def recent(membership: Membership) -> Part:
    """The newest acts, and those among them that failed."""
    events = visible_to(membership)
    latest = slice_of(events, size=SHOWN).events
    failed = slice_of(events.filter(succeeded=False), size=SHOWN).events
    return Part(
        template="trail/_recent.html",
        context={
            "latest": [{"event": one, "verb": verb_words(one)} for one in latest],
            "failed": [{"event": one, "verb": verb_words(one)} for one in failed],
        },
    )
