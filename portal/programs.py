"""What lies below /api/ answers programs: refusals are JSON, in the language of Accept-Language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: The description of the interface is a page for people.
PAGES = frozenset({"/api/v1/docs"})

#: Reasons for a program where the portal says more to a person, or another thing.
REASONS: dict[int, str | Promise] = {
    400: _(
        "The request cannot be read: its body or headers arrived incomplete, or the form names no boundary. Nothing was "
        "stored. Send it again as /api/v1/docs describes."
    ),
    404: _(
        "There is nothing under this address. Compare it with /api/v1/docs: no slash at the end, a quarter as 2023Q4, the id "
        "of a batch as it was answered."
    ),
    405: _("The address does not take this method; the header Allow names those it takes. Nothing was changed."),
    413: _("More was sent than this address takes. Nothing was stored. Split the list, or shorten the request."),
    500: _(
        "An unexpected error was recorded, and what was sent may not have been stored. Send the same again under the same "
        "Idempotency-Key: nothing is counted twice. If it stays so, tell us the reference."
    ),
    503: _(
        "The portal cannot answer just now. What was stored before is safe. Send the same again in half a minute, under the "
        "same Idempotency-Key: nothing is counted twice."
    ),
}  # fmt: skip


def asks(request: HttpRequest) -> bool:
    """Whether a program asks, by the address."""
    return request.path.startswith("/api/") and request.path not in PAGES


def language_of(request: HttpRequest) -> str:
    """English for a program that asks for it first, else the portal's own."""
    wanted = request.headers.get("Accept-Language", "")
    return "en" if wanted.casefold().startswith("en") else settings.LANGUAGE_CODE
