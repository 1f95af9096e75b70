"""What is entered for each act on an institution. Every form has `acting` called with clean data by the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from institutions.actions import close_institution, rename_institution
from institutions.forms import BureauField, SearchField
from institutions.models import Bureau, Institution, Membership
from institutions.register import acts, rules
from institutions.register.following import Act
from institutions.rules import can_amend
from institutions.uscc import BadUscc, normalise_uscc
from portal.rules import Verdict


class ActForm(forms.Form):
    """`institution` is the one acted on; `by` who acts. `deed` is the action that does it with what was entered.

    `act()` is what the followers plan by; None where nothing follows.
    """

    title = gettext_lazy("Act")
    explained = gettext_lazy("")
    rule: Callable[[Membership, Institution], Verdict] = staticmethod(can_amend)
    deed: Callable[..., Institution]

    reason = forms.CharField(label=pgettext_lazy("act", "Reason"), max_length=300)

    def __init__(self, *args: Any, institution: Institution, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.institution, self.by = institution, by

    def act(self) -> Act | None:
        return None

    def told(self) -> list[str]:
        """Further sentences of the preview, beside those of the filings."""
        return []

    def entered(self) -> dict[str, Any]:
        """Arguments of the deed."""
        return self.cleaned_data

    def do(self) -> Institution:
        """The institution whose page comes next."""
        return self.deed(institution=self.institution, by=self.by, **self.entered())


class OtherField(SearchField):
    """Another institution of the reader's area, by its code."""

    def __init__(self, **options: Any) -> None:
        super().__init__(help_text=gettext_lazy("Its unified social credit code."), **options)


def _find(typed: str, by: Membership, *, closed: bool = False) -> Institution:
    """In the reader's area and working. Raises ValidationError with what to do."""
    try:
        code = normalise_uscc(typed)
    except BadUscc as bad:
        raise forms.ValidationError(str(bad.reason)) from bad
    found = Institution.objects.visible_to(by).filter(uscc=code).select_related("home_bureau", "parent").first()
    if found is None:
        raise forms.ValidationError(
            _("No institution of your area has the code %(code)s. Look it up in the register, or ask the bureau above.")
            % {"code": code}
        )
    return found


class RenameForm(ActForm):
    title = gettext_lazy("Rename")
    explained = gettext_lazy(
        "The new name shows everywhere at once. What was submitted keeps the name it was submitted with; the old name stays in the history."
    )
    deed = staticmethod(rename_institution)
    name = forms.CharField(label=gettext_lazy("New name"), max_length=200)
    reason = None  # type: ignore[assignment]


