"""The lists that prepare a round, as pages and workbooks."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.models import Bureau
from institutions.register.books import list_book
from institutions.register.lists import LISTS, ListOf, counts, in_batches
from institutions.roles import Permission
from portal.clock import database_now
from portal.trail.actions import record
from portal.ui.paging import page_of

keeps_register = acting(Permission.READ_INSTITUTIONS)


def _asked(request: HttpRequest, which: str) -> tuple[ListOf, Bureau, list[Bureau]]:
    """The list, the bureau asked for (else the reader's own) and those to choose from."""
    if which not in LISTS:
        raise Http404
    bureaus = list(Bureau.objects.visible_to(acting_as(request)))
    code = request.GET.get("bureau", "")
    own = next(one for one in bureaus if one.pk == acting_as(request).bureau_id)
    return LISTS[which], next((one for one in bureaus if one.code == code), own), bureaus


@require_safe
@keeps_register
def register_list(request: HttpRequest, which: str) -> HttpResponse:
    chosen, bureau, bureaus = _asked(request, which)
    today = localtime(database_now()).date()
    page = page_of(request, chosen.rows(bureau, today))
    numbers = counts(bureau, today)
    context = {
        "which": which,
        "chosen": chosen,
        "bureau": bureau,
        "bureaus": bureaus,
        "tabs": [(name, one.title, numbers[name]) for name, one in LISTS.items()],
        "page": page,
        "rows": [(chosen.institution(one), chosen.cells(one)[1:]) for one in page],
    }
    return render(request, "institutions/register/list.html", context)


@require_safe
@keeps_register
def register_list_workbook(request: HttpRequest, which: str) -> HttpResponse:
    """Names leave the portal, so the trail keeps who took them."""
    chosen, bureau, _bureaus = _asked(request, which)
    now = database_now()
    rows = chosen.rows(bureau, localtime(now).date())
    moment = _("As at %(moment)s. Internal.") % {"moment": localtime(now).strftime("%Y-%m-%d %H:%M")}
    title = f"{chosen.title}, {bureau}"
    record("register.exported", by=acting_as(request), scope=bureau.path or "", details={"list": which})
    return list_book(title, moment, [str(one) for one in chosen.head], chosen.widths, in_batches(rows, chosen.cells))
