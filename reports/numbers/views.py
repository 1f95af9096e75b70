"""The page of a quarterly filing: how it stands, its batches, the declaration, the numbers that were filed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import IO, Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as, is_fragment
from institutions.roles import Permission
from portal.clock import database_now
from portal.ui.typed import whole_number
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing
from reports.filings.timeline import steps_of
from reports.filings.transitions import allowed_moves
from reports.numbers import causes, files, rules, submitting
from reports.numbers.actions import cancel_batch, confirm_origin
from reports.numbers.errors import NotTaken
from reports.numbers.forms import DeclareForm, PasteForm, RangeForm
from reports.numbers.models import NumberBatch
from reports.numbers.pages import (
    Typed,
    batch_page,
    find_batch,
    find_quarter,
    is_reading,
    largest_file,
    next_of,
    reading_facts,
    rows_of,
    samples_of,
    standing_of,
)
from reports.numbers.reasons import csv_of, rows_after
from reports.numbers.tasks import marked_name

own = acting(Permission.READ_OWN_FILINGS)
fills = acting(Permission.FILL)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS)
#: Rows on a page of reasons.
REASONS = 200


def quarter_page(
    request: HttpRequest, filing: Filing, *, typed: Typed | None = None, status: int = 200, **forms: Any
) -> HttpResponse:
    """The whole page; for htmx what lies below its frame, where only the form that was sent (`typed.key`) loses what stands
    in it. `forms` replaces an empty form by one with what was typed and what is wrong with it."""
    membership = acting_as(request)
    standing = standing_of(filing, membership, typed)
    certificates = [certificate.number for certificate in filing.institution.certificates.all()]
    decisions = list(filing.decisions.select_related("bureau", "by"))
    revisions = list(filing.revisions.select_related("signer").order_by("-number"))
    for revision in revisions:
        revision.filing = filing
    returned = [one for one in decisions if one.verdict == "return" and one.revision_id == filing.revision_id]
    declared, batches = standing.look.returned.declared, batch_page(request, filing)
    context = {
        "filing": filing,
        "standing": standing,
        "next": next_of(standing, membership),
        "batches": batches,
        "reading": is_reading(batches),
        "told": [],
        "declare": DeclareForm(initial={"count": declared or None}),
        "paste": PasteForm(certificates=certificates),
        "range": RangeForm(certificates=certificates),
        "preview": None,
        "posted": typed.key if typed else "",
        "swapped": is_fragment(request),
        "largest": largest_file(),
        "steps": steps_of(filing, decisions),
        "returned": returned[-1] if returned and filing.state == "returned" else None,
        "revisions": revisions,
        "moves": allowed_moves(filing, membership, standing.now),
        **forms,
    }
    template = "numbers/_quarter.html" if context["swapped"] else "numbers/quarter_detail.html"
    answer = render(request, template, context, status=status)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def saved(request: HttpRequest, filing: Filing, words: str, *, posted: str, at: str = "") -> HttpResponse:
    """After the form `posted` was stored: the quarter as it is now. Without script it begins at the anchor `at`."""
    if is_fragment(request):
        return quarter_page(request, find_quarter(request, filing.public_id), typed=Typed(posted), said=words)
    messages.success(request, words)
    return redirect(reverse("numbers:quarter-detail", args=[filing.public_id]) + at)


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A form that came when the filing took nothing any more, with what was typed into it."""

    reason: str
    typed: str
    files: str


#: Fields of the forms of the page that hold what somebody wrote.
WRITTEN = ("count", "text", "answer", "paste-text", "range-first", "range-last")


