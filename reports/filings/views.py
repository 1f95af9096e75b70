"""The institution's list of filings and the overview of one."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from institutions.access import acting, acting_as
from institutions.models import Membership
from institutions.roles import Permission
from portal.clock import database_now
from reports.filings.contents import Section
from reports.filings.home import lines_of_filings, own_filings
from reports.filings.kin import kin_of
from reports.filings.models import Filing, State
from reports.filings.pages import Look, find_filing, look_at, work_address
from reports.filings.rules import day_and_time
from reports.filings.signing.people import signers_of
from reports.filings.signing.showing import signing_of
from reports.filings.timeline import steps_of
from reports.filings.todo import Next, counts, remarks_wait
from reports.filings.transitions import allowed_moves
from reports.rounds.models import Kind

own = acting(Permission.READ_OWN_FILINGS)


@require_GET
@own
def filing_list(request: HttpRequest) -> HttpResponse:
    membership = acting_as(request)
    lines = lines_of_filings(own_filings(membership), database_now())
    return render(request, "filings/filing_list.html", {"lines": lines, "membership": membership})


@require_GET
@own
def filing_detail(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The overview. Filings of other kinds of round live in their own rooms."""
    filing = find_filing(request, public_id)
    if filing.round.kind != Kind.ANNUAL_STATISTICS:
        return redirect(work_address(filing))
    membership, look = acting_as(request), look_at(request, filing)
    decisions = list(filing.decisions.select_related("bureau", "by"))
    revisions = list(filing.revisions.select_related("signer").order_by("-number"))
    for revision in revisions:
        revision.filing = filing
    returned = [one for one in decisions if one.verdict == "return" and one.revision_id == filing.revision_id]
    context = {
        "filing": filing,
        "look": look,
        "contents": look.contents,
        "panel": look.panel,
        "at": "",
        "may_fill": bool(look.may_fill),
        "steps": steps_of(filing, decisions),
        "returned": returned[-1] if returned and filing.state == State.RETURNED else None,
        "revisions": revisions,
        "moves": allowed_moves(filing, membership, look.now),
        "signing": signing_of(filing, look.examination),
        "next": next_of(look, membership),
        "kin": kin_of(filing),
    }
    return render(request, "filings/filing_detail.html", context)


def next_of(look: Look, membership: Membership) -> Next:
    filing, examination = look.filing, look.examination
    if filing.state == State.IN_REVIEW:
        return Next(_("It is being reviewed by %(bureau)s. Nothing to do for you now.") % {"bureau": filing.step})
    if not look.may_fill:
        return Next(str(look.may_fill.reason))
    if examination.open_remarks:
        words = remarks_wait(len(examination.open_remarks))
        return Next(words, _address("finding-list", filing), _("Deal with the remarks"))
    section = look.contents.first_open
    if section is not None:
        return _in_section(section, look)
    if examination.wrong or examination.unexplained or examination.blanks:
        return Next(_("Some findings are still open."), _address("finding-list", filing), _("Look at the findings"))
    preview = _address("filing-preview", filing)
    if filing.ready_since is not None and not membership.may(Permission.SIGN):
        words = _("It waits for the signature of %(names)s since %(date)s. Changing a cell takes it back.")
        return Next(
            words % {"names": _signers(filing), "date": day_and_time(filing.ready_since)}, preview, _("Preview")
        )
    if membership.may(Permission.SIGN):
        return Next(
            _("Everything is filled and clear. Look through it once more and sign."), preview, _("Preview and submit")
        )
    return Next(
        _("Everything is filled and clear. Look through it and mark it as ready for the signer (%(names)s).")
        % {"names": _signers(filing) or _("none is registered yet; call the county bureau")},
        preview,
        _("Preview and hand over"),
    )


def _in_section(section: Section, look: Look) -> Next:
    """What is open in the table: blanks first, they may mend the rest."""
    blank = section.required - section.filled
    values = {"code": section.code, "name": section.name}
    label = _("Begin filling") if look.filing.state == State.DUE else _("Go on filling")
    if blank > 0:
        words = ngettext(
            "Go on with %(code)s %(name)s: %(count)d required cell is blank.",
            "Go on with %(code)s %(name)s: %(count)d required cells are blank.",
            blank,
        )
        return Next(words % {**values, "count": blank}, section.url, label, _left(look))
    if section.hard or section.verify:
        words = _("%(code)s %(name)s is filled; of its findings: %(counts)s.")
        told = words % {**values, "counts": counts(hard=section.hard, verify=section.verify)}
        return Next(told, section.url, _("Look at the findings"), _left(look))
    return Next(_("Go on with %(code)s %(name)s.") % values, section.url, label, _left(look))


def _left(look: Look) -> str:
    examination = look.examination
    open_now = counts(blank=len(examination.blanks), hard=len(examination.wrong), verify=len(examination.unexplained))
    return _("Before sending, in all: %(counts)s.") % {"counts": open_now} if open_now else ""


def _signers(filing: Filing) -> str:
    return "、".join(str(person) for person in signers_of(filing)[:3])


def _address(name: str, filing: Filing) -> str:
    return reverse(f"filings:{name}", args=[filing.public_id])
