"""The register of institutions, and the province's authorisations."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from institutions import authorisations, grants
from institutions.access import acting, acting_as
from institutions.forms import AuthoriseForm, InstitutionFilter, ReasonForm
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
    }
    return render(request, "institutions/institution_detail.html", context)


@require_safe
@acting(Permission.AUTHORISE)
def authorisation_list(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("bureau", "")
    return _authorisations(request, chosen=wanted)


@require_POST
@acting(Permission.AUTHORISE)
def authorisation_give(request: HttpRequest, code: str) -> HttpResponse:
    bureau = _bureau(request, code)
    form = AuthoriseForm(request.POST)
    if form.is_valid():
        try:
            grants.authorise(bureau=bureau, by=acting_as(request), **form.cleaned_data)
        except grants.BadGrant as bad:
            form.add_error(None, str(bad.reason))
        else:
            messages.success(request, _("%(bureau)s now reviews on the province's authorisation.") % {"bureau": bureau})
            return redirect("institutions:authorisation-list")
    return _authorisations(request, chosen=code, form=form)


@require_POST
@acting(Permission.AUTHORISE)
def authorisation_withdraw(request: HttpRequest, code: str) -> HttpResponse:
    bureau = _bureau(request, code)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            grants.withdraw(bureau=bureau, by=acting_as(request), reason=form.cleaned_data["reason"])
        except grants.BadGrant as bad:
            form.add_error(None, str(bad.reason))
        else:
            messages.success(request, _("The authorisation of %(bureau)s is withdrawn.") % {"bureau": bureau})
            return redirect("institutions:authorisation-list")
    return _authorisations(request, chosen=code, form=form)


def _bureau(request: HttpRequest, code: str) -> Bureau:
    return get_object_or_404(Bureau.objects.visible_to(acting_as(request)), code=code)


def _authorisations(request: HttpRequest, *, chosen: str, form: forms.Form | None = None) -> HttpResponse:
    """The prefectures with their authorisations, and beside them the form for the chosen one."""
    rows = authorisations.standing(acting_as(request))
    row = next((one for one in rows if one.bureau.code == chosen), None)
    if row is not None:
        form = form or (ReasonForm() if row.holds else AuthoriseForm())
    context = {
        "rows": rows,
        "row": row,
        "form": form,
        "past": page_of(request, authorisations.past(rows)),
        "authorised": sum(one.holds for one in rows),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "institutions/authorisation_list.html", context, status=status)
