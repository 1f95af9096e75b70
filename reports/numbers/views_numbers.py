"""The numbers of a quarter: looking for one, voiding and replacing, and taking them all out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.errors import Refused
from portal.jobs.actions import create
from portal.trail.actions import record
from reports.filings.models import Filing
from reports.numbers import extracts, figures, lookup, rules
from reports.numbers.amending import replace_number, void_number
from reports.numbers.errors import NoReason, NoSuchNumber, NotTaken, OtherQuarter, WrongDay
from reports.numbers.forms import ReasonForm, ReplaceForm
from reports.numbers.keys import key_of
from reports.numbers.models import NumberBatch, NumberChange, ReportNumber
from reports.numbers.pages import find_quarter, quarter_of
from reports.numbers.queries import ReportNumberQuerySet
from reports.numbers.submitting import Sent
from reports.rounds.models import Kind
from reports.rounds.quarters import Quarter

fills = acting(Permission.FILL)
reads = acting(Permission.READ_OWN_FILINGS, Permission.READ_FILINGS)
PAGE = 50
LONGEST_SEARCH = 64
#: Numbers changed after the filing was signed that are listed beside the others.
CHANGED = 20


def numbers_of(filing: Filing) -> ReportNumberQuerySet:
    return ReportNumber.objects.of(filing.institution_id).in_quarter(quarter_of(filing))


def _changed_since(filing: Filing) -> list[NumberChange]:
    """What was voided or replaced after the filing was signed, the latest first; nothing while it is not with the reviewers
    or accepted."""
    signed = figures.signed_of(filing)
    if signed is None:
        return []
    since = NumberChange.objects.filter(institution=filing.institution_id, at__gt=signed.submitted_at)
    return list(
        since.filter(Exists(numbers_of(filing).filter(key=OuterRef("key")))).select_related("by")[: CHANGED + 1]
    )


@require_GET
@reads
def number_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """`?q=` is a whole number or its beginning; `?after=` the last number of the page before."""
    filing = find_quarter(request, public_id)
    words = key_of(request.GET.get("q", "").replace("\x00", ""))[:LONGEST_SEARCH]
    after = request.GET.get("after", "").replace("\x00", "")[:LONGEST_SEARCH]
    found = numbers_of(filing)
    if words:
        found = found.filter(key__startswith=words)
    if after:
        found = found.filter(key__gt=after)
    rows = list(found.order_by("key")[: PAGE + 1])
    changed = _changed_since(filing) if not words and not after else []
    elsewhere = Found.of(request, filing, [words]) if words and not rows and not after else {}
    context = {
        "filing": filing,
        "returned": getattr(filing, "quarter_return", None),
        "words": words,
        "after": after,
        "rows": rows[:PAGE],
        "elsewhere": elsewhere.get(words),
        "changed": changed[:CHANGED],
        "more_changed": len(changed) > CHANGED,
        "more": rows[PAGE - 1].key if len(rows) > PAGE else "",
        "labels": extracts.labels_of(filing),
    }
    return render(request, "numbers/number_list.html", context)


@dataclass(frozen=True, slots=True)
class Found:
    """A number of the institution, whatever its quarter, and where its page is."""

    number: ReportNumber
    url: str

    @classmethod
    def of(cls, request: HttpRequest, filing: Filing, keys: Iterable[str]) -> dict[str, Found]:
        """By key, those that the reader may see: two queries. A number belongs to the filing of its quarter; while there is
        none, the institution itself sees it at `filing`, and nobody else does."""
        membership = acting_as(request)
        found = list(ReportNumber.objects.of(filing.institution_id).filter(key__in=[key for key in keys if key]))
        filings = Filing.objects.visible_to(membership).filter(
            institution=filing.institution_id,
            round__kind=Kind.QUARTERLY_NUMBERS,
            round__period__in={row.period for row in found},
        )
        homes = {one.round.period: one for one in filings.select_related("round")}
        if membership.institution_id == filing.institution_id:
            homes = {row.period: filing for row in found} | homes
        return {
            row.key: cls(row, _address(homes[row.period], row.key))
            for row in found
            if row.period in homes and rules.can_read(membership, homes[row.period])
        }


def _number(request: HttpRequest, filing: Filing) -> Found:
    sent = request.GET if request.method == "GET" else request.POST
    key = key_of(sent.get("number", "").replace("\x00", ""))
    found = Found.of(request, filing, [key]).get(key)
    if found is None:
        raise Http404
    return found


@require_GET
@reads
def number_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A number of another quarter is shown at the filing of that quarter."""
    filing = find_quarter(request, public_id)
    found = _number(request, filing)
    if found.url != _address(filing, found.number.key):
        return redirect(found.url)
    return _number_page(request, filing, found.number)


