"""What people type on the pages of report numbers, as clean data. Nothing here reads or writes the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.uploads.tables import SEPARATORS
from reports.numbers.models import LONGEST
from reports.numbers.submitting import MOST_DECLARED
from reports.rounds.quarters import Quarter

CHOOSE_CERTIFICATE = _("Choose the certificate under which the reports were issued.")


def _date(label: Any, *, required: bool, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


def _certificates(numbers: Iterable[str], blank: Any, *, required: bool = False) -> forms.ChoiceField:
    choices = [("", blank), *((number, number) for number in numbers)]
    wrong = {"required": CHOOSE_CERTIFICATE}
    return forms.ChoiceField(label=_("Certificate used"), required=required, choices=choices, error_messages=wrong)


class DeclareForm(forms.Form):
    count = forms.IntegerField(
        label=_("Valid reports issued in the quarter (Q103)"),
        min_value=1,
        max_value=MOST_DECLARED,
        error_messages={
            "invalid": _("Enter a whole number, for example 1250."),
            "required": _("Enter how many valid reports the quarter had."),
            "min_value": _("Enter a whole number of 1 or more. A quarter without reports is declared as nil."),
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class PasteForm(forms.Form):
    text = forms.CharField(
        label=_("Numbers, one a line"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("Columns copied from a spreadsheet are read too: number, date of issue, certificate."),
    )
    issued_on = _date(_("Date of issue"), required=False, help_text=_("For lines without a date of their own."))

    def __init__(self, *args: Any, certificates: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "paste", **kwargs})
        self._held = list(certificates)
        self.fields["certificate"] = _certificates(self._held, _("as in the list"))

    def clean(self) -> dict[str, Any] | None:
        """Numbers alone say neither day nor certificate: what is not chosen would be missing in every line."""
        cleaned = super().clean()
        text = self.cleaned_data.get("text", "")
        if not text.strip() or any(separator in text for separator in SEPARATORS):
            return cleaned
        if "issued_on" in self.cleaned_data and not self.cleaned_data["issued_on"]:
            self.add_error(
                "issued_on", _("The list holds numbers alone. Enter the date of issue that they have in common.")
            )
        if len(self._held) > 1 and not self.cleaned_data.get("certificate"):
            self.add_error("certificate", CHOOSE_CERTIFICATE)
        return cleaned


class RangeForm(forms.Form):
    first = forms.CharField(
        label=_("First number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "FJ-2023-000001"}),
    )
    last = forms.CharField(
        label=_("Last number"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "000450"}),
        help_text=_("In full, or the last digits alone."),
    )
    issued_on = _date(_("Date of issue"), required=True, help_text=_("The same for all numbers of the range."))

    def __init__(self, *args: Any, certificates: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "range", **kwargs})
        held = list(certificates)
        several = len(held) > 1
        blank = _("choose one") if several else _("the only one")
        self.fields["certificate"] = _certificates(held, blank, required=several)


class ReasonForm(forms.Form):
    """Voiding; replacing adds the new number."""

    number = forms.CharField(max_length=200, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Kept with the number and in the trail."))


class ReplaceForm(ReasonForm):
    """`into` is the quarter that the button of the second question names; None without it."""

    replacement = forms.CharField(label=_("Number of the new report"), max_length=LONGEST + 40)
    issued_on = _date(_("Date of issue of the new report"), required=True)
    into = forms.CharField(required=False)
    field_order = ("number", "replacement", "issued_on", "reason")

    def clean_into(self) -> Quarter | None:
        try:
            return Quarter.parse(self.cleaned_data["into"])
        except ValueError:
            return None


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("System that will use it"),
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "LIMS", "autocomplete": "off"}),
        help_text=_("For example the name of your laboratory system."),
    )
