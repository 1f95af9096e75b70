"""What is typed into one head, as changes of cells. Nothing here reads or writes the database."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from reports.annual.heads import TYPED, Typed, columns_of, kind_of
from reports.filings.drafts import Change, storable
from reports.filings.forms import typed_changes
from reports.schemes.definition import Indicator, TableDefinition
from reports.schemes.structured import dump

#: Characters of lines that a draft keeps as typed.
MOST_TYPED = 16_000
_PART = re.compile(r"([A-Z][A-Z0-9]{1,9})\.(\d{1,3})\.([a-z0-9_]*)", re.ASCII)


def changes_of(table: TableDefinition, items: Sequence[Indicator], post: QueryDict) -> tuple[list[Change], Typed]:
    """The cells of a head's items that were sent and differ from what the page showed, and lines too many to keep."""
    lines, wrong, typed = {}, {}, post.copy()
    for item in items:
        if kind_of(item) != "rows":
            continue
        code, sent = item.code, _lines(item, post)
        typed.pop(code, None)
        if sent is None:
            continue
        text = dump(sent) if sent else ""
        if len(text) > MOST_TYPED:
            lines[code], wrong[code] = (
                sent,
                _("Together these lines are too long. Shorten them, or put the details into the text."),
            )
        else:
            typed[code] = text
    mine = {item.code for item in items if kind_of(item) in TYPED}
    changes = [change for change in typed_changes(table, typed) if change.key.code in mine]
    return changes, Typed(lines=lines, wrong=wrong)


def _lines(item: Indicator, post: QueryDict) -> list[dict[str, str]] | None:
    """The lines that hold anything, with every column; None where none was sent."""
    parts: dict[int, dict[str, str]] = {}
    for name, value in post.items():
        found = _PART.fullmatch(name)
        if found and found[1] == item.code:
            parts.setdefault(int(found[2]), {})[found[3]] = storable(str(value))
    if not parts:
        return None
    lines = [{one.code: parts[at].get(one.code, "") for one in columns_of(item)} for at in sorted(parts)]
    return [line for line in lines if any(line.values())]
