"""What is typed into one head, as changes of cells. Nothing here reads or writes the database."""

from __future__ import annotations

import re

from django.http import QueryDict
from django.utils.translation import gettext as _

from reports.annual.columns import MOST_LINES, columns_of, read_line
from reports.annual.heads import Head, Typed
from reports.filings.drafts import Change
from reports.filings.forms import typed_changes
from reports.schemes.definition import TableDefinition
from reports.schemes.structured import dump

_PART = re.compile(r"([A-Z]\d{3})\.(\d{1,3})\.([a-z]*)", re.ASCII)


def changes_of(table: TableDefinition, head: Head, post: QueryDict) -> tuple[list[Change], Typed]:
    """The cells of the head that differ from what the page showed, and the lines that cannot be taken."""
    lines, wrong, typed = {}, {}, post.copy()
    for answer in head.answers:
        code = answer.item.code
        if answer.kind == "rows":
            stored, reasons = _read_lines(code, post)
            if len(text := dump(stored)) > answer.item.length:
                reasons.append(_("Together these lines are too long. Shorten them, or put the details into the text."))
            if reasons:
                lines[code], wrong[code] = stored, " ".join(reasons)
            elif stored or code in head.was:
                typed[code] = text if stored else ""
    mine = {answer.item.code for answer in head.answers if answer.is_typed and answer.item.code not in wrong}
    changes = [change for change in typed_changes(table, typed) if change.key.code in mine]
    return changes, Typed(lines=lines, wrong=wrong)


def _read_lines(code: str, post: QueryDict) -> tuple[list[dict[str, str]], list[str]]:
    parts: dict[int, dict[str, str]] = {}
    for name, value in post.items():
        found = _PART.fullmatch(name)
        if found and found[1] == code:
            parts.setdefault(int(found[2]), {})[found[3]] = str(value)
    stored, reasons, columns = [], [], columns_of(code)
    for number, at in enumerate(sorted(parts), start=1):
        line, wrong = read_line(columns, parts[at])
        if any(line.values()):
            stored.append(line)
            reasons += [_("Line %(number)d: %(reason)s") % {"number": number, "reason": reason} for reason in wrong]
    if len(stored) > MOST_LINES:
        reasons.append(_("At most %(most)d lines fit. Sum up the rest in the text.") % {"most": MOST_LINES})
    return stored[: MOST_LINES + 1], reasons
