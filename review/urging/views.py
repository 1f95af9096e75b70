"""Urging with a dry run first, and the record of an institution."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from institutions.access import acting, acting_as
from institutions.bureaus import bureaus_of
from institutions.models import Institution
from institutions.roles import Permission
from portal.clock import database_now
from portal.paper.answering import attached
from portal.paper.engine import pdf_of
from portal.trail.actions import record
from portal.ui.moments import clock_of, due_digits, last_day
from reports.filings.models import Filing
from reports.filings.rules import due_of
from review.coverage.nonfilers import CHOICES, nonfilers, number
from review.models import Tally
from review.queue.asking import chosen_bureau, chosen_round, rounds_with_roster
from review.urging.actions import urge as urge_them
from review.urging.record import institution_record as record_of
from review.urging.sending import PAUSE, dry_run
from review.urging.wording import URGING, filled_in, templates


@dataclass(frozen=True, slots=True)
class DryRun:
    """Who would be told. `parts` is (bureau, institutions, people in the portal, people by mail)."""

    selected: int
    parts: list[tuple[object, int, int, int]]
    paused: int

    @property
    def reached(self) -> int:
        return sum(part[1] for part in self.parts)

    @property
    def people(self) -> int:
        return sum(part[2] for part in self.parts)

    @property
    def mailed(self) -> int:
        return sum(part[3] for part in self.parts)

    @property
    def unreachable(self) -> int:
        """Institutions where nobody has an account."""
        return max(self.selected - self.reached - self.paused, 0)


@require_http_methods(["GET", "HEAD", "POST"])
@acting(Permission.URGE)
def urge(request: HttpRequest) -> HttpResponse:
    """GET says who would be told and what they would read; POST sends exactly that."""
    membership = acting_as(request)
    params = request.POST if request.method == "POST" else request.GET
    rounds, bureaus = rounds_with_roster(membership), bureaus_of(membership)
    assert membership.bureau is not None
    round = chosen_round(params.get("round", ""), rounds)
    bureau = chosen_bureau(params.get("bureau", ""), bureaus, membership.bureau)
    choice = params.get("state", "")
    choice = choice if choice in CHOICES else "owed"
    if request.method == "POST":
        _must_be(params.get("round"), str(round.public_id) if round is not None else "")
        _must_be(params.get("bureau"), bureau.code)
        _must_be(params.get("state"), choice)
    if request.method == "POST" and round is not None:
        count = urge_them(round=round, bureau=bureau, choice=choice, by=membership)
        said = ngettext("%(count)d institution has been urged.", "%(count)d institutions have been urged.", count)
        messages.success(request, said % {"count": count})
        query = {"round": str(round.public_id), "bureau": bureau.code, "state": choice}
        return redirect(f"{reverse('review:urge')}?{urlencode(query)}")
    context: dict[str, object] = {
        "asked": _Asked(round, bureau, choice),
        "rounds": rounds,
        "bureaus": bureaus,
        "pause": PAUSE,
    }
    if round is not None:
        counts = Tally.objects.visible_to(membership).in_rounds([round]).counts()
        rows, paused = dry_run(round_id=round.pk, scope=bureau.path or "", states=CHOICES[choice])
        by_id = {one.pk: one for one in bureaus}
        run = DryRun(
            number(counts, bureau, choice),
            [(by_id[pk], told, people, mailed) for pk, told, people, mailed in rows if pk in by_id],
            paused,
        )
        example = nonfilers(membership, round, bureau, choice).first()
        context |= {
            "run": run,
            "chips": [(code, number(counts, bureau, code)) for code in CHOICES],
            "previews": _previews(example) if example is not None else [],
        }
    return render(request, "review/urge.html", context)


def _must_be(asked: str | None, found: str) -> None:
    """A page may fall back on what it knows; a message to hundreds goes to exactly those asked for, or to nobody."""
    if asked and asked != found:
        raise Http404


@dataclass(frozen=True, slots=True)
class _Asked:
    round: object
    bureau: object
    choice: str


def _previews(filing: Filing) -> list[tuple[str, str, str]]:
    """(language, subject, body) as this institution would read them."""
    found = []
    for template in templates(URGING):
        chinese = template.suffix == "zh"
        bureau = filing.reviewing_bureau
        due = due_of(filing.round, filing.extended_until)
        values = {
            "round": filing.round.title_zh if chinese else filing.round.title_en,
            "due": _due(due, chinese) if due else "—",
            "filled": str(filing.filled),
            "required": str(filing.required),
            "bureau": bureau.name_zh if chinese or not bureau.name_en else bureau.name_en,
            "phone": bureau.phone,
            "institution": filing.institution.name,
        }
        found.append((template.language, filled_in(template.subject, values), filled_in(template.body, values)))
    return found


def _due(moment: dt.datetime, chinese: bool) -> str:
    day = last_day(moment)
    return f"{day.year}年{day.month}月{day.day}日{clock_of(moment)}" if chinese else due_digits(moment)


@require_safe
@acting(Permission.READ_FILINGS)
def institution_record(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return render(request, "review/institution_record.html", _record(request, public_id))


@require_safe
@acting(Permission.READ_FILINGS)
def institution_record_paper(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The same on paper, as evidence; the trail keeps who took it."""
    context = _record(request, public_id)
    institution, membership = context["institution"], acting_as(request)
    name = f"{_('Record of the institution')} {institution.name}.pdf"
    answer = attached(pdf_of(render_to_string("review/paper/record.html", context)), name)
    scope = institution.home_bureau.path or ""
    record("review.exported", by=membership, obj=institution, scope=scope, details={"list": "record", "format": "pdf"})
    return answer


def _record(request: HttpRequest, public_id: uuid.UUID) -> dict[str, Any]:
    """Of an institution whose home bureau or one of whose filings lies in the scope."""
    membership = acting_as(request)
    own = Q(pk__in=Institution.objects.visible_to(membership).values("pk"))
    filed = Q(pk__in=Filing.objects.visible_to(membership).values("institution"))
    institution = get_object_or_404(
        Institution.objects.select_related("home_bureau").filter(own | filed), public_id=public_id
    )
    return {"institution": institution, "records": record_of(institution, membership), "now": database_now()}
