"""The roster of a round: why each institution is on it or not, the freeze, and what changes after it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.models import Bureau, Institution
from institutions.register.books import list_book
from institutions.roles import Permission
from portal.clock import database_now
from portal.errors import Refused
from portal.trail.actions import record
from portal.ui.paging import number_of
from reports.filings import places
from reports.filings.register_rules import can_change_roster
from reports.filings.roster import add_to_roster, freeze_roster, reviewed_elsewhere, take_off_roster
from reports.rounds.models import Round
from reports.rounds.rules import can_freeze
from review.queue.queries import PAGE_SIZE, Known
from review.roster import page as roster
from review.roster.forms import RosterForm

ACTS = {"add": add_to_roster, "off": take_off_roster, "elsewhere": reviewed_elsewhere}


def _round(request: HttpRequest, public_id: uuid.UUID) -> Round:
    return get_object_or_404(Round.objects.visible_to(acting_as(request)), public_id=public_id)


def _bureau(request: HttpRequest) -> tuple[Bureau, list[Bureau]]:
    """The one asked for, else the reader's own; and those to choose from."""
    bureaus = list(Bureau.objects.visible_to(acting_as(request)))
    code = request.GET.get("bureau", "")
    own = next(one for one in bureaus if one.pk == acting_as(request).bureau_id)
    return next((one for one in bureaus if one.code == code), own), bureaus


@require_safe
@acting(Permission.READ_FILINGS)
def roster_detail(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Bureaus see the roster of their area; the province freezes and changes it here."""
    return _page(request, _round(request, public_id), None)


def _page(request: HttpRequest, round: Round, form: RosterForm | None, status: int = 200) -> HttpResponse:
    membership = acting_as(request)
    bureau, bureaus = _bureau(request)
    found = roster.tabs(round, bureau)
    chosen = next((tab for tab in found if tab.code == request.GET.get("list", "")), found[0])
    page = _listed(request, round, bureau, chosen)
    manages = membership.may(Permission.MANAGE_ROUNDS)
    context = {
        "round": round,
        "bureau": bureau,
        "bureaus": bureaus,
        "tabs": found,
        "chosen": chosen,
        "due": roster.due(found),
        "page": page,
        "rows": page.object_list,
        "pairs": roster.pairs(round, bureau) if round.roster_frozen_at else [],
        "manages": manages,
        "may_freeze": can_freeze(membership, round),
        "may_change": can_change_roster(membership, round),
        "form": form or (RosterForm(by=membership) if manages else None),
    }
    return render(request, "review/roster.html", context, status=status)


def _listed(request: HttpRequest, round: Round, bureau: Bureau, tab: roster.Tab) -> Page[roster.Row]:
    pages = Known(Institution.objects.none(), tab.count)
    number = number_of(request.GET.get("page", ""), last=pages.num_pages)
    page: Page[roster.Row] = Page([], number, pages)
    first = (number - 1) * PAGE_SIZE
    page.object_list = roster.rows_of(places.listed(round, bureau, tab.code, first=first, most=PAGE_SIZE))
    return page


@require_safe
@acting(Permission.READ_FILINGS)
def roster_workbook(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One list of the roster. Names leave the portal, so the trail keeps who took them."""
    round = _round(request, public_id)
    bureau, _bureaus = _bureau(request)
    code = request.GET.get("list", "in_certificate")
    if code not in places.PLACES:
        raise Http404
    now = database_now()
    title = _("Roster, %(round)s, %(bureau)s") % {"round": round.title, "bureau": bureau}
    below = f"{places.PLACES[code]} · {localtime(now).strftime('%Y-%m-%d %H:%M')}"
    head = [
        _("Institution"),
        _("Unified social credit code"),
        _("Home bureau"),
        _("Reviewing bureau"),
        _("Why"),
        _("Note"),
    ]
    record(
        "review.exported", by=acting_as(request), obj=round, scope=bureau.path or "", details={"list": f"roster {code}"}
    )
    rows = (
        (
            row.institution.name, row.institution.uscc, row.institution.home_bureau,
            row.filing.reviewing_bureau if row.filing else "", row.words, row.note,
        )
        for row in roster.in_batches(round, bureau, code)
    )  # fmt: skip
    return list_book(title, below, head, (36, 22, 26, 26, 40, 40), rows)


@require_POST
@acting(Permission.MANAGE_ROUNDS)
def roster_freeze(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    round = _round(request, public_id)
    created = freeze_roster(round=round, by=acting_as(request))
    said = ngettext(
        "The roster is frozen: %(count)d institution added.",
        "The roster is frozen: %(count)d institutions added.",
        created,
    )
    messages.success(request, said % {"count": created})
    return redirect("review:roster-detail", round.public_id)


@require_POST
@acting(Permission.MANAGE_ROUNDS)
def roster_change(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put one institution on the frozen roster, or take it off, with the reason."""
    round = _round(request, public_id)
    form = RosterForm(request.POST, by=acting_as(request))
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    if not form.is_valid():
        return _page(request, round, form, status=422)
    institution, reason = form.cleaned_data["uscc"], form.cleaned_data["reason"]
    try:
        act(round=round, institution=institution, reason=reason, by=acting_as(request))
    except Refused as refused:
        form.add_error(None, str(refused.reason))
        return _page(request, round, form, status=refused.status)
    said = _("%(institution)s is on the roster.") if act is add_to_roster else _("%(institution)s is off the roster.")
    messages.success(request, said % {"institution": institution})
    return redirect("review:roster-detail", round.public_id)
