"""Until when, and why."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

from institutions.forms import DayField

END = dt.time(23, 59, 59)


def end_of(day: dt.date) -> dt.datetime:
    """The last second of the day in Asia/Shanghai."""
    return dt.datetime.combine(day, END, get_default_timezone())


class AskForm(forms.Form):
    until = DayField(label=_("New last day"))
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    file = forms.FileField(
        label=_("Proof"), required=False, allow_empty_file=True, help_text=_("PDF, JPEG or PNG, at most 10 MB.")
    )


class DecideForm(forms.Form):
    until = DayField(label=_("New last day"), required=False)
    note = forms.CharField(label=_("Note"), max_length=1000, required=False)
