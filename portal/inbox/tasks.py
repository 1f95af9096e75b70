"""Sending notices by mail, each at most once."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from celery import shared_task
from django.core.mail import BadHeaderError
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from portal.inbox.gateway import Gateway, GatewayDown, NotTaken, Unconfirmed
from portal.inbox.mail import message_for
from portal.inbox.models import Notice

log = logging.getLogger(__name__)

BATCH = 50
ATTEMPTS = 5
LEASE = timedelta(minutes=10)  # longer than a run, so that a notice is in one pair of hands
RUN_SECONDS = 240
# Somebody who gets an address today does not want the notices of last year.
FRESH = timedelta(days=7)


class _Elsewhere(Exception):
    """Another worker has the notice."""


@shared_task(name="portal.inbox.tasks.deliver", ignore_result=True)
def deliver() -> int:
    """Send what is waiting; returns how many were confirmed. Safe to run twice at once and to be killed anywhere.

    A notice is claimed, then marked as handed over just before its text goes out, then as mailed when the gateway confirms.
    Killed before the second mark it is tried again after `LEASE`; killed between the second and the third nobody knows
    whether it went, and it is not sent again.
    """
    sent, until = 0, time.monotonic() + RUN_SECONDS
    while batch := _claim():
        try:
            with Gateway() as gateway:
                sent += _send_all(gateway, batch, until)
        except GatewayDown as down:
            log.warning("The mail gateway does not answer, the notices wait: %s", down)
            _release(batch, str(down))
            break
        if time.monotonic() > until:
            break
    return sent


def _claim() -> list[Notice]:
    """Up to `BATCH` notices, ours for `LEASE`, longest waiting first. Rows that other workers are claiming are passed over."""
    free = Q(mail_claimed_at=None) | Q(mail_claimed_at__lt=Now() - LEASE)
    waiting = Notice.objects.filter(
        free, mailed_at=None, mail_handed_at=None, mail_attempts__lt=ATTEMPTS, created_at__gt=Now() - FRESH
    ).exclude(recipient__email="")
    with transaction.atomic():
        ids = list(
            waiting.order_by("mail_attempts", "created_at", "id")
            .select_for_update(of=("self",), skip_locked=True, no_key=True)
            .values_list("id", flat=True)[:BATCH]
        )
        Notice.objects.filter(pk__in=ids).update(mail_claimed_at=Now(), mail_attempts=F("mail_attempts") + 1)
    return list(Notice.objects.filter(pk__in=ids).select_related("recipient").order_by("created_at", "id"))


def _send_all(gateway: Gateway, batch: list[Notice], until: float) -> int:
    sent = 0
    for place, notice in enumerate(batch):
        if time.monotonic() > until:
            _release(batch[place:], "")
            break
        try:
            sent += _send(gateway, notice)
        except GatewayDown as down:
            _release(batch[place + 1 :], "")
            log.warning("The mail gateway broke off, the notices wait: %s", down)
            _note(notice, error=str(down))
            break
    return sent


def _send(gateway: Gateway, notice: Notice) -> bool:
    """Whether the gateway confirmed. Trouble with this one notice is noted on it and stops nothing else."""
    try:
        gateway.send(message_for(notice), before_handing_over=lambda: _hand_over(notice))
    except _Elsewhere:
        return False
    except NotTaken as refusal:
        _note(notice, error=str(refusal), for_good=refusal.for_good)
        return False
    except Unconfirmed as silence:
        Notice.objects.filter(pk=notice.pk).update(mail_error=str(silence)[:300])
        return False
    except (BadHeaderError, UnicodeError, ValueError) as error:
        _note(notice, error=f"{type(error).__name__}: {error}", for_good=True)
        return False
    Notice.objects.filter(pk=notice.pk).update(mailed_at=Now(), mail_error="")
    return True


def _hand_over(notice: Notice) -> None:
    claim: datetime | None = notice.mail_claimed_at
    ours = Notice.objects.filter(pk=notice.pk, mailed_at=None, mail_handed_at=None, mail_claimed_at=claim)
    if not ours.update(mail_handed_at=Now()):
        raise _Elsewhere


def _note(notice: Notice, *, error: str, for_good: bool = False) -> None:
    """Not delivered. It is tried again after the lease, unless for good."""
    attempts = ATTEMPTS if for_good else notice.mail_attempts
    held = Notice.objects.filter(pk=notice.pk, mailed_at=None, mail_claimed_at=notice.mail_claimed_at)
    held.update(mail_handed_at=None, mail_attempts=attempts, mail_error=error[:300])


def _release(notices: list[Notice], error: str) -> None:
    """Given back untried: the attempt does not count."""
    for notice in notices:
        held = Notice.objects.filter(
            pk=notice.pk, mailed_at=None, mail_handed_at=None, mail_claimed_at=notice.mail_claimed_at
        )
        held.update(mail_claimed_at=None, mail_attempts=F("mail_attempts") - 1, mail_error=error[:300])
