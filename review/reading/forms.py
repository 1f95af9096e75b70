"""What a reviewer types."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.filings.actions_review import RemarkDraft
from reports.filings.models import Finding, Remark

LONGEST = 1000


class RemarkForm(forms.Form):
    """`cell` is "table:row:indicator", "table::" for a table, "" for the whole filing."""

    cell = forms.RegexField(r"^[A-Za-z0-9-]{1,10}:[A-Za-z0-9]{0,20}:[A-Za-z0-9]{0,10}$", required=False)
    reason = forms.ChoiceField(choices=Remark.Reason.choices)
    text = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": _("Write what is wrong and what to do; the institution reads exactly this."),
            "max_length": _("At most %(limit_value)d characters fit; this text has %(show_value)d. Shorten it."),
        },
    )

    def draft(self) -> RemarkDraft:
        table, row_id, indicator = (self.cleaned_data["cell"] or "::").split(":")
        return RemarkDraft(table, row_id, indicator, self.cleaned_data["reason"], self.cleaned_data["text"])

    def what_is_wrong(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class DecisionForm(forms.Form):
    """Which state of the filing was judged, and the note."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    revision = forms.IntegerField(min_value=1, max_value=32767)
    note = forms.CharField(max_length=LONGEST, required=False)


class ExcuseForm(forms.Form):
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    note = forms.CharField(max_length=LONGEST, required=False)


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=Finding.Verdict.choices)
