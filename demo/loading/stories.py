"""Institutions with a story: one in the middle of filling, one whose filing came back with two remarks, one that is done
and waits for its signer."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.generator.answers import RemarkText
from demo.generator.calendar import DAY, Calendar, day_time
from demo.generator.course import Act, Course
from demo.generator.filing import Tables
from demo.generator.respondent import Respondent

#: Number of the institution whose filer hands over, see `handing_over`.
READY = 5
#: Floor space and patents, left blank here and taken over from last year by the action of the product.
FROM_LAST_YEAR = ("W101", "W102", "W103", "W511", "W512")


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
    if made.index == READY:
        return _accepted(calendar, made.place.bureau) if calendar.closed else _whole(calendar)
    return None


def _accepted(calendar: Calendar, county: str) -> Story:
    """Last year, in time and without a return."""

    def at(days: int, hour: int, minute: int) -> dt.datetime:
        return day_time(calendar.opens + (9 + days) * DAY, hour, minute)

    acts = [
        Act("begin", at(0, 9, 20)), Act("submit", at(2, 15, 12), "", 1),
        Act("opened", at(4, 10, 5), county, 1), Act("forward", at(4, 10, 31), county, 1),
        Act("opened", at(7, 14, 2), "350100", 1), Act("forward", at(7, 14, 40), "350100", 1),
        Act("opened", at(12, 9, 8), "350000", 1), Act("accept", at(12, 9, 26), "350000", 1),
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

    begun = day_time(calendar.until - 2 * DAY, 14, 35)
    return Story(Course("drafting", [Act("begin", begun)]), tables)


def _whole(calendar: Calendar) -> Story:
    """Everything done but what is taken over from last year."""

    def tables(correct: Tables) -> Tables:
        work = {code: value for code, value in correct["JC05"].items() if code not in FROM_LAST_YEAR}
        return correct | {"JC05": work}

    return Story(Course("drafting", [Act("begin", day_time(calendar.until - 4 * DAY, 10, 5))]), tables)


def _returned(calendar: Calendar, county: str) -> Story:
    """Submitted six days ago, returned yesterday by the county."""

    def at(days: int, hour: int, minute: int) -> dt.datetime:
        return day_time(calendar.until - days * DAY, hour, minute)

    acts = [
        Act("begin", at(9, 9, 40)), Act("submit", at(6, 16, 18), "", 1),
        Act("opened", at(1, 10, 46), county, 1), Act("return", at(1, 11, 2), county, 1),
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
