"""Holidays and make-up days (调休) that the province enters, beside those of the published schedule."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from institutions.forms import DayField
from institutions.models import Membership
from institutions.roles import Permission
from portal.errors import Refused
from portal.trail.actions import record
from reports.rounds.calendar import forget_special_days, published
from reports.rounds.models import SpecialDay

MOST = 31  # days entered at once


class NotEntered(Refused):
    """The days cannot be entered."""

    status = 422


class DaysForm(forms.Form):
    """One day, or all from one to another."""

    since = DayField(label=_("First day"))
    until = DayField(label=_("Last day"), required=False, help_text=_("Empty: only the first day."))
    works = forms.ChoiceField(
        label=_("These days are"),
        choices=[("no", pgettext_lazy("day", "off (holiday)")), ("yes", pgettext_lazy("day", "worked (make-up day)"))],
    )
    note = forms.CharField(label=pgettext_lazy("day", "Name"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and not 0 <= (until - since).days < MOST:
            self.add_error("until", gettext("The last day comes after the first, at most 31 days on."))
        return data


def enter_days(*, since: dt.date, until: dt.date | None, works: str, note: str, by: Membership) -> list[dt.date]:
    """Enter every day from `since` to `until`; what was entered for a day before is replaced."""
    if not by.may(Permission.MANAGE_ROUNDS):
        raise NotEntered(_("Only the provincial bureau keeps the working days."))
    days = [since + dt.timedelta(days=offset) for offset in range(((until or since) - since).days + 1)]
    with transaction.atomic():
        for day in days:
            SpecialDay.objects.update_or_create(day=day, defaults={"works": works == "yes", "note": note})
        details = {"days": [day.isoformat() for day in days], "works": works == "yes", "note": note}
        record("days.entered", by=by, details=details)
        transaction.on_commit(forget_special_days)
    return days


def forget_days(*, day: str, by: Membership) -> None:
    """Back to the published schedule."""
    if not by.may(Permission.MANAGE_ROUNDS):
        raise NotEntered(_("Only the provincial bureau keeps the working days."))
    try:
        wanted = dt.date.fromisoformat(day)
    except ValueError:
        raise NotEntered(_("This day was not entered.")) from None
    with transaction.atomic():
        if not SpecialDay.objects.filter(day=wanted).delete()[0]:
            raise NotEntered(_("This day was not entered."))
        record("days.forgotten", by=by, details={"days": [day]})
        transaction.on_commit(forget_special_days)


def special_days_of(year: int) -> dict[str, Any]:
    """`entered` by the province; `scheduled`: (day, worked) where the published schedule differs from Monday to Friday."""
    first = dt.date(year, 1, 1)
    days = [first + dt.timedelta(days=offset) for offset in range((dt.date(year + 1, 1, 1) - first).days)]
    known = published(first) is not None
    return {
        "entered": list(SpecialDay.objects.filter(day__year=year)),
        "scheduled": [(day, published(day)) for day in days if published(day) != (day.weekday() < 5)] if known else [],
        "known": known,
    }
