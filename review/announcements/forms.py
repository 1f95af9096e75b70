"""Text and audience of an announcement, and the reason of a withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from institutions.models import Bureau
from institutions.roles import ADMIN_ROLES, BUREAU_ROLES, INSTITUTION_ROLES, Role
from reports.filings.models import State
from reports.rounds.models import Round
from review.announcements.actions import Content
from review.announcements.models import Announcement

ROLES = [role for group in (INSTITUTION_ROLES, BUREAU_ROLES, ADMIN_ROLES) for role in Role if role in group]


class AreasField(forms.ModelMultipleChoiceField):
    """Bureaus set in by their level below the writer's own, each with everything below it."""

    top = 1

    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * (obj.level - self.top)}{obj}"


class AnnouncementForm(forms.Form):
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label=pgettext_lazy("announcement", "Title"), max_length=150)
    text = forms.CharField(
        label=pgettext_lazy("announcement", "Text"),
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Plain text; an empty line begins a new paragraph."),
    )
    roles = forms.MultipleChoiceField(
        label=_("For people who are"),
        choices=[(role.value, role.label) for role in ROLES],
        widget=forms.CheckboxSelectMultiple,
    )
    areas = AreasField(
        label=_("In the areas of"),
        queryset=Bureau.objects.none(),
        required=False,
        help_text=_("Each with every bureau below it and its institutions. None chosen: your whole area."),
    )
    round = forms.ModelChoiceField(
        label=_("Only institutions with a filing in"), queryset=Round.objects.none(), required=False
    )
    states = forms.MultipleChoiceField(
        label=_("that is now"),
        choices=State.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: in any state. People of bureaus are told whatever the state."),
    )

    def __init__(
        self, *args: Any, own: Bureau, bureaus: QuerySet[Bureau], rounds: Sequence[Round], **kwargs: Any
    ) -> None:
        """`own` is the writer's bureau; where nothing is below it there are no areas to choose."""
        super().__init__(*args, **kwargs)
        areas, round = self.fields["areas"], self.fields["round"]
        assert isinstance(areas, AreasField)
        assert isinstance(round, forms.ModelChoiceField)
        areas.queryset, areas.top, areas.widget.attrs["size"] = bureaus, own.level, 8
        if not bureaus.exclude(pk=own.pk).exists():
            del self.fields["areas"]
        round.queryset = Round.objects.filter(pk__in=[one.pk for one in rounds])
        round.empty_label = gettext("all institutions")

    def save_over(self, announcement: Announcement) -> None:
        """What was typed stays, to be saved in place of what the draft says now."""
        assert isinstance(self.data, QueryDict), "only what was typed is saved over something"
        typed = self.data.copy()
        typed["seen"] = announcement.stamp
        self.data = typed

    def content(self) -> Content:
        data = self.cleaned_data
        return Content(
            title=data["title"],
            text=data["text"],
            roles=data["roles"],
            areas=list(data.get("areas", ())),
            round=data["round"],
            states=data["states"],
        )


def initial_of(announcement: Announcement) -> dict[str, Any]:
    return {
        "seen": announcement.stamp,
        "title": announcement.title,
        "text": announcement.text,
        "roles": announcement.roles,
        "areas": list(announcement.areas.all()),
        "round": announcement.round_id,
        "states": announcement.states,
    }


class WithdrawForm(forms.Form):
    reason = forms.CharField(label=pgettext_lazy("announcement", "Why it is withdrawn"), max_length=500)
