"""How account names are compared and accounts are made."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.models import BaseUserManager

from institutions.queries import UserQuerySet

if TYPE_CHECKING:
    from institutions.models import User


def compared_name(username: str) -> str:
    """The form in which user names are stored and looked up: NFKC, trimmed, casefolded."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, *, username: str, name: str, password: str | None = None, **fields: Any) -> User:
        """A new account; without a password it cannot sign in until one is set."""
        user = self.model(username=compared_name(username), name=name, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return cast("User", user)

    def get_by_natural_key(self, username: str | None) -> User:
        return cast("User", self.get(username=compared_name(username or "")))