class MoveForm(ActForm):
    title = pgettext_lazy("act", "Move")
    explained = gettext_lazy(
        "The new bureau sees the institution from the next click on, the old one no longer. Closed rounds stay counted where they were."
    )
    rule = staticmethod(rules.can_move)
    deed = staticmethod(acts.move)
    field_order = ("bureau", "reason")
    bureau = BureauField(queryset=Bureau.objects.none(), label=gettext_lazy("New home bureau"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["bureau"]
        assert isinstance(field, BureauField)
        reviewing = Bureau.objects.visible_to(self.by).exclude(pk=self.institution.home_bureau_id)
        field.queryset = reviewing.exclude(tier="province").select_related("parent")

    def act(self) -> Act:
        return Act("move", self.institution, self.cleaned_data["reason"], bureau=self.cleaned_data["bureau"])


class MergeForm(ActForm):
    title = pgettext_lazy("act", "Merge")
    explained = gettext_lazy(
        "This institution goes up in another one, which takes its certificates, sites, units and people. It stays in the register as "
        "closed, with everything it filed."
    )
    deed = staticmethod(acts.merge)
    field_order = ("into", "reason")
    into = forms.CharField(
        label=gettext_lazy("Merged into"), max_length=40, help_text=gettext_lazy("Its unified social credit code.")
    )

    def clean_into(self) -> Institution:
        heir = _find(self.cleaned_data["into"], self.by)
        if heir.pk == self.institution.pk:
            raise forms.ValidationError(_("An institution cannot be merged into itself. Choose the one that goes on."))
        verdict = can_amend(self.by, heir)
        if not verdict:
            raise forms.ValidationError(str(verdict.reason))
        return heir

    def act(self) -> Act:
        return Act("merge", self.institution, self.cleaned_data["reason"], other=self.cleaned_data["into"])

    def told(self) -> list[str]:
        gone, heir = self.institution, self.cleaned_data["into"]
        people = Membership.objects.filter(institution=gone, ended_at=None).count()
        return [
            _("%(certificates)s certificates, %(sites)s sites and %(people)s people go to %(heir)s.")
            % {
                "certificates": gone.certificates.count(), "sites": gone.sites.count(), "people": people, "heir": heir,
            },
            _("%(gone)s is closed and stays in the register with its filings; its page says where it went.") % {"gone": gone},
        ]  # fmt: skip

    def do(self) -> Institution:
        super().do()
        heir: Institution = self.cleaned_data["into"]
        return heir


class SplitForm(ActForm):
    title = pgettext_lazy("act", "Split off")
    explained = gettext_lazy(
        "A new legal entity with a code of its own leaves this institution. Filings stay here; the province adds the new one to a "
        "roster if it must file this year."
    )
    deed = staticmethod(acts.split)
    field_order = ("uscc", "name", "certificates", "sites", "reason")
    uscc = forms.CharField(label=gettext_lazy("Code of the new institution"), max_length=40)
    name = forms.CharField(label=gettext_lazy("Name of the new institution"), max_length=200)
    certificates = forms.MultipleChoiceField(
        label=gettext_lazy("Certificates that go with it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    sites = forms.MultipleChoiceField(
        label=gettext_lazy("Sites that go with it"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (
            ("certificates", self.institution.certificates.all()),
            ("sites", self.institution.sites.all()),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(str(row.pk), str(row)) for row in rows]

    def clean_uscc(self) -> str:
        try:
            code = normalise_uscc(self.cleaned_data["uscc"])
        except BadUscc as bad:
            raise forms.ValidationError(str(bad.reason)) from bad
        if Institution.objects.filter(uscc=code).exists():
            raise forms.ValidationError(
                _("An institution with the code %(code)s is registered already.") % {"code": code}
            )
        return code

    def told(self) -> list[str]:
        data = self.cleaned_data
        return [
            _("%(name)s is registered under %(bureau)s with %(certificates)s certificates and %(sites)s sites.")
            % {
                "name": data["name"], "bureau": self.institution.home_bureau, "certificates": len(data["certificates"]),
                "sites": len(data["sites"]),
            },
            _("The filings of %(institution)s stay as they are.") % {"institution": self.institution},
        ]  # fmt: skip

    def entered(self) -> dict[str, Any]:
        return self.cleaned_data | {
            "certificates": [int(pk) for pk in self.cleaned_data["certificates"]],
            "sites": [int(pk) for pk in self.cleaned_data["sites"]],
        }


class CloseForm(ActForm):
    title = pgettext_lazy("act", "Close")
    explained = gettext_lazy(
        "Its people act for it no more. What it has not submitted is taken off the rosters of open rounds; what was filed stays."
    )
    deed = staticmethod(close_institution)

    def act(self) -> Act:
        return Act("close", self.institution, self.cleaned_data["reason"])


class ReopenForm(ActForm):
    title = pgettext_lazy("act", "Reopen")
    explained = gettext_lazy(
        "The institution works again and its people act for it. Where it was taken off a roster, the province puts it back."
    )
    rule = staticmethod(rules.can_reopen)
    deed = staticmethod(acts.reopen)


class ParentForm(ActForm):
    title = pgettext_lazy("act", "Put under a parent")
    explained = gettext_lazy(
        "Both are legal persons and file for themselves; what one counts the other must leave out. Leave the code empty to take it "
        "from under its parent."
    )
    deed = staticmethod(acts.set_parent)
    field_order = ("parent", "reason")
    parent = OtherField(label=gettext_lazy("Parent"))

    def clean_parent(self) -> Institution | None:
        return _find(self.cleaned_data["parent"], self.by) if self.cleaned_data["parent"] else None

    def told(self) -> list[str]:
        parent = self.cleaned_data["parent"]
        if parent is None:
            return [_("It stands under no parent any more.")]
        return [
            _(
                "%(child)s and %(parent)s both file. A warning about counting the same thing twice stands on their pages."
            )
            % {"child": self.institution, "parent": parent}
        ]


FORMS: dict[str, type[ActForm]] = {
    "rename": RenameForm,
    "move": MoveForm,
    "merge": MergeForm,
    "split": SplitForm,
    "close": CloseForm,
    "reopen": ReopenForm,
    "parent": ParentForm,
}
