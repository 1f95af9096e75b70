"""Search and filter forms, and how a day is typed."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from institutions.models import Bureau, Institution
from institutions.words import one_line
from portal.errors import Refused

_DATE = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)


class SearchField(forms.CharField):
    """Words to be found literally. What cannot be read is left out: a search is no place to be refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=100, **options)

    def to_python(self, value: Any) -> str:
        try:
            return one_line(str(value or ""))[:100]
        except Refused:
            return ""


class DayField(forms.CharField):
    """A day in the ways people write one: 2024-2-3, 2024/2/3, 2024.2.3, 2024年2月3日, 20240203, in digits of any width."""

    widget = forms.DateInput(attrs={"type": "date"})

    def to_python(self, value: Any) -> Any:
        typed = unicodedata.normalize("NFKC", str(value or "")).strip()
        if not typed:
            return None
        found = _DATE.fullmatch(typed)
        if not found:
            raise ValidationError(
                gettext("“%(typed)s” is not read as a day. Write year, month and day, like 2024-02-03.")
                % {"typed": typed[:40]}
            )
        year, month, day = (int(part) for part in found.groups() if part)
        try:
            return dt.date(year, month, day)
        except ValueError as error:
            raise ValidationError(gettext("There is no day %(typed)s in the calendar.") % {"typed": typed}) from error

    def validate(self, value: Any) -> None:
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Nothing beyond the calendar; limits belong to the action."""


CHOOSE = _("Choose one")


class BureauField(forms.ModelChoiceField):
    """Bureaus set in by their level."""

    def __init__(self, queryset: Any, *, empty_label: Any = CHOOSE, **kwargs: Any) -> None:
        super().__init__(queryset, empty_label=empty_label, **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * (obj.level - 1)}{obj}"


class InstitutionFilter(forms.Form):
    """Filters of the list; an unreadable one is as if it were not there."""

    q = SearchField(label=_("Name, code or address"))
    bureau = BureauField(queryset=Bureau.objects.none(), required=False, label=_("Bureau"))
    status = forms.ChoiceField(
        choices=[("", _("All states")), *Institution.Status.choices], required=False, label=_("State")
    )

    def __init__(self, *args: Any, bureaus: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bureau"]
        assert isinstance(field, BureauField)
        field.queryset = bureaus
        field.empty_label = gettext("All bureaus")

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in self.fields}
