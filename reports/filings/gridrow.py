"""One line of a table with one value per line, as HTML. Built here and not in a template: a page has a hundred of them.

As in `controls`, everything that comes from a scheme or a person goes through `escape`.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from reports.filings.grid import Cell


def row_of(cell: Cell) -> SafeString:
    """The `<tr>` of the cell's indicator: name, code, unit, this year, last year, change; words span the last three."""
    line, key = cell.line, escape(cell.key)
    body = _figures(cell) if line.item.numeric else _words(cell)
    return mark_safe(  # noqa: S308 - every part is escaped
        f'<tr class="{cell.css}" data-key="{key}" data-kind="{line.kind}"{" hidden" if cell.hidden else ""}>'
        f'<th scope="row">{cell.title}</th><td>{line.code}</td><td>{escape(line.unit)}</td>{body}</tr>'
    )


def _figures(cell: Cell) -> str:
    change = cell.change
    told = escape(change.text) if change is not None else ""
    if change is not None and change.warm:
        told = f'<span class="warm">{told}</span>'
    return (
        f'<td class="cell">{cell.sign}<small data-echo>{escape(cell.echo)}</small>{_value(cell)}{_below(cell)}</td>'
        f'<td class="num soft" data-head="{escape(_("Last year"))}">{escape(cell.last) or "—"}</td>'
        f'<td class="num" data-change>{told}</td>'
    )


def _words(cell: Cell) -> str:
    was = ""
    if cell.differs:
        was = f'<small class="zb-was">{escape(_("Last year: %(value)s") % {"value": cell.last})}</small>'
    return f'<td class="cell words" colspan="3">{cell.sign}{_value(cell)}{was}{_below(cell)}</td>'


def _value(cell: Cell) -> str:
    """The control, or what a cell says that nobody types in."""
    if cell.control:
        return cell.control
    css = "zb-computed" if cell.line.item.computed else ""
    return f'<span class="{css}" data-value>{escape(cell.text) or "—"}</span>'


def _below(cell: Cell) -> str:
    """Why a cell cannot be read, or what somebody else wrote; rare, so a template."""
    if cell.refusal or cell.conflict:
        return render_to_string("filings/_cell.html", {"cell": cell})
    return carried_word(cell) if cell.carried else ""


def carried_word(cell: Cell) -> SafeString:
    """Says that the cell stands as taken over from last year."""
    words = escape(_("from last year, unchanged"))
    return mark_safe(f'<small class="zb-carried" data-carried id="l-{escape(cell.key)}">{words}</small>')  # noqa: S308 - escaped
