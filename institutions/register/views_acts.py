"""An act on an institution: what is entered, what would happen, then the act itself, if nothing changed in between."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from institutions.access import acting, acting_as
from institutions.models import Institution
from institutions.register import following
from institutions.register.forms_acts import FORMS, ActForm
from institutions.roles import Permission
from portal.errors import Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@acting(Permission.READ_INSTITUTIONS)
def institution_act(request: HttpRequest, public_id: UUID, act: str) -> HttpResponse:
    """POST shows what would happen; the same POST with the seal of what was shown does it. Anything else shows it again."""
    if act not in FORMS:
        raise Http404
    membership = acting_as(request)
    visible = Institution.objects.visible_to(membership).select_related("home_bureau__parent", "parent")
    institution = get_object_or_404(visible, public_id=public_id)
    kind = FORMS[act]
    verdict = kind.rule(membership, institution)
    posted = request.POST if request.method == "POST" else None
    form = kind(posted, institution=institution, by=membership)
    context = {"institution": institution, "act": act, "form": form, "verdict": verdict}
    if posted is None:
        return _page(request, context)
    if not verdict:
        return _page(request, context, status=403)
    if not form.is_valid():
        return _page(request, context, status=422)
    sentences = _preview(form)
    seal = _seal(form, sentences)
    if posted.get("seal") == seal:
        return _do(request, form, context)
    return _page(request, context | {"preview": sentences, "seal": seal, "changed": bool(posted.get("seal"))})


def _preview(form: ActForm) -> list[str]:
    act = form.act()
    steps = following.plan(act) if act is not None else []
    return [*form.told(), *(following.sentence(step) for step in steps)]


def _seal(form: ActForm, sentences: list[str]) -> str:
    """Of what was entered and of what was said about it: doing something else than was shown needs another look."""
    shown = [f"{name}={value}" for name, value in sorted(form.cleaned_data.items())]
    return hashlib.sha256("\n".join([*shown, *sentences]).encode()).hexdigest()[:32]


def _do(request: HttpRequest, form: ActForm, context: dict[str, object]) -> HttpResponse:
    try:
        institution = form.do()
    except Refused as refused:
        form.add_error(None, str(refused.reason))
        return _page(request, context, status=refused.status)
    messages.success(
        request,
        _("%(act)s: %(institution)s. It stands in the history.") % {"act": form.title, "institution": institution},
    )
    if not Institution.objects.visible_to(acting_as(request)).filter(pk=institution.pk).exists():
        return redirect("institutions:institution-list")
    return redirect("institutions:institution-detail", institution.public_id)


def _page(request: HttpRequest, context: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, "institutions/register/act.html", context, status=status)
