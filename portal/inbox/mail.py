"""A notice as a mail in its recipient's language."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from portal.inbox.models import Notice


def message_for(notice: Notice) -> EmailMessage:
    """Raises `BadHeaderError` when the address or subject would break the header. `notice.recipient` must be loaded.

    The Message-ID is the same for each try, so that a mailbox can recognise a repetition.
    """
    with translation.override(notice.recipient.language):
        body = render_to_string("inbox/mail.txt", {"notice": notice, "base": settings.PORTAL_BASE_URL.rstrip("/")})
        subject = f"[{_product()}] {notice.subject}"
    message = EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [notice.recipient.email])
    host = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    message.extra_headers = {"Message-ID": f"<notice-{notice.pk}@{host}>", "Auto-Submitted": "auto-generated"}
    message.message()  # refuses line ends in headers
    return message


def _product() -> str:
    return translation.pgettext("wordmark", "Zhibao")
