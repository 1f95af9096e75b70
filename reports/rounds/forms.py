"""A round and its calendar as typed: days, and a time of day where it is not the whole day."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from institutions.forms import DayField
from reports.rounds.calendar import is_known, is_working_day, months_later, on_or_after, year_later
from reports.rounds.models import Kind, Phase, Round
from reports.rounds.planning import Plan
from reports.rounds.quarterly import calendar_of, departures
from reports.rounds.quarters import Quarter
from reports.schemes.models import Scheme

MORNING, NIGHT = dt.time(0, 0), dt.time(23, 59, 59)
_TIME = re.compile(r"([01]?\d|2[0-3])[:：时]([0-5]\d)分?", re.ASCII)
PERIOD = re.compile(r"20\d\d(?:Q[1-4])?", re.ASCII)


class TimeField(forms.CharField):
    """A time of day like 17:30; empty is the beginning of an opening day and the end of a due day."""

    def to_python(self, value: Any) -> Any:
        typed = unicodedata.normalize("NFKC", str(value or "")).strip()
        if not typed or typed == "24:00":
            return None
        found = _TIME.fullmatch(typed)
        if not found:
            raise ValidationError(
                gettext("“%(typed)s” is not read as a time. Write it like 17:30.") % {"typed": typed[:20]}
            )
        return dt.time(int(found[1]), int(found[2]))

    def validate(self, value: Any) -> None:
        """Never required."""

    def run_validators(self, value: Any) -> None:
        """Nothing beyond its form."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A field whose label stands in the heading and is said aloud."""

    field: forms.BoundField

    @property
    def control(self) -> str:
        return self.field.as_widget(attrs={"class": "form-control", "aria-label": str(self.field.label)})


@dataclass(frozen=True, slots=True)
class Line:
    """One phase of the form: opening day and time, due day and time."""

    label: str
    cells: list[Cell]
    rests: bool


