"""Builds of a round: list, ask for one, look through its tables. The workbook is downloaded from its job."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import make_aware
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from institutions.access import acting, acting_as
from institutions.roles import Permission
from portal.jobs.models import Job
from portal.jobs.queries import visible_to
from portal.jobs.showing import Shown, shown
from reports.rounds.models import Kind, Round
from reports.summaries.actions import ask_build, blocks_of
from reports.summaries.models import Build
from reports.summaries.workbook import cover_lines, legal_lines


class BuildForm(forms.Form):
    basis = forms.ChoiceField(choices=Build.Basis.choices, initial=Build.Basis.ACCEPTED)
    cut = forms.DateTimeField(
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["basis"].label = _("Basis")
        self.fields["cut"].label = _("Data cut")
        self.fields["cut"].help_text = _("A past moment to repeat earlier figures; blank for now.")

    def clean_cut(self) -> dt.datetime | None:
        cut: dt.datetime | None = self.cleaned_data["cut"]
        return make_aware(cut) if cut is not None and cut.tzinfo is None else cut


def _annual_rounds(request: HttpRequest) -> list[Round]:
    rounds = Round.objects.visible_to(acting_as(request)).filter(
        kind=Kind.ANNUAL_STATISTICS, roster_frozen_at__isnull=False
    )
    return list(rounds.select_related("scheme"))


def _chosen(request: HttpRequest, rounds: list[Round]) -> Round | None:
    """The round named in the address, else the latest; an unknown name gives the latest."""
    wanted = request.GET.get("round", "")
    return next((round for round in rounds if str(round.public_id) == wanted), rounds[0] if rounds else None)


def _shown(request: HttpRequest, job: Job | None) -> Shown | None:
    """The job as its progress fragment shows it; None where there is none or it is somebody else's."""
    found = visible_to(acting_as(request).user).filter(pk=job.pk).first() if job is not None else None
    return shown(found) if found is not None else None


@require_GET
@acting(Permission.BUILD_SUMMARIES)
def build_list(request: HttpRequest) -> HttpResponse:
    return _show_list(request, BuildForm(), 200)


def _show_list(request: HttpRequest, form: BuildForm, status: int, round: Round | None = None) -> HttpResponse:
    rounds = _annual_rounds(request)
    round = round or _chosen(request, rounds)
    builds = Build.objects.filter(round=round).select_related("job__asker", "round") if round else Build.objects.none()
    listed = list(builds[:50])
    running = next(
        (b.job for b in listed if b.job and not b.job.is_over and b.job.asker_id == acting_as(request).pk), None
    )
    context = {"rounds": rounds, "round": round, "builds": listed, "form": form, "running": _shown(request, running)}
    return render(request, "summaries/build_list.html", context, status=status)


@require_POST
@acting(Permission.BUILD_SUMMARIES)
def build_create(request: HttpRequest) -> HttpResponse:
    round = next((r for r in _annual_rounds(request) if str(r.public_id) == request.POST.get("round", "")), None)
    if round is None:
        raise Http404
    form = BuildForm(request.POST)
    if not form.is_valid():
        return _show_list(request, form, 422, round)
    build = ask_build(
        round=round,
        basis=form.cleaned_data["basis"],
        by=acting_as(request),
        cut=form.cleaned_data["cut"],
        language=get_language() or "",
    )
    messages.success(request, _("Build %(number)s is being made. You may leave this page.") % {"number": build.number})
    return redirect(build)


@require_GET
@acting(Permission.BUILD_SUMMARIES)
def build_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    rounds = Round.objects.visible_to(acting_as(request))
    builds = Build.objects.filter(round__in=rounds).select_related("round__scheme", "scheme", "job__asker__user")
    build = get_object_or_404(builds, public_id=public_id)
    blocks = blocks_of(build)
    code = request.GET.get("table", "")
    block = next((b for b in blocks if b.code == code), blocks[0] if blocks else None)
    context = {
        "build": build,
        "blocks": blocks,
        "sheet": block,
        "cover": cover_lines(build) if build.figures else [],
        "legal": legal_lines(build),
        "job": build.job,
        "shown_job": _shown(request, build.job),
        "own_job": build.job is not None
        and build.job.asker is not None
        and build.job.asker.user_id == acting_as(request).user_id,
    }
    return render(request, "summaries/build_detail.html", context)
