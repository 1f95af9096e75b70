"""Asking for a build and making it."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from importlib import metadata

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from institutions.models import Bureau, Membership
from institutions.roles import Permission
from portal.clock import database_now, statement_now
from portal.errors import Refused
from portal.jobs import actions as jobs
from portal.trail.actions import record
from reports.filings.examination import digest_of
from reports.rounds.models import Round
from reports.summaries.aggregation import Aggregate, aggregate
from reports.summaries.blocks import Block, Maker
from reports.summaries.models import Build


class NotBuilt(Refused):
    """The build cannot be asked for as it stands."""

    status = 422


def ask_build(*, round: Round, basis: str, by: Membership, cut: dt.datetime | None = None, language: str = "") -> Build:
    """Queue a build of the round as at `cut` (default: now). The job makes figures and workbook; the file is the asker's."""
    if not by.may(Permission.BUILD_SUMMARIES):
        raise NotBuilt(_("Only the provincial bureau builds summaries."))
    with transaction.atomic():
        now = statement_now()
        cut = cut or now
        if cut > now:
            raise NotBuilt(_("The data cut lies in the future. Choose a past moment, or leave it blank for now."))
        # One number after the other: the round's row is locked while the next is given out.
        Round.objects.select_for_update().get(pk=round.pk)
        last = Build.objects.filter(round=round).order_by("-number").first()
        build = Build.objects.create(
            round=round,
            number=last.number + 1 if last else 1,
            basis=Build.Basis(basis),
            data_cut=cut,
            scheme=round.scheme,
            asked_by=by,
        )
        build.job = jobs.create(kind="summary.build", by=by, params={"build": build.pk}, language=language)
        build.save(update_fields=["job"])
        record("build.asked", by=by, obj=build, details={"basis": basis, "cut": cut.isoformat()})
    return build


@lru_cache
def code_version() -> str:
    """The version of the program, printed on every build."""
    try:
        return metadata.version("zhibao")
    except metadata.PackageNotFoundError:
        return "0.1.0"


def settle() -> None:
    """Wait until every act begun before this moment is committed or gone.

    An act carries the time of its statement but shows only when it commits. Without the wait, one in flight across the
    cut would be missing now and counted when the same cut is repeated.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE filings_decision, filings_revision, filings_recall IN SHARE MODE")


def compute(build: Build) -> tuple[Aggregate, Aggregate | None]:
    """Sums of the build's round as at its cut, and of the round before (accepted filings as at the same cut)."""
    settle()
    now = aggregate(build.round, basis=build.basis, cut=build.data_cut)
    previous = build.round.previous
    before = aggregate(previous, basis=Build.Basis.ACCEPTED, cut=build.data_cut) if previous else None
    return now, before


def store(build: Build, now: Aggregate, before: Aggregate | None) -> Build:
    """Keep the figures with the build; running it again at the same cut stores the same digest."""
    figures = {"now": now.as_json(), "before": before.as_json() if before else None}
    build.figures = figures
    build.due_count, build.counted = now.due, now.counted
    build.digest = digest_of(figures)
    build.code_version = code_version()
    build.finished_at = database_now()
    build.save(update_fields=["figures", "due_count", "counted", "digest", "code_version", "finished_at"])
    return build


def blocks_of(build: Build) -> list[Block]:
    """The tables of a finished build in the active language, from its stored figures."""
    if build.figures is None:
        return []
    before, definition = build.figures["before"], build.scheme.definition
    maker = Maker(
        definition=definition,
        now=Aggregate.from_json(build.figures["now"]),
        before=Aggregate.from_json(before).carried(definition.renames) if before else None,
        bureaus=list(Bureau.objects.order_by("code")),
    )
    return maker.blocks()
