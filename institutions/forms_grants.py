"""What is typed to give and to withdraw a grant, and the filters of their list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from institutions.forms import CHOOSE, BureauField, DayField
from institutions.models import Bureau, Grant, Institution, Membership, Tier, User
from institutions.models_grants import Stage
from institutions.queries import TreeOrder
from institutions.roles import BUREAU_ROLES
from institutions.uscc import BadUscc, normalise_uscc


class PersonField(forms.ModelChoiceField):
    """A person by the place where they work."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.bureau.short_name} · {obj.user.name}"


class ReasonForm(forms.Form):
    """Why a grant is given or withdrawn."""

    reason = forms.CharField(label=pgettext_lazy("authorisation", "Reason"), max_length=300)


class AuthoriseForm(ReasonForm):
    """All prefectures under a bureau or the ones ticked, for one span of days."""

    every = forms.BooleanField(label=_("All prefectures"), required=False)
    bureaus = forms.ModelMultipleChoiceField(
        queryset=Bureau.objects.none(), to_field_name="code", label=_("Prefectures"), required=False
    )
    starts_on = DayField(label=_("First day"), required=False, help_text=_("Empty: at once."))
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("Empty: until withdrawn."))

    def __init__(self, *args: Any, within: Bureau, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bureaus"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Bureau.objects.within(within).filter(tier=Tier.PREFECTURE).order_by("code")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.pop("every", False):
            field = self.fields["bureaus"]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            cleaned["bureaus"] = field.queryset
        elif "bureaus" in cleaned and not cleaned["bureaus"]:
            self.add_error("bureaus", ValidationError(gettext("Choose all prefectures, or tick at least one.")))
        return cleaned

    def ticked(self) -> list[str]:
        """Codes as sent, or as the page opens with them."""
        chosen: Any = self["bureaus"].value() or []
        return [str(code) for code in chosen]


class LendForm(ReasonForm):
    """Whom of the people under a bureau, for one span of days. `person` is chosen by where they work."""

    person = PersonField(queryset=Membership.objects.none(), empty_label=CHOOSE, label=_("Person"))
    starts_on = DayField(label=_("First day"), required=False, help_text=_("Empty: at once."))
    ends_on = DayField(label=_("Last day"), help_text=_("It ends by itself after this day."))

    field_order = ("person", "bureau", "starts_on", "ends_on", "reason")

    def __init__(self, *args: Any, within: Bureau, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = (
            Membership.objects.own()
            .current()
            .filter(role__in=BUREAU_ROLES, bureau__path__startswith=within.path or "?")
        )
        field = self.fields["person"]
        assert isinstance(field, PersonField)
        field.queryset = people.select_related("user", "bureau").order_by(TreeOrder("bureau__path"), "user__name", "id")

    def clean_person(self) -> User:
        chosen: Membership = self.cleaned_data["person"]
        return chosen.user


class StandInForm(LendForm):
    bureau = BureauField(queryset=Bureau.objects.none(), to_field_name="code", label=_("Stands in at"))

    def __init__(self, *args: Any, within: Bureau, **kwargs: Any) -> None:
        super().__init__(*args, within=within, **kwargs)
        field = self.fields["bureau"]
        assert isinstance(field, BureauField)
        field.queryset = Bureau.objects.within(within)


class InspectForm(LendForm):
    """The institution by its code, among those of the bureau's area."""

    institution = forms.CharField(
        label=_("Institution"), max_length=40, help_text=_("Its unified social credit code."), widget=forms.TextInput()
    )

    field_order = ("person", "institution", "starts_on", "ends_on", "reason")

    def __init__(self, *args: Any, within: Bureau, **kwargs: Any) -> None:
        super().__init__(*args, within=within, **kwargs)
        self._within = within

    def clean_institution(self) -> Institution:
        try:
            code = normalise_uscc(self.cleaned_data["institution"])
        except BadUscc as bad:
            raise ValidationError(str(bad.reason)) from bad
        found = Institution.objects.within(self._within).filter(uscc=code).select_related("home_bureau").first()
        if found is None:
            raise ValidationError(
                gettext(
                    "No institution of your area has the code %(code)s. Look it up in the register, or ask the bureau above."
                )
                % {"code": code}
            )
        return found


class GrantFilter(forms.Form):
    """Filters of the list; an unreadable one is as if it were not there."""

    kind = forms.ChoiceField(choices=[("", _("All kinds")), *Grant.Kind.choices], required=False, label=_("Kind"))
    stage = forms.ChoiceField(choices=[("", _("All states")), *Stage.choices], required=False, label=_("State"))

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}
