"""The control of one cell as HTML. Built here and not in a template: a page has hundreds of them.

Everything that comes from a scheme or a person goes through `escape`. What is the same for every filing is made once per
scheme version and language, see `grid.lines_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from reports.schemes.definition import Indicator
from reports.schemes.values import NOT_APPLICABLE

FIGURE, WORDS, LONG, CHOICE, MANY, COMPUTED = "figure", "words", "long", "choice", "many", "computed"

#: What to type, by type; shown in the empty cell.
EXAMPLES = {
    "date": "2024-02-03",
    "yyyymm": "2023-05",
    "phone": "0591-87800000",
    "mobile": "13800000000",
    "email": "name@example.cn",
    "url": "https://www.example.cn",
    "region6": "350102",
    "postcode": "350001",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one indicator looks like in one language, whatever the filing. `sub` indents "of which" lines."""

    item: Indicator
    code: str
    name: str
    unit: str
    group: str
    definition: str
    kind: str
    sub: bool
    label: str
    head: str
    options: tuple[tuple[str, str], ...]
    title: SafeString
    title_required: SafeString


def kind_of(item: Indicator) -> str:
    if item.computed:
        return COMPUTED
    if item.dtype in ("int", "decimal"):
        return FIGURE
    if item.dtype == "multi":
        return MANY
    if item.dtype in ("enum", "bool"):
        return CHOICE
    return LONG if item.dtype in ("text", "rows") else WORDS


def title_of(name: str, definition: str, *, required: bool) -> SafeString:
    """The indicator's name, which opens its definition; with the star of what must be filled."""
    star = f'<abbr title="{escape(_("required"))}" data-required>*</abbr>' if required else ""
    if not definition:
        return mark_safe(f"{escape(name)}{star}")  # noqa: S308 - escaped on the spot
    return mark_safe(  # noqa: S308 - escaped on the spot
        f'<details class="zb-def"><summary>{escape(name)}{star}</summary><p>{escape(definition)}</p></details>'
    )


def mark_of_cell(shape: str, words: str) -> SafeString:
    """The sign before a cell; without a shape it waits hidden for a script."""
    said = escape(words)
    return mark_safe(  # noqa: S308 - escaped on the spot
        f'<span class="zb-st {shape}" data-mark title="{said}"{"" if shape else " hidden"}>'
        f'<span class="visually-hidden">{said}</span></span>'
    )


def options_of(item: Indicator) -> tuple[tuple[str, str], ...]:
    """(code, escaped words) of the choices."""
    if item.dtype == "bool":
        return (("1", escape(pgettext("answer", "Yes"))), ("0", escape(pgettext("answer", "No"))))
    return tuple((option.code, escape(f"{option.code} {option.label()}")) for option in item.options)


def head_of(item: Indicator, kind: str) -> str:
    """The attributes that never change, ready to print."""
    parts = ['autocomplete="off"']
    if kind == FIGURE:
        parts.append('inputmode="decimal"' if item.dtype == "decimal" else 'inputmode="numeric"')
    example = EXAMPLES.get(item.dtype)
    if example:
        parts.append(f'placeholder="{escape(_("e.g. %(example)s") % {"example": example})}"')
    if item.dtype == "region6":
        parts.append('list="regions"')
    return " ".join(parts)


def control(line: Line, key: str, text: str, stored: str | None, *, row: str = "", about: str = "") -> SafeString:
    """`text` is what the cell shows: the readable form, or what was typed and could not be read. `about` begins the id of
    the words that tell of the cell: "w-" why it cannot be read, "l-" that it comes from last year."""
    name = escape(key)
    label = f"{row} {line.label}" if row else line.label
    wrong = about == "w-"
    told = f' aria-describedby="{about}{name}"' if about else ""
    if wrong:
        told = f' aria-invalid="true"{told}'
    if line.kind == CHOICE and not wrong:
        return _select(line, name, label, stored, told)
    if line.kind == MANY and not wrong:
        return _boxes(line, name, label, stored, told)
    if line.kind == LONG:
        return mark_safe(  # noqa: S308 - every part is escaped
            f'<textarea id="c-{name}" name="{name}" rows="2" aria-label="{label}"{told}>\n{escape(text)}</textarea>'
        )
    return mark_safe(  # noqa: S308 - every part is escaped
        f'<input id="c-{name}" name="{name}" value="{escape(text)}" aria-label="{label}" {line.head}{told}>'
    )


def _select(line: Line, name: str, label: str, stored: str | None, told: str) -> SafeString:
    empty = escape(pgettext("choice", "Choose"))
    options = [f'<option value="">{empty}</option>']
    options += [
        f'<option value="{escape(code)}"{" selected" if code == stored else ""}>{words}</option>'
        for code, words in line.options
    ]
    if stored == NOT_APPLICABLE:
        options.append(f'<option value="n/a" selected>{escape(pgettext("choice", "Not applicable"))}</option>')
    return mark_safe(  # noqa: S308 - every part is escaped
        f'<select id="c-{name}" name="{name}" aria-label="{label}"{told}>{"".join(options)}</select>'
    )


def chosen_words(line: Line, stored: str | None) -> str:
    """What the closed list says; escaped."""
    chosen = set((stored or "").split(",")) - {""}
    if stored == NOT_APPLICABLE:
        return escape(pgettext("choice", "Not applicable"))
    if not chosen:
        return escape(pgettext("choice", "Choose one or more"))
    names = "、".join(words for code, words in line.options if code in chosen)
    count = ngettext("%(count)d chosen:", "%(count)d chosen:", len(chosen)) % {"count": len(chosen)}
    return f"{escape(count)} {names}"


def _boxes(line: Line, name: str, label: str, stored: str | None, told: str) -> SafeString:
    """Tick boxes that open below the cell. The empty hidden field tells that none is ticked."""
    chosen = set((stored or "").split(","))
    boxes = "".join(
        f'<label><input type="checkbox" name="{name}" value="{escape(code)}"'
        f"{' checked' if code in chosen else ''}> <span>{words}</span></label>"
        for code, words in line.options
    )
    return mark_safe(  # noqa: S308 - every part is escaped
        f'<input type="hidden" name="{name}" value=""><details class="zb-many" data-many="{name}">'
        f'<summary id="c-{name}" aria-label="{label}: {chosen_words(line, stored)}"{told}>{chosen_words(line, stored)}</summary>'
        f'<fieldset aria-label="{label}">{boxes}</fieldset></details>'
    )
