"""Two institutions with a story: one in the middle of filling, one whose filing came back with two remarks."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.generator.answers import RemarkText
from demo.generator.calendar import DAY, Calendar
from demo.generator.course import Act, Course
from demo.generator.filing import Tables
from demo.generator.respondent import Respondent


@dataclass(slots=True)
class Story:
    course: Course
    tables: Callable[[Tables], Tables] | None = None
    unread: dict[str, dict[str, str]] = field(default_factory=dict)
    remarks: list[RemarkText] = field(default_factory=list)
    note: str = ""


def story_of(made: Respondent, calendar: Calendar) -> Story | None:
    if made.index == 0:
        return _accepted(calendar, made.place.bureau) if calendar.closed else _half_filled(calendar)
    if made.index == 1:
        return _accepted(calendar, made.place.bureau) if calendar.closed else _returned(calendar, made.place.bureau)
    return None


def _accepted(calendar: Calendar, county: str) -> Story:
    """Last year, in time and without a return."""
    day = calendar.opens + 9 * DAY
    hour = dt.timedelta(hours=1)
    acts = [
        Act("begin", day + hour), Act("submit", day + 2 * DAY + 6 * hour, "", 1),
        Act("opened", day + 4 * DAY + 2 * hour, county, 1), Act("forward", day + 4 * DAY + 3 * hour, county, 1),
        Act("opened", day + 7 * DAY + 2 * hour, "350100", 1), Act("forward", day + 7 * DAY + 5 * hour, "350100", 1),
        Act("opened", day + 12 * DAY, "350000", 1), Act("accept", day + 12 * DAY + hour, "350000", 1),
    ]  # fmt: skip
    return Story(Course("accepted", acts))


def _half_filled(calendar: Calendar) -> Story:
    """The profile done but for one sum, certificates and sites done, the finance table and the domains begun, the rest blank."""

    def tables(correct: Tables) -> Tables:
        kept = {table: copy.deepcopy(correct[table]) for table in ("JC01", "JC01-1", "JC01-2")}
        kept["JC01"]["A313"] = str(int(kept["JC01"]["A313"]) + 2)
        finance = correct["JC02"]
        kept["JC02"] = {code: finance[code] for code in list(finance)[:26]}
        kept["JC05-1"] = {
            "rows": [{name: row[name] for name in ("id", "D101", "D102")} for row in correct["JC05-1"]["rows"]]
        }
        return kept

    begun = calendar.until - 2 * DAY - dt.timedelta(hours=3)
    return Story(Course("drafting", [Act("begin", begun)]), tables)


def _returned(calendar: Calendar, county: str) -> Story:
    """Submitted six days ago, returned yesterday by the county."""
    until, hour = calendar.until, dt.timedelta(hours=1)
    acts = [
        Act("begin", until - 8 * DAY), Act("submit", until - 6 * DAY - 2 * hour, "", 1),
        Act("opened", until - 1 * DAY - 3 * hour, county, 1), Act("return", until - 1 * DAY - 2 * hour, county, 1),
    ]  # fmt: skip
    remarks = [
        RemarkText(
            "JC05",
            "W211",
            "balance",
            "仪器设备原值比上年减少，而设备台套数增加，两项不相称。请核对设备台账后改正或说明。",
        ),
        RemarkText(
            "JC01", "A331", "register", "检验检测技术人员数与资质认定评审时上报的人数不一致，请按期末在册人员核对。"
        ),
    ]

    def tables(correct: Tables) -> Tables:
        typed = copy.deepcopy(correct)
        work = typed["JC05"]
        # A tenth of the value left out of both parts, so that every sum holds and only the comparison shows it.
        for code in ("W212", "W213"):
            work[code] = str(int(work[code]) * 9 // 10)
        work["W211"] = str(int(work["W212"]) + int(work["W213"]))
        return typed

    note = "仪器设备和技术人员两处请核对，改正后直接重报。"
    return Story(Course("returned", acts), tables, remarks=remarks, note=note)
