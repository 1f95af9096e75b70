"""The workbook of a filing: download, upload with its comparison, saving what was chosen, the marked copy."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.clock import database_now
from reports.filings import rules
from reports.filings.examination import examine, note_counts
from reports.filings.models import Filing
from reports.filings.pages import deadline_of, find_annual
from reports.filings.spreadsheet.actions import Applied, apply_upload, receive
from reports.filings.spreadsheet.causes import sentence
from reports.filings.spreadsheet.comparing import compare_upload
from reports.filings.spreadsheet.forms import chosen_boxes, seen_versions
from reports.filings.spreadsheet.guarding import FileRefused
from reports.filings.spreadsheet.marking import marked_bytes, marked_name
from reports.filings.spreadsheet.models import WorkbookUpload
from reports.filings.spreadsheet.showing import page_of
from reports.filings.spreadsheet.writing import file_name, material_of, workbook_bytes

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
own = acting(Permission.READ_OWN_FILINGS)
fills = acting(Permission.FILL)


@never_cache
@require_safe
@own
def workbook_download(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The prefilled workbook, made on the spot."""
    filing = find_annual(request, public_id)
    due = deadline_of(filing.round, database_now(), filing.extended_until).when
    return _attached(workbook_bytes(material_of(examine(filing), due)), file_name(filing))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@own
def workbook_upload(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was last uploaded against the filing as it stands. POST takes a file; nothing of the filing changes by it."""
    filing = find_annual(request, public_id)
    if request.method != "POST":
        return _page(request, filing)
    try:
        _take(request, filing)
    except FileRefused as refused:
        return _page(request, filing, refusal=str(refused.reason), status=422)
    return redirect(_here(filing))


def _take(request: HttpRequest, filing: Filing) -> WorkbookUpload:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise FileRefused("none")
    return receive(filing=filing, chunks=file.chunks(), name=file.name or "", by=acting_as(request))


def _page(request: HttpRequest, filing: Filing, *, refusal: str = "", status: int = 200) -> HttpResponse:
    upload = _latest(filing) if not refusal else None
    comparison = None
    if upload is not None and upload.refusal:
        refusal = sentence(upload.refusal)
    elif upload is not None and upload.content is not None:
        try:
            comparison = compare_upload(filing, upload)
        except FileRefused as refused:
            refusal = str(refused.reason)
    page = page_of(comparison) if comparison else None
    context = {
        "filing": filing,
        "primary": "save" if page and page.sections else "upload" if upload or refusal else "download",
        "upload": upload,
        "refusal": refusal,
        "comparison": comparison,
        "page": page,
        "may_fill": rules.can_fill(acting_as(request), filing, database_now()),
        "uploads": filing.workbook_uploads.select_related("by__user").defer("content")[:5],
    }
    return render(request, "filings/spreadsheet/workbook.html", context, status=status)


def _latest(filing: Filing) -> WorkbookUpload | None:
    return filing.workbook_uploads.select_related("by__user").order_by("-id").first()


@require_POST
@fills
def workbook_apply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Save the ticked cells and lines of the comparison that the form shows."""
    filing = find_annual(request, public_id)
    upload, chosen = _latest(filing), chosen_boxes(request.POST)
    if upload is None or str(upload.pk) != request.POST.get("upload", ""):
        messages.error(
            request,
            _(
                "Another workbook was uploaded for this filing meanwhile. Nothing was saved; look at the new "
                "comparison."
            ),
        )
        return redirect(_here(filing))
    if not chosen:
        messages.warning(request, _("Nothing was ticked, so nothing was saved."))
        return redirect(_here(filing))
    done = apply_upload(
        filing=filing, upload=upload, chosen=chosen, seen=seen_versions(request.POST), by=acting_as(request)
    )
    note_counts(examine(find_annual(request, public_id)))
    _tell(request, done)
    return redirect(_here(filing))


def _tell(request: HttpRequest, done: Applied) -> None:
    words = ngettext(
        "%(count)d cell was saved from the workbook.", "%(count)d cells were saved from the workbook.", done.cells
    )
    messages.success(request, words % {"count": done.cells})
    if done.added or done.removed:
        words = _("Lines added: %(added)d, removed: %(removed)d.")
        messages.success(request, words % {"added": done.added, "removed": done.removed})
    left = len(done.conflicts) + done.kept_rows
    if left:
        words = ngettext(
            "%(count)d cell or line was changed by somebody else after you compared, and was left as they wrote it. "
            "It is shown again below.",
            "%(count)d cells or lines were changed by somebody else after you compared, and were left as they wrote them. "
            "They are shown again below.",
            left,
        )
        messages.warning(request, words % {"count": left})


@never_cache
@require_safe
@own
def workbook_marked(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The last upload with what is wrong as comments on its cells."""
    filing = find_annual(request, public_id)
    upload = _latest(filing)
    if upload is None or upload.content is None:
        raise FileRefused("gone")
    comparison = compare_upload(filing, upload)
    try:
        made = marked_bytes(comparison)
    except FileNotFoundError:
        raise FileRefused("gone") from None
    return _attached(made, marked_name(upload.name))


def _attached(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _here(filing: Filing) -> str:
    return reverse("filings:workbook-upload", args=[filing.public_id])
