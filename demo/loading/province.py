"""The whole invented province into an empty register, in one transaction: the demonstration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from demo.accounts import appoint_administrators
from demo.generator.calendar import Calendar, last_year, this_year
from demo.generator.respondent import Respondent, respondent
from demo.loading.announcing import announce
from demo.loading.annual import write_reports
from demo.loading.copying import copy_rows, settle_sequences
from demo.loading.enrolment import people_come_and_go
from demo.loading.ground import SINCE, Ground, lay_ground, open_rounds
from demo.loading.handing_over import hand_to_signer
from demo.loading.helping import name_contacts
from demo.loading.kin import tie_together
from demo.loading.lending import lend
from demo.loading.next_scheme import draft_next_year
from demo.loading.numbers import act_in_open_quarter, load_numbers
from demo.loading.paper import Last, Paper, PaperNumbering, Told
from demo.loading.register import Numbering, Register
from demo.loading.requests import institutions_ask
from demo.loading.telling import Telling
from institutions.models import Certificate, Institution, Membership, Site, User
from portal.inbox.models import Notice
from portal.trail.models import Event
from reports.filings.models import Decision, Filing, Remark, Revision
from reports.rounds.models import Round
from review.tally.tasks import fold

GIVEN_IDS = (Institution, Certificate, Site, User, Membership, Filing, Revision, Decision, Remark)


def with_unlike_names(respondents: Iterable[Respondent]) -> list[Respondent]:
    """The same, with a number put to the name of whoever comes second."""
    seen: dict[str, int] = {}
    found = []
    for made in respondents:
        times = seen[made.name] = seen.get(made.name, 0) + 1
        if times > 1:
            made.name = f"{made.name}（第{'〇一二三四五六七八九十'[times] if times <= 10 else times}分中心）"
        found.append(made)
    return found


@transaction.atomic
def load_province(*, seed: int, institutions: int, now: dt.datetime) -> None:
    """Everything, as though people had worked with the portal for a year. The caller sees that the register is empty."""
    ground = lay_ground(seed=seed, now=now)
    appoint_administrators()
    people = Numbering.after_present()
    respondents = with_unlike_names(respondent(seed, index) for index in range(institutions))
    Register(ground, people, now - SINCE).enrol(respondents)
    calendars = [last_year(now), this_year(now)]
    rounds = open_rounds(ground, calendars)
    events: list[dict] = []
    notices: list[dict] = []
    lasts: dict[int, Last] = {}
    numbers = PaperNumbering.rounds(institutions, len(rounds))
    for round, calendar, ids in zip(rounds, calendars, numbers, strict=True):
        told, lasts = _file(ground, round, calendar, ids, people, respondents, lasts)
        telling = Telling(ground, round, people)
        events += telling.events_of_round(len(told))
        for each in told:
            events += telling.events(each)
            notices += telling.notices(each, now)
        reminders, reminded = telling.reminders(told, calendar)
        notices += reminders
        events += reminded
    settle_sequences(*GIVEN_IDS)
    told_events, told_notices = load_numbers(ground, people, respondents, now)
    events += told_events
    notices += told_notices
    # The trail is sealed in the order in which its rows come.
    copy_rows(Event, sorted(events, key=lambda row: row["at"]))
    copy_rows(Notice, (_whole_notice(row) for row in sorted(notices, key=lambda row: row["created_at"])))
    act_in_open_quarter(people)
    write_reports(rounds[-1], people, now)
    tie_together(people)
    draft_next_year(ground.scheme)
    institutions_ask()
    lend()
    hand_to_signer(rounds[-1], people, seed=seed)
    people_come_and_go(people, seed=seed, now=now)
    announce(rounds[-1], now=now)
    name_contacts(seed=seed)
    fold()


def _file(
    ground: Ground, round: Round, calendar: Calendar, ids: PaperNumbering, people: Numbering, respondents: list[Respondent],
    lasts: dict[int, Last],
) -> tuple[list[Told], dict[int, Last]]:  # fmt: skip
    paper = Paper(ground, round, calendar, ids, people)
    told, accepted = [], {}
    for made in respondents:
        if made.due_in(calendar.year):
            one, last = paper.write(made, lasts.get(made.index))
            told.append(one)
            if last is not None:
                accepted[made.index] = last
    paper.send()
    return told, accepted


def _whole_notice(row: dict) -> dict:
    return {**row, "mail_claimed_at": None, "mail_handed_at": row["mailed_at"], "mail_attempts": 1, "mail_error": ""}
