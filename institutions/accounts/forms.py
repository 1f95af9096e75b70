"""Sign-in, password and search forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from institutions.accounts.backends import LONGEST_NAME, LONGEST_PASSWORD, readable
from institutions.models import User
from institutions.people import compared_name
from institutions.words import telephone
from portal.errors import Refused

# Enough for any name with spaces around it; what is longer is not even compared.
TYPED_NAME = 256


class PasswordField(forms.CharField):
    """Not trimmed, and refused for its length before anything hashes it."""

    widget = forms.PasswordInput

    def __init__(self, **options: Any) -> None:
        super().__init__(
            strip=False,
            max_length=LONGEST_PASSWORD,
            error_messages={
                "max_length": _("A password has at most %(limit_value)d characters, this one has %(show_value)d.")
            },
            **options,
        )
        self.widget.attrs.pop("maxlength", None)  # the browser would cut a pasted password without a word


class UserNameField(forms.CharField):
    """The name in its compared form. NUL and other controls are named before the database could trip over them."""

    default_validators: list[Any] = []

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)
        self.validators = []

    def to_python(self, value: Any) -> str:
        typed = "" if value is None else str(value)
        if len(typed) > TYPED_NAME:
            raise ValidationError(self._too_long(len(typed)))
        return compared_name(typed)

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > LONGEST_NAME:
            raise ValidationError(self._too_long(len(value)))
        if not readable(value):
            raise ValidationError(
                gettext("The user name holds a character that cannot be read. Type it again instead of pasting it.")
            )

    @staticmethod
    def _too_long(length: int) -> str:
        return gettext("A user name has at most %(limit)s characters, this one has %(length)s.") % {
            "limit": LONGEST_NAME,
            "length": length,
        }


class SignInForm(forms.Form):
    username = UserNameField(label=_("User name"))
    password = PasswordField(label=_("Password"))


class DetailsForm(forms.Form):
    """Where the person is reached; the password proves that it is them who says so."""

    email = forms.EmailField(
        label=_("E-mail"), required=False, help_text=_("Reminders and answers are sent there too.")
    )
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    password = PasswordField(label=_("Present password"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"email": user.email, "phone": user.phone}
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_phone(self) -> str:
        try:
            return telephone(self.cleaned_data["phone"])
        except Refused as bad:
            raise ValidationError(str(bad.reason)) from bad

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise ValidationError(gettext("This is not your present password. Nothing was changed."))
        return password


class PasswordForm(forms.Form):
    """The old password proves that the person is still at the keyboard; the new one is judged by every rule at once."""

    old = PasswordField(label=_("Present password"))
    new = PasswordField(label=_("New password"))
    again = PasswordField(label=_("New password again"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise ValidationError(gettext("This is not your present password. Nothing was changed."))
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        if new == self.data.get("old"):
            raise ValidationError(gettext("The new password is the present one. Choose another."))
        password_validation.validate_password(new, self.user)
        return new

    def clean(self) -> None:
        super().clean()
        new, again = self.cleaned_data.get("new"), self.cleaned_data.get("again")
        if new and again and new != again:
            self.add_error("again", gettext("The two new passwords differ. Type the new one the same way twice."))
