"""Lists of links that every save draws anew, as HTML: the tables of a filing and the cells of a finding.

As in `gridrow`, built here and not in a template because a page has a hundred of them; everything that comes from a scheme
or a person goes through `escape`.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from portal.ui.states import STATES

if TYPE_CHECKING:
    from reports.filings.contents import Section
    from reports.filings.findings import Jump


@lru_cache(maxsize=2000)
def table_address(public_id: UUID, code: str) -> str:
    """Where a table of the filing is filled; a page asks for the same few addresses many times."""
    return reverse("filings:table-edit", args=[public_id, code])


def rail_of(sections: Iterable[Section], at: str) -> SafeString:
    """The `<li>` of each table: name, how far it is, code, open findings, state; `at` is the table being read."""
    return mark_safe("\n".join(_section(one, one.code == at) for one in sections))  # noqa: S308 - every part is escaped


def _section(section: Section, here: bool) -> str:
    state = STATES[section.state]
    current = ' aria-current="page"' if here else ""
    css = "" if section.applies else ' class="soft"'
    share = f'<small class="q">{section.filled} / {section.required}</small>' if section.applies else ""
    marks = _count("hard", section.hard) + _count("verify", section.verify)
    return (
        f'<li><a href="{escape(section.url)}"{current}{css}><b>{escape(section.name)}</b>{share}'
        f"<small>{escape(section.code)}{marks}</small>"
        f'<span class="zb-st {state.shape}">{escape(str(state.word))}</span></a></li>'
    )


def _count(mark: str, count: int) -> str:
    if not count:
        return ""
    words = _("Must be corrected") if mark == "hard" else _("Needs an explanation")
    return f' <span class="zb-st {mark}"><span class="visually-hidden">{escape(words)} </span>{count}</span>'


def jumps_of(jumps: Iterable[Jump]) -> SafeString:
    """Links to cells, one after another."""
    return mark_safe(  # noqa: S308 - every part is escaped
        "".join(
            f'<a href="{escape(jump.url)}" data-jump="{escape(jump.key) if jump.here else ""}">{escape(jump.words)}</a>'
            for jump in jumps
        )
    )
