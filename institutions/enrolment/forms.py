"""What is entered about people: whom to invite, who follows whom, and what an invited person chooses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from institutions.accounts.forms import PasswordField, UserNameField
from institutions.enrolment.actions import roles_at
from institutions.models import Bureau, Institution, Membership, User
from institutions.words import one_line
from portal.errors import Refused


class LineField(forms.CharField):
    """One line without what cannot be seen; white space alone is nothing."""

    def to_python(self, value: Any) -> str:
        try:
            return one_line(super().to_python(value) or "")
        except Refused as bad:
            raise ValidationError(str(bad.reason)) from bad


class InviteForm(forms.Form):
    role = forms.ChoiceField(label=pgettext_lazy("account", "Role"))
    name = LineField(label=_("Name"), max_length=50)
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("The invitation is sent there; without one you pass it on yourself."),
    )

    def __init__(self, *args: Any, place: Bureau | Institution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["role"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(role.value, role.label) for role in roles_at(place)]


class EndForm(forms.Form):
    reason = LineField(label=pgettext_lazy("act", "Reason"), max_length=300)


class HandOverForm(forms.Form):
    """To somebody who works there already, or to somebody new by an invitation."""

    WHEN = (
        ("accepted", _("when the successor has accepted")),
        ("now", _("at once: the person has left already")),
    )

    to = forms.ChoiceField(label=_("Successor"), required=False)
    name = LineField(label=_("Name of the new person"), max_length=50, required=False)
    email = forms.EmailField(label=_("E-mail of the new person"), required=False)
    when = forms.ChoiceField(label=_("The old role of somebody who is replaced by invitation ends"), choices=WHEN)
    reason = LineField(label=pgettext_lazy("act", "Reason"), max_length=300)

    def __init__(self, *args: Any, membership: Membership, by: Membership, **kwargs: Any) -> None:
        """Who hands over their own role keeps it until the successor has accepted: the institution is not left alone."""
        super().__init__(*args, **kwargs)
        if membership.user_id == by.user_id:
            when = self.fields["when"]
            assert isinstance(when, forms.ChoiceField)
            when.choices = self.WHEN[:1]
        at = {"institution": membership.institution_id, "bureau": membership.bureau_id}
        people = Membership.objects.own().current().filter(**at).exclude(user=membership.user_id)
        self.people = {str(one.user_id): one.user for one in people.select_related("user").order_by("user__name", "id")}
        field = self.fields["to"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", gettext("somebody new, by an invitation")),
            *((pk, user.name) for pk, user in self.people.items()),
        ]

    @property
    def successor(self) -> User | None:
        return self.people.get(self.cleaned_data["to"])

    def clean(self) -> None:
        super().clean()
        nobody = not self.cleaned_data.get("to") and not self.cleaned_data.get("name")
        if nobody and not {"to", "name"} & set(self.errors):
            self.add_error("name", gettext("Choose a successor, or write whom you invite."))


class NewAccountForm(forms.Form):
    """Name, user name and password of somebody new. `place` gives words that a password should not be made of."""

    name = LineField(label=_("Your name"), max_length=50)
    phone = LineField(label=_("Telephone"), max_length=40, required=False)
    username = UserNameField(
        label=_("User name"), help_text=_("To sign in with; letters, digits and marks without spaces.")
    )
    password = PasswordField(label=_("Password"))
    password_again = PasswordField(label=_("Password again"))

    def __init__(self, *args: Any, place: Bureau | Institution | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place

    def clean(self) -> None:
        super().clean()
        new, again = self.cleaned_data.get("password"), self.cleaned_data.get("password_again")
        if new:
            person = User(username=self.cleaned_data.get("username", ""), name=self.cleaned_data.get("name", ""))
            person.context_words = {str(self.place).casefold()} if self.place else set()  # type: ignore[attr-defined]
            try:
                password_validation.validate_password(new, person)
            except ValidationError as bad:
                self.add_error("password", bad)
        if new and again and new != again:
            self.add_error("password_again", gettext("The two passwords differ. Type the same one twice."))
