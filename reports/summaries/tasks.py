"""The job that makes a build: figures first, then the workbook."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from institutions.models import Tier
from portal.jobs.models import Job
from portal.jobs.registry import Progress, Result, handler
from portal.trail.actions import record
from portal.ui.moments import due_digits
from reports.filings.extensions.models import Extension
from reports.filings.models import Filing, OffReason
from reports.filings.queries import FilingQuerySet
from reports.rounds.models import Round
from reports.summaries.actions import blocks_of, compute, store
from reports.summaries.models import Build
from reports.summaries.workbook import Extended, NonFiler, write_workbook


@handler(
    "summary.build",
    title=gettext_lazy("Summary workbook"),
    phases={
        "sum": gettext_lazy("Adding up the filings"),
        "write": gettext_lazy("Writing the workbook"),
    },
)
def build_summary(job: Job, progress: Progress) -> Result:
    """Make the figures and the workbook of `params["build"]`. Run twice, the same figures come out."""
    build = Build.objects.select_related("round__scheme", "round__previous__scheme", "scheme", "asked_by").get(
        pk=job.params["build"]
    )
    progress(phase="sum", done=0, total=2)
    build = store(build, *compute(build))
    progress(phase="write", done=1, total=2)
    with override(job.language):
        path = progress.scratch(".xlsx")
        write_workbook(build, blocks_of(build), non_filers(build.round), path, extended(build.round))
        name = _("%(round)s summary, build %(number)s, %(date)s.xlsx") % {
            "round": build.round.title,
            "number": build.number,
            "date": date_format(localtime(build.data_cut), "Ymd"),
        }
    record("build.made", by=build.asked_by, obj=build, details={"digest": build.digest, "counted": build.counted})
    return Result(path=path, name=name)


def non_filers(round: Round) -> Iterator[NonFiler]:
    """Everyone due who has not filed, then whom the State Administration reviews; each bureau by bureau; streamed."""
    of_round = Filing.objects.in_round(round)
    yield from _without_data(of_round.owed())
    yield from _without_data(of_round.filter(off_reason=OffReason.NATIONAL))


def _without_data(filings: FilingQuerySet) -> Iterator[NonFiler]:
    listed = filings.select_related("institution", "reviewing_bureau__parent").order_by(
        F("reviewing_bureau__code"), "institution__name"
    )
    for filing in listed.iterator(chunk_size=2000):
        bureau = filing.reviewing_bureau
        prefecture = bureau.parent if bureau.tier == Tier.COUNTY and bureau.parent else bureau
        institution = filing.institution
        yield NonFiler(
            prefecture=str(prefecture),
            bureau=str(bureau),
            institution=institution.name,
            uscc=institution.uscc,
            state=filing.state_words,
            contact=institution.contact_name,
            phone=institution.contact_phone,
        )


def extended(round: Round) -> Iterator[Extended]:
    """Every extension granted in the round, bureau by bureau."""
    granted = Extension.objects.filter(filing__round=round, state=Extension.State.GRANTED).for_list()
    for one in granted.order_by("filing__reviewing_bureau__code", "filing__institution__name", "id"):
        assert one.granted_until is not None
        assert one.decided_by is not None
        yield Extended(
            bureau=str(one.filing.reviewing_bureau),
            institution=one.filing.institution.name,
            uscc=one.filing.institution.uscc,
            until=due_digits(one.granted_until),
            decided_by=str(one.decided_by.bureau),
            reason=one.reason,
            state=one.filing.get_state_display(),
        )
