"""The page where a bureau keeps its contacts."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from institutions.access import acting, acting_as
from institutions.helplines.actions import NotKept, keep_lines
from institutions.helplines.forms import LinesForm
from institutions.helplines.models import HelpLine
from institutions.models import Bureau
from institutions.roles import Permission


@require_http_methods(["GET", "HEAD", "POST"])
@acting(Permission.READ_INSTITUTIONS, Permission.MANAGE_ACCOUNTS)
def help_line_list(request: HttpRequest) -> HttpResponse:
    """Of the reader's own bureau, or of one below it by `?bureau=`."""
    membership = acting_as(request)
    bureaus = list(Bureau.objects.visible_to(membership))
    asked = request.GET.get("bureau", "")
    bureau = next((one for one in bureaus if one.code == asked), None) if asked else membership.bureau
    if bureau is None:
        raise Http404
    above = HelpLine.objects.above(Q(pk=bureau.pk))
    form = LinesForm(request.POST or None, own={line.kind: line for line in above.filter(bureau=bureau)})
    if request.method == "POST" and form.is_valid():
        try:
            changed = keep_lines(bureau=bureau, lines=form.lines(), by=membership)
        except NotKept as refused:
            form.add_error(None, str(refused.reason))
        else:
            messages.success(request, _("The contacts are saved.") if changed else _("Nothing was different."))
            return redirect(f"{reverse('institutions:help-line-list')}?{urlencode({'bureau': bureau.code})}")
    instead = {line.kind: line for line in above.exclude(bureau=bureau).nearest()}
    context = {"bureau": bureau, "bureaus": bureaus, "form": form, "rows": list(form.rows(instead))}
    return render(request, "institutions/helplines/list.html", context, status=422 if form.errors else 200)
