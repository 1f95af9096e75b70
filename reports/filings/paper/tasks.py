from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.jobs.models import Job
from portal.jobs.registry import Progress, Result, handler
from portal.paper.engine import pdf_of
from reports.filings.errors import NotAllowed
from reports.filings.models import Filing
from reports.filings.paper.document import html_of, of_draft, of_revision


@handler("filing.paper", title=gettext_lazy("The tables of a filing as PDF"))
def print_filing(job: Job, progress: Progress) -> Result:
    """The revision of `params`, or the draft for 0, if the asker still sees the filing."""
    filing = Filing.objects.visible_to(job.asker).for_page().filter(pk=job.params["filing"]).first()
    if filing is None:
        raise NotAllowed(_("The filing is no longer in your scope. Nothing was exported."))
    if job.params["revision"]:
        revision = filing.revisions.select_related("filer", "signer").get(number=job.params["revision"])
        revision.filing = filing
        assert job.asker is not None  # who sees a filing is somebody
        paper = of_revision(revision, internal=job.asker.bureau_id is not None)
    else:
        paper = of_draft(filing)
    path = progress.scratch(".pdf")
    path.write_bytes(pdf_of(html_of(paper)))
    return Result(path=path, name=paper.name)
