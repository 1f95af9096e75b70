"""What a password must be beyond Django's own rules; each refusal says which rule and how to mend it."""

from __future__ import annotations

import secrets

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from institutions.accounts.backends import LONGEST_PASSWORD
from institutions.models import User

REST = 8  # characters that must remain when the words anybody would guess are taken out
CONTEXT_WORDS = ("zhibao", "直报", "fujian", "福建", "cma", "检验", "检测", "计量", "认证", "统计", "jianyan", "jiance")
# None that are mistaken for another when read out or copied from paper.
ALPHABETS = ("ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnpqrstuvwxyz", "23456789")


def first_password() -> str:
    """A random password that satisfies the rules: 14 characters, about 80 bits."""
    every = "".join(ALPHABETS)
    while True:
        text = "".join(secrets.choice(every) for _place in range(14))
        if all(any(character in kind for character in text) for kind in ALPHABETS):
            return text


class LongEnough(MinimumLengthValidator):
    """Django's rule in words of ours, which are translated."""

    def get_error_message(self) -> str:
        return self.get_help_text()

    def get_help_text(self) -> str:
        return _("A password has at least %(limit)s characters.") % {"limit": self.min_length}


class LengthLimit:
    """A limit far beyond any phrase; what is longer is refused before it is hashed."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST_PASSWORD:
            raise ValidationError(self._words(), code="password_too_long")

    def get_help_text(self) -> str:
        return self._words()

    @staticmethod
    def _words() -> str:
        return _("A password has at most %(limit)s characters.") % {"limit": LONGEST_PASSWORD}


class ThreeKinds:
    """Three of: capital letters, small letters, digits, anything else (GB/T 22239, 8.1.4.1)."""

    def validate(self, password: str, user: User | None = None) -> None:
        kinds = {
            "upper"
            if c.isascii() and c.isupper()
            else "lower"
            if c.isascii() and c.islower()
            else "digit"
            if c.isdigit()
            else "other"
            for c in password
        }
        if len(kinds) < 3:
            raise ValidationError(self.get_help_text(), code="password_too_uniform")

    def get_help_text(self) -> str:
        return _("A password mixes at least three of: capital letters, small letters, digits, other characters.")


class NoContextWords:
    """Words of the trade, the account and the person's institutions do not count toward the length."""

    def validate(self, password: str, user: User | None = None) -> None:
        rest, found = password.casefold(), []
        for word in sorted(self._words(user), key=len, reverse=True):
            if word in rest:
                rest = rest.replace(word, "")
                found.append(word)
        if found and len(rest) < REST:
            raise ValidationError(
                _("“%(word)s” is easily guessed here. Leave it out, or add at least %(missing)s other characters."),
                code="password_of_context",
                params={"word": found[0], "missing": REST - len(rest)},
            )

    def get_help_text(self) -> str:
        return _("The account name, the institution's name and words of the trade do not count toward the length.")

    @staticmethod
    def _words(user: User | None) -> set[str]:
        words = set(CONTEXT_WORDS)
        if user is not None and not user.pk:  # an account about to be made, with the words that go with it
            words |= {user.username, user.name.casefold(), *getattr(user, "context_words", ())}
        elif user is not None:
            words |= {user.username, user.name.casefold()}
            for membership in user.memberships.select_related("bureau", "institution"):
                words.add(str(membership.place).casefold())
        return {word for word in words if len(word) > 1}
