"""The events and notices that the acts on a filing left behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from demo.generator.calendar import DAY, SHANGHAI, Calendar, in_the_morning
from demo.generator.course import Act
from demo.loading.ground import Ground, Reviewer
from demo.loading.paper import Told
from demo.loading.register import Numbering
from institutions.roles import Role
from portal.inbox.models import Notice
from reports.filings.models import Revision
from reports.rounds.models import Round
from review.urging.wording import REMINDER, filled_in, templates

Row = dict[str, Any]


def _owed(told: Told, at: dt.datetime) -> bool:
    """Whether the filing lay with the institution at that moment."""
    before = [act.verb for act in told.course.acts if act.at <= at and act.verb != "opened"]
    return (before[-1] if before else "due") in ("due", "begin", "return")


_FROM = {
    "begin": ("due", "drafting"), "forward": ("in_review", "in_review"), "accept": ("in_review", "accepted"),
    "return": ("in_review", "returned"), "excuse": ("due", "excused"),
}  # fmt: skip


def _titles(round: Round) -> dict[str, str]:
    return {"zh": round.title_zh, "en": round.title_en}


class Telling:
    """Rows of the trail and the inbox for one round."""

    def __init__(self, ground: Ground, round: Round, people: Numbering) -> None:
        self._ground, self._round, self._people = ground, round, people
        with translation.override(settings.LANGUAGE_CODE):
            self._roles = {role: str(role.label) for role in (Role.FILER, Role.SIGNER)}

    def events_of_round(self, created: int) -> list[Row]:
        statistician = self._ground.offices["350000"].reviewer
        round = self._round
        opened = min(phase.opens_at for phase in round.phases.all())
        frozen = round.roster_frozen_at
        assert frozen is not None
        told: list[tuple[str, dt.datetime, Row]] = [
            ("round.opened", opened, {"period": round.period, "kind": round.kind}),
            ("round.frozen", frozen, {"created": created, "cut_off": round.cut_off.isoformat()}),
        ]
        return [
            self._row(verb, at, statistician.user_id, statistician.label, round, round.title_zh, "", details)
            for verb, at, details in told
        ]

    def events(self, told: Told) -> Iterator[Row]:
        submissions = 0
        for act in told.course.acts:
            user, label = self._actor(told, act)
            details = self._details(told, act, submissions)
            submissions += act.verb == "submit"
            name = f"{told.made.name} · {self._round.title_zh}"
            yield self._row(f"filing.{act.verb}", act.at, user, label, told.filing, name, told.filing.scope, details)

    def _row(
        self, verb: str, at: dt.datetime, user: int | None, label: str, obj: Any, name: str, scope: str, details: Row
    ) -> Row:
        return {
            "at": at, "actor_id": user, "actor_label": label, "verb": verb, "object_type": obj._meta.label_lower,
            "object_id": str(obj.pk), "object_label": name, "scope": scope, "succeeded": True, "reference": "", "address": None,
            "details": details,
        }  # fmt: skip

    def _actor(self, told: Told, act: Act) -> tuple[int, str]:
        made = told.made
        if act.bureau:
            reviewer: Reviewer = self._ground.offices[act.bureau].reviewer
            return reviewer.user_id, reviewer.label
        if act.verb == "begin":
            return self._people.filer(made.index), f"{made.filer.name} · {self._roles[Role.FILER]} · {made.name}"
        return self._people.signer(made.index), f"{made.signer.name} · {self._roles[Role.SIGNER]} · {made.name}"

    def _details(self, told: Told, act: Act, submissions: int) -> Row:
        if act.verb == "opened":
            return {}
        if act.verb == "submit":
            before = "returned" if submissions else "drafting"
            return {
                "from": before,
                "to": "in_review",
                "note": "",
                "revision": act.revision,
                "digest": told.digests[act.revision - 1],
            }
        before, after = _FROM[act.verb]
        details = {"from": before, "to": after, "note": told.notes.get((act.bureau, act.revision), "")}
        return details | ({"revision": act.revision} if act.verb in ("forward", "accept", "return") else {})

    # -- notices -------------------------------------------------------------------------------------------------------

    def notices(self, told: Told, until: dt.datetime) -> Iterator[Row]:
        """To both people of the institution, as the filings' own messages would read."""
        chance = told.made.chance("inbox", self._round.period)
        version = 0
        for act in told.course.acts:
            version += act.verb != "opened"
            message = self._message(told, act, version)
            if message is None:
                continue
            kind, subject, body, values, once_key = message
            words = self._words(told, subject, body, values)
            for user in (self._people.filer(told.made.index), self._people.signer(told.made.index)):
                read = act.at + dt.timedelta(hours=chance.uniform(0.1, 30))
                yield {
                    "recipient_id": user, "institution_id": told.filing.institution_id, "kind": kind, **words,
                    "link": told.filing.get_absolute_url(), "once_key": once_key, "created_at": act.at,
                    "read_at": read if read < until and chance.yes(0.9) else None, "mailed_at": act.at + dt.timedelta(seconds=40),
                }  # fmt: skip

    def reminders(self, told: list[Told], calendar: Calendar) -> tuple[list[Row], list[Row]]:
        """(notices, events): who had not filed on a reminder day was reminded, as the clock would have done it."""
        notices: list[Row] = []
        events: list[Row] = []
        zh, en = templates(REMINDER)
        for days in self._round.reminder_days:
            at = in_the_morning(calendar.due + days * DAY)
            owing = [one for one in told if at <= calendar.until and _owed(one, at)]
            for one in owing:
                values = self._reminder_values(one, calendar)
                words = {f"subject_{each.suffix}": filled_in(each.subject, values[each.suffix]) for each in (zh, en)}
                words |= {f"body_{each.suffix}": filled_in(each.body, values[each.suffix]) for each in (zh, en)}
                chance = one.made.chance("reminder", self._round.period, days)
                for user in (self._people.filer(one.made.index), self._people.signer(one.made.index)):
                    read = at + dt.timedelta(hours=chance.uniform(0.2, 40))
                    notices.append(
                        {
                            "recipient_id": user, "institution_id": one.filing.institution_id, "kind": Notice.Kind.REMINDER, **words,
                            "link": one.filing.get_absolute_url(), "once_key": f"remind-{one.filing.pk}-{days}", "created_at": at,
                            "read_at": read if read < calendar.until and chance.yes(0.8) else None,
                            "mailed_at": at + dt.timedelta(minutes=2),
                        }
                    )  # fmt: skip
            if owing:
                title, details = self._round.title_zh, {"institutions": len(owing)}
                events.append(self._row("round.reminded", at, None, "", self._round, title, "", details))
        return notices, events

    def _reminder_values(self, told: Told, calendar: Calendar) -> dict[str, dict[str, str]]:
        office = self._ground.offices[told.made.place.bureau]
        due = calendar.due.astimezone(SHANGHAI)
        same = {"institution": told.made.name, "phone": office.phone, "filled": "0", "required": "0"}
        if told.course.state == "drafting":
            same |= {"filled": str(told.filing.filled), "required": str(told.filing.required)}
        return {
            "zh": {
                **same,
                "round": self._round.title_zh,
                "bureau": office.name,
                "due": f"{due.year}年{due.month}月{due.day}日{due:%H:%M}",
            },
            "en": {
                **same,
                "round": self._round.title_en,
                "bureau": office.name_en or office.name,
                "due": f"{due:%Y-%m-%d %H:%M}",
            },
        }

    def _message(self, told: Told, act: Act, version: int) -> tuple[str, str, str, dict[str, Any], str] | None:
        filing = told.filing
        if act.verb == "submit":
            receipt = Revision(filing=filing, number=act.revision, digest=told.digests[act.revision - 1]).receipt_number
            first = self._ground.offices[self._ground.routes[told.made.place.bureau][0]]
            return (
                Notice.Kind.SUBMITTED, "Submitted: %(round)s",
                "%(institution)s submitted its filing. Receipt number %(receipt)s. It is now with %(bureau)s.",
                {"receipt": receipt, "bureau": first.name}, f"submitted-{filing.pk}-{act.revision}",
            )  # fmt: skip
        if act.verb == "return":
            key = act.bureau, act.revision
            values = {"bureau": self._ground.offices[act.bureau].name, "count": told.remarks, "note": told.notes[key]}
            return (
                Notice.Kind.RETURNED, "Returned for correction: %(round)s",
                "%(bureau)s returned the filing of %(institution)s with %(count)s remarks: %(note)s", values,
                f"returned-{told.decisions[key]}",
            )  # fmt: skip
        if act.verb == "accept":
            return (
                Notice.Kind.DECISION, "Accepted: %(round)s",
                "The filing of %(institution)s passed the final review. Nothing more to do.", {}, f"accepted-{filing.pk}-{version}",
            )  # fmt: skip
        return None

    def _words(self, told: Told, subject: str, body: str, values: dict[str, Any]) -> dict[str, str]:
        words = {}
        for language, suffix in (("zh-hans", "zh"), ("en", "en")):
            with translation.override(language):
                filled = {**values, "round": _titles(self._round)[suffix], "institution": told.made.name}
                words[f"subject_{suffix}"] = _(subject) % filled
                words[f"body_{suffix}"] = _(body) % filled
        return words
