"""Who did what to a filing and when, and the route still before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from institutions.models import Bureau
from reports.filings.models import Decision, Filing, Remark, Revision, State
from reports.filings.routes import route_for


@dataclass(frozen=True, slots=True)
class Step:
    """One tier of the route. `css` is done, here, back or empty."""

    bureau: Bureau
    css: str
    at: dt.datetime | None = None
    by: str = ""


def steps_of(filing: Filing, decisions: Iterable[Decision]) -> list[Step]:
    """The route as frozen on submission, else as it would be today, with what each tier decided on the present revision."""
    if filing.route:
        found = Bureau.objects.in_bulk(filing.route)
        route = [found[pk] for pk in filing.route if pk in found]
    else:
        route = route_for(filing.reviewing_bureau)
    judged = {one.bureau_id: one for one in decisions if one.revision_id == filing.revision_id}
    steps = []
    for bureau in route:
        decision = judged.get(bureau.pk)
        if decision is not None:
            css = "done" if decision.verdict == Decision.Verdict.PASS else "back"
            steps.append(Step(bureau, css, decision.at, decision.who))
        elif filing.state == State.IN_REVIEW and filing.step_id == bureau.pk:
            steps.append(Step(bureau, "here", filing.step_since))
        else:
            steps.append(Step(bureau, ""))
    return steps


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the history. `css` marks the point in the line: done, here, back."""

    at: dt.datetime
    what: str
    who: str
    css: str
    note: str = ""
    revision: Revision | None = None
    remarks: list[Remark] = field(default_factory=list)


def moments_of(revisions: Iterable[Revision], decisions: Iterable[Decision]) -> list[Moment]:
    """Submissions, recalls and decisions, the latest first. Expects `recall`, people and remarks loaded."""
    found = []
    for revision in revisions:
        words = _("Revision %(number)d submitted") if revision.number == 1 else _("Revision %(number)d submitted again")
        people = _("filled by %(filer)s, signed by %(signer)s") % {"filer": revision.filer, "signer": revision.signer}
        found.append(
            Moment(revision.submitted_at, words % {"number": revision.number}, people, "here", revision=revision)
        )
        recall = getattr(revision, "recall", None)
        if recall is not None:
            found.append(Moment(recall.at, _("Recalled by the institution"), str(recall.by), "back", revision=revision))
    for decision in decisions:
        passed = decision.verdict == Decision.Verdict.PASS
        words = _("%(bureau)s passed it") if passed else _("%(bureau)s returned it")
        found.append(
            Moment(
                decision.at,
                words % {"bureau": decision.bureau},
                decision.who,
                "done" if passed else "back",
                decision.note,
                remarks=list(decision.remarks.all()),
            )
        )
    return sorted(found, key=lambda moment: moment.at, reverse=True)
