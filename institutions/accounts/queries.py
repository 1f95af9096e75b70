"""What a person sees of their own account."""

from __future__ import annotations

from institutions.models import User
from portal.trail.models import Event
from portal.trail.verbs import label_of

SHOWN = 10


def sign_ins_of(user: User) -> list[tuple[Event, str]]:
    """The last sign-ins and sign-outs with their words, newest first: somebody else's would show here."""
    ends = ("account.signed-out", "account.idled-out", "account.timed-out", "account.sessions-ended")
    verbs = ("account.signed-in", *ends)
    events = Event.objects.filter(actor=user, verb__in=verbs).order_by("-id")[:SHOWN]
    return [(event, label_of(event.verb)) for event in events]