def _number_page(
    request: HttpRequest,
    filing: Filing,
    row: ReportNumber,
    *,
    void: Form | None = None,
    replace: Form | None = None,
    asks: Quarter | None = None,
    status: int = 200,
) -> HttpResponse:
    """`asks` is the quarter of the day typed in `replace`, which has to be confirmed."""
    labels = extracts.labels_of(filing)
    changes = list(NumberChange.objects.filter(institution=filing.institution_id, key=row.key).select_related("by"))
    # Lists once replaced numbers without leaving a history.
    newer = lookup.newer_of(row) if row.state == ReportNumber.State.REPLACED and not changes else ""
    others = Found.of(request, filing, [row.replaces_key or "", newer, *(one.replacement_key for one in changes)])
    at_home = row.period == filing.round.period
    signed = figures.signed_of(filing) if at_home else None
    context = {
        "filing": filing,
        "row": row,
        "domain": labels.domains.get(row.domain, row.domain),
        "kind": labels.kinds.get(row.kind, row.kind),
        "batch": NumberBatch.objects.of_institution(filing.institution_id).filter(pk=row.batch_id).first(),
        "changes": [(one, others.get(one.replacement_key)) for one in changes],
        "original": others.get(row.replaces_key or ""),
        "newer": newer,
        "newer_found": others.get(newer),
        "at_home": at_home,
        "signed": Sent.of(signed) if signed else None,
        "asks": asks.period if asks else "",
        "may_amend": rules.can_amend(acting_as(request), filing.institution_id),
        "void": void or ReasonForm(initial={"number": row.key}, prefix=None, auto_id="void_%s"),
        "replace": replace or ReplaceForm(initial={"number": row.key}, auto_id="replace_%s"),
    }
    return render(request, "numbers/number_detail.html", context, status=status)


def _address(filing: Filing, number: str) -> str:
    return f"{reverse('numbers:number-detail', args=[filing.public_id])}?{urlencode({'number': number})}"


@require_POST
@fills
def number_void(request: HttpRequest, public_id: UUID) -> HttpResponse:
    filing = find_quarter(request, public_id)
    row, form = _number(request, filing).number, ReasonForm(request.POST, auto_id="void_%s")
    if form.is_valid():
        try:
            void_number(
                institution=filing.institution,
                number=row.key,
                reason=form.cleaned_data["reason"],
                by=acting_as(request),
            )
        except (NotTaken, NoSuchNumber) as refused:
            form.add_error("reason", str(refused.reason))
        else:
            messages.success(
                request, _("%(number)s is void now. It stays in the list as such.") % {"number": row.written}
            )
            return redirect(_address(filing, row.key))
    return _number_page(request, filing, row, void=form, status=422)


@require_POST
@fills
def number_replace(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A new number of another quarter is asked about once more, with a button that names that quarter (`into`)."""
    filing, asks = find_quarter(request, public_id), None
    row, form = _number(request, filing).number, ReplaceForm(request.POST, auto_id="replace_%s")
    if form.is_valid():
        typed = form.cleaned_data
        try:
            new = replace_number(
                institution=filing.institution, number=row.key, replacement=typed["replacement"],
                issued_on=typed["issued_on"], reason=typed["reason"], by=acting_as(request), into=typed["into"],
            )  # fmt: skip
        except WrongDay as refused:
            form.add_error("issued_on", str(refused.reason))
            asks = refused.quarter if isinstance(refused, OtherQuarter) else None
        except NoReason as refused:
            form.add_error("reason", str(refused.reason))
        except (NotTaken, NoSuchNumber) as refused:
            form.add_error("replacement", str(refused.reason))
        else:
            link = format_html('<a href="{}">{}</a>', _address(filing, new.key), new.written)
            told = _("{number} is replaced by {new}, which counts for {quarter}.")
            messages.success(request, format_html(told, number=row.written, new=link, quarter=new.period))
            return redirect(_address(filing, row.key))
    return _number_page(request, filing, row, replace=form, asks=asks, status=422)


class NoSuchFormat(Refused):
    status = 422


@require_GET
@reads
def extract(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All numbers of the quarter, or with `?quarters=all` of every quarter in the reader's scope: csv or xlsx.

    A large workbook is made in the background. That it was taken stands in the trail.
    """
    filing, membership = find_quarter(request, public_id), acting_as(request)
    form = request.GET.get("format", "csv")
    if form not in ("csv", "xlsx"):
        raise NoSuchFormat(_("Choose csv or xlsx. Nothing was exported."))
    wanted = extracts.wanted_of(filing, membership, every=request.GET.get("quarters") == "all")
    details = {"format": form, "quarters": [quarter.period for quarter in wanted.quarters]}
    record("numbers.exported", by=membership, obj=filing, scope=filing.scope, details=details)
    if form == "csv":
        return cast("HttpResponse", extracts.csv_answer(wanted))
    if wanted.count() <= settings.NUMBERS_SHEET_AT_ONCE:
        return cast("HttpResponse", extracts.xlsx_answer(wanted))
    job = create(kind="numbers.extract", by=membership, params=wanted.params())
    return redirect("jobs:job-detail", job.pk)
