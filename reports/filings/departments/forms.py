"""Which department, and why."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from institutions.forms import BureauField
from institutions.models import Bureau, Tier


class AskForm(forms.Form):
    wanted = BureauField(queryset=Bureau.objects.none(), label=_("New reviewing department"))
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, present: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["wanted"]
        assert isinstance(field, BureauField)
        field.queryset = Bureau.objects.exclude(tier=Tier.PROVINCE).exclude(pk=present)


class AnswerForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=1000, required=False)
