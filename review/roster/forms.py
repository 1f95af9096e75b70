"""One institution put on a frozen roster or taken off it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from institutions.models import Institution, Membership
from institutions.uscc import BadUscc, normalise_uscc


class RosterForm(forms.Form):
    """`cleaned_data["uscc"]` is the institution, of the reader's area."""

    uscc = forms.CharField(
        label=gettext_lazy("Unified social credit code"), max_length=40, help_text=gettext_lazy("Of the institution.")
    )
    reason = forms.CharField(label=pgettext_lazy("roster", "Reason"), max_length=300)

    def __init__(self, *args: object, by: Membership, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._by = by

    def clean_uscc(self) -> Institution:
        try:
            code = normalise_uscc(self.cleaned_data["uscc"])
        except BadUscc as bad:
            raise forms.ValidationError(str(bad.reason)) from bad
        found = Institution.objects.visible_to(self._by).select_related("home_bureau").filter(uscc=code).first()
        if found is None:
            raise forms.ValidationError(
                _(
                    "No institution of your area has the code %(code)s. Look it up in the register, or ask the bureau above."
                )
                % {"code": code}
            )
        return found