class CalendarForm(forms.Form):
    """Every phase; one without days is left out. `stored` keeps moments that the form shows but nobody changed."""

    lock_day = DayField(label=_("Lock after"), required=False, help_text=_("Empty: until the round is closed by hand."))
    lock_time = TimeField(label=_("Time"), required=False)

    def __init__(self, *args: Any, stored: Plan | None = None, **kwargs: Any) -> None:
        self.stored = stored
        if stored is not None:
            kwargs["initial"] = initial_of(stored) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        for name, label in Phase.Name.choices:
            for end, words in (("opens", _("opens")), ("due", _("due"))):
                spoken = f"{label} · {words}"
                self.fields[f"{name}_{end}_day"] = DayField(label=spoken, required=False)
                self.fields[f"{name}_{end}_time"] = TimeField(label=f"{spoken} · {gettext('Time')}", required=False)

    @property
    def lines(self) -> Iterator[Line]:
        for name, label in Phase.Name.choices:
            parts = [self[f"{name}_{part}"] for part in ("opens_day", "opens_time", "due_day", "due_time")]
            due = _day_of(parts[2].value())
            yield Line(str(label), [Cell(part) for part in parts], rests=due is not None and not is_working_day(due))

    @property
    def unknown_years(self) -> list[str]:
        """Years of due days whose holidays nobody knows yet."""
        days = [_day_of(self[f"{name}_due_day"].value()) for name in Phase.Name.values]
        return [str(year) for year in sorted({day.year for day in days if day is not None}) if not is_known(year)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in Phase.Name.values:
            opens, due = data.get(f"{name}_opens_day"), data.get(f"{name}_due_day")
            if (opens is None) != (due is None) and not self.errors:
                self.add_error(
                    f"{name}_due_day" if due is None else f"{name}_opens_day",
                    gettext("Give both the opening day and the due day, or neither."),
                )
        # What is typed wrong is told first: a calendar without it is not the one that was meant.
        wrong = {field.partition("_")[0] for field in self.errors}
        for place, why in self.plan.faults():
            if place not in wrong and not (place == "lock" and wrong):
                self.add_error("lock_day" if place == "lock" else f"{place}_due_day", why)
        return data

    @property
    def plan(self) -> Plan:
        phases = {}
        for name in Phase.Name.values:
            opens, due = self._moment(name, "opens"), self._moment(name, "due")
            if opens is not None and due is not None:
                phases[name] = (opens, due)
        return Plan(phases, self._lock())

    def _moment(self, name: str, end: str) -> dt.datetime | None:
        key = f"{name}_{end}"
        day, time = self.cleaned_data.get(f"{key}_day"), self.cleaned_data.get(f"{key}_time")
        kept = None
        if self.stored is not None and name in self.stored.phases:
            kept = self.stored.phases[name][0 if end == "opens" else 1]
        return _joined(day, time, MORNING if end == "opens" else NIGHT, kept)

    def _lock(self) -> dt.datetime | None:
        kept = self.stored.locks_at if self.stored is not None else None
        return _joined(self.cleaned_data.get("lock_day"), self.cleaned_data.get("lock_time"), NIGHT, kept)


def _joined(day: dt.date | None, time: dt.time | None, usual: dt.time, kept: dt.datetime | None) -> dt.datetime | None:
    """The moment typed; the stored one where the form shows what it showed before."""
    if day is None:
        return None
    if kept is not None and (day, time) == _shown(kept, usual):
        return kept
    return dt.datetime.combine(day, time or usual, get_default_timezone())


def _shown(moment: dt.datetime, usual: dt.time) -> tuple[dt.date, dt.time | None]:
    local = localtime(moment)
    time = local.time().replace(second=0, microsecond=0)
    return local.date(), None if time == usual.replace(second=0) else time


def _day_of(value: Any) -> dt.date | None:
    try:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        return None


def initial_of(plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = {}
    moments = [(f"{name}_{end}", moment, usual) for name, span in plan.phases.items()
               for end, moment, usual in zip(("opens", "due"), span, (MORNING, NIGHT), strict=True)]  # fmt: skip
    if plan.locks_at is not None:
        moments.append(("lock", plan.locks_at, NIGHT))
    for key, moment, usual in moments:
        day, time = _shown(moment, usual)
        found[f"{key}_day"] = day.isoformat()
        found[f"{key}_time"] = f"{time:%H:%M}" if time else ""
    return found


def moved(plan: Plan, months: int) -> Plan:
    """Every day so many months on; what falls on a rest day moves to the next working day. Locks are set anew."""

    def later(moment: dt.datetime) -> dt.datetime:
        local = localtime(moment)
        return dt.datetime.combine(
            on_or_after(months_later(local.date(), months)), local.time(), get_default_timezone()
        )

    return Plan({name: (later(opens), later(due)) for name, (opens, due) in plan.phases.items()}, None)


def next_of(source: Round, today: dt.date) -> Plan:
    """The calendar of the round after this one.

    A year on, on working days. For a quarter its own calendar, with what else the source had three months on.
    """
    if source.kind != Kind.QUARTERLY_NUMBERS:
        return moved(Plan.of(source), 12)
    own = calendar_of(Quarter.parse(source.period).next, today)
    return Plan({**moved(Plan.of(source), 3).phases, **own.phases}, None)


class RoundForm(CalendarForm):
    """A new round."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Kind.choices)
    period = forms.CharField(
        label=_("Period"), max_length=8, help_text=_("A year like 2024, or a quarter like 2024Q1.")
    )
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=100)
    title_en = forms.CharField(label=_("Title in English"), max_length=100)
    cut_off = DayField(label=_("Cut-off day"), help_text=_("Everybody with a certificate valid on this day is due."))
    scheme = forms.ModelChoiceField(queryset=Scheme.objects.none(), label=_("Scheme"), empty_label=None)

    def __init__(self, *args: Any, schemes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["scheme"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = schemes

    def clean_period(self) -> str:
        period = unicodedata.normalize("NFKC", self.cleaned_data["period"]).strip().upper()
        quarterly = self.data.get("kind") == Kind.QUARTERLY_NUMBERS
        if not PERIOD.fullmatch(period) or ("Q" in period) != quarterly:
            raise ValidationError(gettext("A quarterly round has a period like 2024Q1, the others a year like 2024."))
        return period

    @property
    def quarter(self) -> Quarter | None:
        """The quarter that the valid form speaks of; None for a year."""
        data = self.cleaned_data
        return Quarter.parse(data["period"]) if data["kind"] == Kind.QUARTERLY_NUMBERS else None

    @property
    def departures(self) -> list[str]:
        """How the calendar of a quarter departs from the quarter's own, once the form is valid."""
        return departures(self.quarter, self.plan, self.cleaned_data["cut_off"]) if self.quarter else []


def first_values(source: Round | None, quarter: Quarter | None, schemes: Any) -> dict[str, Any]:
    """What the form of a new round begins with: a quarter of report numbers, or the round before it, a year on."""
    newest = schemes.first()
    scheme = {"scheme": newest.pk if newest else None}
    if quarter is not None:
        return {
            "kind": Kind.QUARTERLY_NUMBERS,
            "period": quarter.period,
            "title_zh": quarter.title_zh,
            "title_en": quarter.title_en,
            "cut_off": quarter.end.isoformat(),
            **scheme,
        }
    if source is None:
        return scheme
    year, later = str(source.year), str(source.year + 1)
    return {
        "kind": source.kind,
        "period": source.period.replace(year, later),
        "title_zh": source.title_zh.replace(year, later),
        "title_en": source.title_en.replace(year, later),
        "cut_off": year_later(source.cut_off).isoformat(),
        **scheme,
    }
