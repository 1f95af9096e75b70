"""The legal moves of a filing, and the one way through them.

Buttons, documentation and tests read `TRANSITIONS`. Nothing else writes `state`, `step` or `version`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from institutions.models import Membership
from portal.clock import database_now
from portal.rules import Verdict
from portal.trail.actions import record
from reports.filings import register_rules, rules
from reports.filings.errors import Incomplete, StaleFiling, must
from reports.filings.models import Decision, Filing, State
from reports.filings.signing.clearing import end_handover
from reports.filings.signing.models import Handover

Rule = Callable[[Membership, Filing, dt.datetime], Verdict]


@dataclass(frozen=True, slots=True)
class Transition:
    """`target` is the state reached; "pass" reaches it only from the last tier of the route, see `actions`."""

    verb: str
    label: Promise
    sources: frozenset[State]
    target: State
    rule: Rule
    needs_note: bool = False
    needs_remarks: bool = False


TRANSITIONS: dict[str, Transition] = {
    move.verb: move
    for move in (
        Transition("begin", pgettext_lazy("verb", "Begin"), frozenset({State.DUE}), State.DRAFTING, rules.can_begin),
        Transition(
            "submit",
            pgettext_lazy("verb", "Submit"),
            frozenset({State.DUE, State.DRAFTING, State.RETURNED}),
            State.IN_REVIEW,
            rules.can_submit,
        ),
        Transition(
            "recall", pgettext_lazy("verb", "Recall"), frozenset({State.IN_REVIEW}), State.DRAFTING, rules.can_recall
        ),
        Transition(
            "forward", pgettext_lazy("verb", "Pass on"), frozenset({State.IN_REVIEW}), State.IN_REVIEW, rules.can_review
        ),
        Transition(
            "accept", pgettext_lazy("verb", "Accept"), frozenset({State.IN_REVIEW}), State.ACCEPTED, rules.can_review
        ),
        Transition(
            "return",
            pgettext_lazy("verb", "Return"),
            frozenset({State.IN_REVIEW}),
            State.RETURNED,
            rules.can_review,
            needs_note=True,
            needs_remarks=True,
        ),
        Transition(
            "reopen",
            pgettext_lazy("verb", "Reopen"),
            frozenset({State.ACCEPTED}),
            State.RETURNED,
            rules.can_reopen,
            needs_note=True,
            needs_remarks=True,
        ),
        Transition(
            "excuse",
            pgettext_lazy("verb", "Excuse"),
            frozenset({State.DUE, State.DRAFTING}),
            State.EXCUSED,
            rules.can_excuse,
            needs_note=True,
        ),
        # What befalls an institution in mid-round: see `following`.
        Transition(
            "release",
            pgettext_lazy("verb", "Release"),
            frozenset({State.DUE, State.DRAFTING, State.RETURNED, State.IN_REVIEW}),
            State.EXCUSED,
            register_rules.can_follow,
            needs_note=True,
        ),
        Transition(
            "reroute",
            pgettext_lazy("verb", "Reroute"),
            frozenset({State.IN_REVIEW}),
            State.IN_REVIEW,
            register_rules.can_follow,
        ),
        Transition(
            "restore",
            pgettext_lazy("verb", "Put back on the roster"),
            frozenset({State.EXCUSED}),
            State.DUE,
            register_rules.can_restore,
            needs_note=True,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a person adds to a move: a note, and how many remarks go with it."""

    note: str = ""
    remarks: int = 0
    details: dict[str, Any] = field(default_factory=dict)


def apply(
    verb: str,
    *,
    filing: Filing,
    by: Membership,
    version: int,
    words: Words | None = None,
    now: dt.datetime | None = None,
    **changes: Any,
) -> Filing:
    """Move the filing, or refuse and change nothing.

    Order: rule, words, conditional UPDATE on state and version, event. `version` is the one the person saw. Raises
    NotAllowed with the rule's reason (OutOfTurn when another bureau comes first), Incomplete without the words the move
    needs, StaleFiling when somebody was quicker (it says who and when). Runs in the caller's transaction and opens one
    where there is none.
    """
    move, words = TRANSITIONS[verb], words or Words()
    with transaction.atomic():
        now = now or database_now()
        if filing.version != version:
            raise StaleFiling(quicker(filing))
        must(move.rule(by, filing, now))
        _check_words(move, words)
        moved = Filing.objects.filter(pk=filing.pk, state__in=move.sources, version=version).update(
            state=move.target, version=F("version") + 1, touched_at=now, **changes
        )
        if not moved:
            raise StaleFiling(quicker(filing))
        before = filing.state
        _carry_over(filing, move, version, now, changes)
        how = Handover.End.SIGNED if verb == "submit" else Handover.End.CLOSED
        end_handover(filing, how=how, by=by.user, now=now)
        record(
            f"filing.{verb}",
            by=by,
            obj=filing,
            scope=filing.scope,
            details={"from": before, "to": str(move.target), **_kept_note(move, words), **words.details},
        )
    return filing


def _kept_note(move: Transition, words: Words) -> dict[str, str]:
    """Why somebody is on or off the roster stands nowhere else. Notes of decisions may name figures, which the trail does
    not tell."""
    return {"note": words.note} if State.EXCUSED in {move.target, *move.sources} else {}


def _check_words(move: Transition, words: Words) -> None:
    if move.needs_note and not words.note.strip():
        raise Incomplete(_("Say in a note why you do this; the institution reads it."))
    if move.needs_remarks and not words.remarks:
        raise Incomplete(
            _("A return needs at least one remark on a cell or a table, so that it is clear what to mend.")
        )


def _carry_over(filing: Filing, move: Transition, version: int, now: dt.datetime, changes: dict[str, Any]) -> None:
    """Bring the object in memory to what the row now holds."""
    filing.state, filing.version, filing.touched_at = move.target, version + 1, now
    for name, value in changes.items():
        setattr(filing, name, value)


def quicker(filing: Filing) -> str:
    """The sentence for whoever came second: by whom and when it was dealt with."""
    fresh = Filing.objects.select_related("step", "reviewing_bureau").get(pk=filing.pk)
    last = Decision.objects.filter(filing=filing).select_related("bureau").order_by("-id").first()
    if last is not None and (fresh.state != State.IN_REVIEW or last.revision_id == fresh.revision_id):
        return _("Already dealt with by %(who)s on %(date)s: %(verdict)s. Nothing of yours was saved twice.") % {
            "who": last.by_label,
            "date": rules.day_and_time(last.at),
            "verdict": last.get_verdict_display(),
        }
    return _("The filing changed while this page was open (now: %(state)s, %(date)s). Reload and look again.") % {
        "state": fresh.get_state_display(),
        "date": rules.day_and_time(fresh.touched_at) if fresh.touched_at else "—",
    }


def allowed_moves(filing: Filing, by: Membership, now: dt.datetime) -> dict[str, Verdict]:
    """Every verb that starts from the filing's state, with the rule's answer: what the page's buttons show."""
    return {verb: move.rule(by, filing, now) for verb, move in TRANSITIONS.items() if filing.state in move.sources}