def or_turned_away(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What a rule refuses, because somebody submitted the filing meanwhile or its round closed, is answered by the page as
    it is now, with the reason and with what was typed."""

    @wraps(view)
    def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
        try:
            return view(request, public_id)
        except NotAllowed as refused:
            typed = [request.POST[name] for name in WRITTEN if request.POST.get(name, "").strip()]
            files = "、".join(file.name or "" for file in request.FILES.getlist("file"))
            away = TurnedAway(str(refused.reason), "\n".join(typed), files)
            page = quarter_page(request, find_quarter(request, public_id), status=refused.status, turned_away=away)
        page["HX-Retarget"], page["HX-Reswap"] = "#quarter", "outerHTML"
        return page

    return answer


@require_GET
@own
def quarter_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """For htmx without its frame, asked for when the last file was read."""
    return quarter_page(request, find_quarter(request, public_id))


@require_POST
@fills
@or_turned_away
def quarter_declare(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The count of the quarter, or with the button "nil" the nil return."""
    filing, membership = find_quarter(request, public_id), acting_as(request)
    if "nil" in request.POST:
        return _declare_nil(request, filing)
    form = DeclareForm(request.POST)
    if form.is_valid():
        try:
            submitting.declare(filing=filing, count=form.cleaned_data["count"], by=membership)
        except NotTaken as refused:
            form.add_error("count", str(refused.reason))
        else:
            return saved(request, filing, _("The count is saved."), posted="declare")
    return quarter_page(request, find_quarter(request, public_id), typed=Typed("declare"), declare=form, status=422)


def _declare_nil(request: HttpRequest, filing: Filing) -> HttpResponse:
    try:
        submitting.declare_nil(filing=filing, by=acting_as(request))
    except NotTaken as refused:
        fresh, wrong = find_quarter(request, filing.public_id), str(refused.reason)
        return quarter_page(request, fresh, typed=Typed("declare"), nil_wrong=wrong, status=422)
    words = _("Declared: no report in this quarter. Submit it to file the nil return.")
    return saved(request, filing, words, posted="declare")


# -- batches --------------------------------------------------------------------------------------


def batches_fragment(request: HttpRequest, filing: Filing, told: list[Any], *, status: int = 200) -> HttpResponse:
    """The list, which asks for itself while something is being read; when nothing is any more, the page is told."""
    batches = batch_page(request, filing)
    context = {"filing": filing, "batches": batches, "reading": is_reading(batches), "told": told}
    answer = render(request, "numbers/_batches.html", context, status=status)
    if not context["reading"]:
        answer["HX-Trigger-After-Settle"] = "numbers-settled"
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_GET
@own
def batch_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_quarter(request, public_id)
    if not is_fragment(request):
        return redirect("numbers:quarter-detail", public_id)
    return batches_fragment(request, filing, [])


@require_GET
@reads
def batch_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What became of one file, in words; while it is being read the progress, which asks for itself."""
    return batch_answer(request, find_batch(request, public_id))


def batch_answer(request: HttpRequest, batch: NumberBatch) -> HttpResponse:
    context = {
        "batch": batch,
        "filing": batch.filing,
        "row": rows_of([batch])[0],
        "samples": samples_of(batch),
        "facts": reading_facts(batch),
        "may_cancel": rules.can_cancel(acting_as(request), batch),
        "may_send": rules.can_send(acting_as(request), batch.filing, database_now()),
        "own": acting_as(request).institution_id is not None,
    }
    template = "numbers/_batch.html" if is_fragment(request) else "numbers/batch_detail.html"
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_GET
@reads
def batch_reasons(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every row with its reason, page by page below line `after`; with `cause` those of one cause or finding.

    With `format=csv` the whole list as a file, for a sender whose own file could not be marked.
    """
    batch = find_batch(request, public_id)
    if request.GET.get("format") == "csv":
        return _sent_as_file(csv_of(batch), _("%(name)s, reasons.csv") % {"name": batch.name})
    cause = request.GET.get("cause", "")
    chosen = cause if cause in causes.LABELS else ""
    after, row = whole_number(request.GET.get("after", ""), 0), rows_of([batch])[0]
    context = {
        "batch": batch,
        "filing": batch.filing,
        "listed": rows_after(batch, after, REASONS, cause=chosen),
        "after": after,
        "chosen": causes.label_of(chosen) if chosen else "",
        "chosen_rows": row.rows_for(chosen),
        "row": row,
        "own": acting_as(request).institution_id is not None,
    }
    return render(request, "numbers/batch_reasons.html", context)


@require_POST
@fills
def batch_cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """For htmx what it was asked from: the list of batches, or the page of the one."""
    batch = find_batch(request, public_id)
    cancel_batch(batch=batch, by=acting_as(request))
    if is_fragment(request) and request.headers.get("HX-Target") == "batch":
        return batch_answer(request, find_batch(request, public_id))
    if is_fragment(request):
        return batches_fragment(request, find_quarter(request, batch.filing.public_id), [])
    messages.success(request, _("“%(name)s” will be stopped; nothing of it is stored.") % {"name": batch.name})
    return redirect("numbers:quarter-detail", batch.filing.public_id)


@require_POST
@fills
def batch_confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The file is the institution's own although another code stands in it."""
    received = confirm_origin(batch=find_batch(request, public_id), by=acting_as(request))
    return redirect("numbers:batch-detail", received.batch.public_id)


@require_GET
@own
def batch_marked(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The sender's own file with a column of reasons; for the sender alone, as it may hold columns nobody asked for."""
    batch = find_batch(request, public_id)
    path = files.path_of(batch.marked_file) if batch.marked_file else None
    if path is None or not path.exists():
        raise Http404
    return _sent_as_file(path.open("rb"), marked_name(batch))


def _sent_as_file(file: IO[bytes], name: str) -> HttpResponse:
    answer = FileResponse(file, as_attachment=True, filename=name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return cast("HttpResponse", answer)
