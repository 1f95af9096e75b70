"""What people type on the pages of report numbers, as clean data. Nothing here reads or writes the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.uploads.trouble import Unreadable
from reports.numbers.models import LONGEST
from reports.numbers.reading.lists import Pasted, look_at
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
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_(
            "Columns copied from a spreadsheet are read too: number, date of issue, certificate; others with their row of headings."
        ),
        error_messages={"required": _("The list is empty. Paste at least one number.")},
    )
    issued_on = _date(_("Date of issue"), required=False, help_text=_("Needed unless the list has a column of dates."))

    def __init__(self, *args: Any, certificates: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "paste", **kwargs})
        held = list(certificates)
        self.has_several = len(held) > 1
        self.fields["certificate"] = _certificates(held, _("as in the list"))
        if self.has_several:
            self.fields["certificate"].help_text = _(
                "Your institution has several: needed unless the list has a column of certificates."
            )

    def clean(self) -> dict[str, Any] | None:
        """What the list does not say and is not chosen would be missing in every line."""
        cleaned = super().clean()
        text = self.cleaned_data.get("text", "")
        if not text.strip():
            return cleaned
        try:
            pasted = look_at(text)
        except Unreadable:  # said when the list is read
            return cleaned
        if pasted.is_mixed_up:
            self.add_error(
                "text",
                _(
                    "Behind the first column stands no date of issue, “%(cell)s” for example. Paste one number a line, or copy the row "
                    "of headings too, so that the columns can be told apart."
                )
                % {"cell": pasted.strange},
            )
        else:
            self._ask_for_what_lacks(pasted)
        return cleaned

    def _ask_for_what_lacks(self, pasted: Pasted) -> None:
        if not pasted.has_dates and "issued_on" in self.cleaned_data and not self.cleaned_data["issued_on"]:
            self.add_error(
                "issued_on",
                _("The list has no column of dates. Enter the date of issue that the numbers have in common."),
            )
        if self.has_several and not pasted.has_certificates and not self.cleaned_data.get("certificate"):
            self.add_error("certificate", CHOOSE_CERTIFICATE)


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
