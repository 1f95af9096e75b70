"""What a person sees of their own account."""

from __future__ import annotations

from institutions.models import User
from portal.trail.models import Event

SHOWN = 10


def sign_ins_of(user: User) -> list[Event]:
    """The last sign-ins and sign-outs, newest first: somebody else's would show here."""
    verbs = ("account.signed-in", "account.signed-out", "account.idled-out", "account.sessions-ended")
    return list(Event.objects.filter(actor=user, verb__in=verbs).order_by("-id")[:SHOWN])
