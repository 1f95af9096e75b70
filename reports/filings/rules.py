"""Who may do what to a filing, and why not. Pure: no request, no writes, no query beyond what is loaded.

`now` is the database's time (`portal.clock.database_now`). Filings come from `Filing.objects.for_page()`.
"""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from institutions.models import Institution, Membership, Tier
from institutions.roles import Permission
from portal.rules import Allowed, Denied, NotYet, Verdict
from portal.ui.moments import due_time
from reports.filings.models import Filing, State
from reports.rounds.models import Phase, Round


def day_and_time(moment: dt.datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


def round_runs(round: Round, now: dt.datetime) -> Verdict:
    """Once a round is closed, or its lock has fallen, nothing in it changes any more."""
    since = round.over_since(now)
    return Allowed() if since is None else Denied(_("The round closed on %(date)s.") % {"date": day_and_time(since)})


def due_of(round: Round, extended_until: dt.datetime | None = None) -> dt.datetime | None:
    """When a first submission is due: the due time of the round, or the later one that an extension (延期) grants."""
    fill = round.phase(Phase.Name.FILL)
    if fill is None:
        return None
    return fill.due_at if extended_until is None else max(fill.due_at, extended_until)


def filling_is_open(round: Round, now: dt.datetime, extended_until: dt.datetime | None = None) -> Verdict:
    """Whether a first submission may arrive now; after the due time only while supplementary filing (补报) is open."""
    runs = round_runs(round, now)
    if not runs:
        return runs
    fill, supplement = round.phase(Phase.Name.FILL), round.phase(Phase.Name.SUPPLEMENT)
    if fill is None:
        return Denied(_("The round has no filling phase yet. Ask the provincial bureau."))
    if now < fill.opens_at:
        return Denied(_("Filling opens on %(date)s.") % {"date": day_and_time(fill.opens_at)})
    due = due_of(round, extended_until) or fill.due_at
    if now <= due:
        return Allowed()
    if supplement is not None and supplement.opens_at <= now <= supplement.due_at:
        return Allowed()
    return Denied(
        _("Filling closed on %(date)s. Your draft is kept. Ask %(whom)s for a supplementary filing (补报).")
        % {"date": due_time(due), "whom": _("the county bureau that reviews you")}
    )


def is_late(round: Round, now: dt.datetime, extended_until: dt.datetime | None = None) -> bool:
    due = due_of(round, extended_until)
    return due is not None and now > due


def _own(membership: Membership, filing: Filing, permission: Permission) -> Verdict:
    if membership.institution_id != filing.institution_id:
        return Denied(_("Only the institution itself may do this."))
    if filing.institution.status != Institution.Status.ACTIVE:
        # Closed while the page was open: what it submitted is judged to its end, and nobody takes it back.
        return Denied(
            _("The institution is closed; nobody acts for it any more. Ask %(bureau)s.")
            % {"bureau": filing.reviewing_bureau}
        )
    if not membership.may(permission):
        return Denied(
            _("Your role (%(role)s) may not do this; the signer of your institution can.")
            % {"role": membership.get_role_display()}
        )
    return Allowed()


_NOT_EDITABLE = {
    State.IN_REVIEW: _(
        "The filing has been submitted and is in review. Recall it before anyone opens it, or ask %(bureau)s to return it."
    ),
    State.ACCEPTED: _("The filing has been accepted. Ask %(bureau)s to return it if a figure is wrong."),
    State.EXCUSED: _("This institution is excused from the round; there is nothing to fill."),
}


def _not_editable(filing: Filing) -> Denied:
    if filing.is_national:
        return Denied(_("The State Administration reviews this institution; there is nothing to fill here."))
    return Denied(_NOT_EDITABLE[State(filing.state)] % {"bureau": filing.step or filing.reviewing_bureau})


def can_fill(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """Change cells and explanations."""
    own = _own(membership, filing, Permission.FILL)
    if not own:
        return own
    if filing.state in _NOT_EDITABLE:
        return _not_editable(filing)
    fill = filing.round.phase(Phase.Name.FILL)
    if fill is not None and now < fill.opens_at:
        return Denied(_("Filling opens on %(date)s.") % {"date": day_and_time(fill.opens_at)})
    return round_runs(filing.round, now)


def can_submit(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    own = _own(membership, filing, Permission.SIGN)
    if not own:
        return own
    if filing.state in _NOT_EDITABLE:
        return _not_editable(filing)
    if filing.revision_id is not None:
        # Corrections after a return, or after the institution's own recall, are welcome until the round closes.
        return round_runs(filing.round, now)
    return filling_is_open(filing.round, now, filing.extended_until)


def can_recall(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    own = _own(membership, filing, Permission.FILL)
    if not own:
        return own
    if filing.state != State.IN_REVIEW:
        return Denied(_("Only a filing in review can be recalled."))
    if filing.opened_at is not None:
        return Denied(
            _("%(bureau)s opened the filing on %(date)s. Ask them to return it.")
            % {"bureau": filing.step, "date": day_and_time(filing.opened_at)}
        )
    # Where a round resumes at the bureau that returned, a later step may be the first; `actions.recall` asks the decisions.
    if filing.route[:1] != [filing.step_id] and not filing.round.resumes_at_returner:
        return passed_on(filing)
    return round_runs(filing.round, now)


def passed_on(filing: Filing) -> Verdict:
    """Why what one bureau has judged is not recalled, although the next one has not opened it."""
    return Denied(
        _("A bureau has passed the filing on already; it is now with %(bureau)s. Ask them to return it.")
        % {"bureau": filing.step}
    )


def holds_place_at(membership: Membership, institution_id: int) -> bool:
    """Whether the person behind the membership also works for the institution, in any role."""
    return any(
        other.institution_id == institution_id and other.ended_at is None and other.grant_id is None
        for other in membership.user.memberships.all()
    )


def can_review(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """Pass or return the revision in review."""
    bureau = membership.bureau
    if bureau is None or not membership.may(Permission.REVIEW):
        return Denied(_("Your role (%(role)s) does not review filings.") % {"role": membership.get_role_display()})
    if filing.state != State.IN_REVIEW:
        return Denied(
            _("There is nothing to judge: the filing is “%(state)s”.") % {"state": filing.get_state_display()}
        )
    if holds_place_at(membership, filing.institution_id):
        return Denied(_("You also work for this institution. Another reviewer of your bureau must judge it."))
    if filing.step_id != bureau.pk:
        return NotYet(_("It is still waiting for the review of %(bureau)s.") % {"bureau": filing.step})
    return round_runs(filing.round, now)


def can_remark(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    return can_review(membership, filing, now)


def can_reopen(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    """The province returns a filing that was already accepted (退回问题数据)."""
    bureau = membership.bureau
    if bureau is None or bureau.tier != Tier.PROVINCE or not membership.may(Permission.REVIEW):
        return Denied(_("Only the provincial bureau can return an accepted filing."))
    if filing.state != State.ACCEPTED:
        return Denied(_("Only an accepted filing can be reopened."))
    if holds_place_at(membership, filing.institution_id):
        return Denied(_("You also work for this institution. Another reviewer of your bureau must judge it."))
    return round_runs(filing.round, now)


def can_excuse(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    if not membership.may(Permission.MANAGE_ROUNDS):
        return Denied(_("Only the provincial bureau can excuse an institution."))
    if filing.state not in (State.DUE, State.DRAFTING):
        return Denied(_("Only an institution that has not submitted can be excused."))
    return round_runs(filing.round, now)


def can_begin(membership: Membership, filing: Filing, now: dt.datetime) -> Verdict:
    return can_fill(membership, filing, now)
