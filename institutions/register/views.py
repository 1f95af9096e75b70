"""Importing the register: send a file, match its columns, look at the differences, apply."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from institutions.access import acting, acting_as, is_fragment
from institutions.register import actions, causes, rules, showing
from institutions.register.example import example_book, example_name
from institutions.register.forms import chosen_columns
from institutions.register.models import RegisterImport
from institutions.roles import Permission
from portal.jobs.queries import visible_to
from portal.jobs.showing import shown
from portal.ui.paging import page_of
from portal.uploads import storage

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
keeps_register = acting(Permission.READ_INSTITUTIONS)
State = RegisterImport.State
MATCHED_AGAIN = (State.MATCHING, State.COMPARED, State.FAILED)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@keeps_register
def import_list(request: HttpRequest) -> HttpResponse:
    """Imports of the area, and the form for another. POST takes a file; nothing of the register changes by it."""
    if request.method != "POST":
        return _list(request)
    file = request.FILES.get("file")
    try:
        if not isinstance(file, UploadedFile):
            raise actions.FileRefused(causes.refusal({"code": "none"}))
        imported = actions.receive(chunks=file.chunks(), name=file.name or "", by=acting_as(request))
    except actions.FileRefused as refused:
        return _list(request, refusal=str(refused.reason), status=422)
    return redirect(imported)


def _list(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    membership = acting_as(request)
    rows = RegisterImport.objects.visible_to(membership).select_related("bureau", "by__user").defer("reading")
    context = {
        "page": page_of(request, rows.order_by("-id")),
        "may_import": rules.can_import(membership),
        "refusal": refusal,
        "fields": showing.fields(),
    }
    return render(request, "institutions/register/import_list.html", context, status=status)


@require_safe
@keeps_register
def import_example(request: HttpRequest) -> HttpResponse:
    """A register of the reader's area to try with: some lines new, some changed, some that contradict themselves."""
    disposition = content_disposition_header(as_attachment=True, filename=example_name())
    return HttpResponse(
        example_book(acting_as(request)),
        content_type=XLSX,
        headers={"Content-Disposition": disposition or "attachment"},
    )


def _find(request: HttpRequest, public_id: UUID) -> RegisterImport:
    visible = RegisterImport.objects.visible_to(acting_as(request)).select_related("bureau", "by__user", "job")
    return get_object_or_404(visible, public_id=public_id)


@never_cache
@require_safe
@keeps_register
def import_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _page(request, _find(request, public_id))


def _page(
    request: HttpRequest, imported: RegisterImport, *, refusal: str = "", chosen: Mapping[str, int] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    membership = acting_as(request)
    own = membership.bureau_id == imported.bureau_id
    context = {
        "imported": imported,
        "own": own,
        "refusal": refusal or (causes.refusal(imported.refusal) if imported.refusal else ""),
        "columns": showing.columns_of(imported, chosen),
        "fields": showing.fields(),
        "may_apply": rules.can_apply(membership, imported),
        "matches": own
        and (imported.state in MATCHED_AGAIN or (imported.state == State.COMPARING and imported.stopped)),
        "same": _same_before(imported),
    }
    if imported.state in (State.COMPARING, State.APPLYING) and imported.job_id:
        job = visible_to(request.user).filter(pk=imported.job_id).first()
        context["job"] = shown(job) if job is not None else None
    if imported.state in (State.COMPARED, State.APPLYING, State.APPLIED):
        context |= _differences(request, imported)
    template = (
        "institutions/register/_import.html" if is_fragment(request) else "institutions/register/import_detail.html"
    )
    answer = render(request, template, context, status=status)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _differences(request: HttpRequest, imported: RegisterImport) -> dict[str, object]:
    found = showing.tabs(imported)
    tab = showing.chosen_tab(request.GET.get("list", ""), found)
    if tab == "gone":
        page = showing.gone(request, imported)
        return {"tabs": found, "tab": tab, "page": page, "gone": page.object_list}
    lines = page_of(request, showing.lines_of(imported, tab))
    return {"tabs": found, "tab": tab, "page": lines, "rows": showing.rows_of(lines, imported)}


def _same_before(imported: RegisterImport) -> RegisterImport | None:
    """The same bytes applied before, whatever the file was called."""
    same = RegisterImport.objects.filter(bureau=imported.bureau_id, sha256=imported.sha256, state=State.APPLIED)
    return same.exclude(pk=imported.pk).first()


@require_POST
@keeps_register
def import_columns(request: HttpRequest, public_id: UUID) -> HttpResponse:
    imported = _find(request, public_id)
    try:
        columns = chosen_columns(request.POST)
        actions.match_columns(imported=imported, columns=columns, by=acting_as(request))
    except actions.BadColumns as bad:
        return _page(request, imported, refusal=str(bad.reason), chosen=_typed(request), status=422)
    return redirect(imported)


def _typed(request: HttpRequest) -> dict[str, int]:
    """As much of the choice as one mapping can hold, so that the page shows it again."""
    try:
        return chosen_columns(request.POST)
    except actions.BadColumns:
        return {
            field: int(name.removeprefix("column-"))
            for name, field in request.POST.items()
            if name.startswith("column-") and name[7:].isdecimal() and field in causes.FIELDS
        }


@require_POST
@keeps_register
def import_apply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    imported = actions.apply_import(imported=_find(request, public_id), by=acting_as(request))
    return redirect(imported)


@require_POST
@keeps_register
def import_discard(request: HttpRequest, public_id: UUID) -> HttpResponse:
    imported = actions.discard(imported=_find(request, public_id), by=acting_as(request))
    messages.success(
        request, _("“%(name)s” was put aside. Nothing of the register was changed.") % {"name": imported.name}
    )
    return redirect("institutions:import-list")


@never_cache
@require_safe
@keeps_register
def import_marked(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The file as it was sent, with a column of what the check found."""
    imported = _find(request, public_id)
    if not imported.marked_as:
        raise Http404
    path = storage.path_of(imported.marked_as, actions.FOLDER)
    if not path.is_file():
        raise Http404
    stem = imported.name.rpartition(".")[0] or imported.name
    name = _("%(name)s, checked%(suffix)s") % {"name": stem, "suffix": path.suffix}
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response = HttpResponse(
        path.read_bytes(), content_type=XLSX if path.suffix == ".xlsx" else "text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = disposition or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response
