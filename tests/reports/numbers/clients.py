"""Clients that act for people of the small province, and the words of a page."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from institutions.models import Membership
from reports.filings.models import Filing
from reports.numbers import submitting
from reports.numbers.pages import Look
from tests.factories.filings import fresh

BACKEND = "institutions.accounts.backends.NameBackend"
HTMX = {"HX-Request": "true"}


def client_of(membership: Membership, **more: Any) -> Client:
    """Signed in as the person of the membership."""
    client = Client(**more)
    client.force_login(membership.user, backend=BACKEND)
    return client


def text_of(response: Any) -> str:
    """What a person reads: tags gone, white space one space."""
    body = re.sub(r"(?s)<(script|style|head).*?</\1>", " ", response.content.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def look(filing: Filing) -> Look:
    return submitting.look(fresh(filing))


def submit(filing: Filing, by: Membership) -> Filing:
    """Sign and send what stands."""
    now = fresh(filing)
    submitting.submit(filing=now, by=by, version=now.version, stamp=submitting.look(now).digest, pledged=True)
    return fresh(filing)
