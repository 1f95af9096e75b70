"""Looking up a reference number: what was refused, work that failed, and what the trail has of it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.errors import ALPHABET
from portal.jobs.models import Job
from portal.jobs.showing import title_of
from portal.refusals import WORDS
from portal.trail.keeping import without_personal
from portal.trail.models import Event, Refusal
from portal.trail.queries import visible_to
from portal.trail.rules import can_look_up

if TYPE_CHECKING:
    from institutions.models import Membership

LENGTH = 8
AROUND = dt.timedelta(minutes=2)
SHOWN = 50
#: Heard or read for one another. Nought, one and their letters stand in no number at all.
_ALIKE = {
    "0": "DQ", "O": "DQ", "1": "J7T", "I": "J7T", "L": "J7T",
    "B": "8", "8": "B", "S": "5", "5": "S", "Z": "2", "2": "Z", "G": "6", "6": "G", "U": "V", "V": "U", "M": "N", "N": "M",
}  # fmt: skip
_DASHES = "-‐‑‒–—―−－ー~_.·"

_UNSIGNED = _("Not signed in")
_SIGNED_OUT = _("Not signed in any more")
_OVER = _("The session had ended, or the token of a program was not known. Nothing was saved by it.")
_HIDDEN = _("The page exists, but what it was asked for does not, or lies outside the scope of this person.")
_NO_PAGE = _("No page has this address: it was mistyped, is out of date, or was made up.")
_CRASH = _("An error of the system. The operators find it in the log under this reference number.")


@dataclass(frozen=True, slots=True)
class Line:
    """One refusal in words. `way` says what its status cannot: why the page did not open, or that the system failed."""

    refusal: Refusal
    title: str
    way: str | Promise
    reason: str

    @property
    def person(self) -> str | Promise:
        return self.refusal.actor_label or _UNSIGNED


@dataclass(frozen=True, slots=True)
class Failed:
    """Work in the background that stopped; its page and its asker's list show the number."""

    job: Job
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """What one number stands for; `number` is the one found, not always quite the one typed, and empty when none was.

    `events` are the request's own, `around` those of the same person, or of a visitor's address, within two minutes; both
    only for who reads the trail.
    """

    typed: str
    number: str
    lines: list[Line]
    failed: list[Failed]
    events: list[Event]
    around: list[Event]


def read_reference(typed: str) -> str:
    """As it is printed; empty when it cannot be one. Case, width, spaces and dashes do not matter."""
    text = unicodedata.normalize("NFKC", typed[:100]).upper()
    kept = "".join(sign for sign in text if not sign.isspace() and sign not in _DASHES)
    if len(kept) != LENGTH or any(sign not in ALPHABET and sign not in _ALIKE for sign in kept):
        return ""
    return _printed(kept)


def candidates(reference: str) -> list[str]:
    """The number itself first, then every number it may have been mistaken for; at most 3 to the power of 8."""
    signs = [_spellings(sign) for sign in reference.replace("-", "")]
    return [_printed("".join(one)) for one in product(*signs)]


def _spellings(sign: str) -> str:
    return sign + _ALIKE.get(sign, "") if sign in ALPHABET else _ALIKE[sign]


def _printed(signs: str) -> str:
    return f"{signs[:4]}-{signs[4:]}"


def look_up(typed: str, membership: Membership) -> Found | None:
    """None when what was typed cannot be a reference number."""
    reference = read_reference(typed)
    if not reference:
        return None
    wanted = candidates(reference)
    refusals = list(refusals_visible_to(membership).filter(reference__in=wanted)[:SHOWN])
    failed = Job.objects.filter(reference__in=wanted).select_related(
        "asker__user", "asker__bureau", "asker__institution__home_bureau"
    )
    jobs = [job for job in failed[:SHOWN] if _is_seen(job, membership)]
    events = list(visible_to(membership).filter(reference__in=wanted)[:SHOWN])
    kept = {row.reference for row in refusals} | {row.reference for row in events} | {job.reference for job in jobs}
    number = next((one for one in wanted if one in kept), "")
    told = [one for one in refusals if one.reference == number]
    return Found(
        typed=reference,
        number=number,
        lines=[line_of(one) for one in told],
        failed=[_failed(one) for one in jobs if one.reference == number],
        events=[one for one in events if one.reference == number],
        around=_around(told[0], membership) if told else [],
    )


def refusals_visible_to(membership: Membership | None) -> QuerySet[Refusal]:
    """Of people of the subtree, and of visitors who had not signed in; all at the root."""
    if membership is None or membership.bureau is None or not can_look_up(membership):
        return Refusal.objects.none()
    if membership.bureau.level == 1:
        return Refusal.objects.all()
    return Refusal.objects.filter(Q(scope__startswith=membership.bureau.path or "?") | Q(actor=None))


def line_of(refusal: Refusal) -> Line:
    words = WORDS.get(refusal.status)
    title = str(words.title) if words else str(refusal.status)
    way: str | Promise = ""
    if refusal.status == 404:
        way = _HIDDEN if refusal.page else _NO_PAGE
    elif refusal.status == 401:
        title, way = str(_SIGNED_OUT), _OVER
    elif refusal.status == 500:
        way = _CRASH
    return Line(refusal, title, way, refusal.reason or (str(words.why) if words and not way else ""))


def _failed(job: Job) -> Failed:
    return Failed(job, title_of(job.kind), without_personal(job.reason))


def _is_seen(job: Job, membership: Membership) -> bool:
    """Work that nobody asked for belongs to the root."""
    if membership.bureau is None or not can_look_up(membership):
        return False
    if membership.bureau.level == 1:
        return True
    asker = job.asker
    if asker is None:
        return False
    bureau = asker.institution.home_bureau if asker.institution is not None else asker.bureau
    return bureau is not None and membership.bureau.contains(bureau.path or "")


def _around(refusal: Refusal, membership: Membership) -> list[Event]:
    """Nobody's where neither the person nor an address is known."""
    events = visible_to(membership).filter(at__range=(refusal.at - AROUND, refusal.at + AROUND))
    if refusal.actor_id is not None:
        return list(events.filter(actor=refusal.actor_id)[:SHOWN])
    if refusal.address is not None:
        return list(events.filter(actor=None, address=refusal.address)[:SHOWN])
    return []
