"""The words of reminders and urgings in both languages, with places that the database fills in for each institution."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

#: Places in a text → what stands there. The database replaces them, the institution's name last.
PLACES = ("{round}", "{due}", "{filled}", "{required}", "{bureau}", "{phone}", "{institution}")
_VALUES = {place.strip("{}"): place for place in PLACES}

SUBJECT = gettext_noop("Please file: %(round)s")
REMINDER = gettext_noop(
    "%(institution)s has not filed %(round)s yet: %(filled)s of %(required)s required items are filled. "
    "Filling is due on %(due)s. Questions: %(bureau)s %(phone)s"
)
URGING = gettext_noop(
    "Urging: %(institution)s has not filed %(round)s yet; %(filled)s of %(required)s required items are filled. "
    "Filling is due on %(due)s; file as soon as you can. Questions: %(bureau)s %(phone)s"
)
#: When a filing is due: p phase, f filing.
DUE = "greatest(p.due_at, f.extended_until)"
#: Formats of PostgreSQL's to_char.
DUE_FORMAT = {"zh-hans": 'YYYY"年"FMMM"月"FMDD"日"HH24:MI', "en": "YYYY-MM-DD HH24:MI"}


@dataclass(frozen=True, slots=True)
class Template:
    """One language of a message; `subject` and `body` hold PLACES."""

    language: str
    subject: str
    body: str

    @property
    def suffix(self) -> str:
        return self.language[:2]


def templates(body: str) -> tuple[Template, Template]:
    """`body` is REMINDER or URGING; Chinese first."""
    found = []
    for language in ("zh-hans", "en"):
        with override(language):
            found.append(Template(language, _(SUBJECT) % _VALUES, _(body) % _VALUES))
    return found[0], found[1]


def filled_in(text: str, values: dict[str, str]) -> str:
    """For a preview: what the database writes for one institution."""
    for place in PLACES:
        text = text.replace(place, values[place.strip("{}")])
    return text.rstrip()


def _sql_due(suffix: str) -> str:
    """Midnight is 24:00 of the day that it ends."""
    at, style = f"({DUE} AT TIME ZONE %(zone)s)", f"%(due_{suffix})s"
    ends = f"""to_char({at} - interval '1 day', replace({style}, 'HH24:MI', '"24:00"'))"""
    return f"CASE WHEN {at}::time = '00:00' THEN {ends} ELSE to_char({at}, {style}) END"


def sql_filled_in(parameter: str, language: str) -> str:
    """The same as an SQL expression; `parameter` names the text. Tables: f filing, i institution, r round, p phase, b bureau."""
    suffix = language[:2]
    values = {
        "{round}": f"r.title_{suffix}",
        "{due}": _sql_due(suffix),
        "{filled}": "f.filled::text",
        "{required}": "f.required::text",
        "{bureau}": "b.name_zh" if suffix == "zh" else "coalesce(nullif(b.name_en, ''), b.name_zh)",
        "{phone}": "b.phone",
        "{institution}": "i.name",
    }
    expression = f"%({parameter})s"
    for place in PLACES:
        expression = f"replace({expression}, '{place}', {values[place]})"
    return f"rtrim({expression})"
