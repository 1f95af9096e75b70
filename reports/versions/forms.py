"""Forms of the pages of schemes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import QueryDict
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from reports.schemes.building import LONGEST_TITLE, SCHEME_CODE
from reports.schemes.models import Scheme
from reports.versions.pages import slug_of

_CODE = RegexValidator(
    rf"^(?:{SCHEME_CODE.pattern})\Z", _("A code is a letter and at most 19 letters, digits or hyphens.")
)


class CopyForm(forms.Form):
    """A draft from a published version, under a head of its own."""

    source = forms.ChoiceField(label=_("Made from"))
    code = forms.CharField(label=_("Code of the scheme"), max_length=20, validators=[_CODE])
    year = forms.IntegerField(label=_("Year of the data"), min_value=2000, max_value=2100)
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=LONGEST_TITLE)
    title_en = forms.CharField(label=_("Title in English"), max_length=LONGEST_TITLE)

    def __init__(self, schemes: list[Scheme], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.schemes = {slug_of(scheme): scheme for scheme in schemes}
        self.fields["source"].choices = [  # type: ignore[attr-defined]
            (slug, lazystr(str(scheme))) for slug, scheme in self.schemes.items()
        ]
        self.fields["code"].help_text = _("Such as jc2024. A code in use gets the next version number.")

    def clean_source(self) -> Scheme:
        return self.schemes[self.cleaned_data["source"]]


def initial_of(source: Scheme) -> dict[str, object]:
    """The next year's head, guessed from the version it is made from."""
    this, following = str(source.year), str(source.year + 1)
    return {
        "source": slug_of(source),
        "code": source.code.replace(this, following),
        "year": source.year + 1,
        "title_zh": source.title_zh.replace(this, following),
        "title_en": source.title_en.replace(this, following),
    }


def chosen_renames(post: QueryDict, gone: set[str], fresh: set[str]) -> tuple[dict[str, str], str]:
    """({old: new}, a new code that two old ones ask for or ""); what the page did not offer is left out."""
    chosen: dict[str, str] = {}
    for old in sorted(gone):
        new = post.get(f"new-{old}", "")
        if new in fresh:
            if new in chosen.values():
                return chosen, new
            chosen[old] = new
    return chosen, ""
