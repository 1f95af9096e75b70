"""Progress of a job, its file, and the reader's own jobs. What is not one's own does not exist."""

from __future__ import annotations

import uuid
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.jobs import files
from portal.jobs.models import Job
from portal.jobs.queries import visible_to
from portal.jobs.showing import shown
from portal.ui.paging import page_of


@never_cache
@require_safe
@login_required
def job_detail(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """The page; for htmx the progress alone, which asks again every two seconds until the job is over."""
    job = get_object_or_404(visible_to(request.user), pk=job_id)
    template = "jobs/_job.html" if request.headers.get("HX-Request") == "true" else "jobs/detail.html"
    response = render(request, template, {"job": shown(job)})
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_cache
@require_safe
@login_required
def job_download(request: HttpRequest, job_id: uuid.UUID) -> HttpResponseBase:
    job = cast("Job", get_object_or_404(visible_to(request.user), pk=job_id))
    if not job.result_name:
        raise Http404
    path = files.result_path(job)
    if path is None:
        return render(request, "jobs/gone.html", {"job": shown(job)}, status=410)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=job.result_name)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@require_safe
@login_required
def job_list(request: HttpRequest) -> HttpResponse:
    page = page_of(request, visible_to(request.user).order_by("-created_at", "id"))
    return render(request, "jobs/list.html", {"page": page, "jobs": [shown(job) for job in page]})
