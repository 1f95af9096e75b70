"""The jobs of this room: comparing a file with the register, and applying it."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from institutions.register import actions, applying, causes, comparing, options, staging
from institutions.register.models import RegisterImport
from portal.errors import Refused
from portal.jobs.models import Job
from portal.jobs.registry import Progress, handler
from portal.uploads import frames, storage, streaming
from portal.uploads.children import ChildRefused


class Unread(Refused):
    """The file could not be read after all."""

    status = 422


def _import(job: Job, *, lock: bool = False) -> RegisterImport:
    imports = RegisterImport.objects.select_for_update(of=("self",)) if lock else RegisterImport.objects
    return imports.select_related("bureau", "by__user").get(pk=job.params["import"])


@handler(
    "register.compare",
    title=gettext_lazy("Comparing a register with the one kept here"),
    phases={
        "read": gettext_lazy("Reading"),
        "compare": gettext_lazy("Comparing"),
        "mark": gettext_lazy("Marking your file"),
    },
)
def compare(job: Job, progress: Progress) -> None:
    """Bring the import of `params` to "compared". One that was matched anew or put aside meanwhile is left alone."""
    try:
        with transaction.atomic():
            # A second worker on the same job waits here, and finds it done.
            imported = _import(job, lock=True)
            if imported.state != RegisterImport.State.COMPARING or imported.job_id != job.pk:
                return
            staging.clear(imported.pk)
            report = read(imported, progress)
            progress("compare", done=report["read"], total=report["read"])
            counts = comparing.compare(imported)
    except ChildRefused as refused:
        progress()
        actions.fail_comparison(_import(job), refused.told)
        raise Unread(causes.refusal(refused.told)) from None
    progress("mark", done=report["read"])
    marked = actions.mark_file(imported, imported.reading)
    progress()
    actions.finish_comparison(imported, counts | {"blank": report["blank"]}, {"read": report}, marked)


def read(imported: RegisterImport, progress: Progress) -> dict[str, Any]:
    """Bring every line into the staging table; the child's report. Raises ChildRefused."""
    progress("read", done=0)
    limits = {"memory_mb": settings.REGISTER_CHILD_MB, "seconds": settings.REGISTER_CHILD_SECONDS}
    take = {frames.ROWS: staging.copy, frames.PROGRESS: lambda payload: progress("read", **json.loads(payload))}
    with streaming.reading("institutions.register.child", lambda: _task(imported), **limits) as child:
        return child.report(take)


def _task(imported: RegisterImport) -> dict[str, Any]:
    return {
        "path": str(storage.path_of(imported.stored_as, actions.FOLDER)),
        "act": "read",
        "import": imported.pk,
        "columns": imported.columns,
        "sheet": imported.reading.get("sheet", ""),
        "heading_row": imported.reading["heading_row"],
        "data_row": imported.reading["data_row"],
        "width": imported.reading["width"],
        "lists": options.known(),
    }


@handler(
    "register.apply",
    title=gettext_lazy("Applying a register"),
    phases={"apply": gettext_lazy("Writing into the register")},
)
def apply(job: Job, progress: Progress) -> None:
    """Write the compared lines of the import of `params`; once, however often it runs."""
    imported = _import(job)
    progress("apply", done=0, total=1)
    if imported.state == RegisterImport.State.APPLYING and imported.lines.count() != imported.counts["lines"]:
        # The lines are not written to the log of the database: a crash of the server empties them.
        actions.back_to_matching(imported)
        raise Unread(
            _("The compared lines were lost when the database server stopped. Compare the file again, then apply.")
        )
    applying.apply(imported, _("Import of “%(name)s”") % {"name": imported.name[:200]})
    progress("apply", done=1)
