"""Drafts: begin one, upload into it, map renamed indicators, delete it, publish it."""

from __future__ import annotations

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from institutions.access import acting_as
from portal.uploads import storage
from reports.rounds.models import Round
from reports.schemes import causes
from reports.schemes.comparison import compare
from reports.schemes.definition import pick
from reports.schemes.models import Scheme
from reports.schemes.renaming import mapping_of
from reports.versions import rules
from reports.versions.actions import FOLDER, copy_version, delete_draft, publish, receive, set_renames
from reports.versions.errors import NotTaken, must
from reports.versions.forms import CopyForm, chosen_renames, initial_of
from reports.versions.models import SchemeUpload
from reports.versions.pages import address, attached, find_scheme, makes, slug_of
from reports.versions.standing import standing_of
from reports.versions.views import detail_page


@require_safe
@makes
def scheme_new(request: HttpRequest) -> HttpResponse:
    """Two ways to a draft: from a published version, or from a workbook. `?from=` chooses the version."""
    schemes = _published()
    asked = request.GET.get("from", "")
    source = next((one for one in schemes if slug_of(one) == asked), schemes[0] if schemes else None)
    return _new_page(request, CopyForm(schemes, initial=initial_of(source) if source else {}))


def _published() -> list[Scheme]:
    return list(Scheme.objects.published().defer("content"))


def _new_page(request: HttpRequest, form: CopyForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "any": bool(form.schemes), "refusal": refusal}
    return render(request, "versions/scheme_new.html", context, status=status)


@require_POST
@makes
def scheme_copy(request: HttpRequest) -> HttpResponse:
    form = CopyForm(_published(), request.POST)
    if not form.is_valid():
        return _new_page(request, form, status=422)
    scheme = copy_version(by=acting_as(request), **form.cleaned_data)
    messages.success(
        request, _("The draft %(scheme)s was made. Download its workbook to edit it.") % {"scheme": scheme}
    )
    return redirect(address("scheme-detail", scheme))


@require_POST
@makes
def scheme_create(request: HttpRequest) -> HttpResponse:
    """A new draft from a workbook."""
    try:
        upload = _take(request, None)
    except NotTaken as refused:
        schemes = _published()
        form = CopyForm(schemes, initial=initial_of(schemes[0]) if schemes else {})
        return _new_page(request, form, refusal=str(refused.reason), status=422)
    _tell(request, upload)
    return redirect(address("scheme-detail", upload.scheme))


@require_POST
@makes
def scheme_upload(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """A newer workbook for the draft."""
    scheme = find_scheme(request, code, version)
    try:
        upload = _take(request, scheme)
    except NotTaken as refused:
        return detail_page(request, scheme, refusal=str(refused.reason), status=422)
    _tell(request, upload)
    return redirect(address("scheme-detail", upload.scheme))


def _take(request: HttpRequest, scheme: Scheme | None) -> SchemeUpload:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise NotTaken(causes.refusal({"code": "none"}))
    return receive(chunks=file.chunks(), name=file.name or "", by=acting_as(request), scheme=scheme)


def _tell(request: HttpRequest, upload: SchemeUpload) -> None:
    faults = len(standing_of(upload.scheme).faults)
    if not faults:
        messages.success(request, _("The workbook was read whole; nothing in it has to be mended."))
        return
    words = ngettext(
        "The workbook was taken as a draft. %(count)s thing in it has to be mended before it can be published.",
        "The workbook was taken as a draft. %(count)s things in it have to be mended before it can be published.",
        faults,
    )
    messages.warning(request, words % {"count": faults})


@require_safe
@makes
def upload_download(request: HttpRequest, code: str, version: int, pk: int) -> HttpResponse:
    """A workbook as it was sent."""
    upload = get_object_or_404(find_scheme(request, code, version).uploads.exclude(stored_as=""), pk=pk)
    path = storage.path_of(upload.stored_as, FOLDER)
    if not path.is_file():
        raise Http404
    name = upload.name if upload.name.lower().endswith(".xlsx") else f"{upload.name}.xlsx"
    return attached(path.read_bytes(), name)


@require_http_methods(["GET", "HEAD", "POST"])
@makes
def scheme_mapping(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """Each indicator of the version before that is gone, with the new one that goes on with its series, if any."""
    scheme = find_scheme(request, code, version)
    must(rules.can_change(acting_as(request), scheme))
    if scheme.base is None:
        raise Http404
    mapped = mapping_of(scheme.base.content, scheme.content)
    wrong = ""
    chosen: dict[str, str] = {}
    if request.method == "POST":
        gone, fresh = {one.old["code"] for one in mapped.gone}, {row["code"] for row in mapped.fresh}
        chosen, twice = chosen_renames(request.POST, gone, fresh)
        if not twice:
            set_renames(scheme=scheme, renames=chosen, digest=request.POST.get("digest", ""), by=acting_as(request))
            messages.success(request, _("The mapping was saved; last year's values follow it."))
            return redirect(address("scheme-mapping", scheme))
        wrong = _("%(code)s is chosen twice. One indicator goes on with the series of one other.") % {"code": twice}
    lines = [
        (one, request.POST.get(f"new-{one.old['code']}", "") if wrong else mapped.chosen.get(one.old["code"], one.new))
        for one in mapped.gone
    ]
    fresh_names = [(row["code"], pick(row.get("name_zh", ""), row.get("name_en", ""))) for row in mapped.fresh]
    context = {"scheme": scheme, "mapped": mapped, "fresh": fresh_names, "lines": lines, "wrong": wrong}
    return render(request, "versions/scheme_mapping.html", context, status=422 if wrong else 200)


@require_POST
@makes
def scheme_delete(request: HttpRequest, code: str, version: int) -> HttpResponse:
    scheme = find_scheme(request, code, version)
    name = str(scheme)
    delete_draft(scheme=scheme, by=acting_as(request))
    messages.success(request, _("The draft %(scheme)s was deleted with its uploads.") % {"scheme": name})
    return redirect("versions:scheme-list")


@require_http_methods(["GET", "HEAD", "POST"])
@makes
def scheme_publish(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """What will be published, and the button. A published version never changes."""
    scheme = find_scheme(request, code, version)
    must(rules.can_change(acting_as(request), scheme))
    if request.method == "POST":
        publish(scheme=scheme, digest=request.POST.get("digest", ""), by=acting_as(request))
        messages.success(request, _("%(scheme)s is published. Rounds may use it from now on.") % {"scheme": scheme})
        return redirect(address("scheme-detail", scheme))
    standing, base = standing_of(scheme), scheme.base
    mapped = mapping_of(base.content, scheme.content) if base else None
    context = {
        "scheme": scheme,
        "standing": standing,
        "comparison": compare(base.content, scheme.content) if base else None,
        "unmapped": [one for one in mapped.gone if one.old["code"] not in mapped.chosen] if mapped else [],
        "trial": scheme.trials.filter(digest=scheme.digest)
        .filter(result__isnull=False)
        .select_related("round")
        .first(),
        "rounds": list(Round.objects.visible_to(acting_as(request)).filter(scheme__code=base.code)) if base else [],
        "may_publish": rules.can_publish(acting_as(request), scheme, len(standing.faults)),
        "counts": [(name, len(scheme.content.get(name, ()))) for name in ("tables", "indicators", "options", "checks")],
    }
    return render(request, "versions/scheme_publish.html", context)
