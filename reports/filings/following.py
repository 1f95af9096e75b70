"""What becomes of filings when their institution is moved, merged or closed in mid-round.

The rule, by which every filing is counted exactly once and reviewed by exactly one department:

- Closed rounds stay as they were counted: with the bureau that reviewed, under the institution that filed.
- A move takes the filings of open rounds along, unless a department other than the old home bureau was chosen for them.
  One in review stays where it waits if that bureau stands on the new route too; else the first bureau of the new route
  that has not passed this revision judges it next. What was decided stays in the history.
- A merger takes what A has not brought to acceptance off the roster; the heir files for both, and is put on the roster
  where it was not. What was accepted of A stays and counts: it was a legal entity of its own in that period.
- Closing takes what was not submitted off the roster. What is in review is judged to its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from institutions.models import Bureau, Institution, Membership, in_reader_language
from institutions.register.following import Act, Past, Step
from portal.trail.actions import record
from reports.filings.models import Decision, DueReason, Filing, OffReason, State
from reports.filings.routes import route_for
from reports.filings.transitions import Words, apply

#: Filings on the page of an institution; four quarters and a year make five for each.
MOST_TOLD = 40


class FilingsFollow:
    def plan(self, act: Act) -> Sequence[Step]:
        """The filings of the round as they stand now; nothing is written."""
        return [self._step(act, filing) for filing in _in_open_rounds(act.institution)]

    def follow(self, act: Act, by: Membership | None) -> Sequence[Step]:
        """The same, done. The filings are locked first, so that a submission or decision comes before or after it."""
        filings = _in_open_rounds(act.institution)
        list(
            Filing.objects.select_for_update()
            .filter(pk__in=[one.pk for one in filings])
            .order_by("pk")
            .values_list("pk")
        )
        steps = []
        for filing in _in_open_rounds(act.institution):
            step = self._step(act, filing)
            _do(act, filing, step, by)
            steps.append(step)
        return steps

    def sentence(self, step: Step) -> str:
        words = {
            "moved": _("%(round)s: goes to %(value)s at once, which reviews it and counts it from now on."),
            "waits_on": _("%(round)s: stays with %(value)s, which has it in review; it counts at the new bureau."),
            "rerouted": _("%(round)s: in review; %(value)s judges it next. What was decided so far stays in its history."),
            "chosen": _("%(round)s: stays with %(value)s, which was chosen to review it."),
            "stays": _("%(round)s: stays as it is (%(value)s) and is counted there."),
            "judged_on": _("%(round)s: was submitted and is judged to its end."),
            "excused": _("%(round)s: is taken off the roster with this reason; what was filled is kept."),
            "heir_files": _("%(round)s: is taken off the roster; %(value)s files for both, once."),
            "heir_added": _("%(round)s: is taken off the roster; %(value)s is put on it and files for both, once."),
        }  # fmt: skip
        text = words.get(step.code, "")
        return text % {"round": _shown(step.subject), "value": _shown(step.value)} if text else ""

    def past(self, institutions: Sequence[int]) -> Sequence[Past]:
        """Annual rounds and quarters alike. One query."""
        filings = Filing.objects.filter(institution__in=institutions).select_related("round", "reviewing_bureau")
        return [
            Past(
                public_id=one.public_id, round=f"{one.round.title_zh}|{one.round.title_en}", institution_id=one.institution_id,
                state=one.state, step_tier=one.step_tier,
                bureau=f"{one.reviewing_bureau.name_zh}|{one.reviewing_bureau.name_en}", scope=one.scope,
            )
            for one in filings.order_by("-round__period", "round__kind", "id")[:MOST_TOLD]
        ]  # fmt: skip

    def _step(self, act: Act, filing: Filing) -> Step:
        if filing.state in (State.ACCEPTED, State.EXCUSED) and act.kind != "move":
            return _step(filing, "stays", _state(filing))
        if act.kind == "move":
            return _step_of_move(act, filing)
        if act.kind == "merge":
            assert act.other is not None
            has = Filing.objects.filter(round=filing.round_id, institution=act.other)
            return _step(filing, "heir_files" if has.exists() else "heir_added", act.other.name)
        if filing.state == State.IN_REVIEW:
            return _step(filing, "judged_on")
        return _step(filing, "excused")


def _in_open_rounds(institution: Institution) -> list[Filing]:
    filings = Filing.objects.filter(institution=institution, round__closed_at=None)
    return list(filings.select_related("round", "institution", "reviewing_bureau", "step").order_by("pk"))


def _step(filing: Filing, code: str, value: Bureau | str = "") -> Step:
    """Names in both languages, "zh|en": a step is kept in the history and read by anybody."""
    told = f"{value.name_zh}|{value.name_en}" if isinstance(value, Bureau) else value
    return Step(f"{filing.round.title_zh}|{filing.round.title_en}", code, told)


def _shown(pair: str) -> str:
    zh, _bar, en = pair.partition("|")
    return in_reader_language(zh, en)


def _state(filing: Filing) -> str:
    found = []
    for language in ("zh-hans", "en"):
        with override(language):
            found.append(str(filing.get_state_display()))
    return "|".join(found)


def _step_of_move(act: Act, filing: Filing) -> Step:
    assert act.bureau is not None
    if filing.reviewing_bureau_id != act.institution.home_bureau_id:
        return _step(filing, "chosen", filing.reviewing_bureau)
    if filing.state != State.IN_REVIEW:
        return _step(filing, "moved", act.bureau)
    if filing.step_id in {bureau.pk for bureau in route_for(act.bureau)}:
        assert filing.step is not None, "filing_waits_only_in_review"
        return _step(filing, "waits_on", filing.step)
    return _step(filing, "rerouted", _first_to_judge(filing, act.bureau))


def _first_to_judge(filing: Filing, bureau: Bureau) -> Bureau:
    """Of the route from there, the first that has not passed this revision: nobody passes the same one twice."""
    passed = set(
        Decision.objects.filter(revision=filing.revision_id, verdict=Decision.Verdict.PASS).values_list(
            "bureau", flat=True
        )
    )
    route = route_for(bureau)
    return next((one for one in route if one.pk not in passed), route[-1])


def _do(act: Act, filing: Filing, step: Step, by: Membership | None) -> None:
    if step.code in ("stays", "chosen", "judged_on"):
        return
    if step.code in ("moved", "waits_on", "rerouted"):
        assert act.bureau is not None
        _send_to(filing, act.bureau, step, by)
        return
    if step.code == "heir_added":
        assert act.other is not None
        add_line(filing.round_id, act.other, act.reason, by)
    assert by is not None, "acts that release filings are people's"
    apply(
        "release", filing=filing, by=by, version=filing.version, words=Words(note=act.reason),
        step=None, step_tier="", step_since=None, off_reason=OffReason.REGISTER,
    )  # fmt: skip


def _send_to(filing: Filing, bureau: Bureau, step: Step, by: Membership | None) -> None:
    before = filing.reviewing_bureau
    if step.code == "moved":
        Filing.objects.filter(pk=filing.pk).update(reviewing_bureau=bureau, scope=bureau.path)
        filing.reviewing_bureau, filing.scope = bureau, bureau.path or ""
        record(
            "filing.moved",
            by=by,
            obj=filing,
            scope=filing.scope,
            details={"from": before.name_zh, "to": bureau.name_zh},
        )
        return
    assert by is not None, "acts that reroute filings are people's"
    changes: dict[str, Any] = {
        "reviewing_bureau": bureau,
        "scope": bureau.path,
        "route": [one.pk for one in route_for(bureau)],
    }
    if step.code == "rerouted":
        first = _first_to_judge(filing, bureau)
        changes |= {"step": first, "step_tier": first.tier, "opened_at": None}
    apply(
        "reroute", filing=filing, by=by, version=filing.version, words=Words(details={"bureau": bureau.name_zh}), **changes
    )  # fmt: skip


def add_line(round_id: int, institution: Institution, reason: str, by: Membership | None) -> Filing | None:
    """A line of the frozen roster for one institution; None where it has one. The caller asked the rule."""
    round_previous = Filing.objects.filter(institution=institution, round__in=_previous_of(round_id)).first()
    bureau = institution.home_bureau
    filing, created = Filing.objects.get_or_create(
        round_id=round_id,
        institution=institution,
        defaults={
            "reviewing_bureau": bureau, "scope": bureau.path or "", "previous": round_previous, "due_reason": DueReason.ADDED,
        },
    )  # fmt: skip
    if not created:
        return None
    record("filing.added", by=by, obj=filing, scope=filing.scope, details={"note": reason})
    return filing


def _previous_of(round_id: int) -> list[int]:
    from reports.rounds.models import Round

    return [pk for pk in Round.objects.filter(pk=round_id).values_list("previous", flat=True) if pk is not None]
