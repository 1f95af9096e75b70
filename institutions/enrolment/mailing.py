"""Mail to somebody who has no account yet, in both languages. Whether it went is told at once: the secret is kept nowhere."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from institutions.enrolment.models import Invitation
from portal.inbox.gateway import Gateway, GatewayDown, NotTaken, Unconfirmed

log = logging.getLogger(__name__)


def address_of(secret: str) -> str:
    """What the invited person opens. The secret is not part of the path, so that logs of refusals do not hold it."""
    return f"{settings.PORTAL_BASE_URL.rstrip('/')}{reverse('institutions:invitation-accept')}?{urlencode({'code': secret})}"


def send_invitation(invitation: Invitation, secret: str) -> bool:
    """Whether the gateway took it. Called after the commit; the page shows the address in any case."""
    context = {"invitation": invitation, "address": address_of(secret)}
    return send(invitation.email, "institutions/people/invitation.txt", context)


def send(to: str, template: str, context: dict[str, object]) -> bool:
    """The first line of the template is the subject. Chinese above English: nobody knows yet what the reader prefers."""
    subjects, bodies = [], []
    for language in ("zh-hans", "en"):
        with translation.override(language):
            subject, _line, body = render_to_string(template, context).strip().partition("\n")
        subjects.append(" ".join(subject.split()))
        bodies.append(body.strip())
    message = EmailMessage(" / ".join(subjects), "\n\n----\n\n".join(bodies), settings.DEFAULT_FROM_EMAIL, [to])
    message.extra_headers = {"Auto-Submitted": "auto-generated"}
    try:
        message.message()  # refuses line ends in headers
        with Gateway() as gateway:
            gateway.send(message, before_handing_over=lambda: None)
    except (GatewayDown, NotTaken, Unconfirmed, BadHeaderError, UnicodeError, ValueError) as trouble:
        log.warning("A mail to somebody without an account was not sent: %s", type(trouble).__name__)
        return False
    return True


def address_of_page(name: str) -> str:
    """A page of the portal as a mail names it."""
    return f"{settings.PORTAL_BASE_URL.rstrip('/')}{reverse(name)}"
