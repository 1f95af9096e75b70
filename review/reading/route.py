"""The stations of a filing on its way, and everything that was done to it, newest first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from institutions.models import Bureau
from reports.filings.models import Decision, Filing, Recall, Remark, Revision, State
from review.queue.waiting import days_waited


@dataclass(frozen=True, slots=True)
class Station:
    """`status` is done, here, back or empty; `note` a second line."""

    title: str
    note: str
    status: str


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done, with who did it and details; `kind` is "", "here" or "back"."""

    at: dt.datetime
    title: str
    details: str
    kind: str = ""


def stations(filing: Filing, decisions: list[Decision], bureaus: dict[int, Bureau], now: dt.datetime) -> list[Station]:
    """`bureaus` are those of the route by id."""
    if filing.revision is None:
        return []
    found = [Station(pgettext("station", "Institution"), "", "done")]
    judged = {d.bureau_id: d for d in decisions if d.revision_id == filing.revision_id}
    for bureau_id in filing.route:
        bureau = bureaus[bureau_id]
        decision = judged.get(bureau_id)
        title, name = _tier_title(bureau), bureau.short_name
        if filing.state == State.IN_REVIEW and filing.step_id == bureau_id:
            days = days_waited(filing.step_since, now) if filing.step_since else 0
            waited = ngettext("%(days)d working day", "%(days)d working days", days) % {"days": days}
            found.append(Station(title, f"{name} · {waited}", "here"))
        elif decision is not None:
            status = "done" if decision.verdict == Decision.Verdict.PASS else "back"
            found.append(Station(title, f"{decision.get_verdict_display()} · {name}", status))
        else:
            found.append(Station(title, name, ""))
    return found


def _tier_title(bureau: Bureau) -> str:
    return {
        "county": pgettext("station", "County"),
        "prefecture": pgettext("station", "Prefecture"),
        "province": pgettext("station", "Province"),
    }[bureau.tier]


def acts(
    filing: Filing, revisions: list[Revision], decisions: list[Decision], recalls: list[Recall], remarks: list[Remark]
) -> list[Act]:
    found = [_submitted(revision) for revision in revisions]
    found += [_decided(decision, [r for r in remarks if r.decision_id == decision.pk]) for decision in decisions]
    found += [Act(recall.at, _("Recalled by the institution"), str(recall.by), "back") for recall in recalls]
    if filing.opened_at is not None and filing.step is not None:
        found.append(Act(filing.opened_at, _("Opened by %(bureau)s") % {"bureau": filing.step.short_name}, "", "here"))
    return sorted(found, key=lambda act: act.at, reverse=True)


def _submitted(revision: Revision) -> Act:
    marks = [word for word, holds in ((_("late"), revision.late), (_("repeat"), revision.repeat)) if holds]
    title = _("Submission no. %(number)d") % {"number": revision.number} + "".join(f" · {mark}" for mark in marks)
    people = _("filled by %(filer)s, signed by %(signer)s") % {"filer": revision.filer, "signer": revision.signer}
    digest = _("digest %(digest)s") % {
        "digest": f"{revision.digest[:4]} {revision.digest[4:8]} … {revision.digest[-4:]}"
    }
    return Act(revision.submitted_at, title, f"{people} · {digest}")


def _decided(decision: Decision, remarks: list[Remark]) -> Act:
    title = f"{decision.bureau.short_name} · {decision.get_verdict_display()}"
    words = [decision.by_label, *filter(None, [decision.note])]
    words += [f"{remark.indicator or remark.table} {remark.get_reason_display()}" for remark in remarks]
    return Act(decision.at, title, " · ".join(words), "back" if decision.verdict == Decision.Verdict.RETURN else "")
