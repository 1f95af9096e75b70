"""An import ready for its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from institutions.models import Certificate, Institution, Membership, in_reader_language
from institutions.register import causes, following
from institutions.register.columns import NEEDED
from institutions.register.comparing import gone_ids
from institutions.register.forms_acts import FORMS
from institutions.register.models import InstitutionChange, RegisterImport, RegisterLine
from institutions.roles import Permission
from portal.rules import Verdict
from portal.ui.paging import page_of

#: Lists of lines: code → words, in the order of the tabs. "look" are lines with a note.
LISTS: dict[str, str | Promise] = {
    "conflict": pgettext_lazy("lines", "Conflicts"),
    "unreadable": pgettext_lazy("lines", "Unreadable"),
    "look": pgettext_lazy("lines", "To look at"),
    "new": pgettext_lazy("lines", "New"),
    "changed": pgettext_lazy("lines", "Changed"),
    "gone": pgettext_lazy("lines", "Not in the file"),
    "unchanged": pgettext_lazy("lines", "Unchanged"),
}


#: Code of a fault or note → act on the institution that mends it.
MENDED_BY = {"other_bureau": "move", "closed": "reopen"}


@dataclass(frozen=True, slots=True)
class Column:
    index: int
    heading: str
    values: list[str]
    field: str


@dataclass(frozen=True, slots=True)
class Row:
    line: RegisterLine
    words: str
    changes: list[str]
    institution: Institution | None
    act: tuple[str, str | Promise] | None = None


def columns_of(imported: RegisterImport, chosen: Mapping[str, int] | None = None) -> list[Column]:
    """Every column with a heading or a value, and the field it is matched with."""
    reading = imported.reading
    matched = {index: field for field, index in (imported.columns if chosen is None else chosen).items()}
    found = []
    for index, heading in enumerate(reading.get("headings", [])):
        values = [row[index] for row in reading.get("preview", []) if index < len(row)]
        if heading or any(values):
            found.append(Column(index, heading, values, matched.get(index, "")))
    return found


def fields() -> list[tuple[str, str | Promise, bool]]:
    """(code, words, whether needed)."""
    return [(code, words, code in NEEDED) for code, words in causes.FIELDS.items()]


def tabs(imported: RegisterImport) -> list[tuple[str, str | Promise, int]]:
    counts = imported.counts
    numbers = {name: counts.get(name, 0) for name in LISTS} | {
        "look": counts.get("similar", 0) + counts.get("other_bureau", 0)
    }
    return [(code, words, numbers[code]) for code, words in LISTS.items()]


def chosen_tab(asked: str, found: list[tuple[str, str | Promise, int]]) -> str:
    """The one asked for, else the first that has something in it."""
    if asked in LISTS:
        return asked
    return next((code for code, _words, count in found if count), "new")


def lines_of(imported: RegisterImport, tab: str) -> QuerySet[RegisterLine]:
    lines = imported.lines.order_by("row")
    return lines.exclude(note="") if tab == "look" else lines.filter(outcome=tab)


def rows_of(page: Page[RegisterLine], imported: RegisterImport) -> list[Row]:
    """Two queries: the lines of the page, and their institutions."""
    lines = list(page.object_list)
    institutions = Institution.objects.in_bulk([one.institution_id for one in lines if one.institution_id])
    return [
        Row(
            line=one,
            words=causes.sentence(one.fault or one.note) if one.fault or one.note else "",
            changes=[] if one.fault else causes.changed(one.changes),
            institution=institutions.get(one.institution_id or 0),
            act=_act(one, imported),
        )
        for one in lines
    ]


def _act(line: RegisterLine, imported: RegisterImport) -> tuple[str, str | Promise] | None:
    """The act that settles it, where there is one and the file still waits."""
    code = MENDED_BY.get((line.fault or line.note).split("|")[0])
    if code is None or line.institution_id is None or imported.state != RegisterImport.State.COMPARED:
        return None
    return code, FORMS[code].title


def gone(request: HttpRequest, imported: RegisterImport) -> Page[Certificate]:
    ids = gone_ids(imported)
    page = page_of(request, ids)
    found = Certificate.objects.select_related("institution").in_bulk(list(page.object_list))
    page.object_list = [found[pk] for pk in page.object_list if pk in found]
    return page


# -- on the page of an institution ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """One row of the history, with what it meant for filings."""

    change: InstitutionChange
    filings: list[str]


def history(institution: Institution) -> list[Told]:
    """The latest first: one query."""
    return [
        Told(change, [following.sentence(following.Step(*step)) for step in change.filings])
        for change in InstitutionChange.objects.told_of(institution)
    ]


@dataclass(frozen=True, slots=True)
class Filed:
    """A filing of the institution or of one that went up in it; `opens` when the reader's scope holds it."""

    past: following.Past
    round: str
    bureau: str
    of: str
    opens: bool


def filed(membership: Membership, institution: Institution, merged: Iterable[Institution]) -> list[Filed]:
    """One query."""
    names = {one.pk: one.name for one in merged}
    bureau = membership.bureau
    return [
        Filed(
            past=one,
            round=_shown(one.round),
            bureau=_shown(one.bureau),
            of=names.get(one.institution_id, ""),
            opens=bureau is not None and bureau.contains(one.scope) and membership.may(Permission.READ_FILINGS),
        )
        for one in following.past([institution.pk, *names])
    ]


def _shown(pair: str) -> str:
    zh, _bar, en = pair.partition("|")
    return in_reader_language(zh, en)


def acts(membership: Membership, institution: Institution) -> list[tuple[str, str | Promise, Verdict]]:
    """(code, words, verdict) for the bureaus that keep the register; nothing for others."""
    if not membership.may(Permission.READ_INSTITUTIONS):
        return []
    open_again = institution.status == Institution.Status.CLOSED
    wanted = ["reopen"] if open_again else ["rename", "move", "merge", "split", "parent", "close"]
    return [(code, FORMS[code].title, FORMS[code].rule(membership, institution)) for code in wanted]
