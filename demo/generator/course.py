"""What happened to a filing so far: the acts in their order, and where it stands now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from demo.generator.calendar import DAY, Calendar, in_office
from demo.generator.chance import Chance
from demo.generator.respondent import Respondent, Slip

#: This year's filings of a hundred that made no slip. "review-n" waits at the n-th bureau of its route.
PRESENT = {
    "due": 14, "drafting": 19, "review-1": 16, "review-2": 11, "review-3": 9, "returned": 8, "accepted": 17, "excused": 2,
    "again": 1, "again-waits": 1.5, "repeat": 1, "repeat-waits": 1.5,
}  # fmt: skip
#: Filings of the closed round.
PAST = {"accepted": 88.5, "again": 8, "repeat": 2, "excused": 1.5}


@dataclass(frozen=True, slots=True)
class Act:
    """`bureau` is its code, for acts of reviewers; `revision` the number of the submission that stands."""

    verb: str
    at: dt.datetime
    bureau: str = ""
    revision: int = 0


@dataclass(slots=True)
class Course:
    state: str
    acts: list[Act] = field(default_factory=list)
    step: str = ""
    late: bool = False
    repeat: bool = False

    def when(self, verb: str) -> dt.datetime | None:
        """The last time it happened."""
        return next((act.at for act in reversed(self.acts) if act.verb == verb), None)

    @property
    def submissions(self) -> int:
        return sum(1 for act in self.acts if act.verb == "submit")


def course_of(made: Respondent, calendar: Calendar, route: list[str]) -> Course:
    """`route` is the codes of the bureaus that judge, first to last."""
    chance = made.chance("course", calendar.year)
    kind = _past_kind(made, chance) if calendar.closed else _present_kind(made, calendar, chance)
    course = _timed(_script(kind, route), made, calendar, chance)
    if course.state == "in_review":
        passed = [act.bureau for act in course.acts if act.verb == "forward" and act.revision == course.submissions]
        course.step = route[len(passed)]
    return course


def _past_kind(made: Respondent, chance: Chance) -> str:
    return "due" if made.slip == Slip.NEVER else chance.pick(PAST)


def _present_kind(made: Respondent, calendar: Calendar, chance: Chance) -> str:
    """What was filed with a slip waits, came back or has not got through yet; a mismatch cannot be submitted."""
    if made.slip == Slip.NEVER:
        return "due"
    if made.slip == Slip.MISMATCH:
        return "drafting"
    if made.slip in (Slip.UNIT, Slip.COPIED):
        return chance.pick({"drafting": 20, "review-1": 45, "returned": 35})
    if made.slip == Slip.LATE and calendar.until < calendar.due:
        return chance.pick({"due": 60, "drafting": 40})
    return chance.pick(PRESENT)


def _script(kind: str, route: list[str]) -> list[tuple[str, str]]:
    """(verb, bureau) in order."""
    submitted = [("begin", ""), ("submit", "")]
    through = [("forward", bureau) for bureau in route[:-1]] + [("accept", route[-1])]
    if kind == "due":
        return []
    if kind == "drafting":
        return [("begin", "")]
    if kind == "excused":
        return [("excuse", route[-1])]
    if kind == "accepted":
        return submitted + through
    if kind.startswith("review-"):
        at = min(int(kind[-1]), len(route)) - 1
        return submitted + through[:at]
    if kind == "returned":
        return [*submitted, ("return", route[0])]
    waits = kind.endswith("-waits")
    after = [("submit", ""), *(through[:1] if waits else through)]
    if kind.startswith("again"):  # returned by the first tier, sent again
        return [*submitted, ("return", route[0]), *after]
    return [*submitted, *through[:-1], ("return", route[-1]), *after]


def _timed(script: list[tuple[str, str]], made: Respondent, calendar: Calendar, chance: Chance) -> Course:
    """Moments in order. In a round that runs the last act lies some hours to some days back and the others before it."""
    if not script:
        return Course("due")
    late = made.slip == Slip.LATE and calendar.until > calendar.due
    moments = (
        _forwards(script, late, calendar, chance) if calendar.closed else _backwards(script, late, calendar, chance)
    )
    course = Course("due", late=late and any(verb == "submit" for verb, _ in script))
    revision = 0
    states = {
        "begin": "drafting",
        "submit": "in_review",
        "forward": "in_review",
        "accept": "accepted",
        "return": "returned",
        "excuse": "excused",
    }
    for number, ((verb, bureau), at) in enumerate(zip(script, moments, strict=True)):
        revision += verb == "submit"
        if verb in ("forward", "accept", "return"):
            opened = moments[number - 1] + (at - moments[number - 1]) * 0.8
            course.acts.append(Act("opened", opened, bureau, revision))
        if verb == "submit" and revision > 1:
            course.repeat = any(act.verb == "return" and act.bureau == "350000" for act in course.acts)
        course.acts.append(Act(verb, at, bureau, revision))
        course.state = states[verb]
    return course


def _forwards(script: list[tuple[str, str]], late: bool, calendar: Calendar, chance: Chance) -> list[dt.datetime]:
    """For a closed round: from the opening on, everything before the closing."""
    span = (calendar.due - calendar.opens) / DAY
    latest = min(span - 6.0, 34.0)
    begin = calendar.opens + dt.timedelta(days=chance.uniform(0.5, latest))
    moments = [begin]
    for verb, _bureau in script[1:]:
        step = chance.uniform(0.6, 4.5)
        if verb == "submit" and len(moments) == 1:
            moment = (
                calendar.due + dt.timedelta(days=chance.uniform(0.4, 9.0))
                if late
                else begin + dt.timedelta(days=min(step, 5.0))
            )
        else:
            moment = moments[-1] + dt.timedelta(days=step)
        moments.append(moment)
    return _ordered(moments, calendar, chance)


def _backwards(script: list[tuple[str, str]], late: bool, calendar: Calendar, chance: Chance) -> list[dt.datetime]:
    age = chance.uniform(0.05, 1.0) if chance.yes(0.3) else min(chance.around(3.2, 0.7), 11.0)
    if late:
        age = min(age, (calendar.until - calendar.due) / DAY * 0.8)
    moments = [calendar.until - dt.timedelta(days=age)]
    room = (moments[0] - calendar.opens) / DAY - 0.5
    steps = [chance.uniform(0.5, 5.0) for _ in script[1:]]
    scale = min(1.0, room / sum(steps)) if steps else 1.0
    for step in steps:
        moments.append(moments[-1] - dt.timedelta(days=step * scale))
    return _ordered(moments[::-1], calendar, chance)


def _ordered(moments: list[dt.datetime], calendar: Calendar, chance: Chance) -> list[dt.datetime]:
    """In office hours where that keeps the order, the limits and the side of the due time; else as drawn."""
    told: list[dt.datetime] = []
    for at, moment in enumerate(moments):
        office = in_office(moment, chance)
        floor = told[-1] + dt.timedelta(minutes=20) if told else calendar.opens + dt.timedelta(minutes=5)
        ceiling = moments[at + 1] - dt.timedelta(minutes=20) if at + 1 < len(moments) else calendar.until
        same_side = (office > calendar.due) == (moment > calendar.due)
        told.append(office if floor <= office <= ceiling and same_side else max(moment, floor))
    return told
