"""A bureau's list of contacts, a row for each kind of question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.helplines.actions import Line
from institutions.helplines.models import HelpLine

PARTS: dict[str, tuple[Any, int]] = {
    "name": (pgettext_lazy("help line", "Name"), 50),
    "phone": (_("Telephone"), 40),
    "hours": (pgettext_lazy("help line", "Hours"), 60),
    "email": (_("E-mail"), 254),
}


@dataclass(frozen=True, slots=True)
class Row:
    """`instead` is who answers while the bureau names nobody."""

    kind: HelpLine.Kind
    fields: list[BoundField]
    instead: HelpLine | None


class LinesForm(forms.Form):
    def __init__(self, *args: Any, own: Mapping[str, HelpLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in HelpLine.Kind:
            for part, (label, length) in PARTS.items():
                make = forms.EmailField if part == "email" else forms.CharField
                initial = getattr(own[kind], part) if kind in own else ""
                self.fields[f"{kind.value}-{part}"] = make(
                    label=label, max_length=length, required=False, initial=initial
                )

    def rows(self, instead: Mapping[str, HelpLine]) -> Iterator[Row]:
        for kind in HelpLine.Kind:
            yield Row(kind, [self[f"{kind.value}-{part}"] for part in PARTS], instead.get(kind.value))

    def lines(self) -> dict[str, Line]:
        typed = self.cleaned_data
        return {kind: Line(**{part: typed[f"{kind}-{part}"] for part in PARTS}) for kind in HelpLine.Kind.values}
