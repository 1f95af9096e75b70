"""What the province does with rounds: opening, changing the calendar with a dry run first, closing, the working days."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.clock import database_now
from portal.errors import Refused
from portal.ui.typed import whole_number
from reports.rounds import closing, planning
from reports.rounds.actions import open_round
from reports.rounds.forms import PERIOD, CalendarForm, RoundForm, first_values, next_of
from reports.rounds.models import Kind, Phase, Round
from reports.rounds.planning import Plan
from reports.rounds.quarterly import calendar_of, departures, still_to_open
from reports.rounds.quarters import Quarter
from reports.rounds.rules import can_plan
from reports.rounds.working_days import DaysForm, enter_days, forget_days, special_days_of
from reports.schemes.models import Scheme

manages = acting(Permission.MANAGE_ROUNDS)
#: Figures of `planning.Affected` in the order of the page.
COLUMNS = ("unsent", "late", "late_after", "in_review", "overdue", "overdue_after")


def _rounds(request: HttpRequest) -> list[Round]:
    return list(
        Round.objects.visible_to(acting_as(request)).select_related("scheme").defer("scheme__content").order_by("-period", "kind")
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@manages
def round_new(request: HttpRequest) -> HttpResponse:
    """A new round. `?from=` another one begins with what follows it; `?quarter=` a period or "next" with a quarter's own calendar.

    A quarter whose calendar departs from its own comes back with what departs; sent with `departing` it is opened.
    """
    rounds, today = _rounds(request), localtime(database_now()).date()
    source = next((one for one in rounds if str(one.public_id) == request.GET.get("from", "")), None)
    to_open = still_to_open(rounds, today)
    quarter = _quarter_asked(request.GET.get("quarter", ""), source, to_open)
    schemes = Scheme.objects.visible_to(acting_as(request)).published().defer("content")
    context = {"source": source, "quarter": quarter, "rounds": rounds, "to_open": to_open}
    if request.method != "POST":
        begun = next_of(source, today) if source else calendar_of(quarter, today) if quarter else None
        form = RoundForm(schemes=schemes, stored=begun, initial=first_values(source, quarter, schemes))
        return _new_page(request, context | {"form": form})
    form = RoundForm(request.POST, schemes=schemes)
    if form.is_valid() and form.departures and "departing" not in request.POST:
        return _new_page(request, context | {"form": form, "departures": form.departures}, status=422)
    if form.is_valid():
        try:
            round = _open(request, form, rounds)
        except Refused as refused:
            form.add_error(None, str(refused.reason))
        except IntegrityError:
            form.add_error("period", _("There is a round of this kind and period already."))
        else:
            messages.success(
                request, _("%(round)s is open for preparation. Freeze its roster next.") % {"round": round}
            )
            return redirect("rounds:round-detail", round.public_id)
    return _new_page(request, context | {"form": form}, status=422)


def _quarter_asked(typed: str, source: Round | None, to_open: list[Quarter]) -> Quarter | None:
    if source is not None:
        return Quarter.parse(source.period).next if source.kind == Kind.QUARTERLY_NUMBERS else None
    if typed == "next":
        return to_open[0]
    return Quarter.parse(typed) if PERIOD.fullmatch(typed) and "Q" in typed else None


def _open(request: HttpRequest, form: RoundForm, rounds: list[Round]) -> Round:
    data, plan = form.cleaned_data, form.plan
    before = data["period"].replace(data["period"][:4], str(int(data["period"][:4]) - 1))
    previous = next((one for one in rounds if (one.kind, one.period) == (data["kind"], before)), None)
    with transaction.atomic():
        return open_round(
            **{name: data[name] for name in ("scheme", "kind", "period", "title_zh", "title_en", "cut_off")},
            phases=plan.phases,
            locks_at=plan.locks_at,
            previous=previous,
            by=acting_as(request),
        )


def _new_page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "rounds/round_new.html", context, status=status)


def _round(request: HttpRequest, public_id: uuid.UUID) -> Round:
    rounds = Round.objects.visible_to(acting_as(request)).select_related("scheme").defer("scheme__content")
    return get_object_or_404(rounds.prefetch_related("phases"), public_id=public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@manages
def round_calendar(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """GET shows the form; POST says who would be affected, and with `apply` changes the calendar and tells them."""
    round, membership, now = _round(request, public_id), acting_as(request), database_now()
    stored = Plan.of(round)
    form = CalendarForm(request.POST if request.method == "POST" else None, stored=stored)
    context = {
        "round": round, "form": form, "may_plan": can_plan(membership, round, now), "reason": request.POST.get("reason", "")[:300],
        "version": round.calendar_version, "refusal": "",
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, "rounds/round_calendar.html", context, status=422 if form.errors else 200)
    plan = form.plan
    if "apply" in request.POST:
        version = whole_number(request.POST.get("version", ""), -1)
        try:
            told = planning.change_calendar(
                round=round, plan=plan, version=version, reason=request.POST.get("reason", ""), by=membership
            )
        except planning.NotPlanned as refused:
            context["refusal"] = refused.reason
        else:
            said = ngettext(
                "The calendar is changed; %(count)d person was told.",
                "The calendar is changed; %(count)d people were told.",
                told,
            )
            messages.success(request, said % {"count": told})
            return redirect("rounds:round-detail", round.public_id)
    rows = planning.affected(round, plan, membership, now)
    context |= {
        "changes": [(_label(name), change) for name, change in plan.changes_from(stored).items()],
        "rows": rows,
        "totals": [sum(getattr(row, name) for row in rows) for name in COLUMNS],
        "departures": departures(Quarter.parse(round.period), plan, round.cut_off) if round.kind == Kind.QUARTERLY_NUMBERS else [],
        "people": planning.people_concerned(round, membership).count(),
        "version": request.POST.get("version", round.calendar_version),
        "checked": True,
    }  # fmt: skip
    return render(request, "rounds/round_calendar.html", context, status=422 if context["refusal"] else 200)


def _label(name: str) -> str:
    return _("Lock") if name == "lock" else str(Phase.Name(name).label)


@require_POST
@manages
def round_close(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    round = closing.close_round(
        round=_round(request, public_id), reason=request.POST.get("reason", ""), by=acting_as(request)
    )
    messages.success(request, _("%(round)s is closed; nothing in it changes any more.") % {"round": round})
    return redirect("rounds:round-detail", public_id)


@require_POST
@manages
def round_open_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    round = closing.open_again(
        round=_round(request, public_id), reason=request.POST.get("reason", ""), by=acting_as(request)
    )
    messages.success(request, _("%(round)s is open again.") % {"round": round})
    return redirect("rounds:round-detail", public_id)


@require_http_methods(["GET", "HEAD", "POST"])
@manages
def day_list(request: HttpRequest) -> HttpResponse:
    """Holidays and make-up days of a year; POST enters some, or takes an entered one back."""
    typed = request.GET.get("year", "")
    year = int(typed) if typed.isascii() and typed.isdigit() and 2000 <= int(typed[:5]) <= 2100 else _this_year()
    form = DaysForm(request.POST if request.method == "POST" and "forget" not in request.POST else None)
    if request.method == "POST" and "forget" in request.POST:
        forget_days(day=request.POST["forget"], by=acting_as(request))
        return redirect(f"{request.path}?year={year}")
    if request.method == "POST" and form.is_valid():
        entered = enter_days(by=acting_as(request), **form.cleaned_data)
        messages.success(request, _("Entered: %(days)s.") % {"days": "、".join(f"{day:%Y-%m-%d}" for day in entered)})
        return redirect(f"{request.path}?year={entered[0].year}")
    context = {"year": year, "form": form, **special_days_of(year)}
    return render(request, "rounds/day_list.html", context, status=422 if form.errors else 200)


def _this_year() -> int:
    return localtime(database_now()).year
