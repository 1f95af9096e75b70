"""The register of institutions."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from institutions.access import acting, acting_as
from institutions.forms import InstitutionFilter
from institutions.models import Bureau, Institution, Membership
from institutions.register import showing
from institutions.roles import Permission
from portal.ui.paging import page_of


@require_safe
@acting(Permission.READ_INSTITUTIONS)
def institution_list(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    bureaus = Bureau.objects.visible_to(membership)
    form = InstitutionFilter(request.GET, bureaus=bureaus)
    chosen = form.chosen()
    rows = Institution.objects.visible_to(membership).search(chosen["q"] or "")
    if chosen["bureau"]:
        rows = rows.within(chosen["bureau"])
    if chosen["status"]:
        rows = rows.filter(status=chosen["status"])
    rows = rows.select_related("home_bureau").annotate(certificates_held=Count("certificates")).order_by("name", "id")
    context = {"form": form, "page": page_of(request, rows), "filtered": any(chosen.values())}
    return render(request, "institutions/institution_list.html", context)


@require_safe
@acting(Permission.READ_INSTITUTIONS, Permission.READ_OWN_FILINGS)
def institution_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    membership = acting_as(request)
    visible = Institution.objects.visible_to(membership).select_related("home_bureau__parent", "parent", "merged_into")
    institution = get_object_or_404(visible, public_id=public_id)
    merged = list(institution.merged.all())
    people = Membership.objects.current().filter(institution=institution).select_related("user").order_by("role", "id")
    context = {
        "institution": institution,
        "certificates": institution.certificates.all(),
        "sites": institution.sites.all(),
        "people": people,
        "children": institution.children.visible_to(membership),
        "units": institution.units.all(),
        "history": showing.history(institution),
        "merged": merged,
        "filed": showing.filed(membership, institution, merged),
        "acts": showing.acts(membership, institution),
        "reads_filings": membership.may(Permission.READ_FILINGS),
        "sends_inspectors": membership.may(Permission.AUTHORISE),
    }
    return render(request, "institutions/institution_detail.html", context)
