"""The contact of an institution is confirmed or corrected by the institution itself, before each round."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from institutions.access import acting, acting_as
from institutions.enrolment.actions import demand, scope_of
from institutions.enrolment.forms import LineField
from institutions.enrolment.models_contacts import ContactCheck
from institutions.models import Institution, Membership
from institutions.roles import Permission
from institutions.words import one_line, telephone
from portal.rules import Allowed, Denied, Verdict
from portal.trail.actions import record

FIELDS = ("contact_name", "contact_phone", "contact_email")


def can_confirm_contact(membership: Membership, institution: Institution) -> Verdict:
    if membership.institution_id != institution.pk or not membership.may(Permission.FILL):
        return Denied(_("Only the institution itself confirms its contact."))
    return Allowed()


def last_confirmed(institution: OuterRef) -> Subquery:
    """When the institution of a row last confirmed its contact, for a query over rows that have one."""
    checks = ContactCheck.objects.filter(institution=institution).order_by("-at")
    return Subquery(checks.values("at")[:1])


@transaction.atomic
def confirm_contact(
    *, institution: Institution, contact_name: str, contact_phone: str, contact_email: str, by: Membership
) -> ContactCheck:
    """What is entered stands from now on. Confirming the same again is a confirmation too."""
    demand(can_confirm_contact(by, institution))
    values = {
        "contact_name": one_line(contact_name),
        "contact_phone": telephone(contact_phone),
        "contact_email": contact_email.strip(),
    }
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    institution.refresh_from_db(fields=FIELDS)
    changed = [name for name in FIELDS if getattr(institution, name) != values[name]]
    if changed:
        for name in changed:
            setattr(institution, name, values[name])
        institution.save(update_fields=changed)
    check = ContactCheck.objects.create(institution=institution, by=by, changed=bool(changed), **values)
    record(
        "institution.contact-corrected" if changed else "institution.contact-confirmed",
        by=by,
        obj=institution,
        scope=scope_of(institution),
        details={"fields": changed} if changed else {},
    )
    return check


class ContactForm(forms.Form):
    contact_name = LineField(label=gettext_lazy("Contact person"), max_length=50)
    contact_phone = LineField(
        label=gettext_lazy("Telephone"), max_length=40, help_text=gettext_lazy("Where your bureau reaches the person.")
    )
    contact_email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)

    def clean_contact_phone(self) -> str:
        phone = telephone(self.cleaned_data["contact_phone"])
        if sum(one.isdigit() for one in phone) < 7:
            raise forms.ValidationError(_("A telephone number has at least 7 digits, with the area code more."))
        return phone


@require_http_methods(["GET", "HEAD", "POST"])
@acting(Permission.FILL)
def contact_check(request: HttpRequest) -> HttpResponse:
    institution = acting_as(request).institution
    if institution is None:
        raise Http404
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(institution, name) for name in FIELDS},
    )
    if request.method == "POST" and form.is_valid():
        check = confirm_contact(institution=institution, by=acting_as(request), **form.cleaned_data)
        words = _("The contact is corrected.") if check.changed else _("The contact is confirmed.")
        messages.success(request, words)
        return redirect("home")
    checks = institution.contact_checks.select_related("by__user")[:10]
    context = {"institution": institution, "form": form, "checks": checks}
    return render(request, "institutions/people/contact.html", context, status=422 if form.errors else 200)
