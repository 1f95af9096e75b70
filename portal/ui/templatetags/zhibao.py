"""Template tags and filters of the product: states, figures, acts, bars, fields and pages."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from zlib import crc32

from django import template
from django.core.paginator import Page
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.rules import Verdict
from portal.ui import figures, moments
from portal.ui.states import MARKS, STATES, code_of_filing

register = template.Library()

SEGMENTS = frozenset({"acc", "rev", "here", "ret", "draft", "due"})


@register.filter
def figure(value: figures.Exact | None, places: int | None = None) -> str:
    """`{{ value|figure }}` or `{{ value|figure:1 }}` for one decimal."""
    return figures.figure(value, places)


@register.filter
def money(value: figures.Exact | None) -> str:
    """Thousand yuan as printed in a table: no decimals beyond those the respondent gave."""
    return figures.figure(value)


@register.filter
def echo(value: figures.Exact | None) -> str:
    """The larger unit that stands left of a money cell."""
    return figures.echo(value)


@register.filter
def due(moment: dt.datetime | None, style: str = "DATETIME_FORMAT") -> str:
    """`{{ phase.due_at|due:long }}`: when something ends; midnight as 24:00 of the day it ends."""
    return moments.due_time(moment, style) if moment else ""


@register.simple_tag
def change(this: figures.Exact | None, last: figures.Exact | None, sign: bool = False) -> SafeString:
    """The change in per cent, warm where a reader should look; with `sign` where no heading says per cent."""
    found = figures.change(this, last)
    text = f"{found.text}%" if sign and found.in_percent else found.text
    if found.warm:
        return format_html('<span class="warm">{}</span>', text)
    return format_html("<span>{}</span>", text)


@register.simple_tag
def state(filing: Any, settled: bool = False) -> SafeString:
    """The state of a filing, see `code_of_filing`."""
    return state_mark(code_of_filing(str(filing.state), filing.step_tier, settled=settled))


@register.simple_tag
def state_mark(code: str, words: str = "") -> SafeString:
    """Shape, colour and word of a state; `words` replaces the usual word, e.g. with a count in it."""
    found = STATES[str(code)]
    return format_html('<span class="zb-st {}">{}</span>', found.shape, words or found.word)


@register.simple_tag
def mark(code: str, warm: bool = False) -> SafeString:
    """A framed word; warm when the reader must act on it."""
    return format_html('<span class="zb-mark{}">{}</span>', " warm" if warm else "", MARKS[str(code)])


@register.simple_tag
def act(
    verdict: Verdict,
    label: str,
    *,
    primary: bool = False,
    small: bool = False,
    name: str = "",
    value: str = "",
    key: object = "",
) -> SafeString:
    """A submit button as the rule allows it. Refused, it stays in place, dashed, with the reason beside it.

    Two refusals with the same label and reason on one page need a `key`, because the reason is tied to its button by id.
    """
    classes = "btn" + (" btn-primary" if primary and verdict else "") + (" btn-sm" if small else "")
    if verdict:
        named = format_html(' name="{}" value="{}"', name, value) if name else ""
        return format_html('<button class="{}" type="submit"{}>{}</button>', classes, named, label)
    reason = str(verdict.reason)
    anchor = f"why-{crc32(f'{label}|{reason}|{key}'.encode()):08x}"
    return format_html(
        '<span class="zb-act"><button class="{}" type="button" disabled aria-describedby="{}">{}</button><small id="{}">{}</small></span>',
        classes,
        anchor,
        label,
        anchor,
        reason,
    )


def _share(part: int | Decimal, whole: int | Decimal) -> str:
    """Per cent of the whole with two decimals, between 0 and 100, for a length in SVG."""
    if whole <= 0:
        return "0.00"
    return f"{min(max(Decimal(part) * 100 / Decimal(whole), Decimal(0)), Decimal(100)):.2f}"


@register.simple_tag
def progress(done: int, total: int, label: str = "") -> SafeString:
    """A progress bar as SVG. The count stands beside it in words; `label` says it to those who do not see it."""
    label = label or _("%(done)s of %(total)s") % {"done": figures.figure(done), "total": figures.figure(total)}
    return format_html(
        '<svg class="zb-progress" role="img" aria-label="{}"><rect class="rail" width="100%" height="100%"/>'
        '<rect class="done" width="{}%" height="100%"/></svg>',
        label,
        _share(done, total),
    )


@register.simple_tag
def bar(segments: Iterable[tuple[str, int]], total: int, label: str = "", tick: Decimal | None = None) -> SafeString:
    """A stacked bar as SVG. `segments` are (acc|rev|here|ret|draft|due, count) from the left; `tick` is last year's per cent.

    Without a label the bar is decoration beside its numbers and hidden from screen readers.
    """
    rects, start = [], 0
    for code, count in segments:
        if code not in SEGMENTS:
            raise ValueError(f"No colour for the segment {code!r}.")
        rects.append((code, _share(start, total), _share(count, total)))
        start += count
    body = format_html_join("", '<rect class="f-{}" x="{}%" width="{}%" height="100%"/>', rects)
    if tick is not None:
        body += format_html('<rect class="f-tick" x="{}%" width="2" height="100%"/>', _share(tick, 100))
    said = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="zb-bar" {}>{}</svg>', said, body)


def _widget_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.inclusion_tag("ui/field.html")
def field(bound: BoundField, may_be_needed: bool = False, **attrs: str) -> dict[str, Any]:
    """Label, control, help and what is wrong, tied together for screen readers. Underscores in attribute names become hyphens.

    `may_be_needed`: whether a field that may be left blank depends on others, as its help says; it is then not called optional.
    """
    given: dict[str, str | bool] = {name.replace("_", "-"): text for name, text in attrs.items()}
    given["class"] = " ".join(
        filter(None, [_widget_class(bound), bound.field.widget.attrs.get("class"), attrs.get("class")])
    )
    return {"field": bound, "control": bound.as_widget(attrs=given), "may_be_needed": may_be_needed}


@register.inclusion_tag("ui/paging.html", takes_context=True)
def paging(context: template.Context, page: Page[Any], at: str = "", anchor: str = "") -> dict[str, Any]:
    """Links to the other pages of a list, keeping the rest of the address; nothing when there is only one.

    `at` is the address of the list's own page where it is also shown in answer to a form sent to another address;
    `anchor` the id of the list where it stands far down.
    """
    return {
        "page": page,
        "at": at,
        "hash": f"#{anchor}" if anchor else "",
        "request": context["request"],
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)),
        "gap": page.paginator.ELLIPSIS,
    }
