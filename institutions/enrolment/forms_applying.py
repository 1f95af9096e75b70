"""What somebody enters who registers for an institution, and what the bureau answers."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.enrolment.forms import LineField, NewAccountForm
from institutions.models import Bureau
from institutions.roles import Role
from institutions.uscc import BadUscc, normalise_uscc
from institutions.words import telephone


class UsccField(LineField):
    """The code with its check digit; which position is wrong is told without a look at the register."""

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        if not typed:
            return typed
        try:
            return normalise_uscc(typed)
        except BadUscc as bad:
            raise ValidationError(str(bad.reason)) from bad


def keeping_bureaus() -> list[Bureau]:
    """Those that institutions belong to: counties, and prefectures without any."""
    return list(Bureau.objects.filter(children=None).exclude(tier="province").select_related("parent"))


class ApplyForm(NewAccountForm):
    field_order = ("uscc", "certificate_number", "institution_name", "bureau", "role", "name", "phone", "email")
    uscc = UsccField(label=_("Unified social credit code"), max_length=40)
    certificate_number = LineField(label=_("Number of a certificate in force"), max_length=40)
    institution_name = LineField(label=_("Name of the institution"), max_length=200)
    bureau = forms.ChoiceField(label=_("County or district of the institution"))
    role = forms.ChoiceField(
        label=pgettext_lazy("account", "Role"),
        choices=[
            (Role.UNIT_ADMIN.value, _("Institution administrator: fills in, invites colleagues")),
            (Role.FILER.value, _("Filer: fills in")),
            (Role.SIGNER.value, _("Signer: signs and submits, invites colleagues")),
        ],
    )
    phone = LineField(label=_("Telephone"), max_length=40, help_text=_("The bureau calls it if something is unclear."))
    email = forms.EmailField(label=_("E-mail"), required=False, help_text=_("The answer is sent there."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bureaus = {bureau.code: bureau for bureau in keeping_bureaus()}
        field = self.fields["bureau"]
        assert isinstance(field, forms.ChoiceField)
        grouped = groupby(self.bureaus.values(), key=lambda one: one.parent if one.tier == "county" else one)
        field.choices = [
            ("", "—"),
            *((str(above), [(one.code, str(one)) for one in bureaus]) for above, bureaus in grouped),
        ]

    def clean_phone(self) -> str:
        return telephone(self.cleaned_data["phone"])

    def entered(self) -> dict[str, Any]:
        """For the action, by its names."""
        typed = {key: value for key, value in self.cleaned_data.items() if key != "password_again"}
        typed["institution"] = typed.pop("institution_name")
        typed["bureau"] = self.bureaus[typed["bureau"]]
        return typed


class FollowUpForm(forms.Form):
    code = LineField(label=_("Follow-up code"), max_length=40)


class RefuseForm(forms.Form):
    reason = LineField(
        label=pgettext_lazy("act", "Reason"),
        max_length=300,
        help_text=_("The applicant reads it; say what would mend it."),
    )


class ApproveForm(forms.Form):
    compared = forms.BooleanField(label=_("I compared it with the papers, or called"), required=False)
