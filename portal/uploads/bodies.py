"""How long a request may be that brings files, judged before any of it is read: a body costs memory and disk."""

from __future__ import annotations

from django.http import HttpRequest

from portal.errors import TooLarge

#: What a form adds around its files: boundaries, names, the token, other fields.
AROUND_FILES = 64 * 2**10


def must_not_exceed(request: HttpRequest, most_mb: int, words: str) -> None:
    """Raises TooLarge with the words. A form's view asks this before it reads the token that proves its origin."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > most_mb * 2**20 + AROUND_FILES:
        raise TooLarge(words)
