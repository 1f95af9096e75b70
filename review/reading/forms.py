"""What a reviewer types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.filings.actions_review import RemarkDraft
from reports.filings.models import Finding, Remark
from reports.rounds.models import Kind

LONGEST = 1000
TOO_LONG = _("At most %(limit_value)d characters fit; this text has %(show_value)d. Shorten it.")


def reasons_for(kind: str) -> list[tuple[str, str]]:
    """The coded reasons that fit a round of this kind: report numbers have no unit of measure."""
    unfit = {Remark.Reason.UNIT} if kind == Kind.QUARTERLY_NUMBERS else set()
    return [(value, str(label)) for value, label in Remark.Reason.choices if value not in unfit]


class RemarkForm(forms.Form):
    """`cell` is "table:row:indicator", "table::" for a table, "" for the whole filing."""

    cell = forms.RegexField(
        r"^[A-Za-z0-9-]{1,10}:[A-Za-z0-9]{0,20}:[A-Za-z0-9]{0,10}$",
        required=False,
        error_messages={"invalid": _("The place arrived altered. Cancel, and point at the line again.")},
    )
    reason = forms.ChoiceField(
        error_messages={
            "required": _("Choose the reason for the return; the institution reads it with your words."),
            "invalid_choice": _("This reason does not fit here. Choose one of the list."),
        }
    )
    text = forms.CharField(
        max_length=LONGEST,
        error_messages={
            "required": _("Write what is wrong and what to do; the institution reads exactly this."),
            "max_length": TOO_LONG,
        },
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields["reason"]
        assert isinstance(reason, forms.ChoiceField)
        reason.choices = reasons_for(kind)

    def draft(self) -> RemarkDraft:
        table, row_id, indicator = (self.cleaned_data["cell"] or "::").split(":")
        return RemarkDraft(table, row_id, indicator, self.cleaned_data["reason"], self.cleaned_data["text"])

    def what_is_wrong(self) -> dict[str, str]:
        """By field, in words."""
        return {name: " ".join(str(error) for error in errors) for name, errors in self.errors.items()}


class DecisionForm(forms.Form):
    """Which state of the filing was judged, and the note."""

    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    revision = forms.IntegerField(min_value=1, max_value=32767)
    note = forms.CharField(max_length=LONGEST, required=False, error_messages={"max_length": TOO_LONG})


class ExcuseForm(forms.Form):
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    note = forms.CharField(max_length=LONGEST, required=False, error_messages={"max_length": TOO_LONG})


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(choices=Finding.Verdict.choices)
